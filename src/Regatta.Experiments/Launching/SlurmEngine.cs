using System.Runtime.CompilerServices;
using Regatta.Experiments.Configuration;
using Regatta.Host;
using Regatta.Runs;

namespace Regatta.Experiments.Launching;

/// <summary>
/// Runs trials as job arrays of Slurm. A probe goes first and all arrays wait for it: where the nodes do not see the run directory, or cannot run the program, no task begins. Whether a trial has
/// ended is read from the disk; the queue is asked for all tasks at once, and seldom.
/// </summary>
internal sealed class SlurmEngine(LaunchDirectory launch, Plan plan, LauncherSection launcher, ProgramArchive archive, IActivityMonitor monitor, TimeProvider time) : ITaskEngine
{
    /// <summary>Least time between two questions to the queue.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly SlurmQueue _queue = new(launcher.Slurm);
    private readonly SlurmSubmissions _submissions = new(launch);
    private readonly Queue<IReadOnlyList<IReadOnlyList<PlannedTrial>>> _waiting = new();
    private string _program = "";

    /// <inheritdoc/>
    public async IAsyncEnumerable<TaskEnd> RunAsync(IReadOnlyList<PlannedTrial> trials, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var largest = await SlurmQueue.LargestArrayAsync(cancellation);
        var tasks = await SlurmQueue.TasksAsync(launch.Name, cancellation) ?? throw new DiagnosticException(SlurmQueue.Refusal("squeue", "cannot connect"));
        var known = trials.ToDictionary(t => t.Id, StringComparer.Ordinal);
        var there = _submissions.Trials(tasks.Where(t => t.IsActive)).Where(known.ContainsKey).ToHashSet(StringComparer.Ordinal);
        var probe = await SubmitAsync([.. trials.Where(t => !there.Contains(t.Id))], largest, cancellation);
        var asked = time.GetTimestamp();
        var missed = new HashSet<string>(StringComparer.Ordinal);
        using var timer = new PeriodicTimer(Look, time);
        while (known.Count > 0)
        {
            foreach (var end in launch.Ended().Where(known.ContainsKey).Select(id => known[id]).ToList())
            {
                if (ExitFile.Read(launch.Folder(end)) is not { } exit) continue;
                known.Remove(end.Id);
                yield return new TaskEnd(end, exit);
            }

            if (known.Count > 0 && time.GetElapsedTime(asked) >= Pause)
            {
                asked = time.GetTimestamp();
                if (await SlurmQueue.TasksAsync(launch.Name, cancellation) is { } now)
                {
                    if (probe is not null) await CheckProbeAsync(probe, now, cancellation);
                    Tell(now, known.Count);
                    if (_waiting.Count > 0) await SubmitWaitingAsync(null, cancellation);
                    foreach (var (trial, state) in Lost(now, known, missed))
                    {
                        known.Remove(trial.Id);
                        // A mark may be lost where the exit file is not.
                        yield return ExitFile.Read(launch.Folder(trial)) is { } exit ? new TaskEnd(trial, exit) : new TaskEnd(trial, null, TaskFaults.Lost(state, launch.LastLines(trial)));
                    }
                }
                else
                {
                    monitor.Report(new Activity("launch", launch.Name, "Slurm does not answer; what runs goes on, and it is asked again"));
                }
            }

            if (known.Count > 0) await timer.WaitForNextTickAsync(cancellation);
        }
    }

    /// <summary>Trials whose tasks are over without an exit file: seen so twice, since a file may come late over the network.</summary>
    private List<(PlannedTrial Trial, string? State)> Lost(IReadOnlyList<QueuedTask> now, Dictionary<string, PlannedTrial> known, HashSet<string> missed)
    {
        var active = _submissions.Trials(now.Where(t => t.IsActive)).ToHashSet(StringComparer.Ordinal);
        var states = _submissions.States(now.Where(t => !t.IsActive));
        var lost = new List<(PlannedTrial, string?)>();
        var kept = _waiting.SelectMany(array => array).SelectMany(task => task).Select(t => t.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var trial in known.Values.Where(t => !kept.Contains(t.Id)))
        {
            if (active.Contains(trial.Id)) missed.Remove(trial.Id);
            else if (!missed.Add(trial.Id)) lost.Add((trial, states.GetValueOrDefault(trial.Id)));
        }

        return lost;
    }

    private void Tell(IReadOnlyList<QueuedTask> now, int left)
    {
        var running = now.Count(t => t.State == "RUNNING");
        var waiting = now.Where(t => t.State == "PENDING").ToList();
        var why = waiting.CountBy(t => t.Reason).OrderByDescending(r => r.Value).Select(r => r.Key).FirstOrDefault();
        var words = string.Create(CultureInfo.InvariantCulture, $"{running} tasks run, {waiting.Count} wait{(why is null or "None" ? "" : $" ({why})")}; {left} trials are not back");
        monitor.Report(new Activity("launch", launch.Name, words));
    }

    /// <summary>Submits trials; returns the job of the probe, null when there was nothing to submit.</summary>
    private async Task<string?> SubmitAsync(List<PlannedTrial> trials, int largest, CancellationToken cancellation)
    {
        if (trials.Count == 0) return null;
        var program = await archive.InstallAsync(Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(launch.Path))!, ".programs"), cancellation);
        foreach (var trial in trials) launch.Prepare(plan, trial);
        var token = Guid.NewGuid().ToString("N");
        DurableFile.Write(Probe, token);
        File.Delete(Answer);
        var probe = await _queue.SubmitAsync(launch.Name + "-probe", ["--output=/dev/null", "--error=/dev/null", "--chdir=/"],
        [
            .. launcher.Slurm.Before,
            $"[ \"$(cat {Quoted(Probe)} 2>/dev/null)\" = {token} ] || exit 41",
            .. ProgramArchive.Check(Quoted(program)).Select(line => line + " || exit 42"),
            $"echo {token} >{Quoted(Answer)} || exit 43",
        ], cancellation);
        var tasks = TaskPlan.Tasks(trials, launcher);
        monitor.Report(new Activity("launch", launch.Name, string.Create(CultureInfo.InvariantCulture, $"{trials.Count} trials in {tasks.Count} tasks and {TaskPlan.Submissions(tasks.Count, largest)} arrays; job {probe} looks at the nodes first"), ActivityState.Done));
        foreach (var array in tasks.Chunk(largest)) _waiting.Enqueue(array);
        _program = program;
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
            var (name, list) = _submissions.Write(array);
            try
            {
                await _queue.SubmitAsync(name,
                [
                    string.Create(CultureInfo.InvariantCulture, $"--array=0-{array.Count - 1}{throttle}"), .. dependency is null ? Array.Empty<string>() : [dependency],
                    $"--output={Path.Combine(launch.Path, name + ".out")}", "--open-mode=append",
                ],
                [
                    .. launcher.Slurm.Before,
                    $"ids=$(sed -n \"$((SLURM_ARRAY_TASK_ID + 1))p\" {Quoted(list)})",
                    $"exec sh {Quoted(launch.TaskScript)} {Quoted(launch.Path)} {Quoted(_program)} {Quoted(launch.RunId)} \"$SLURMD_NODENAME\" \"${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID\" $ids",
                ], cancellation);
            }
            catch (DiagnosticException exception) when (dependency is null || taken > 0)
            {
                monitor.Report(new Activity("launch", launch.Name, string.Create(CultureInfo.InvariantCulture, $"{_waiting.Count} arrays wait until tasks have ended: {exception.Diagnostics[0].Summary}")));
                return;
            }

            _waiting.Dequeue();
        }
    }

    private string Probe => Path.Combine(launch.Path, "probe");

    private string Answer => Path.Combine(launch.Path, "probe.answer");

    /// <summary>Refuses to wait for arrays whose probe failed.</summary>
    private async Task CheckProbeAsync(string probe, IReadOnlyList<QueuedTask> now, CancellationToken cancellation)
    {
        if (now.FirstOrDefault(t => t.Name == launch.Name + "-probe") is { IsActive: true } || File.Exists(Answer)) return;
        if (now.Any(t => t.State == "RUNNING")) return;
        var code = await SlurmQueue.ExitCodeAsync(probe, cancellation);
        if (code is 0 or null) return;
        await SlurmQueue.CancelAsync(_submissions.Names.Select(name => "--name=" + name), cancellation);
        throw new DiagnosticException(code switch
        {
            41 => Diagnostic.Error("launch-not-shared", $"the nodes of the cluster do not see '{launch.Path}'") with { Help = "make the run where they do, such as --runs /scratch/$USER/runs; nothing was begun" },
            42 => Diagnostic.Error("launch-program", "the program does not run on the nodes of the cluster") with { Detail = $"'.programs/{archive.Hash}/regatta --version' says why there", Help = ProgramArchive.Needs + "; lines for launcher.slurm.before may load what is missing" },
            _ => Diagnostic.Error("launch-not-written", $"the nodes of the cluster cannot write to '{launch.Path}'") with { Help = "look at quota, space and permissions there; nothing was begun" },
        });
    }

    private static string Quoted(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
