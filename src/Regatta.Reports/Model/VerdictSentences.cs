using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Reports.Model;

/// <summary>What a verdict rests on: how much, how sure, on what, and what limits it.</summary>
internal static class VerdictSentences
{
    // More than a screen of sentences is read by nobody; the table holds the rest.
    private const int Most = 6;

    /// <summary>The tests of one comparison in words.</summary>
    public static ImmutableArray<string> Of(Comparison comparison)
    {
        var sentences = ImmutableArray.CreateBuilder<string>();
        foreach (var point in comparison.Points.Where(p => p.Valid < p.Trials))
            sentences.Add($"{point.Point}: {point.Trials - point.Valid} of {Quantity.Count(point.Trials, "trial")} may not be compared (invalid, or limited by the client).");
        var decided = comparison.Pairs.Where(p => p.Outcome is Outcome.FirstBetter or Outcome.SecondBetter or Outcome.Different).Select(p => Decided(p, comparison)).ToList();
        sentences.AddRange(decided.Take(Most));
        if (decided.Count > Most) sentences.Add($"{Quantity.Count(decided.Count - Most, "further difference")} that the runs bear out: see the comparison.");
        var seen = comparison.Pairs.Where(p => p.Outcome is Outcome.NoDifferenceFound or Outcome.TooFewRuns)
            .GroupBy(p => (p.First, p.Second)).ToList();
        var all = seen.Count <= 2;
        sentences.AddRange(seen.Take(Most).Select(g => Undecided(g.Key.First, g.Key.Second, all ? [.. g] : [g.First()], comparison)));
        if (seen.Count > Most) sentences.Add($"{Quantity.Count(seen.Count - Most, "further pair")} without a difference that the runs bear out: see the comparison.");
        if (comparison.Pairs.FirstOrDefault(p => p.Outcome == Outcome.TooFewRuns) is { } few) sentences.Add(TooFew(few, comparison.Settings));
        else if (Hardly(comparison) is { } hardly) sentences.Add(hardly);
        foreach (var pair in comparison.Pairs.Where(p => p.Outcome == Outcome.NotDefined).GroupBy(p => (p.First, p.Second)).Take(Most))
            sentences.Add($"No word on {VerdictWords.Listed([.. pair.Select(p => Name(p))])} of {pair.Key.First} and {pair.Key.Second}: no valid run defines it on both sides.");
        var unexplained = comparison.Asymmetries.Where(a => !a.Explained).Select(a => a.Name).ToList();
        if (unexplained.Count > 0)
            sentences.Add($"The points also differ in what is not compared: {string.Join(", ", unexplained)}. Any difference may come from that.");
        return sentences.ToImmutable();
    }

    /// <summary>What concerns all trials: on what it was measured, what went wrong, and what is missing.</summary>
    public static IEnumerable<string> On(IReadOnlyList<RacedTrial> trials, IReadOnlyList<Runs.RecordedRun> runs)
    {
        foreach (var left in runs.SelectMany(r => r.LeftOut)) yield return $"{left.Name} did not run: {left.Reason.TrimEnd('.')}.";
        foreach (var trial in trials.Where(t => t.Standing != TrialStanding.Valid && t.Trial.Record.Faults.Length > 0))
        {
            var record = trial.Trial.Record;
            yield return $"{record.Point}, repetition {Quantity.Digits(record.Repetition)}, met {Quantity.Count(record.Faults.Length, "fault")}: {string.Join("; ", record.Faults.Take(4).Select(f => f.Node is null ? f.Text : $"{f.Node}: {f.Text}"))}{(record.Faults.Length > 4 ? "; …" : "")}.";
        }

        var missing = runs.SelectMany(r => r.Missing).ToList();
        if (missing.Count > 0)
            yield return $"{Quantity.Count(missing.Count, "planned trial")} left no record: {string.Join(", ", missing.Take(6).Select(m => $"{m.Point}/{Quantity.Digits(m.Repetition)}"))}{(missing.Count > 6 ? ", …" : "")}.";
        foreach (var workload in trials.GroupBy(t => t.Trial.Record.Workload, StringComparer.Ordinal))
        {
            foreach (var sentence in NotCompleted(workload)) yield return sentence;
        }

        foreach (var sentence in Recorded(trials)) yield return sentence;
        foreach (var sentence in Emulation.Sentences(trials)) yield return sentence;
        var machines = trials.Select(t => t.Trial.Record).GroupBy(r => r.Machines.Name(), StringComparer.Ordinal).ToList();
        if (machines.Count > 1)
            yield return $"The trials ran on different kinds of machines ({string.Join("; ", machines.Select(m => $"{m.Key}: {string.Join(", ", m.Select(r => r.Point).Distinct(StringComparer.Ordinal))}"))}); their numbers are not comparable without that in mind.";
        yield return Measured([.. trials.Select(t => t.Measured.Record)], trials);
    }

    // Whether the twin is a twin.
    private static IEnumerable<string> Recorded(IReadOnlyList<RacedTrial> trials) =>
        from workload in trials.Where(t => t.Standing != TrialStanding.Invalid && t.Measured.Metrics["wait-over-recorded"] is not null).GroupBy(t => (t.Trial.Record.Workload, t.Trial.Record.RecordedWaits!.Mean))
        let points = workload.GroupBy(t => t.Trial.Record.Point, StringComparer.Ordinal).Select(p => $"{Ratio([.. p.Select(t => t.Measured.Metrics["wait-over-recorded"]!.Value)])} in {p.Key}").ToList()
        select $"Where {workload.Key.Workload} was recorded its jobs waited {Quantity.Format(workload.Key.Mean / 1e6, Unit.Seconds)} (mean): {VerdictWords.Listed(points)}.";

    private static string Ratio(double[] runs) =>
        $"{Quantity.Digits(runs.Average(), 3)} times{(MeanInterval.Of(runs) is { } interval ? $" ({interval.Confidence:P0} interval {Quantity.Digits(interval.Low, 3)} to {Quantity.Digits(interval.High, 3)})" : "")}";

    // Means are over the jobs that completed: where points lost unlike shares of them, that comes first.
    private static IEnumerable<string> NotCompleted(IEnumerable<RacedTrial> workload)
    {
        var points = workload.GroupBy(t => t.Trial.Record.Point, StringComparer.Ordinal).Select(point => (
            Point: point.Key,
            Jobs: point.Sum(t => t.Trial.Jobs.Count),
            Ends: point.SelectMany(t => t.Measured.Metrics.States).Where(s => s.Key != Workloads.JobState.Completed).GroupBy(s => s.Key).Select(s => (State: s.Key, Jobs: s.Sum(n => n.Value))).ToList())).ToList();
        if (points.Select(p => p.Ends.Sum(e => e.Jobs) / (double)p.Jobs).Distinct().Count() < 2) yield break;
        foreach (var (point, jobs, ends) in points.Where(p => p.Ends.Count > 0))
            yield return $"{point}: {Quantity.Digits(ends.Sum(e => e.Jobs))} of {Quantity.Count(jobs, "job")} did not complete ({string.Join(", ", ends.Select(e => $"{Quantity.Digits(e.Jobs)} {JobTable.StateName(e.State)}"))}).";
    }

    private static string Measured(List<TrialRecord> records, IReadOnlyList<RacedTrial> trials)
    {
        string All(Func<TrialRecord, string> of) => VerdictWords.Listed([.. records.Select(of).Distinct(StringComparer.Ordinal)]);
        var jobs = trials.Select(t => t.Trial.Jobs.Count).Distinct().Order().ToList();
        var workloads = records.Select(r => r.Workload).Distinct(StringComparer.Ordinal).Count();
        return $"Measured on {All(r => Quantity.Count(r.Processors, "processor"))} ({All(r => r.Machines.Name())}) with the workload{(workloads == 1 ? "" : "s")} {All(r => r.Workload)} of "
            + $"{(jobs.Count == 1 ? Quantity.Count(jobs[0], "job") : $"{Quantity.Digits(jobs[0])} to {Quantity.Count(jobs[^1], "job")}")}; the results apply to this machine and workload only.";
    }

    private static string Decided(PairComparison pair, Comparison comparison)
    {
        var metric = MetricCatalogue.Find(pair.Metric)!;
        var who = pair.Outcome switch
        {
            Outcome.SecondBetter => $"{pair.Second} is better than {pair.First}",
            Outcome.FirstBetter => $"{pair.Second} is worse than {pair.First}",
            _ => $"{pair.First} and {pair.Second} differ",
        };
        var tests = comparison.Pairs.Count(p => p.Test is not null);
        return $"{metric.Title}: {who}, {Values(pair, metric, comparison)}; the shift is {Shift(pair, metric)}{Interval(pair, metric)}. "
            + $"{pair.Test!.Name} over {Runs(pair)}, p {Probability(pair.AdjustedP!.Value)}{(tests > 1 ? $" after Holm’s correction over {tests} tests" : "")}; Cliff’s delta {Quantity.Digits(pair.CliffsDelta, 2)} ({EffectSize.Words(pair.CliffsDelta)}).";
    }

    private static string Undecided(string first, string second, List<PairComparison> pairs, Comparison comparison)
    {
        var tests = comparison.Pairs.Count(p => p.Test is not null);
        var few = pairs.Any(p => p.Outcome == Outcome.TooFewRuns || Powerless(p, tests));
        var parts = pairs.Select(p =>
        {
            var metric = MetricCatalogue.Find(p.Metric)!;
            var chance = few || p.AdjustedP is not { } value ? "" : $", p {Probability(value)}";
            return $"{Name(p)} {Shift(p, metric)} ({Values(p, metric, comparison)}{chance})";
        }).ToList();
        return $"{(few ? "Seen" : "Not borne out")} for {second} against {first}: {string.Join("; ", parts)}.";
    }

    private static string TooFew(PairComparison pair, ComparisonSettings settings)
    {
        var level = Quantity.Probability(1 - settings.Confidence);
        var need = Enumerable.Range(1, 64).First(n => WilcoxonSignedRank.SmallestP(n) < 1 - settings.Confidence);
        return $"{(pair.Paired ? Quantity.Count(pair.FirstRuns, "block") : $"{pair.FirstRuns} against {Quantity.Count(pair.SecondRuns, "run")}")} cannot reach p < {level}"
            + $"{(pair.Test is { } test ? $" (the smallest p they can is {Quantity.Probability(test.SmallestP)})" : "")}: it takes at least {need} blocks, 'measure.repetitions={need}'.";
    }

    /// <summary>Whether a pair without a found difference has so few runs that, over <paramref name="tests"/> tests, none could have been found.</summary>
    public static bool Powerless(PairComparison pair, int tests) =>
        pair.Outcome == Outcome.NoDifferenceFound && pair.Test is { } test && test.SmallestP * tests >= 1 - ComparisonSettings.Default.Confidence;

    private static string? Hardly(Comparison comparison)
    {
        var tests = comparison.Pairs.Count(p => p.Test is not null);
        if (comparison.Pairs.FirstOrDefault(p => Powerless(p, tests)) is not { } pair) return null;
        var need = Enumerable.Range(1, 64).First(n => WilcoxonSignedRank.SmallestP(n) * tests < 1 - comparison.Settings.Confidence);
        return $"After Holm’s correction over {tests} tests, {Runs(pair)} cannot reach p < {Quantity.Probability(1 - comparison.Settings.Confidence)} (the smallest p they can is {Quantity.Probability(Math.Min(1, pair.Test!.SmallestP * tests))}): "
            + $"it takes {need} blocks, 'measure.repetitions={need}', or fewer metrics ('--judge').";
    }

    private static string Runs(PairComparison pair) => pair.Paired ? Quantity.Count(pair.FirstRuns, "block") : $"{pair.FirstRuns} against {Quantity.Count(pair.SecondRuns, "run")}";

    private static string Values(PairComparison pair, Metric metric, Comparison comparison)
    {
        string Of(string point) => Quantity.Format(comparison.Points.FirstOrDefault(p => p.Point == point)?.Metrics.GetValueOrDefault(metric.Name)?.Mean, metric.Unit);
        return $"{Of(pair.Second)} against {Of(pair.First)}";
    }

    private static string Shift(PairComparison pair, Metric metric) =>
        pair.Shift == 0 ? "±0"
        : metric.Unit != Unit.Share && pair.RelativeShift is { } share ? Quantity.SignedPercent(share)
        : Quantity.Change(pair.Shift, metric.Unit);

    private static string Interval(PairComparison pair, Metric metric) => pair.ShiftInterval is { } i
        ? $", {Quantity.Confidence(i.Confidence)} interval {Quantity.Change(i.Low, metric.Unit)} to {Quantity.Change(i.High, metric.Unit)}{(i.Coverage is { } covers ? $" (covers {covers.Range()} by simulation)" : "")}"
        : "";

    private static string Probability(double p) => p < 0.001 ? "< 0.001" : $"= {Quantity.Probability(p)}";

    private static string Name(PairComparison pair) => VerdictWords.Title(MetricCatalogue.Find(pair.Metric)!);
}
