using Regatta.Experiments.Launching;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>A run whose trials run elsewhere: gives away those that are missing, and takes each in as it ends.</summary>
/// <param name="launch">The launch directory of the run.</param>
/// <param name="engine">Runs them.</param>
/// <param name="run">The run.</param>
/// <param name="plan">Its plan.</param>
/// <param name="journal">Its journal.</param>
/// <param name="monitor">Who is told.</param>
/// <param name="time">The clock.</param>
internal sealed class LaunchedRun(LaunchDirectory launch, ITaskEngine engine, RunDirectory run, Plan plan, Journal journal, IActivityMonitor monitor, TimeProvider time)
{
    private readonly List<(PlannedTrial Trial, DiagnosticException Reason)> _failed = [];
    private int _finished;

    /// <summary>Runs what is missing. A trial that fails does not stop the others.</summary>
    /// <exception cref="OperationCanceledException">The waiting was stopped; what was given away goes on.</exception>
    public async Task<RunOutcome> RunAsync(CancellationToken cancellation)
    {
        journal.Write(JournalKind.Opened, run.Id);
        launch.Create();
        var finished = new FinishedTrials(run, journal, time);
        try
        {
            var missing = plan.Trials.Where(t => !run.Has(t)).ToList();
            _finished = plan.Trials.Length - missing.Count;
            var pending = new List<PlannedTrial>();
            foreach (var trial in missing)
            {
                // What ended while nobody waited.
                if (ExitFile.Read(launch.Folder(trial)) is { Code: 0 } exit) await TakeAsync(new TaskEnd(trial, exit), finished, cancellation);
                else pending.Add(trial);
            }

            if (pending.Count > 0)
            {
                await foreach (var end in engine.RunAsync(pending, cancellation)) await TakeAsync(end, finished, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            journal.Write(JournalKind.Interrupted, run.Id);
            throw;
        }
        finally
        {
            await finished.WriteAsync();
        }

        if (plan.Trials.All(run.Has)) journal.Write(JournalKind.Finished, run.Id);
        return new RunOutcome(plan.Trials.Count(run.Has), [.. _failed.OrderBy(f => f.Trial.Order)]);
    }

    private async Task TakeAsync(TaskEnd end, FinishedTrials finished, CancellationToken cancellation)
    {
        try
        {
            if (end.Lost is { } lost) throw new DiagnosticException(lost);
            if (end.Exit is not { Code: 0 } exit) throw new DiagnosticException(TaskFaults.Failed(end.Exit!, engine.Launcher, launch.LastLines(end.Trial)));
            var taken = await run.MoveInAsync(end.Trial, launch.Trial(end.Trial), cancellation);
            finished.Add(end.Trial, taken.Sha256, taken.Took);
            // A simulation can be repeated; what was measured is on the disk before its folder goes.
            if (plan.Point(end.Trial.Point).Machines != MachineKind.Simulation) await finished.WriteAsync();
            launch.Forget(end.Trial);
            _finished++;
            var words = string.Create(CultureInfo.InvariantCulture, $"ended on {exit.Host}; {_finished} of {plan.Trials.Length}");
            monitor.Report(new Activity("trial", end.Trial.Id, words, ActivityState.Done) { Elapsed = taken.Took });
        }
        catch (DiagnosticException exception)
        {
            // What ended well and is not what it should be would be found again by each who goes on.
            if (end.Exit is { Code: 0 }) launch.SetAside(end.Trial);
            var first = exception.Diagnostics[0];
            journal.Write(JournalKind.TrialFailed, end.Trial.Id, first.Help is { } help ? $"{first.Summary}; {help}" : first.Summary);
            monitor.Report(new Activity("trial", end.Trial.Id, first.Summary, ActivityState.Failed) { Detail = first.Detail });
            _failed.Add((end.Trial, exception));
        }
    }
}
