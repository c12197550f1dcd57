using System.Collections.Immutable;
using System.Globalization;
using Regatta.Analysis;

namespace Regatta.Reports.Model;

/// <summary>The comparison table.</summary>
internal static class ComparisonRows
{
    /// <summary>One row for each metric that at least one point has, in the order of the catalogue.</summary>
    public static ImmutableArray<ComparisonRow> Of(ImmutableArray<string> points, Comparison comparison, IReadOnlyList<RacedTrial> trials)
    {
        var summaries = comparison.Points.ToDictionary(p => p.Point, StringComparer.Ordinal);
        var reference = Reference(points, trials, summaries);
        var rows = ImmutableArray.CreateBuilder<ComparisonRow>();
        foreach (var metric in MetricCatalogue.All)
        {
            var cells = points.Select(p => Cell(metric, points[0], p, summaries, comparison.Pairs)).ToImmutableArray();
            if (cells.All(c => c.Value is null)) continue;
            var bound = metric.Name == "makespan" ? Lowest("makespan-lower-bound", summaries) : null;
            rows.Add(new ComparisonRow(metric, cells, reference?.Metrics.GetValueOrDefault(metric.Name)?.Mean, bound));
        }

        return rows.ToImmutable();
    }

    /// <summary>What the columns mean.</summary>
    public static string Note(Comparison comparison, ImmutableArray<string> points)
    {
        var runs = comparison.Points.Select(p => p.Valid).ToList();
        var confidence = (comparison.Settings.Confidence * 100).ToString("0.#", CultureInfo.InvariantCulture);
        var text = $"Means over {(runs.Min() == runs.Max() ? Quantity.Count(runs.Min(), "valid run") : $"{runs.Min()} to {runs.Max()} valid runs")} of each point, "
            + $"{confidence} % BCa bootstrap intervals of the mean below ({comparison.Settings.Resamples.ToString("#,0", CultureInfo.InvariantCulture)} resamples of runs, seed {comparison.Settings.Seed}; from three runs on).";
        if (points.Length < 2) return text;
        var tests = comparison.Pairs.Select(p => p.Test?.Name).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        text += $" Changes are Hodges–Lehmann shifts against {points[0]}";
        if (tests.Count > 0) text += $", tested by {string.Join(" and ", tests)}, Holm-corrected over {Quantity.Count(comparison.Pairs.Count(p => p.Test is not null), "test")}; δ is Cliff’s delta";
        return text + ". Nothing is judged on a maximum.";
    }

    private static ComparisonCell Cell(
        Metric metric, string first, string point, Dictionary<string, PointSummary> summaries, ImmutableArray<PairComparison> pairs)
    {
        if (!summaries.TryGetValue(point, out var summary) || !summary.Metrics.TryGetValue(metric.Name, out var value)) return new ComparisonCell();
        var cell = new ComparisonCell { Value = value.Mean, Low = value.Interval?.Low, High = value.Interval?.High, Runs = value.Runs.Length };
        if (point == first) return cell;
        var pair = pairs.FirstOrDefault(p => p.Metric == metric.Name && p.First == first && p.Second == point);
        if (pair is null || double.IsNaN(pair.Shift)) return cell;
        return cell with
        {
            Shift = pair.Shift,
            ShiftLow = pair.ShiftInterval?.Low,
            ShiftHigh = pair.ShiftInterval?.High,
            Relative = pair.RelativeShift,
            P = pair.AdjustedP,
            Effect = double.IsNaN(pair.CliffsDelta) ? null : pair.CliffsDelta,
            Outcome = pair.Outcome switch
            {
                Analysis.Outcome.SecondBetter => CellOutcome.Better,
                Analysis.Outcome.FirstBetter => CellOutcome.Worse,
                _ => CellOutcome.Unclear,
            },
        };
    }

    // The one point of the reference scheduler among others is the ideal that they are held to.
    private static PointSummary? Reference(ImmutableArray<string> points, IReadOnlyList<RacedTrial> trials, Dictionary<string, PointSummary> summaries)
    {
        var references = points.Where(p => trials.Any(t => t.Measured.Record.Point == p && t.Measured.Record.Scheduler == "reference")).ToList();
        return references.Count == 1 && points.Length > 1 ? summaries.GetValueOrDefault(references[0]) : null;
    }

    private static double? Lowest(string metric, Dictionary<string, PointSummary> summaries)
    {
        var values = summaries.Values.Select(s => s.Metrics.GetValueOrDefault(metric)?.Mean).OfType<double>().ToList();
        return values.Count == 0 ? null : values.Min();
    }
}
