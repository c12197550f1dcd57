using Regatta.Experiments.Configuration;
using Regatta.Host;
using Regatta.Runs;
using static Regatta.Experiments.Launching.ShellWord;

namespace Regatta.Experiments.Launching;

/// <summary>
/// Runs trials as jobs of the Flux instance that the program runs in, thousands of them by one client. A probe goes first and all depend on it: where the nodes do not see the run directory, or cannot
/// run the program, no task begins.
/// </summary>
internal sealed class FluxEngine(LaunchDirectory launch, Plan plan, LauncherSection launcher, ProgramArchive archive, IActivityMonitor monitor, TimeProvider time, FluxQueue? queue = null)
    : QueueEngine(launch, monitor, time)
{
    /// <summary>Tasks of a client at most: some half a minute of submitting.</summary>
    internal const int LargestSubmission = 10_000;

    private readonly FluxQueue _queue = queue ?? new FluxQueue(launcher.Flux, launch);
    private string _program = "";
    private string? _probe;

    /// <inheritdoc/>
    public override LauncherName Launcher => LauncherName.Flux;

    /// <inheritdoc/>
    protected override async Task BeginAsync(IReadOnlyList<PlannedTrial> trials, CancellationToken cancellation)
    {
        var tasks = await _queue.TasksAsync(Launch.Name, cancellation);
        var there = Submissions.Trials(tasks.Where(t => t.IsActive)).ToHashSet(StringComparer.Ordinal);
        await SubmitAsync(Missing(trials, there), cancellation);
    }

    /// <inheritdoc/>
    protected override async Task<QueueAnswer?> AskAsync(int left, CancellationToken cancellation)
    {
        IReadOnlyList<QueuedTask> now;
        try
        {
            now = await _queue.TasksAsync(Launch.Name, cancellation);
        }
        catch (DiagnosticException exception)
        {
            Tell($"{exception.Diagnostics[0].Summary}; what runs goes on, and it is asked again");
            return null;
        }

        if (_probe is not null && !File.Exists(Answer)) CheckProbe(now);
        var active = Submissions.Trials(now.Where(t => t.IsActive)).ToHashSet(StringComparer.Ordinal);
        return new QueueAnswer(active, Words(now, left), trial =>
        {
            // The newest job of the trial: Flux lists what ended last first.
            var job = now.FirstOrDefault(t => !t.IsActive && Submissions.Of(t.Name, t.Index).Contains(trial.Id, StringComparer.Ordinal));
            return TaskFaults.Lost(TaskFaults.OfFlux(job), job is null ? null : Said(job), Launcher, Launch.LastLines(trial));
        });
    }

    private static string Words(IReadOnlyList<QueuedTask> now, int left)
    {
        var running = now.Count(t => t.State is "RUN" or "CLEANUP");
        return string.Create(CultureInfo.InvariantCulture, $"{running} tasks run, {now.Count(t => t.IsActive) - running} wait; {left} trials are not back");
    }

    private static string Said(QueuedTask job) =>
        job.Reason.Length > 0 ? $"{job.State}: {job.Reason}" : job.ExitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $"{job.State} with exit code {code}") : job.State;

    private async Task SubmitAsync(List<PlannedTrial> trials, CancellationToken cancellation)
    {
        if (trials.Count == 0) return;
        _program = await archive.InstallAsync(Programs, cancellation);
        foreach (var trial in trials) Launch.Prepare(plan, trial);
        var token = Guid.NewGuid().ToString("N");
        DurableFile.Write(Probe, token);
        File.Delete(Answer);
        // Of several sittings each has a probe of its own, and only its own is looked at.
        _probe = $"{Launch.Name}-probe-{token[..8]}";
        var probe = await _queue.SubmitAsync(_probe, string.Join('\n', [.. launcher.Flux.Before, .. ProbeLines(token, _program)]), cancellation);
        var tasks = TaskPlan.Tasks(trials, launcher);
        foreach (var part in tasks.Chunk(LargestSubmission))
        {
            // The list is on the disk before the jobs are: what is in the queue can always be told.
            var (name, list) = Submissions.Write(part);
            var script = Path.Combine(Launch.Path, name + ".sh");
            DurableFile.Write(script, string.Join('\n',
            [
                "#!/bin/sh", .. launcher.Flux.Before, $"ids=$(sed -n \"$((FLUX_JOB_CC + 1))p\" {Quoted(list)})",
                $"exec sh {Quoted(Launch.TaskScript)} {Quoted(Launch.Path)} {Quoted(_program)} {Quoted(Launch.RunId)} \"$(uname -n)\" \"$FLUX_JOB_ID\" $ids", "",
            ]));
            await _queue.SubmitAsync(name, part.Length, script, probe, cancellation);
        }

        Tell(string.Create(CultureInfo.InvariantCulture, $"{trials.Count} trials in {tasks.Count} tasks; job {probe} looks at the nodes first"), ActivityState.Done);
    }

    /// <summary>Refuses to wait for tasks whose probe failed: Flux has ended them all.</summary>
    private void CheckProbe(IReadOnlyList<QueuedTask> now)
    {
        if (now.FirstOrDefault(t => t.Name == _probe) is not { IsActive: false, ExitCode: not 0 } probe) return;
        throw new DiagnosticException(probe.ExitCode is 41 or 42 or 43
            ? ProbeFault(probe.ExitCode.Value, _program, "lines for launcher.flux.before may load what is missing")
            : probe.Reason.Length > 0 && probe.State == "FAILED" ? FluxQueue.Refusal(probe.Reason)
            : TaskFaults.Lost(TaskFaults.OfFlux(probe), Said(probe), Launcher, "") with { Summary = "the job that looks at the nodes failed: " + Said(probe) });
    }
}
