using Regatta.Analysis;
using Regatta.Reports.Model;
using Regatta.Runs;

namespace Regatta.Reports.Checks;

/// <summary>What came of one check.</summary>
public enum CheckResult
{
    /// <summary>Not worse by more than is allowed.</summary>
    Passed,

    /// <summary>Worse by more than is allowed, and the runs do not say that it is chance.</summary>
    Regressed,

    /// <summary>Worse by more than is allowed, but the interval of the change holds zero.</summary>
    Uncertain,

    /// <summary>It cannot be told: one side has no valid run, or the baseline is zero.</summary>
    NotDefined,
}

/// <summary>One metric of one point against the baseline.</summary>
/// <param name="Point">The point.</param>
/// <param name="Metric">Name of the metric.</param>
/// <param name="Result">What came of it.</param>
/// <param name="Worsening">How much worse, as a share of the baseline; negative when it got better; null when not defined.</param>
/// <param name="Text">The result in words.</param>
public sealed record CheckItem(string Point, string Metric, CheckResult Result, double? Worsening, string Text);

/// <summary>What <c>regatta check</c> found.</summary>
/// <param name="Run">Id of the run that is checked.</param>
/// <param name="Baseline">Id of the run that it is held to.</param>
/// <param name="MaxRegression">The share that is allowed.</param>
/// <param name="Items">One entry a point and metric.</param>
public sealed record CheckOutcome(string Run, string Baseline, double MaxRegression, ImmutableArray<CheckItem> Items)
{
    /// <summary>Whether it fails. Uncertain and undefined items fail it only when <paramref name="strict"/>.</summary>
    public bool Fails(bool strict) => Items.Any(i => i.Result == CheckResult.Regressed || (strict && i.Result != CheckResult.Passed));
}

/// <summary>Holds a run to an earlier one.</summary>
public static class RegressionCheck
{
    /// <summary>Compares each point that both runs have, metric by metric.</summary>
    /// <param name="run">The run that is checked.</param>
    /// <param name="baseline">The run that it is held to.</param>
    /// <param name="maxRegression">The share by which a metric may be worse, such as 0.05.</param>
    /// <param name="settings">Which metrics, and how they are measured.</param>
    /// <exception cref="DiagnosticException">The runs have no point in common, or a metric does not exist or is not judged.</exception>
    public static CheckOutcome Of(RecordedRun run, RecordedRun baseline, double maxRegression, ReportSettings settings)
    {
        foreach (var name in settings.Comparison.Judged)
        {
            if (MetricCatalogue.Find(name) is { Judgeable: false })
                throw new DiagnosticException(Diagnostic.Error("check-metric", $"'{name}' has no better or worse, so it cannot regress") with { Help = "check on metrics such as wait-mean, bounded-slowdown-mean, utilisation, makespan" });
        }

        var points = run.Trials.Select(t => t.Trial.Record.Point).Distinct(StringComparer.Ordinal).ToList();
        var before = baseline.Trials.Select(t => t.Trial.Record.Point).Distinct(StringComparer.Ordinal).ToList();
        var shared = before.Where(points.Contains).ToList();
        if (shared.Count == 0)
        {
            throw new DiagnosticException(Diagnostic.Error("check-points", $"{run.Id} and {baseline.Id} have no point in common") with
            {
                Detail = $"{run.Id}: {string.Join(", ", points)}\n{baseline.Id}: {string.Join(", ", before)}",
                Help = "check a run against one of the same experiment; 'regatta compare' compares different points",
            });
        }

        var items = ImmutableArray.CreateBuilder<CheckItem>();
        foreach (var point in shared) items.AddRange(Point(point, run, baseline, maxRegression, settings));
        foreach (var gone in before.Except(points))
            items.Add(new CheckItem(gone, "", CheckResult.NotDefined, null, $"{gone} is in the baseline, and not in {run.Id}"));
        return new CheckOutcome(run.Id, baseline.Id, maxRegression, items.ToImmutable());
    }

    private static IEnumerable<CheckItem> Point(string point, RecordedRun run, RecordedRun baseline, double most, ReportSettings settings)
    {
        const string Before = "baseline", After = "checked";
        var trials = new List<MeasuredTrial>();
        void Add(RecordedRun from, string name, int firstBlock) => trials.AddRange(from.Trials.Where(t => t.Trial.Record.Point == point).Select(t =>
            new MeasuredTrial(t.Trial.Record with { Point = name, Block = t.Trial.Record.Block + firstBlock }, TrialMetrics.Compute(t.Trial, settings.Measure), t.Audit)));
        Add(baseline, Before, 0);
        Add(run, After, 1_000_000);
        var comparison = Comparison.Of(trials, settings.Comparison with { Baseline = Before });
        foreach (var pair in comparison.Pairs) yield return Item(point, pair, comparison, most);
    }

    private static CheckItem Item(string point, PairComparison pair, Comparison comparison, double most)
    {
        var metric = MetricCatalogue.Find(pair.Metric)!;
        double? Mean(string name) => comparison.Points.First(p => p.Point == name).Metrics.GetValueOrDefault(metric.Name)?.Mean;
        if (pair.Outcome == Outcome.NotDefined || pair.RelativeShift is not { } relative || double.IsNaN(relative))
        {
            return new CheckItem(point, metric.Name, CheckResult.NotDefined, null,
                Mean("baseline") is 0 ? $"{metric.Title}: the baseline is zero, so no share of it can be told" : $"{metric.Title}: a side has no valid run that defines it");
        }

        var sign = metric.Direction == Direction.Higher ? -1 : 1;
        var worsening = sign * relative;
        var change = $"{metric.Title}: {Quantity.Format(Mean("baseline"), metric.Unit)} to {Quantity.Format(Mean("checked"), metric.Unit)} ({Quantity.SignedPercent(relative)})";
        if (worsening <= most) return new CheckItem(point, metric.Name, CheckResult.Passed, worsening, change);
        var beyond = $"{change}, worse by more than {Quantity.Digits(most * 100)} %";
        if (pair.ShiftInterval is { } interval && interval.Holds(0))
            return new CheckItem(point, metric.Name, CheckResult.Uncertain, worsening, $"{beyond}, but the {Quantity.Confidence(interval.Confidence)} interval of the change, {Quantity.Change(interval.Low, metric.Unit)} to {Quantity.Change(interval.High, metric.Unit)}{(interval.Coverage is { } covers ? $" (covers {covers.Range()} by simulation)" : "")}, holds zero");
        var few = pair.Outcome == Outcome.TooFewRuns ? $"; {pair.FirstRuns} against {Quantity.Count(pair.SecondRuns, "run")} are too few to tell it from chance" : "";
        return new CheckItem(point, metric.Name, CheckResult.Regressed, worsening, beyond + few);
    }
}
