using MathNet.Numerics.Distributions;

namespace Regatta.Analysis;

/// <summary>What the runs of a point look like beside one another.</summary>
internal static class RunShape
{
    private const int FewestForOutliers = 5;
    private const int FewestForGroups = 8;
    private const int FewestForDrift = 6;

    /// <summary>Runs beyond Tukey's outer fences (three interquartile ranges). They stay in.</summary>
    public static IEnumerable<Diagnostic> Outliers(string metric, string point, IReadOnlyList<(TrialRecord Record, double Value)> runs)
    {
        if (runs.Count < FewestForOutliers) yield break;
        var quartiles = OrderStatistics.Quantiles(runs.Select(r => r.Value).ToArray(), 0.25, 0.75);
        var reach = 3 * (quartiles[1] - quartiles[0]);
        foreach (var (record, value) in runs.Where(r => r.Value < quartiles[0] - reach || r.Value > quartiles[1] + reach))
        {
            yield return Diagnostic.Hint("outlier",
                $"{metric} of {point}, repetition {record.Repetition}, is far from the other runs: {Verdicts.Number(value)} against {Verdicts.Number(quartiles[0])} to {Verdicts.Number(quartiles[1])}")
                with { Detail = "It is kept; rank tests hardly feel it, means do." };
        }
    }

    /// <summary>
    /// Runs that fall into two groups with a wide gap: the best split into two by squared distance, whose means lie more than five of
    /// Ashman's units apart (Ashman, Bird and Zepf 1994 ask for two of a mixture; splitting one normal or uniform cloud yields up to 3.5).
    /// </summary>
    public static IEnumerable<Diagnostic> TwoGroups(string metric, string point, double[] runs)
    {
        if (runs.Length < FewestForGroups) yield break;
        Array.Sort(runs);
        var best = (At: 0, Within: double.PositiveInfinity);
        for (var at = 2; at <= runs.Length - 2; at++)
        {
            var within = Squares(runs.AsSpan(0, at)) + Squares(runs.AsSpan(at));
            if (within < best.Within) best = (at, within);
        }

        if (best.At * 4 < runs.Length || (runs.Length - best.At) * 4 < runs.Length) yield break;
        var (low, high) = (runs[..best.At], runs[best.At..]);
        var spread = Math.Sqrt(((Squares(low) / low.Length) + (Squares(high) / high.Length)) / 2);
        if (high.Average() - low.Average() <= 5 * spread) yield break;
        yield return Diagnostic.Warning("bimodal",
            $"{metric} of {point} falls into two groups: {low.Length} runs about {Verdicts.Number(low.Average())} and {high.Length} about {Verdicts.Number(high.Average())}")
            with { Help = "something has two states; look for it before trusting a mean" };
    }

    /// <summary>A trend of the runs, each less its point's median, over the order in which they ran: Mann's test (Mann 1945) at 0.01.</summary>
    public static IEnumerable<Diagnostic> Drift(string metric, IReadOnlyList<MeasuredTrial> valid)
    {
        var runs = valid.Where(t => t.Metrics[metric] is not null)
            .GroupBy(t => t.Record.Point, StringComparer.Ordinal)
            .SelectMany(g =>
            {
                var median = OrderStatistics.Median(g.Select(t => t.Metrics[metric]!.Value));
                return g.Select(t => (t.Record.Order, Value: t.Metrics[metric]!.Value - median));
            })
            .OrderBy(r => r.Order).Select(r => r.Value).ToArray();
        var n = runs.Length;
        if (n < FewestForDrift) yield break;
        var s = 0;
        for (var i = 0; i < n; i++)
        {
            for (var j = i + 1; j < n; j++) s += Math.Sign(runs[j] - runs[i]);
        }

        var ties = Ranks.TieTerm(Ranks.Doubled(runs)) is > 0 ? runs.GroupBy(r => r).Sum(g => g.Count() * (g.Count() - 1.0) * ((2 * g.Count()) + 5)) : 0;
        var variance = ((n * (n - 1.0) * ((2 * n) + 5)) - ties) / 18;
        if (variance <= 0 || s == 0) yield break;
        var p = 2 * Normal.CDF(0, 1, -(Math.Abs(s) - 1) / Math.Sqrt(variance));
        if (p >= 0.01) yield break;
        yield return Diagnostic.Warning("drift", $"{metric} {(s > 0 ? "rose" : "fell")} over the order of the runs (Mann's trend test, p = {Verdicts.Number(p)})") with
        {
            Help = "pairing by block takes out part of it; look for what changes with time (a filling disk, a log, heat) or restore the cluster before each trial",
        };
    }

    private static double Squares(ReadOnlySpan<double> values)
    {
        var mean = Distribution.Sum(values) / values.Length;
        double squares = 0;
        foreach (var value in values) squares += (value - mean) * (value - mean);
        return squares;
    }
}
