namespace Regatta.Analysis;

/// <summary>Whether a result holds when it is measured again.</summary>
public enum RepetitionOutcome
{
    /// <summary>The two means are equivalent: they differ by less than the margin.</summary>
    Holds,

    /// <summary>They differ, and not by less than the margin.</summary>
    Differs,

    /// <summary>They differ, and by less than the margin.</summary>
    HoldsWithin,

    /// <summary>Neither could be shown.</summary>
    NotSettled,

    /// <summary>A side has fewer than two valid trials in which the metric is defined.</summary>
    TooFewRuns,
}

/// <summary>One metric of one point, measured twice.</summary>
/// <param name="Point">The point.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Original">The mean of the original; NaN without a valid trial.</param>
/// <param name="Repetition">The mean of the repetition; NaN without a valid trial.</param>
/// <param name="Equivalence">p-value of the test for equivalence within the margin.</param>
/// <param name="Difference">p-value of the test for a difference, after Holm's correction over all rows.</param>
/// <param name="Outcome">Whether it holds.</param>
public sealed record RepeatedMetric(string Point, string Metric, double Original, double Repetition, double Equivalence, double Difference, RepetitionOutcome Outcome);

/// <summary>What one run found between two points, and what its repetition did.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="First">The point that is measured against.</param>
/// <param name="Second">The other.</param>
/// <param name="Original">What the original found.</param>
/// <param name="Repetition">What the repetition found.</param>
public sealed record RepeatedVerdict(string Metric, string First, string Second, Outcome Original, Outcome Repetition)
{
    /// <summary>Whether both found the same.</summary>
    public bool Holds => Original == Repetition;
}

/// <summary>A run against its repetition.</summary>
/// <param name="Margin">The margin of equivalence, a share of the original's mean.</param>
/// <param name="Metrics">Each judged metric of each point.</param>
/// <param name="Verdicts">Each tested pair of points.</param>
public sealed record RepetitionComparison(double Margin, ImmutableArray<RepeatedMetric> Metrics, ImmutableArray<RepeatedVerdict> Verdicts)
{
    private const double Level = 0.05;

    /// <summary>Compares a run with its repetition.</summary>
    /// <param name="original">The trials of the original.</param>
    /// <param name="repetition">The trials of the repetition.</param>
    /// <param name="settings">The judged metrics.</param>
    /// <param name="margin">The margin, a share of the original's mean; above 0.</param>
    public static RepetitionComparison Of(IReadOnlyList<MeasuredTrial> original, IReadOnlyList<MeasuredTrial> repetition, ComparisonSettings settings, double margin)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(repetition);
        ArgumentNullException.ThrowIfNull(settings);
        var rows = new List<RepeatedMetric>();
        foreach (var point in original.Select(t => t.Record.Point).Distinct(StringComparer.Ordinal))
        {
            foreach (var metric in settings.Judged) rows.Add(Row(point, metric, Values(original, point, metric), Values(repetition, point, metric), margin));
        }

        // Tests that can decide nothing are not in the family.
        var tested = rows.Where(r => r.Outcome != RepetitionOutcome.TooFewRuns).ToList();
        var adjusted = tested.Zip(EffectSize.Holm([.. tested.Select(r => r.Difference)])).ToDictionary(r => (r.First.Point, r.First.Metric), r => r.Second);
        return new RepetitionComparison(
            margin,
            [.. rows.Select(r => adjusted.TryGetValue((r.Point, r.Metric), out var p) ? r with { Difference = p, Outcome = Decide(r.Equivalence, p) } : r)],
            [.. Repeated(original, repetition, settings)]);
    }

    private static RepeatedMetric Row(string point, string metric, double[] first, double[] second, double margin)
    {
        var (before, after) = (first.Length == 0 ? double.NaN : first.Average(), second.Length == 0 ? double.NaN : second.Average());
        if (first.Length < 2 || second.Length < 2) return new RepeatedMetric(point, metric, before, after, 1, 1, RepetitionOutcome.TooFewRuns);
        var difference = BrunnerMunzel.Divisions(first.Length, second.Length) <= BrunnerMunzel.MostDivisions ? BrunnerMunzel.Permutation(first, second) : BrunnerMunzel.Test(first, second);
        return new RepeatedMetric(point, metric, before, after, EquivalenceTest.P(first, second, margin * Math.Abs(before)), difference.P, RepetitionOutcome.NotSettled);
    }

    private static RepetitionOutcome Decide(double equivalence, double difference) => (equivalence < Level, difference < Level) switch
    {
        (true, true) => RepetitionOutcome.HoldsWithin,
        (true, false) => RepetitionOutcome.Holds,
        (false, true) => RepetitionOutcome.Differs,
        _ => RepetitionOutcome.NotSettled,
    };

    private static double[] Values(IReadOnlyList<MeasuredTrial> trials, string point, string metric) =>
        [.. trials.Where(t => t.Record.Point == point && t.Audit.Verdict == TrialVerdict.Valid).Select(t => t.Metrics[metric]).OfType<double>()];

    private static IEnumerable<RepeatedVerdict> Repeated(IReadOnlyList<MeasuredTrial> original, IReadOnlyList<MeasuredTrial> repetition, ComparisonSettings settings)
    {
        settings = settings with { Baseline = settings.Baseline ?? original.Select(t => t.Record.Point).FirstOrDefault() };
        var (before, after) = (Tests(original, settings), Tests(repetition, settings));
        foreach (var pair in before)
        {
            if (after.FirstOrDefault(p => (p.Metric, p.First, p.Second) == (pair.Metric, pair.First, pair.Second)) is { } again)
                yield return new RepeatedVerdict(pair.Metric, pair.First, pair.Second, pair.Outcome, again.Outcome);
        }
    }

    private static ImmutableArray<PairComparison> Tests(IReadOnlyList<MeasuredTrial> trials, ComparisonSettings settings)
    {
        var points = trials.Select(t => t.Record.Point).Distinct(StringComparer.Ordinal).ToImmutableArray();
        return points.Length < 2 ? [] : PairTests.Of(points, [.. trials.Where(t => t.Audit.Verdict == TrialVerdict.Valid)], settings);
    }
}
