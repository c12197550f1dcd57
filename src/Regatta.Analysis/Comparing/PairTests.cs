namespace Regatta.Analysis;

/// <summary>Tests every judged metric of every pair of points.</summary>
internal static class PairTests
{
    public static ImmutableArray<PairComparison> Of(ImmutableArray<string> points, List<MeasuredTrial> valid, ComparisonSettings settings)
    {
        var pairs = new List<PairComparison>();
        var runs = valid.ToLookup(t => t.Record.Point, StringComparer.Ordinal);
        for (var i = 0; i < points.Length; i++)
        {
            for (var j = i + 1; j < points.Length; j++)
            {
                var (first, second) = settings.Baseline is { } baseline && points[j] == baseline ? (points[j], points[i]) : (points[i], points[j]);
                if (settings.Baseline is not null && first != settings.Baseline) continue;
                pairs.AddRange(settings.Judged.Select(metric => Measure(metric, (first, runs[first]), (second, runs[second]), settings)));
            }
        }

        // Only tests that can decide anything are in the family; the others would but weaken them.
        var tested = pairs.Where(p => p.Test is not null && p.Outcome != Outcome.TooFewRuns).ToList();
        var adjusted = EffectSize.Holm(tested.Select(p => p.Test!.P).ToArray());
        var judged = tested.Zip(adjusted).ToDictionary(p => (p.First.Metric, p.First.First, p.First.Second), p => p.Second);
        return
        [
            .. pairs.Select(pair =>
            {
                var key = (pair.Metric, pair.First, pair.Second);
                if (judged.TryGetValue(key, out var p)) pair = pair with { AdjustedP = p, Outcome = Decide(pair, p, settings) };
                return pair with { Text = Verdicts.Of(pair, settings, tested.Count) };
            }),
        ];
    }

    private static Outcome Decide(PairComparison pair, double p, ComparisonSettings settings)
    {
        if (p >= 1 - settings.Confidence) return Outcome.NoDifferenceFound;
        var direction = MetricCatalogue.Find(pair.Metric)!.Direction;
        // Where all shifts cancel, the tendency still says which side is larger.
        var sign = pair.Shift != 0 ? Math.Sign(pair.Shift) : Math.Sign(pair.CliffsDelta);
        return direction switch
        {
            Direction.Neither => Outcome.Different,
            Direction.Lower => sign < 0 ? Outcome.SecondBetter : Outcome.FirstBetter,
            _ => sign > 0 ? Outcome.SecondBetter : Outcome.FirstBetter,
        };
    }

    private static PairComparison Measure(string metric, (string Point, IEnumerable<MeasuredTrial> Valid) first, (string Point, IEnumerable<MeasuredTrial> Valid) second, ComparisonSettings settings)
    {
        var a = Runs(metric, first.Valid);
        var b = Runs(metric, second.Valid);
        var pair = new PairComparison { Metric = metric, First = first.Point, Second = second.Point, Outcome = Outcome.NotDefined, Text = "", FirstRuns = a.Count, SecondRuns = b.Count };
        if (a.Count == 0 || b.Count == 0) return pair;

        var x = a.Select(r => r.Value).ToArray();
        var y = b.Select(r => r.Value).ToArray();
        pair = pair with { CliffsDelta = EffectSize.CliffsDelta(y, x) };
        var median = OrderStatistics.Median(x);
        var level = 1 - settings.Confidence;

        // Each block must hold each side once for the runs to be pairs.
        var blocks = a.Select(r => r.Block).Intersect(b.Select(r => r.Block)).ToList();
        var paired = blocks.Count > 0 && a.DistinctBy(r => r.Block).Count() == a.Count && b.DistinctBy(r => r.Block).Count() == b.Count
            && blocks.Count * 2 > Math.Max(a.Count, b.Count);
        if (paired)
        {
            var (before, after) = (a.ToDictionary(r => r.Block, r => r.Value), b.ToDictionary(r => r.Block, r => r.Value));
            var differences = blocks.Select(k => after[k] - before[k]).ToArray();
            var test = settings.Paired == PairedTest.Wilcoxon
                ? WilcoxonSignedRank.Test(differences)
                : SignFlip.Test(differences, settings.Resamples, settings.Seed);
            pair = pair with
            {
                Paired = true,
                FirstRuns = blocks.Count,
                SecondRuns = blocks.Count,
                Test = test,
                Shift = WilcoxonSignedRank.Shift(differences),
                ShiftInterval = WilcoxonSignedRank.ShiftInterval(differences, settings.Confidence),
            };
        }
        else
        {
            var test = BrunnerMunzel.Divisions(x.Length, y.Length) <= BrunnerMunzel.MostDivisions
                ? BrunnerMunzel.Permutation(x, y)
                : BrunnerMunzel.Test(x, y);
            pair = pair with
            {
                Test = test,
                Shift = HodgesLehmann.Shift(x, y),
                ShiftInterval = HodgesLehmann.ShiftInterval(x, y, settings.Confidence),
            };
        }

        return pair with
        {
            RelativeShift = median == 0 ? null : pair.Shift / median,
            Outcome = pair.Test!.SmallestP >= level ? Outcome.TooFewRuns : Outcome.NoDifferenceFound,
        };
    }

    private static List<(int Block, double Value)> Runs(string metric, IEnumerable<MeasuredTrial> valid) =>
        [.. valid.Where(t => t.Metrics[metric] is not null).Select(t => (t.Record.Block, t.Metrics[metric]!.Value))];
}
