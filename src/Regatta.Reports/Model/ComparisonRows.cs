using Regatta.Analysis;

namespace Regatta.Reports.Model;

/// <summary>The comparison table.</summary>
internal static class ComparisonRows
{
    private static readonly ImmutableHashSet<string> Distances =
        ["wait", "turnaround", "slowdown", "bounded-slowdown", "per-processor-bounded-slowdown", "utilisation", "loss-of-capacity", "makespan", "queue-length"];

    /// <summary>One row for each metric that at least one point has, in the order of the catalogue.</summary>
    public static ImmutableArray<ComparisonRow> Of(ImmutableArray<string> points, Comparison comparison, IReadOnlyList<RacedTrial> trials)
    {
        var summaries = comparison.Points.ToDictionary(p => p.Point, StringComparer.Ordinal);
        var ideals = trials.Where(t => t.Ideal is not null).ToLookup(t => t.Measured.Record.Point, t => t.Ideal!.Metrics, StringComparer.Ordinal);
        var tests = comparison.Pairs.Count(p => p.Test is not null);
        var against = comparison.Pairs.Where(p => p.First == points[0]).DistinctBy(p => (p.Metric, p.Second)).ToDictionary(p => (p.Metric, p.Second));
        var rows = ImmutableArray.CreateBuilder<ComparisonRow>();
        foreach (var metric in MetricCatalogue.All)
        {
            var cells = points.Select(p => Cell(metric, points[0], p, summaries, against.GetValueOrDefault((metric.Name, p)), tests) with { Reference = Reference(metric, ideals[p]) }).ToImmutableArray();
            if (cells.All(c => c.Value is null)) continue;
            var bound = metric.Name == "makespan" ? Lowest("makespan-lower-bound", summaries) : null;
            rows.Add(new ComparisonRow(metric, cells, bound));
        }

        return rows.ToImmutable();
    }

    /// <summary>What the columns mean.</summary>
    public static string Note(Comparison comparison, ImmutableArray<string> points, IReadOnlyList<RacedTrial> trials)
    {
        var runs = comparison.Points.Select(p => p.Valid).ToList();
        var confidence = (comparison.Settings.Confidence * 100).ToString("0.#", CultureInfo.InvariantCulture);
        var text = $"Means over {(runs.Min() == runs.Max() ? Quantity.Count(runs.Min(), "valid run") : $"{runs.Min()} to {runs.Max()} valid runs")} of each point, "
            + $"{confidence} % intervals of the mean below ({Kinds(comparison)})."
            + Coverage(comparison);
        if (points.Length < 2) return text + Ideals(trials);
        var tests = comparison.Pairs.Select(p => p.Test?.Name).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        text += $" Changes are Hodges–Lehmann shifts against {points[0]}";
        if (tests.Count > 0) text += $", tested by {string.Join(" and ", tests)}, Holm-corrected over {Quantity.Count(comparison.Pairs.Count(p => p.Test is not null), "test")}; δ is Cliff’s delta";
        return text + ". Nothing is judged on a maximum." + Ideals(trials);
    }

    /// <summary>Which intervals of a mean there are among the points, by their numbers of runs.</summary>
    private static string Kinds(Comparison comparison)
    {
        var runs = comparison.Points.SelectMany(p => p.Metrics.Values).Select(m => m.Runs.Length).Where(n => n >= MeanInterval.Fewest).ToList();
        var kinds = new List<string>();
        if (runs.Any(n => n < MeanInterval.FewestForBootstrap)) kinds.Add("Student’s t");
        if (runs.Any(n => n >= MeanInterval.FewestForBootstrap))
            kinds.Add($"BCa bootstrap with t quantiles, {comparison.Settings.Resamples.ToString("#,0", CultureInfo.InvariantCulture)} resamples of runs, seed {comparison.Settings.Seed.ToString(CultureInfo.InvariantCulture)}");
        return kinds.Count == 0 ? "none, for one run has none" : string.Join("; ", kinds);
    }

    /// <summary>What the brackets behind intervals of few runs mean, in words for the fewest runs.</summary>
    private static string Coverage(Comparison comparison) =>
        comparison.Points.SelectMany(p => p.Metrics.Values).Select(m => m.Interval?.Coverage).OfType<SimulatedCoverage>().MinBy(c => c.Runs) is { } few
            ? $" In brackets: how often such an interval of so few runs covers the true mean, by simulation of unlike distributions of runs; at n = {few.Runs.ToString(CultureInfo.InvariantCulture)} it covers {few.Words()}."
            : "";

    private static string Ideals(IReadOnlyList<RacedTrial> trials)
    {
        var policies = trials.Where(t => t.Ideal is not null).GroupBy(t => t.Ideal!.Reference.Record.Profile, t => t.Measured.Record.Point, StringComparer.Ordinal)
            .Select(g => (Policy: g.Key, Points: g.Distinct(StringComparer.Ordinal).ToList())).ToList();
        if (policies.Count == 0) return "";
        var named = policies.Select(p => p.Points.Count <= 4 ? $"{p.Policy} for {VerdictWords.Listed(p.Points)}" : $"{p.Policy} for {p.Points.Count} points");
        return $" The reference (ref) is a simulation without overhead of the same jobs on the same machine, with the nearest policy ({string.Join("; ", named)}).";
    }

    private static ComparisonCell Cell(
        Metric metric, string first, string point, Dictionary<string, PointSummary> summaries, PairComparison? pair, int tests)
    {
        if (!summaries.TryGetValue(point, out var summary) || !summary.Metrics.TryGetValue(metric.Name, out var value)) return new ComparisonCell();
        var cell = new ComparisonCell { Value = value.Mean, Low = value.Interval?.Low, High = value.Interval?.High, Coverage = value.Interval?.Coverage, Runs = value.Runs.Length };
        if (point == first) return cell;
        if (pair is null || double.IsNaN(pair.Shift)) return cell;
        return cell with
        {
            Shift = pair.Shift,
            ShiftLow = pair.ShiftInterval?.Low,
            ShiftHigh = pair.ShiftInterval?.High,
            ShiftConfidence = pair.ShiftInterval?.Confidence,
            ShiftCoverage = pair.ShiftInterval?.Coverage,
            Relative = pair.RelativeShift,
            P = pair.AdjustedP,
            Effect = double.IsNaN(pair.CliffsDelta) ? null : pair.CliffsDelta,
            Outcome = VerdictSentences.Powerless(pair, tests) ? CellOutcome.TooFewRuns : pair.Outcome switch
            {
                Analysis.Outcome.SecondBetter => CellOutcome.Better,
                Analysis.Outcome.FirstBetter => CellOutcome.Worse,
                Analysis.Outcome.TooFewRuns => CellOutcome.TooFewRuns,
                _ => CellOutcome.Unclear,
            },
        };
    }

    // Stages and costs of the ideal are zero by construction; to be so many times zero says nothing.
    private static double? Reference(Metric metric, IEnumerable<TrialMetrics> ideals)
    {
        if (!Distances.Contains(metric.Family)) return null;
        var values = ideals.Select(i => i[metric.Name]).OfType<double>().ToList();
        return values.Count == 0 ? null : values.Average();
    }

    private static double? Lowest(string metric, Dictionary<string, PointSummary> summaries)
    {
        var values = summaries.Values.Select(s => s.Metrics.GetValueOrDefault(metric)?.Mean).OfType<double>().ToList();
        return values.Count == 0 ? null : values.Min();
    }
}
