using System.Collections.Immutable;
using System.Globalization;
using Regatta.Analysis;
using Regatta.Reports.Runs;

namespace Regatta.Reports.Model;

/// <summary>The verdict: who was better, by how much, how sure, on what.</summary>
internal static class VerdictWords
{
    /// <summary>The verdict on one workload, or one for each.</summary>
    public static Verdict Of(ImmutableArray<Race> races, ImmutableArray<MissingTrial> missing)
    {
        if (races.Length == 1) return Of(races[0].Points, races[0].Comparison, races[0].Trials, missing);
        var each = races.Select(r => new WorkloadVerdict(r.Workload, Of(r.Points, r.Comparison, r.Trials, []))).ToImmutableArray();
        var tone = each.All(v => v.Verdict.Tone == VerdictTone.Void) ? VerdictTone.Void : each.All(v => v.Verdict.Tone == VerdictTone.Clear) ? VerdictTone.Clear : VerdictTone.Unsure;
        return new Verdict(tone, $"{Quantity.Count(races.Length, "workload")}, a verdict for each; what holds for one says nothing of another.", Left(missing)) { Workloads = each };
    }

    private static Verdict Of(ImmutableArray<string> points, Comparison comparison, IReadOnlyList<RacedTrial> trials, ImmutableArray<MissingTrial> missing)
    {
        var exact = points.Length > 1 && comparison.Points.Count(p => p.Valid > 0) > 1 && Repeats.WithoutChance(comparison, trials);
        var (tone, headline) = exact ? (VerdictTone.Unsure, Simulated(points, comparison)) : Headline(points, comparison);
        var sentences = ImmutableArray.CreateBuilder<string>();
        // Where chance has no part, sentences on p-values would only mislead.
        if (exact) sentences.Add("The trials are simulations without chance: the numbers are exact for these jobs, tests do not apply, and other jobs may tell otherwise.");
        else sentences.AddRange(comparison.Verdict);
        sentences.Add(On(trials));
        foreach (var trial in trials.Where(t => t.Standing != TrialStanding.Valid && t.Trial.Record.Faults.Length > 0))
        {
            var record = trial.Trial.Record;
            sentences.Add($"{record.Point}, repetition {record.Repetition}, met {Quantity.Count(record.Faults.Length, "fault")}: {string.Join("; ", record.Faults.Select(f => f.Node is null ? f.Text : $"{f.Node}: {f.Text}"))}.");
        }

        sentences.AddRange(Left(missing));
        if (tone == VerdictTone.Clear && comparison.Labelled) tone = VerdictTone.Unsure;
        return new Verdict(tone, headline, sentences.ToImmutable());
    }

    private static ImmutableArray<string> Left(ImmutableArray<MissingTrial> missing) => missing.IsEmpty ? [] :
    [
        $"{Quantity.Count(missing.Length, "planned trial")} left no record: {string.Join(", ", missing.Take(6).Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Point}/{m.Repetition}")))}{(missing.Length > 6 ? ", …" : "")}.",
    ];

    private static (VerdictTone, string) Headline(ImmutableArray<string> points, Comparison comparison)
    {
        var valid = comparison.Points.Where(p => p.Valid > 0).Select(p => p.Point).ToList();
        if (valid.Count == 0) return (VerdictTone.Void, "No trial is valid, so nothing can be said.");
        if (points.Length == 1) return (VerdictTone.Void, $"One point was measured, {points[0]}; there is nothing to compare it with.");
        if (valid.Count == 1) return (VerdictTone.Void, $"Only {valid[0]} has valid trials, so nothing can be compared.");
        if (points.Length == 2) return Two(points[0], points[1], [.. comparison.Pairs]);
        return Many(points, comparison);
    }

    private static string Simulated(ImmutableArray<string> points, Comparison comparison)
    {
        var pair = points.Length == 2 ? comparison.Pairs.FirstOrDefault(p => p.RelativeShift is not null && p.Shift != 0) : null;
        return pair is not null ? $"On these jobs, {pair.Second} had {Amounts([.. comparison.Pairs.Where(p => p.RelativeShift is not null && p.Shift != 0)])} than {pair.First}."
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
        var seen = pairs.FirstOrDefault(p => p.RelativeShift is not null && !double.IsNaN(p.Shift));
        if (pairs.Any(p => p.Outcome == Outcome.TooFewRuns))
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
        if (comparison.Points.Count(p => p.Metrics.ContainsKey(judged.Name)) < 2) return (VerdictTone.Void, $"{judged.Title} is defined for too few points to compare.");
        var what = Ranking(points, comparison);
        var clear = comparison.Pairs.Where(p => p.Metric == judged.Name && p.Outcome is Outcome.FirstBetter or Outcome.SecondBetter).ToList();
        if (clear.Count > 0)
        {
            var winners = clear.Where(p => p.Outcome == Outcome.SecondBetter).Select(p => p.Second).ToList();
            var losers = clear.Where(p => p.Outcome == Outcome.FirstBetter).Select(p => p.Second).ToList();
            var against = (winners.Count > 0 ? $"better than {points[0]}: {string.Join(", ", winners)}" : "") + (winners.Count > 0 && losers.Count > 0 ? "; " : "") + (losers.Count > 0 ? $"worse: {string.Join(", ", losers)}" : "");
            return (VerdictTone.Clear, $"Of {points.Length} points, {what}. Borne out by the runs – {against}.");
        }

        return comparison.Pairs.Any(p => p.Outcome == Outcome.TooFewRuns)
            ? (VerdictTone.Unsure, $"Too few runs for a verdict: of {points.Length} points, {what}, but so few runs cannot tell that from chance.")
            : (VerdictTone.Unsure, $"No difference is borne out: of {points.Length} points, {what}, which may be chance.");
    }

    private static string Ranking(ImmutableArray<string> points, Comparison comparison)
    {
        var judged = MetricCatalogue.Find(comparison.Settings.Judged[0])!;
        var higher = judged.Direction == Direction.Higher;
        var ranked = comparison.Points.Where(p => p.Metrics.ContainsKey(judged.Name)).OrderBy(p => p.Metrics[judged.Name].Mean * (higher ? -1 : 1)).ToList();
        if (ranked.Count < 2) return $"{judged.Title} is defined for too few of {Quantity.Count(points.Length, "point")} to compare";
        string Value(PointSummary point) => Quantity.Format(point.Metrics[judged.Name].Mean, judged.Unit);
        return $"{Title(judged)} was {(higher ? "highest" : "lowest")} with {ranked[0].Point} ({Value(ranked[0])}) and {(higher ? "lowest" : "highest")} with {ranked[^1].Point} ({Value(ranked[^1])})";
    }

    private static string Amounts(List<PairComparison> pairs)
    {
        var texts = pairs.Take(4).Select(Amount).ToList();
        return texts.Count == 1 ? texts[0] : $"{string.Join(", ", texts[..^1])} and {texts[^1]}";
    }

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

    private static string Title(Metric metric) =>
        metric.Title.EndsWith(", mean", StringComparison.Ordinal) ? "mean " + LowerFirst(metric.Title[..^6]) : LowerFirst(metric.Title);

    private static string LowerFirst(string text) => char.ToLowerInvariant(text[0]) + text[1..];

    private static string On(IReadOnlyList<RacedTrial> trials)
    {
        var records = trials.Select(t => t.Measured.Record).ToList();
        string All(Func<TrialRecord, string> of) => string.Join(" and ", records.Select(of).Distinct(StringComparer.Ordinal));
        var jobs = trials.Select(t => t.Trial.Jobs.Count).Distinct().Order().ToList();
        return $"Measured on {All(r => Quantity.Count(r.Processors, "processor"))} ({All(r => r.Machines)}) with the workload {All(r => r.Workload)} of "
            + $"{(jobs.Count == 1 ? Quantity.Count(jobs[0], "job") : $"{Quantity.Digits(jobs[0])} to {Quantity.Count(jobs[^1], "job")}")}; it holds for these, and is no law for others.";
    }
}
