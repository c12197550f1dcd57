using Regatta.Analysis;
using Regatta.Reports.Model;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Reports.Checks;

/// <summary>What came of one check.</summary>
public enum CheckResult
{
    /// <summary>Not worse by more than is allowed.</summary>
    Passed,

    /// <summary>Worse by more than is allowed, and the runs do not say that it is chance.</summary>
    Regressed,

    /// <summary>Beyond what is allowed, but it may be chance: the interval holds zero, or the bound, or there are too few runs for one.</summary>
    Uncertain,

    /// <summary>It cannot be told: one side has no valid run, or the baseline is zero.</summary>
    NotDefined,

    /// <summary>Beyond a bound, with the whole interval.</summary>
    OutOfBounds,
}

/// <summary>One metric of one point against the baseline, or against a bound.</summary>
/// <param name="Point">The point.</param>
/// <param name="Metric">Name of the metric.</param>
/// <param name="Result">What came of it.</param>
/// <param name="Worsening">How much worse, as a share of the baseline; negative when it got better; null when not defined.</param>
/// <param name="Text">The result in words.</param>
public sealed record CheckItem(string Point, string Metric, CheckResult Result, double? Worsening, string Text)
{
    /// <summary>The bound, such as <c>wait-p90 &lt;= 40s</c>; null for a comparison with the baseline.</summary>
    public string? Bound { get; init; }

    /// <summary>Whether it fails a check. Uncertain and undefined items do so only when <paramref name="strict"/>.</summary>
    public bool Fails(bool strict) => Result is CheckResult.Regressed or CheckResult.OutOfBounds || (strict && Result != CheckResult.Passed);
}

/// <summary>What <c>regatta check</c> found.</summary>
/// <param name="Run">Id of the run that is checked.</param>
/// <param name="Baseline">Id of the run that it is held to, or its points that the others are held to; null when it was held to bounds alone.</param>
/// <param name="MaxRegression">The shares that are allowed.</param>
/// <param name="Items">One entry a point and metric, and a point and bound.</param>
public sealed record CheckOutcome(string Run, string? Baseline, AllowedRegression MaxRegression, ImmutableArray<CheckItem> Items)
{
    /// <summary>Whether it fails. Uncertain and undefined items fail it only when <paramref name="strict"/>.</summary>
    public bool Fails(bool strict) => Items.Any(i => i.Fails(strict));
}

/// <summary>By how much metrics may be worse than in the baseline.</summary>
/// <param name="Others">The share for metrics that have none of their own, such as 0.05.</param>
/// <param name="Metrics">Shares by the name of the metric.</param>
public sealed record AllowedRegression(double Others, ImmutableSortedDictionary<string, double> Metrics)
{
    /// <summary>The share of a metric.</summary>
    public double Of(string metric) => Metrics.GetValueOrDefault(metric, Others);
}

/// <summary>Holds a run to an earlier one.</summary>
public static class RegressionCheck
{
    /// <summary>Compares each point that both runs have, metric by metric.</summary>
    /// <param name="run">The run that is checked.</param>
    /// <param name="baseline">The run that it is held to.</param>
    /// <param name="maxRegression">The shares by which metrics may be worse.</param>
    /// <param name="settings">Which metrics, and how they are measured.</param>
    /// <exception cref="DiagnosticException">The runs have no point in common, or a metric does not exist or is not judged.</exception>
    public static CheckOutcome Of(RecordedRun run, RecordedRun baseline, AllowedRegression maxRegression, ReportSettings settings)
    {
        RequireJudgeable(settings);
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
        // Blocks of different runs are different blocks.
        foreach (var point in shared) items.AddRange(Point(point, Of(run, point), Of(baseline, point), sameBlocks: false, maxRegression, settings));
        foreach (var gone in before.Except(points))
            items.Add(new CheckItem(gone, "", CheckResult.NotDefined, null, $"{gone} is in the baseline, and not in {run.Id}"));
        return new CheckOutcome(run.Id, baseline.Id, maxRegression, items.ToImmutable());
    }

    /// <summary>Compares points of one run with others of it, metric by metric, paired by block: what disturbed a block disturbed both sides of it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="against">The points that the others are held to: each to the one of them that ran its workload.</param>
    /// <param name="maxRegression">The shares by which metrics may be worse.</param>
    /// <param name="settings">Which metrics, and how they are measured.</param>
    /// <exception cref="DiagnosticException">There is no such point, two of them ran one workload, no other point ran the workload of one, or a metric does not exist or is not judged.</exception>
    public static CheckOutcome Within(RecordedRun run, IReadOnlyList<string> against, AllowedRegression maxRegression, ReportSettings settings)
    {
        RequireJudgeable(settings);
        var workloads = run.Trials.Select(t => t.Trial.Record).DistinctBy(r => r.Point, StringComparer.Ordinal).ToDictionary(r => r.Point, r => r.Workload, StringComparer.Ordinal);
        foreach (var name in against.Where(name => !workloads.ContainsKey(name)))
            throw new DiagnosticException(Diagnostic.Error("check-against", $"{run.Id} has no point '{name}'") with { Help = Suggestion.Help(name, workloads.Keys) });
        if (against.GroupBy(name => workloads[name]).FirstOrDefault(g => g.Distinct().Count() > 1) is { } twice)
            throw new DiagnosticException(Diagnostic.Error("check-against", $"{string.Join(" and ", twice)} ran the same workload, '{twice.Key}'") with { Help = "name one point for each workload" });
        var pairs = against.Distinct(StringComparer.Ordinal).Select(name => (Before: name, After: workloads.Keys.Where(p => p != name && workloads[p] == workloads[name]).ToList())).ToList();
        if (pairs.Find(p => p.After.Count == 0).Before is { } alone)
            throw new DiagnosticException(Diagnostic.Error("check-against", $"no other point of {run.Id} ran the workload of '{alone}', '{workloads[alone]}'") with { Help = "name a point that others can be held to" });
        return new CheckOutcome(
            run.Id, string.Join(", ", pairs.Select(p => p.Before)), maxRegression,
            [.. pairs.SelectMany(p => p.After.SelectMany(point => Point(point, Of(run, point), Of(run, p.Before), sameBlocks: true, maxRegression, settings)))]);
    }

    private static IEnumerable<RecordedTrial> Of(RecordedRun run, string point) => run.Trials.Where(t => t.Trial.Record.Point == point);

    private static void RequireJudgeable(ReportSettings settings)
    {
        foreach (var name in settings.Comparison.Judged)
        {
            if (MetricCatalogue.Find(name) is { Judgeable: false })
                throw new DiagnosticException(Diagnostic.Error("check-metric", $"'{name}' has no better or worse, so it cannot regress") with { Help = "check on metrics such as wait-mean, bounded-slowdown-mean, utilisation, makespan" });
        }
    }

    private static IEnumerable<CheckItem> Point(string point, IEnumerable<RecordedTrial> run, IEnumerable<RecordedTrial> baseline, bool sameBlocks, AllowedRegression most, ReportSettings settings)
    {
        const string Before = "baseline", After = "checked";
        var trials = new List<MeasuredTrial>();
        void Add(IEnumerable<RecordedTrial> from, string name, int firstBlock) => trials.AddRange(from.Select(t =>
            new MeasuredTrial(t.Trial.Record with { Point = name, Block = t.Trial.Record.Block + firstBlock }, TrialMetrics.Compute(t.Trial, settings.Measure), t.Audit)));
        Add(baseline, Before, 0);
        Add(run, After, sameBlocks ? 0 : 1_000_000);
        var comparison = Comparison.Of(trials, settings.Comparison with { Baseline = Before });
        var simulated = trials.All(t => t.Record.Machines == MachineKind.Simulation);
        foreach (var pair in comparison.Pairs) yield return Item(point, pair, comparison, most.Of(pair.Metric), simulated);
    }

    private static CheckItem Item(string point, PairComparison pair, Comparison comparison, double most, bool simulated)
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
        // The reference scheduler has no chance in it: one trial says all.
        if (pair.ShiftInterval is null && !simulated)
            return new CheckItem(point, metric.Name, CheckResult.Uncertain, worsening, $"{beyond}; {pair.FirstRuns} against {Quantity.Count(pair.SecondRuns, "run")} are too few to tell it from chance");
        return new CheckItem(point, metric.Name, CheckResult.Regressed, worsening, beyond);
    }
}
