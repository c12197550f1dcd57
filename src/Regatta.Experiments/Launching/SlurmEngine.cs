using Regatta.Experiments.Configuration;
using Regatta.Host;
using Regatta.Runs;
using static Regatta.Experiments.Launching.ShellWord;

namespace Regatta.Experiments.Launching;

/// <summary>
/// Runs trials as job arrays of Slurm. A probe goes first and all arrays wait for it: where the nodes do not see the run directory, or cannot run the program, no task begins. Whether a trial has
/// ended is read from the disk; the queue is asked for all tasks at once, and seldom.
/// </summary>
internal sealed class SlurmEngine(LaunchDirectory launch, Plan plan, LauncherSection launcher, ProgramArchive archive, IActivityMonitor monitor, TimeProvider time, SlurmQueue? queue = null)
    : QueueEngine(launch, monitor, time)
{
    private readonly SlurmQueue _queue = queue ?? new SlurmQueue(launcher.Slurm);
    private readonly Queue<IReadOnlyList<IReadOnlyList<PlannedTrial>>> _waiting = new();
    private string _program = "";
    private string? _probe;

    /// <inheritdoc/>
    public override LauncherName Launcher => LauncherName.Slurm;

    /// <inheritdoc/>
    protected override async Task BeginAsync(IReadOnlyList<PlannedTrial> trials, CancellationToken cancellation)
    {
        var largest = await _queue.LargestArrayAsync(cancellation);
        var tasks = await _queue.TasksAsync(Launch.Name, cancellation) ?? throw new DiagnosticException(SlurmQueue.Refusal("squeue", "cannot connect"));
        var there = Submissions.Trials(tasks.Where(t => t.IsActive)).ToHashSet(StringComparer.Ordinal);
        _probe = await SubmitAsync(Missing(trials, there), largest, cancellation);
    }

    /// <inheritdoc/>
    protected override async Task<QueueAnswer?> AskAsync(int left, CancellationToken cancellation)
    {
        if (await _queue.TasksAsync(Launch.Name, cancellation) is not { } now)
        {
            Tell("Slurm does not answer; what runs goes on, and it is asked again");
            return null;
        }

        if (_probe is not null) await CheckProbeAsync(_probe, now, cancellation);
        if (_waiting.Count > 0) await SubmitWaitingAsync(null, cancellation);
        var active = Submissions.Trials(now.Where(t => t.IsActive)).Concat(_waiting.SelectMany(array => array).SelectMany(task => task).Select(t => t.Id)).ToHashSet(StringComparer.Ordinal);
        var states = Submissions.States(now.Where(t => !t.IsActive));
        return new QueueAnswer(active, Words(now, left), trial =>
        {
            var state = states.GetValueOrDefault(trial.Id);
            return TaskFaults.Lost(TaskFaults.OfSlurm(state), state, LauncherName.Slurm, Launch.LastLines(trial));
        });
    }

    /// <summary>How the queue stands, and why most of what waits does: drained nodes, a limit, a dependency.</summary>
    internal static string Words(IReadOnlyList<QueuedTask> now, int left)
    {
        var running = now.Count(t => t.State == "RUNNING");
        var waiting = now.Where(t => t.State == "PENDING").ToList();
        var why = waiting.CountBy(t => t.Reason).OrderByDescending(r => r.Value).Select(r => r.Key).FirstOrDefault();
        return string.Create(CultureInfo.InvariantCulture, $"{running} tasks run, {waiting.Count} wait{(why is null or "None" ? "" : $" ({why})")}; {left} trials are not back");
    }

    /// <summary>Submits trials; returns the job of the probe, null when there was nothing to submit.</summary>
    private async Task<string?> SubmitAsync(List<PlannedTrial> trials, int largest, CancellationToken cancellation)
    {
        if (trials.Count == 0) return null;
        _program = await archive.InstallAsync(Programs, cancellation);
        foreach (var trial in trials) Launch.Prepare(plan, trial);
        var token = Guid.NewGuid().ToString("N");
        DurableFile.Write(Probe, token);
        File.Delete(Answer);
        var probe = await _queue.SubmitAsync(Launch.Name + "-probe", ["--output=/dev/null", "--error=/dev/null", "--chdir=/"], [.. launcher.Slurm.Before, .. ProbeLines(token, _program)], cancellation);
        var tasks = TaskPlan.Tasks(trials, launcher);
        var arrays = TaskPlan.Submissions(tasks.Count, largest);
        Tell(string.Create(CultureInfo.InvariantCulture, $"{trials.Count} trials in {tasks.Count} tasks and {arrays} {(arrays == 1 ? "array" : "arrays")}; job {probe} looks at the nodes first"), ActivityState.Done);
        foreach (var array in tasks.Chunk(largest)) _waiting.Enqueue(array);
        await SubmitWaitingAsync($"--dependency=afterok:{probe} --kill-on-invalid-dep=yes", cancellation);
        return probe;
    }

    /// <summary>Submits what waits. Where Slurm takes no more for now (each task of an array counts towards its <c>MaxJobCount</c>), the rest is submitted when tasks have ended.</summary>
    private async Task SubmitWaitingAsync(string? dependency, CancellationToken cancellation)
    {
        var throttle = launcher.Slurm.Throttle is { } most ? string.Create(CultureInfo.InvariantCulture, $"%{most}") : "";
        for (var taken = 0; _waiting.TryPeek(out var array); taken++)
        {
            // The list is on the disk before the array is: what is in the queue can always be told.
            var (name, list) = Submissions.Write(array);
            try
            {
                await _queue.SubmitAsync(name,
                [
                    string.Create(CultureInfo.InvariantCulture, $"--array=0-{array.Count - 1}{throttle}"), .. dependency is null ? Array.Empty<string>() : [dependency],
                    $"--output={Path.Combine(Launch.Path, name + ".out")}", "--open-mode=append",
                ],
                [
                    .. launcher.Slurm.Before,
                    $"ids=$(sed -n \"$((SLURM_ARRAY_TASK_ID + 1))p\" {Quoted(list)})",
                    $"exec sh {Quoted(Launch.TaskScript)} {Quoted(Launch.Path)} {Quoted(_program)} {Quoted(Launch.RunId)} \"$SLURMD_NODENAME\" \"${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID\" $ids",
                ], cancellation);
            }
            catch (DiagnosticException exception) when (dependency is null || taken > 0)
            {
                Tell(string.Create(CultureInfo.InvariantCulture, $"{_waiting.Count} arrays wait until tasks have ended: {exception.Diagnostics[0].Summary}"));
                return;
            }

            _waiting.Dequeue();
        }
    }

    /// <summary>Refuses to wait for arrays whose probe failed.</summary>
    private async Task CheckProbeAsync(string probe, IReadOnlyList<QueuedTask> now, CancellationToken cancellation)
    {
        if (now.FirstOrDefault(t => t.Name == Launch.Name + "-probe") is { IsActive: true } || File.Exists(Answer)) return;
        if (now.Any(t => t.State == "RUNNING")) return;
        var code = await _queue.ExitCodeAsync(probe, cancellation);
        if (code is 0 or null) return;
        await _queue.CancelAsync(Submissions.Names.Select(name => "--name=" + name), cancellation);
        throw new DiagnosticException(ProbeFault(code.Value, _program, "lines for launcher.slurm.before may load what is missing"));
    }
}
