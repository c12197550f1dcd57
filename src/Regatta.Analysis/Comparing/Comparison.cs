namespace Regatta.Analysis;

/// <summary>A trial that was measured and audited: what a comparison is made of.</summary>
/// <param name="Record">What the trial was.</param>
/// <param name="Metrics">Its metrics.</param>
/// <param name="Audit">What it is worth.</param>
public sealed record MeasuredTrial(TrialRecord Record, TrialMetrics Metrics, TrialAudit Audit)
{
    /// <summary>Its tasks a processor and overhead when it is a fan of short tasks; null when it is none.</summary>
    public LaunchPoint? Launch { get; init; }

    /// <summary>The trial over time; null when it was not measured so.</summary>
    public TrialSeries? Series { get; init; }

    /// <summary>Measures <paramref name="trial"/>, and audits it where that was not done before.</summary>
    public static MeasuredTrial Of(Trial trial, MeasureSettings? settings = null, TrialAudit? audit = null)
    {
        var (metrics, series) = TrialMetrics.ComputeWithSeries(trial, settings);
        return new(trial.Record, metrics, audit ?? TrialAudit.Of(trial)) { Launch = LaunchPoint.OfFan(trial), Series = series };
    }
}

/// <summary>One metric of one point over its valid runs.</summary>
/// <param name="Runs">One value a valid run in which the metric is defined, in the order of the blocks.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Median">Their median.</param>
/// <param name="Interval">Interval of the mean over runs, within the values that the metric can have; null for fewer than two runs.</param>
public sealed record MetricSummary(ImmutableArray<double> Runs, double Mean, double Median, Interval? Interval);

/// <summary>One point of a comparison.</summary>
/// <param name="Point">Its name.</param>
/// <param name="Trials">How many trials it has.</param>
/// <param name="Valid">How many of them are valid; only these are compared.</param>
/// <param name="Metrics">Every metric that is defined in at least one valid trial.</param>
public sealed record PointSummary(string Point, int Trials, int Valid, ImmutableSortedDictionary<string, MetricSummary> Metrics);

/// <summary>What came of one test.</summary>
public enum Outcome
{
    /// <summary>The first point is better.</summary>
    FirstBetter,

    /// <summary>The second point is better.</summary>
    SecondBetter,

    /// <summary>They differ, and neither way is better.</summary>
    Different,

    /// <summary>No difference was found.</summary>
    NoDifferenceFound,

    /// <summary>There are too few runs for any verdict.</summary>
    TooFewRuns,

    /// <summary>The metric is not defined on one of the two sides.</summary>
    NotDefined,
}

/// <summary>One metric of two points, tested.</summary>
public sealed record PairComparison
{
    /// <summary>Name of the metric.</summary>
    public required string Metric { get; init; }

    /// <summary>The first point: the baseline where there is one.</summary>
    public required string First { get; init; }

    /// <summary>The second point.</summary>
    public required string Second { get; init; }

    /// <summary>What came of it.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Whether the runs were paired by block.</summary>
    public bool Paired { get; init; }

    /// <summary>How many blocks, when paired; else how many runs of the first point.</summary>
    public int FirstRuns { get; init; }

    /// <summary>How many blocks, when paired; else how many runs of the second point.</summary>
    public int SecondRuns { get; init; }

    /// <summary>The test; null when none could be made.</summary>
    public TestResult? Test { get; init; }

    /// <summary>The p-value after Holm's correction over all tests of the comparison; null without a test.</summary>
    public double? AdjustedP { get; init; }

    /// <summary>Hodges–Lehmann shift, second less first, in the metric's unit; NaN when it is not defined.</summary>
    public double Shift { get; init; } = double.NaN;

    /// <summary>Interval of the shift; null for fewer than two runs or blocks.</summary>
    public Interval? ShiftInterval { get; init; }

    /// <summary>The shift over the median of the first point; null when that is zero.</summary>
    public double? RelativeShift { get; init; }

    /// <summary>Cliff's delta of the second against the first: 1 when every run of the second is larger.</summary>
    public double CliffsDelta { get; init; } = double.NaN;

    /// <summary>The verdict in words.</summary>
    public required string Text { get; init; }
}

/// <summary>Points compared by their runs: intervals, tests, and a verdict in words.</summary>
public sealed record Comparison
{
    /// <summary>How it was compared.</summary>
    public required ComparisonSettings Settings { get; init; }

    /// <summary>The points, in the order in which they first appear.</summary>
    public required ImmutableArray<PointSummary> Points { get; init; }

    /// <summary>Every judged metric of every pair.</summary>
    public required ImmutableArray<PairComparison> Pairs { get; init; }

    /// <summary>The launch-latency law of each scheduler that ran fans of several numbers of tasks.</summary>
    public ImmutableArray<LaunchLaw> LaunchLaws { get; init; } = [];

    /// <summary>What differs between the points.</summary>
    public required ImmutableArray<Asymmetry> Asymmetries { get; init; }

    /// <summary>Conclusions of the analysers, as hints, warnings and errors.</summary>
    public required ImmutableArray<Diagnostic> Diagnostics { get; init; }

    /// <summary>The verdict in words, one sentence each, the weightiest first.</summary>
    public required ImmutableArray<string> Verdict { get; init; }

    /// <summary>Whether something that no factor explains differs between the points: such a comparison is shown with this label.</summary>
    public bool Labelled => Asymmetries.Any(a => !a.Explained);

    /// <summary>Compares the points of <paramref name="trials"/>. Trials that are not valid are counted and named, but not compared.</summary>
    /// <exception cref="DiagnosticException">A judged metric or the baseline does not exist.</exception>
    public static Comparison Of(IReadOnlyList<MeasuredTrial> trials, ComparisonSettings? settings = null)
    {
        settings ??= ComparisonSettings.Default;
        Check(trials, settings);
        var valid = trials.Where(t => t.Audit.Verdict == TrialVerdict.Valid).ToList();
        var names = trials.Select(t => t.Record.Point).Distinct(StringComparer.Ordinal).ToImmutableArray();
        var points = Summarise(names, trials, valid, settings);
        var pairs = PairTests.Of(names, valid, settings);
        var asymmetries = FairnessContract.Asymmetries(trials.Select(t => t.Record), settings.Factors);
        var laws = LaunchLaw.Of(valid, settings.Confidence);
        return new()
        {
            Settings = settings,
            Points = points,
            Pairs = pairs,
            LaunchLaws = laws,
            Asymmetries = asymmetries,
            Diagnostics = Analysers.Analyse(trials, settings, asymmetries),
            Verdict = [.. Verdicts.Of(points, pairs, asymmetries, settings), .. laws.Select(law => law.Text)],
        };
    }

    private static ImmutableArray<PointSummary> Summarise(ImmutableArray<string> points, IReadOnlyList<MeasuredTrial> trials, List<MeasuredTrial> valid, ComparisonSettings settings)
    {
        var own = valid.ToLookup(t => t.Record.Point, StringComparer.Ordinal);
        var all = trials.CountBy(t => t.Record.Point, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var summaries = new PointSummary[points.Length];
        Parallel.For(0, points.Length, i => summaries[i] = Summarise(points[i], all[points[i]], own[points[i]], settings));
        return [.. summaries];
    }

    private static PointSummary Summarise(string point, int trials, IEnumerable<MeasuredTrial> valid, ComparisonSettings settings)
    {
        var own = valid.OrderBy(t => t.Record.Block).ThenBy(t => t.Record.Repetition).ToList();
        var series = MetricCatalogue.All.Select(metric => (Metric: metric, Runs: own.Select(t => t.Metrics[metric.Name]).OfType<double>().ToArray())).Where(s => s.Runs.Length > 0).ToList();
        var metrics = ImmutableSortedDictionary.CreateBuilder<string, MetricSummary>(StringComparer.Ordinal);
        // Nearly all metrics have a value of every run: those of one length are resampled together.
        foreach (var alike in series.GroupBy(s => s.Runs.Length))
        {
            var intervals = MeanInterval.OfEach([.. alike.Select(s => s.Runs)], settings.Confidence, settings.Resamples, settings.Seed);
            foreach (var ((metric, runs), interval) in alike.Zip(intervals))
            {
                metrics.Add(metric.Name, new(
                    [.. runs],
                    Distribution.Sum(runs) / runs.Length,
                    OrderStatistics.Median(runs),
                    interval?.Within(runs.Min() >= 0 ? 0 : double.NegativeInfinity, metric.Unit == Unit.Share ? 1 : double.PositiveInfinity)));
            }
        }

        return new(point, trials, own.Count, metrics.ToImmutable());
    }

    private static void Check(IReadOnlyList<MeasuredTrial> trials, ComparisonSettings settings)
    {
        var faults = settings.JudgedFaults().ToList();
        var points = trials.Select(t => t.Record.Point).Distinct(StringComparer.Ordinal).ToList();
        if (settings.Baseline is { } baseline && !points.Contains(baseline))
            faults.Add(Diagnostic.Error("point-unknown", $"there is no point '{baseline}' to compare with") with { Help = Suggestion.Help(baseline, points) });
        if (faults.Count > 0) throw new DiagnosticException(faults);
    }
}
