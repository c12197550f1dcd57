using Regatta.Runs;

namespace Regatta.Experiments.Running;

/// <summary>What became of a run.</summary>
/// <param name="Finished">Trials whose files are in place, earlier sittings included.</param>
/// <param name="Failed">Trials of this sitting that gave no record, and why.</param>
public sealed record RunOutcome(int Finished, IReadOnlyList<(PlannedTrial Trial, DiagnosticException Reason)> Failed);

/// <summary>
/// Runs the trials of a plan that are still missing, in the plan's order. Trials on machines run one at a time and alone, those in virtual time several at once where that is asked
/// for; simulated ones that follow each other share the processors, and give the same records as one after the other.
/// </summary>
/// <param name="trials">Runs one.</param>
/// <param name="time">Clock of the journal.</param>
/// <param name="parallel">Simulated trials at once, at least 1.</param>
/// <param name="virtually">Trials in virtual time at once, at least 1.</param>
public sealed class ExperimentRunner(TrialRunner trials, TimeProvider time, int parallel = 1, int virtually = 1)
{
    /// <summary>Runs what is missing. A trial that fails does not stop the others; an interruption does, and leaves the journal saying so.</summary>
    /// <exception cref="OperationCanceledException">The run was interrupted; what was done is kept.</exception>
    public async Task<RunOutcome> RunAsync(RunDirectory run, Plan plan, Journal journal, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var gauge = new RepetitionGauge(run, plan);
        var sitting = new Sitting(run, plan, journal, monitor, time, virtually);
        journal.Write(JournalKind.Opened, run.Id);
        try
        {
            foreach (var stretch in TrialStretch.Of(plan))
            {
                cancellation.ThrowIfCancellationRequested();
                var missing = stretch.Trials.Where(sitting.Lacks).ToList();
                if (missing.Count == 0) continue;
                if (await gauge.EnoughBeforeAsync(missing[0], sitting.Spent, cancellation) is { } reason)
                {
                    journal.Write(JournalKind.Enough, missing[0].Id, reason);
                    monitor.Report(new Activity("trial", missing[0].Id, "no further repetition is needed", ActivityState.Done) { Detail = reason });
                    sitting.LeaveOut(plan.NotNeededWithout(missing[0]));
                }
                else if (stretch.Kind == StretchKind.Simulated)
                {
                    await SimulateAsync(missing, sitting, cancellation);
                }
                else
                {
                    // A stretch of trials that measure is one trial.
                    await Parallel.ForEachAsync(missing, Lanes(virtually, cancellation), async (trial, stop) => await MeasureAsync(trial, sitting, stop));
                }
            }
        }
        catch (OperationCanceledException)
        {
            journal.Write(JournalKind.Interrupted, run.Id);
            throw;
        }

        return sitting.End();
    }

    private static ParallelOptions Lanes(int most, CancellationToken cancellation) => new() { MaxDegreeOfParallelism = most, CancellationToken = cancellation };

    private async Task MeasureAsync(PlannedTrial trial, Sitting sitting, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        sitting.Journal.Write(JournalKind.TrialStarted, trial.Id);
        await sitting.TryAsync(trial, async began =>
        {
            var written = await trials.RunAsync(sitting.Plan, trial, sitting.Place(trial), sitting.Again, sitting.Left(trial), sitting.Journal, sitting.Monitor, cancellation);
            sitting.Run.Keep(trial, written.Directory);
            sitting.Journal.Write(JournalKind.TrialFinished, trial.Id, sha256: written.Sha256, took: time.GetElapsedTime(began));
        });
    }

    private async Task SimulateAsync(IReadOnlyList<PlannedTrial> missing, Sitting sitting, CancellationToken cancellation)
    {
        var finished = new FinishedTrials(sitting.Run, sitting.Journal, time);
        try
        {
            // Each lane takes the next one of the list, so that they end about in the plan's order; a single one keeps it.
            await Parallel.ForEachAsync(missing, Lanes(parallel, cancellation), async (trial, stop) => await SimulateAsync(trial, finished, sitting, stop));
        }
        finally
        {
            await finished.WriteAsync();
        }
    }

    private async Task SimulateAsync(PlannedTrial trial, FinishedTrials finished, Sitting sitting, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        sitting.Journal.Note(JournalKind.TrialStarted, trial.Id);
        await sitting.TryAsync(trial, async began =>
        {
            var written = await trials.RunAsync(sitting.Plan, trial, sitting.Place(trial), sitting.Again, sitting.Left(trial), sitting.Journal, sitting.Monitor, cancellation);
            sitting.Run.Keep(trial, written.Directory);
            finished.Add(trial, written.Sha256, time.GetElapsedTime(began));
        });
    }
}
