using Regatta.Runs;

namespace Regatta.Experiments.Running;

/// <summary>What became of a run.</summary>
/// <param name="Finished">Trials whose files are in place, earlier sittings included.</param>
/// <param name="Failed">Trials of this sitting that gave no record, and why.</param>
public sealed record RunOutcome(int Finished, IReadOnlyList<(PlannedTrial Trial, DiagnosticException Reason)> Failed);

/// <summary>Runs the trials of a plan that are still missing, in the plan's order.</summary>
/// <param name="trials">Runs one.</param>
/// <param name="time">Clock of the journal.</param>
public sealed class ExperimentRunner(TrialRunner trials, TimeProvider time)
{
    /// <summary>Runs what is missing. A trial that fails does not stop the others; an interruption does, and leaves the journal saying so.</summary>
    /// <exception cref="OperationCanceledException">The run was interrupted; what was done is kept.</exception>
    public async Task<RunOutcome> RunAsync(RunDirectory run, Plan plan, Journal journal, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var failed = new List<(PlannedTrial, DiagnosticException)>();
        var gauge = new RepetitionGauge(run, plan);
        var spent = SpentBefore(run);
        var enough = new List<PlannedTrial>();
        var again = new LimitedTrials(run.ReadJournal());
        var left = new TimeLeft(plan);
        journal.Write(JournalKind.Opened, run.Id);
        try
        {
            foreach (var trial in plan.Trials)
            {
                cancellation.ThrowIfCancellationRequested();
                if (run.Has(trial) || enough.Contains(trial)) continue;
                if (await gauge.EnoughBeforeAsync(trial, spent, cancellation) is { } reason)
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
                    var written = await trials.RunAsync(plan, trial, new TrialPlace(() => run.Draft(trial), () => run.KeepFailed(trial)), again, rest, journal, monitor, cancellation);
                    run.Keep(trial, written.Directory);
                    journal.Write(JournalKind.TrialFinished, trial.Id, sha256: written.Sha256, took: time.GetElapsedTime(began));
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
}
