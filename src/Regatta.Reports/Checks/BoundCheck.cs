using Regatta.Analysis;
using Regatta.Reports.Model;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Reports.Checks;

/// <summary>Holds a run to bounds. A bound is held against the interval of the mean over the valid repetitions and not against one value, so that what chance can do is no failure.</summary>
public static class BoundCheck
{
    /// <summary>One entry a point and bound.</summary>
    /// <param name="run">The run that is checked.</param>
    /// <param name="bounds">The bounds.</param>
    /// <param name="settings">How metrics are measured, and the confidence of intervals.</param>
    /// <exception cref="DiagnosticException">A bound names a point that the run does not have (<c>check-bound</c>).</exception>
    public static ImmutableArray<CheckItem> Of(RecordedRun run, ImmutableArray<Bound> bounds, ReportSettings settings)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(settings);
        var points = run.Trials.Select(t => t.Trial.Record.Point).Distinct(StringComparer.Ordinal).ToList();
        foreach (var bound in bounds)
        {
            if (bound.Point is { } name && !points.Contains(name))
                throw new DiagnosticException(Diagnostic.Error("check-bound", $"{run.Id} has no point '{name}'") with { Where = bound.Where, Help = Suggestion.Help(name, points) });
        }

        // Bounds of several metrics ask for the same trials and jobs.
        var computed = new Dictionary<(string Trial, JobClass? Jobs), TrialMetrics>();
        TrialMetrics Metrics(RecordedTrial trial, JobClass? jobs)
        {
            var key = (trial.Directory, jobs);
            if (!computed.TryGetValue(key, out var metrics))
                computed.Add(key, metrics = TrialMetrics.Compute(jobs is null ? trial.Trial : jobs.Of(trial.Trial), settings.Measure));
            return metrics;
        }

        return [.. points.SelectMany(point => bounds.Where(b => b.Point is null || b.Point == point).Select(bound => Item(run, point, bound, settings, Metrics)))];
    }

    private static CheckItem Item(RecordedRun run, string point, Bound bound, ReportSettings settings, Func<RecordedTrial, JobClass?, TrialMetrics> metrics)
    {
        var metric = bound.Metric;
        var valid = run.Trials.Where(t => t.Trial.Record.Point == point && t.Audit.Verdict == TrialVerdict.Valid).ToList();
        var values = valid.Select(t => metrics(t, bound.Jobs)[metric.Name]).OfType<double>().ToArray();
        CheckItem Result(CheckResult result, string text) => new(point, metric.Name, result, null, $"{bound.Text}: {text}{(bound.Reason is { } why ? $" ({why})" : "")}") { Bound = bound.Text };
        if (values.Length == 0) return Result(CheckResult.NotDefined, "no valid trial defines it");
        var mean = values.Average();
        // The reference scheduler has no chance in it: one trial says all.
        var simulated = valid.All(t => t.Trial.Record.Machines == MachineKind.Simulation);
        var interval = MeanInterval.Of(values, settings.Comparison.Confidence) ?? (simulated ? new Interval(mean, mean, settings.Comparison.Confidence) : null);
        var shown = Quantity.Format(mean, metric.Unit);
        if (interval is not { } range) return Result(CheckResult.Uncertain, $"{shown} in one trial, which has no interval: repeat it");
        var text = range.Low == range.High ? shown : $"{shown}, {Quantity.Confidence(range.Confidence)} interval {Quantity.Format(range.Low, metric.Unit)} to {Quantity.Format(range.High, metric.Unit)} of {Quantity.Count(values.Length, "trial")}{(range.Coverage is { } covers ? $" (covers {covers.Range()} by simulation)" : "")}";
        var (within, beyond) = bound.AtMost ? (range.High <= bound.Limit, range.Low > bound.Limit) : (range.Low >= bound.Limit, range.High < bound.Limit);
        return within ? Result(CheckResult.Passed, text) : beyond ? Result(CheckResult.OutOfBounds, text) : Result(CheckResult.Uncertain, text + ", which holds the bound");
    }
}
