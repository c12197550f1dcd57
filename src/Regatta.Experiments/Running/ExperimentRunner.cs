using System.Globalization;
using Regatta.Analysis;
using Regatta.Diagnostics;
using Regatta.Runs;
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
        var gauge = new RepetitionGauge(run, plan);
        var spent = SpentBefore(run);
        var enough = new List<PlannedTrial>();
        var again = new LimitedTrials(run);
        var left = new TimeLeft(plan);
        journal.Write(JournalKind.Opened, run.Id);
        try
        {
            foreach (var trial in plan.Trials)
            {
                cancellation.ThrowIfCancellationRequested();
                if (run.Has(trial) || enough.Contains(trial)) continue;
                if (await gauge.EnoughBeforeAsync(trial, spent, cancellation).ConfigureAwait(false) is { } reason)
                {
                    journal.Write(JournalKind.Enough, trial.Id, reason);
                    monitor.Report(new Activity("trial", trial.Id, "no further repetition is needed", ActivityState.Done) { Detail = reason });
                    enough.AddRange(RepetitionGauge.NotNeeded(plan, trial));
                    continue;
                }

                journal.Write(JournalKind.TrialStarted, trial.Id);
                var began = time.GetTimestamp();
                try
                {
                    var rest = left.Words([.. plan.Trials.Where(t => !run.Has(t) && !enough.Contains(t) && t.Order >= trial.Order)]);
                    var sha256 = await RunTrialAsync(run, plan, trial, again, rest, journal, monitor, cancellation).ConfigureAwait(false);
                    journal.Write(JournalKind.TrialFinished, trial.Id, sha256: sha256, took: time.GetElapsedTime(began));
                }
                catch (DiagnosticException exception)
                {
                    // What mends it stands in the report as well.
                    journal.Write(JournalKind.TrialFailed, trial.Id, exception.Diagnostics[0] is { Help: { } help } first ? $"{first.Summary}; {help}" : exception.Diagnostics[0].Summary, took: time.GetElapsedTime(began));
                    run.KeepFailed(trial);
                    monitor.Report(new Activity("trial", trial.Id, exception.Diagnostics[0].Summary, ActivityState.Failed) { Detail = exception.Diagnostics[0].Detail });
                    failed.Add((trial, exception));
                }

                spent += time.GetElapsedTime(began);
                left.Took(trial, time.GetElapsedTime(began));
            }
        }
        catch (OperationCanceledException)
        {
            journal.Write(JournalKind.Interrupted, run.Id);
            throw;
        }

        var finished = plan.Trials.Count(run.Has);
        if (plan.Trials.All(t => run.Has(t) || enough.Contains(t))) journal.Write(JournalKind.Finished, run.Id);
        return new RunOutcome(finished, failed);
    }

    /// <summary>How long the trials of earlier sittings took, failed ones included: as they were measured, since wall clocks jump.</summary>
    private static TimeSpan SpentBefore(RunDirectory run) =>
        run.ReadJournal().Aggregate(TimeSpan.Zero, (spent, entry) => spent + (entry.Took ?? TimeSpan.Zero));

    private async Task<string> RunTrialAsync(
        RunDirectory run, Plan plan, PlannedTrial trial, LimitedTrials again, string? left, Journal journal, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var point = plan.Point(trial.Point);
        var began = time.GetTimestamp();
        var place = string.Create(CultureInfo.InvariantCulture, $"begins, {trial.Order} of {plan.Trials.Length}");
        monitor.Report(new Activity("trial", trial.Id, left is null ? place : $"{place}; {left}"));
        var jobs = workload(point, trial);
        var tried = await TryAsync(run, point, trial, jobs, monitor, cancellation).ConfigureAwait(false);
        if (again.Repeats(trial, point, tried.Audit) is { } reason)
        {
            journal.Write(JournalKind.TrialRepeated, trial.Id, reason);
            run.KeepFailed(trial);
            monitor.Report(new Activity("trial", trial.Id, "limited by the client; repeated once"));
            tried = await TryAsync(run, point, trial, jobs, monitor, cancellation).ConfigureAwait(false);
            tried = tried with { Record = tried.Record with { Notes = tried.Record.Notes.Add($"The trial is a repetition: a first one was set aside. {reason}") } };
            again.Repeated(trial, tried.Audit);
        }

        var sha256 = await TrialFiles.WriteAsync(tried.Draft, tried.Record, tried.Jobs, tried.Audit, cancellation).ConfigureAwait(false);
        run.Keep(trial, tried.Draft);

        monitor.Report(new Activity("trial", trial.Id, string.Create(CultureInfo.InvariantCulture, $"{tried.Completed} of {tried.Jobs.Count} jobs completed; {Words(tried.Audit.Verdict)}"), ActivityState.Done)
        {
            // Of a trial on machines, what was measured; what was built and configured before it has lines of its own.
            Elapsed = point.Machines == "simulation" ? time.GetElapsedTime(began) : TimeSpan.FromMicroseconds(tried.Record.Ended - tried.Record.Started),
        });
        return sha256;
    }

    private async Task<TriedTrial> TryAsync(RunDirectory run, PlanPoint point, PlannedTrial trial, IReadOnlyList<Job> jobs, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var draft = run.Draft(trial);
        var outcome = await lanes(point).RunAsync(trial, point, jobs, draft, monitor, cancellation).ConfigureAwait(false);
        var table = JobTable.From(outcome.Jobs);
        return new TriedTrial(draft, outcome.Record, table, TrialAudit.Of(new Trial(outcome.Record, table), [.. jobs.Select(j => j.Id)]), outcome.Jobs.Count(j => j.State == JobState.Completed));
    }

    private static string Words(TrialVerdict verdict) => verdict switch
    {
        TrialVerdict.Valid => "valid",
        TrialVerdict.ClientLimited => "limited by the client",
        _ => "invalid",
    };

    private sealed record TriedTrial(string Draft, TrialRecord Record, JobTable Jobs, TrialAudit Audit, int Completed);
}
