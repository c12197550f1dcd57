using Regatta.Analysis;
using Regatta.Runs;

namespace Regatta.Experiments.Running;

/// <summary>
/// Says when a run has repeated enough. It looks at the trials in the run directory, not at what this process ran, so that a run that was
/// interrupted ends where it would have ended.
/// </summary>
/// <param name="run">The run directory.</param>
/// <param name="plan">Its plan.</param>
internal sealed class RepetitionGauge(RunDirectory run, Plan plan)
{
    // With a budget alone no interval is narrow enough.
    private const double NeverNarrow = -1;

    private readonly MeasureSettings _measure = Measure(plan);
    private readonly Dictionary<string, double?> _values = new(StringComparer.Ordinal);

    /// <summary>Why no trial of the block that <paramref name="next"/> begins need be run; null when it must be.</summary>
    /// <param name="next">The next trial of the plan.</param>
    /// <param name="spent">Time that trials took so far.</param>
    /// <param name="cancellation">Stops the reading of records.</param>
    public async Task<string?> EnoughBeforeAsync(PlannedTrial next, TimeSpan spent, CancellationToken cancellation)
    {
        if (plan.EarlyEnd is not { } end) return null;
        // Points are compared by block, so a block is run whole or not at all. Only where each point runs all its repetitions in turn does each end by itself.
        var inTurn = plan.IsInTurn();
        if (!inTurn && plan.Trials.Any(t => t.Block == next.Block && t != next && (t.Order < next.Order || run.Has(t)))) return null;
        var reasons = new List<string>();
        foreach (var point in plan.Points.Where(p => !inTurn || p.Name == next.Point))
        {
            var runs = new List<double>();
            foreach (var trial in plan.Trials.Where(t => t.Point == point.Name && t.Order < next.Order))
            {
                if (await ValueAsync(trial, end.Metric, cancellation) is { } value) runs.Add(value);
            }

            var rule = new AdaptiveRepetitions { RelativeHalfWidth = end.Precision ?? NeverNarrow, Fewest = end.Fewest, Most = int.MaxValue, Budget = end.Budget };
            var decision = rule.Decide([.. runs], spent);
            if (decision.Continue) return null;
            reasons.Add(plan.Points.Length == 1 ? decision.Reason : $"{point.Name}: {decision.Reason}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{end.Metric}: {string.Join("; ", reasons)}");
    }

    /// <summary>The metric of a trial; null for one that is missing or not valid, or that does not define it.</summary>
    private async Task<double?> ValueAsync(PlannedTrial trial, string metric, CancellationToken cancellation)
    {
        if (_values.TryGetValue(trial.Id, out var known)) return known;
        if (!run.Has(trial)) return null;
        var directory = Path.Combine(run.Path, trial.Directory);
        var head = await TrialFiles.ReadHeadAsync(directory, cancellation);
        double? value = null;
        if (head.Audit?.Verdict == TrialVerdict.Valid)
            value = TrialMetrics.Compute(new Trial(head.Record, await TrialFiles.ReadJobsAsync(head, cancellation)), _measure)[metric];

        _values[trial.Id] = value;
        return value;
    }

    private static MeasureSettings Measure(Plan plan)
    {
        var settings = plan.Measure?.ToSettings() ?? MeasureSettings.Default;
        // Fair starts take a simulation a job.
        return plan.EarlyEnd?.Metric.StartsWith("fair-start", StringComparison.Ordinal) == true ? settings : settings with { FairStartWork = 0 };
    }
}
