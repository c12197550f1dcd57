using Regatta.Analysis;

namespace Regatta.Reports.Model;

/// <summary>The verdict on one race: who was better, in one sentence, and what that rests on in a few more.</summary>
internal static class VerdictWords
{
    public static Verdict Of(ImmutableArray<string> points, Comparison comparison, IReadOnlyList<RacedTrial> trials)
    {
        var exact = points.Length > 1 && comparison.Points.Count(p => p.Valid > 0) > 1 && Repeats.WithoutChance(comparison, trials);
        var (tone, headline) = exact ? (VerdictTone.Unsure, Simulated(points, comparison)) : Headline(points, comparison);
        // Where chance has no part, sentences on p-values would only mislead.
        ImmutableArray<string> sentences = exact
            ? ["The trials are simulations without chance: the numbers are exact for these jobs, tests do not apply, and other jobs may tell otherwise."]
            : VerdictSentences.Of(comparison);
        if (tone == VerdictTone.Clear && comparison.Labelled) tone = VerdictTone.Unsure;
        return new Verdict(tone, headline, sentences);
    }

    /// <summary>The verdicts of several races in one: as sure as the least sure of them.</summary>
    public static Verdict Over(IReadOnlyList<RaceView> races, IReadOnlyList<Comparison> comparisons)
    {
        if (races.Count == 1) return races[0].Verdict;
        var judged = MetricCatalogue.Find(comparisons[0].Settings.Judged[0])!;
        // A point that is alone with its value was not better than any other.
        var ranked = races.Zip(comparisons, (race, comparison) => (race.Workload, Points: Ranked(comparison, judged).Select(p => p.Point).ToList())).ToList();
        var best = ranked.Where(r => r.Points.Count > 1).GroupBy(r => r.Points[0], r => r.Workload, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ToList();
        var most = judged.Direction == Direction.Higher ? "highest" : "lowest";
        var seen = best.Count == 0 ? $"{Title(judged)} can be compared on none" : $"{Title(judged)} was {most} {string.Join("; ", best.Select(g => $"on {Listed([.. g])} with {g.Key}"))}";
        var tone = races.All(r => r.Verdict.Tone == races[0].Verdict.Tone) ? races[0].Verdict.Tone : VerdictTone.Unsure;
        var headline = tone switch
        {
            VerdictTone.Clear => $"On {races.Count} workloads, {seen}; what the runs bear out stands below.",
            _ when races.All(r => r.Verdict.Tone != VerdictTone.Clear) => $"On {races.Count} workloads, {seen}; no difference is certain on any of them.",
            _ => $"On {races.Count} workloads, {seen}; that is certain only for {Listed([.. races.Where(r => r.Verdict.Tone == VerdictTone.Clear).Select(r => r.Workload)])}.",
        };
        return new Verdict(tone, headline, []) { Workloads = [.. races.Select(r => new WorkloadVerdict(r.Workload, r.Verdict))] };
    }

    private static (VerdictTone, string) Headline(ImmutableArray<string> points, Comparison comparison)
    {
        var valid = comparison.Points.Where(p => p.Valid > 0).Select(p => p.Point).ToList();
        if (valid.Count == 0) return (VerdictTone.Void, "No trial is valid, so nothing can be said.");
        if (points.Length == 1) return (VerdictTone.Void, $"One point was measured, {points[0]}; there is nothing to compare it with.");
        if (valid.Count == 1) return (VerdictTone.Void, $"Only {valid[0]} has valid trials, so nothing can be compared.");
        return points.Length == 2 ? Two(points[0], points[1], [.. comparison.Pairs]) : Many(points, comparison);
    }

    private static string Simulated(ImmutableArray<string> points, Comparison comparison)
    {
        // A shift from 0 is no share of it, and a difference all the same.
        List<PairComparison> apart = points.Length == 2 ? [.. comparison.Pairs.Where(p => !double.IsNaN(p.Shift) && p.Shift != 0)] : [];
        return apart.Count > 0 ? $"On these jobs, {apart[0].Second} had {Amounts(apart)} than {apart[0].First}."
            : points.Length == 2 ? $"On these jobs, {points[0]} and {points[1]} come to the same."
            : $"On these jobs, {Ranking(points, comparison)}.";
    }

    private static (VerdictTone, string) Two(string first, string second, List<PairComparison> pairs)
    {
        var better = pairs.Where(p => p.Outcome == Outcome.SecondBetter).ToList();
        var worse = pairs.Where(p => p.Outcome == Outcome.FirstBetter).ToList();
        if (better.Count > 0 && worse.Count == 0) return (VerdictTone.Clear, $"{second} was better than {first}: {Amounts(better)}.");
        if (worse.Count > 0 && better.Count == 0) return (VerdictTone.Clear, $"{second} was worse than {first}: {Amounts(worse)}.");
        if (better.Count > 0) return (VerdictTone.Clear, $"Neither was better in all: against {first}, {second} had {Amounts(better)}, but {Amounts(worse)}.");
        var seen = pairs.FirstOrDefault(p => !double.IsNaN(p.Shift));
        if (pairs.Any(p => p.Outcome == Outcome.TooFewRuns || VerdictSentences.Powerless(p, pairs.Count(t => t.Test is not null))))
        {
            return (VerdictTone.Unsure, seen is null || seen.Shift == 0
                ? $"Too few runs for a verdict on {first} and {second}."
                : $"Too few runs for a verdict: {second} had {Amount(seen)} than {first}, but so few runs cannot tell that from chance.");
        }

        return (VerdictTone.Unsure, seen is null || seen.Shift == 0
            ? $"No difference between {first} and {second} was found."
            : $"No difference between {first} and {second} is borne out: {second} had {Amount(seen)}, which may be chance.");
    }

    private static (VerdictTone, string) Many(ImmutableArray<string> points, Comparison comparison)
    {
        var judged = MetricCatalogue.Find(comparison.Settings.Judged[0])!;
        if (Ranked(comparison, judged).Count < 2) return (VerdictTone.Void, $"{judged.Title} is defined for too few points to compare.");
        var what = Ranking(points, comparison);
        var clear = comparison.Pairs.Where(p => p.Metric == judged.Name && p.Outcome is Outcome.FirstBetter or Outcome.SecondBetter).ToList();
        if (clear.Count > 0)
        {
            var winners = clear.Where(p => p.Outcome == Outcome.SecondBetter).Select(p => p.Second).ToList();
            var losers = clear.Where(p => p.Outcome == Outcome.FirstBetter).Select(p => p.Second).ToList();
            var against = (winners.Count > 0 ? $"better than {points[0]}: {string.Join(", ", winners)}" : "") + (winners.Count > 0 && losers.Count > 0 ? "; " : "") + (losers.Count > 0 ? $"worse{(winners.Count > 0 ? "" : $" than {points[0]}")}: {string.Join(", ", losers)}" : "");
            return (VerdictTone.Clear, $"Of {points.Length} points, {what}. Borne out by the runs – {against}.");
        }

        return comparison.Pairs.Any(p => p.Outcome == Outcome.TooFewRuns || VerdictSentences.Powerless(p, comparison.Pairs.Count(t => t.Test is not null)))
            ? (VerdictTone.Unsure, $"Too few runs for a verdict: of {points.Length} points, {what}, but so few runs cannot tell that from chance.")
            : (VerdictTone.Unsure, $"No difference is borne out: of {points.Length} points, {what}, which may be chance.");
    }

    private static string Ranking(ImmutableArray<string> points, Comparison comparison)
    {
        var judged = MetricCatalogue.Find(comparison.Settings.Judged[0])!;
        var higher = judged.Direction == Direction.Higher;
        var ranked = Ranked(comparison, judged);
        if (ranked.Count < 2) return $"{judged.Title} is defined for too few of {Quantity.Count(points.Length, "point")} to compare";
        string Value(PointSummary point) => Quantity.Format(point.Metrics[judged.Name].Mean, judged.Unit);
        return $"{Title(judged)} was {(higher ? "highest" : "lowest")} with {ranked[0].Point} ({Value(ranked[0])}) and {(higher ? "lowest" : "highest")} with {ranked[^1].Point} ({Value(ranked[^1])})";
    }

    // The best first.
    private static List<PointSummary> Ranked(Comparison comparison, Metric judged) =>
        [.. comparison.Points.Where(p => p.Metrics.ContainsKey(judged.Name)).OrderBy(p => p.Metrics[judged.Name].Mean * (judged.Direction == Direction.Higher ? -1 : 1))];

    private static string Amounts(List<PairComparison> pairs) => Listed([.. pairs.Take(4).Select(Amount)]);

    internal static string Listed(IReadOnlyList<string> texts) => texts.Count < 2 ? string.Concat(texts) : $"{string.Join(", ", texts.SkipLast(1))} and {texts[^1]}";

    // "a mean wait 38 % lower"
    private static string Amount(PairComparison pair)
    {
        var metric = MetricCatalogue.Find(pair.Metric)!;
        var title = Title(metric);
        var way = pair.Shift < 0 ? "lower" : "higher";
        return pair.RelativeShift is { } share && metric.Unit != Unit.Share
            ? $"a {title} {Quantity.Digits(Math.Abs(share) * 100, 2)} % {way}"
            : $"a {title} {Quantity.Change(Math.Abs(pair.Shift), metric.Unit)[1..]} {way}";
    }

    /// <summary>A metric's name inside a sentence.</summary>
    internal static string Title(Metric metric) =>
        metric.Title.EndsWith(", mean", StringComparison.Ordinal) ? "mean " + LowerFirst(metric.Title[..^6]) : LowerFirst(metric.Title);

    private static string LowerFirst(string text) => char.ToLowerInvariant(text[0]) + text[1..];
}
