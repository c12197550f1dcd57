namespace Regatta.Analysis;

/// <summary>What was found, in words.</summary>
internal static class Verdicts
{
    public static ImmutableArray<string> Of(
        ImmutableArray<PointSummary> points, ImmutableArray<PairComparison> pairs, ImmutableArray<Asymmetry> asymmetries, ComparisonSettings settings)
    {
        var sentences = ImmutableArray.CreateBuilder<string>();
        if (points.Length < 2) sentences.Add(points.Length == 0 ? "There is no trial to compare." : $"There is one point only, {points[0].Point}: nothing to compare.");
        foreach (var point in points.Where(p => p.Valid < p.Trials))
            sentences.Add($"{point.Point}: {point.Trials - point.Valid} of {Count(point.Trials, "trial")} may not be compared (invalid or limited by the client).");
        sentences.AddRange(pairs.OrderBy(p => p.Outcome switch
        {
            Outcome.FirstBetter or Outcome.SecondBetter or Outcome.Different => 0,
            Outcome.NoDifferenceFound => 1,
            Outcome.TooFewRuns => 2,
            _ => 3,
        }).Select(p => p.Text));
        var unexplained = asymmetries.Where(a => !a.Explained).Select(a => a.Name).ToList();
        if (unexplained.Count > 0)
            sentences.Add($"The points also differ in what is not compared: {string.Join(", ", unexplained)}. Any difference may come from that.");
        return sentences.ToImmutable();
    }

    public static string Of(PairComparison pair, ComparisonSettings settings, int tests)
    {
        var metric = MetricCatalogue.Find(pair.Metric)!;
        var title = metric.Title;
        var level = Number(1 - settings.Confidence);
        switch (pair.Outcome)
        {
            case Outcome.NotDefined:
                var without = pair.FirstRuns == 0 && pair.SecondRuns == 0 ? $"{pair.First} and {pair.Second}" : pair.FirstRuns == 0 ? pair.First : pair.Second;
                return $"{title}: no verdict on {pair.First} and {pair.Second}, since no valid run of {without} defines it.";
            case Outcome.TooFewRuns:
                var need = NeededBlocks(1 - settings.Confidence);
                var have = pair.Paired ? $"{Count(pair.FirstRuns, "block")} cannot" : $"{pair.FirstRuns} against {Count(pair.SecondRuns, "run")} cannot";
                return $"{title}: too few runs for a verdict on {pair.First} and {pair.Second}: {have} reach p < {level} "
                    + $"(the smallest possible p is {Number(pair.Test!.SmallestP)}); it takes at least {need} blocks. {Seen(pair, metric)}";
        }

        var test = $"{pair.Test!.Name}, {(pair.Paired ? Count(pair.FirstRuns, "block") : $"{pair.FirstRuns} against {Count(pair.SecondRuns, "run")}")}, "
            + $"p = {Number(pair.AdjustedP!.Value)}{(tests > 1 ? $" after Holm's correction over {tests} tests" : "")}";
        var effect = $"Cliff's delta {Number(pair.CliffsDelta)}, {EffectSize.Words(pair.CliffsDelta)}";
        if (pair.Outcome == Outcome.NoDifferenceFound)
        {
            var limit = pair.Test.SmallestP * tests >= 1 - settings.Confidence
                ? $" With {tests} tests, so few runs could hardly show one: the smallest possible p is {Number(Math.Min(1, pair.Test.SmallestP * tests))}."
                : "";
            return $"{title}: no difference found between {pair.First} and {pair.Second} ({test}; {effect}). {Seen(pair, metric)}{limit}";
        }

        var better = pair.Outcome switch
        {
            Outcome.SecondBetter => $"{pair.Second} is better than {pair.First}",
            Outcome.FirstBetter => $"{pair.First} is better than {pair.Second}",
            _ => $"{pair.First} and {pair.Second} differ",
        };
        return $"{title}: {better}. {Seen(pair, metric)} ({test}; {effect}).";
    }

    /// <summary>The fewest blocks with which a paired test can get under <paramref name="level"/>.</summary>
    public static int NeededBlocks(double level)
    {
        var blocks = 1;
        while (WilcoxonSignedRank.SmallestP(blocks) >= level) blocks++;
        return blocks;
    }

    private static string Seen(PairComparison pair, Metric metric)
    {
        var way = pair.Shift < 0 ? "lower" : "higher";
        var relative = pair.RelativeShift is { } share ? $" ({Number(Math.Abs(share) * 100)} %)" : "";
        var interval = pair.ShiftInterval is { } i
            ? $", {Number(Math.Floor(i.Confidence * 1000) / 10)} % interval {Value(metric, i.Low)} to {Value(metric, i.High)}{(i.Coverage is { } covers ? $" (covers {covers.Range()} by simulation)" : "")}"
            : "";
        return pair.Shift == 0
            ? $"The typical difference is zero{interval}."
            : $"{pair.Second} is {way} by {Value(metric, Math.Abs(pair.Shift))}{relative}{interval}.";
    }

    private static string Value(Metric metric, double value) => metric.Unit switch
    {
        Unit.Share => $"{Number(value * 100)} percentage points",
        _ => metric.UnitSymbol.Length == 0 ? Number(value) : $"{Number(value)} {metric.UnitSymbol}",
    };

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    /// <summary>Three digits that matter.</summary>
    internal static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1000 and < 1e15 => value.ToString("#,0", CultureInfo.InvariantCulture),
        < 0.0001 => value.ToString("0.##e-0", CultureInfo.InvariantCulture),
        _ => Math.Round((decimal)value, Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 7), MidpointRounding.AwayFromZero).ToString("0.#######", CultureInfo.InvariantCulture),
    };
}
