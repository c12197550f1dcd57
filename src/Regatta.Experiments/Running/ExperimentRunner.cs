using System.Globalization;
using Regatta.Analysis;
using Regatta.Diagnostics;
using Regatta.Experiments.Planning;
using Regatta.Experiments.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>What became of a run.</summary>
/// <param name="Finished">Trials whose files are in place, earlier sittings included.</param>
/// <param name="Failed">Trials of this sitting that gave no record, and why.</param>
public sealed record RunOutcome(int Finished, IReadOnlyList<(PlannedTrial Trial, DiagnosticException Reason)> Failed);

/// <summary>Runs the trials of a plan that are still missing, in the plan's order.</summary>
/// <param name="lanes">The lane that trials of a point run on.</param>
/// <param name="workload">The jobs of a trial.</param>
/// <param name="time">Clock of the journal.</param>
public sealed class ExperimentRunner(Func<PlanPoint, ITrialLane> lanes, Func<PlanPoint, PlannedTrial, IReadOnlyList<Job>> workload, TimeProvider time)
{
    /// <summary>Runs what is missing. A trial that fails does not stop the others; an interruption does, and leaves the journal saying so.</summary>
    /// <exception cref="OperationCanceledException">The run was interrupted; what was done is kept.</exception>
    public async Task<RunOutcome> RunAsync(RunDirectory run, Plan plan, Journal journal, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var failed = new List<(PlannedTrial, DiagnosticException)>();
        journal.Write(JournalKind.Opened, run.Id);
        try
        {
            foreach (var trial in plan.Trials)
            {
                cancellation.ThrowIfCancellationRequested();
                if (run.Has(trial)) continue;
                journal.Write(JournalKind.TrialStarted, trial.Id);
                try
                {
                    await RunTrialAsync(run, plan, trial, monitor, cancellation).ConfigureAwait(false);
                    journal.Write(JournalKind.TrialFinished, trial.Id);
                }
                catch (DiagnosticException exception)
                {
                    journal.Write(JournalKind.TrialFailed, trial.Id, exception.Diagnostics[0].Summary);
                    monitor.Report(new Activity("trial", trial.Id, exception.Diagnostics[0].Summary, ActivityState.Failed) { Detail = exception.Diagnostics[0].Detail });
                    failed.Add((trial, exception));
                }
            }
        }
        catch (OperationCanceledException)
        {
            journal.Write(JournalKind.Interrupted, run.Id);
            throw;
        }

        var finished = plan.Trials.Count(run.Has);
        if (finished == plan.Trials.Length) journal.Write(JournalKind.Finished, run.Id);
        return new RunOutcome(finished, failed);
    }

    private async Task RunTrialAsync(RunDirectory run, Plan plan, PlannedTrial trial, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var point = plan.Point(trial.Point);
        var began = time.GetTimestamp();
        var place = string.Create(CultureInfo.InvariantCulture, $"begins, {trial.Order} of {plan.Trials.Length}");
        monitor.Report(new Activity("trial", trial.Id, place));
        var draft = run.Draft(trial);
        var jobs = workload(point, trial);
        var outcome = await lanes(point).RunAsync(trial, point, jobs, draft, monitor, cancellation).ConfigureAwait(false);

        var table = JobTable.From(outcome.Jobs);
        var audit = TrialAudit.Of(new Trial(outcome.Record, table), [.. jobs.Select(j => j.Id)]);
        await WriteAsync(Path.Combine(draft, "jobs.parquet"), s => table.WriteAsync(s, cancellation)).ConfigureAwait(false);
        await WriteAsync(Path.Combine(draft, "audit.json"), s => TrialJson.WriteAsync(s, audit, cancellation)).ConfigureAwait(false);
        await WriteAsync(Path.Combine(draft, "trial.json"), s => TrialJson.WriteAsync(s, outcome.Record, cancellation)).ConfigureAwait(false);
        run.Keep(trial, draft);

        var done = outcome.Jobs.Count(j => j.State == JobState.Completed);
        monitor.Report(new Activity("trial", trial.Id, string.Create(CultureInfo.InvariantCulture, $"{done} of {outcome.Jobs.Count} jobs completed; {Words(audit.Verdict)}"), ActivityState.Done)
        {
            // Of a trial on machines, what was measured; what was built and configured before it has lines of its own.
            Elapsed = point.Machines == "simulation" ? time.GetElapsedTime(began) : TimeSpan.FromMicroseconds(outcome.Record.Ended - outcome.Record.Started),
        });
    }

    private static string Words(TrialVerdict verdict) => verdict switch
    {
        TrialVerdict.Valid => "valid",
        TrialVerdict.ClientLimited => "limited by the client",
        _ => "invalid",
    };

    private static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        await using (stream.ConfigureAwait(false))
        {
            await write(stream).ConfigureAwait(false);
            stream.Flush(flushToDisk: true);
        }
    }
}
