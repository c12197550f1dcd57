using Regatta.Analysis;
using Regatta.Reports.Charts;

namespace Regatta.Reports.Model;

/// <summary>What the charts draw.</summary>
internal static class ChartBuilder
{
    private static readonly string[] StageNames = ["accept", "queue", "launch", "release"];

    public static RaceCharts Of(ImmutableArray<string> points, IReadOnlyList<RacedTrial> trials, Comparison comparison, ReportSettings settings)
    {
        var shown = InOrder(points, trials);
        var compared = trials.Where(t => t.Standing != TrialStanding.Invalid).ToList();
        return new RaceCharts
        {
            Points = points,
            Waits = Distributions("wait", points, compared, settings.Measure),
            Slowdowns = Distributions("bounded-slowdown", points, compared, settings.Measure),
            Courses = [.. shown.Select(t => Curves.Over(t.Trial.Record, t.Measured.Series ?? throw new InvalidOperationException($"{t.Measured.Record.Point} was not measured over time")))],
            Faults = [.. shown.SelectMany(t => t.Trial.Record.Faults.Select(f =>
                new FaultMark(t.Trial.Record.Point, t.Trial.Record.Repetition, GanttLayout.Seconds(f.Time, t.Trial.Record.Started), f.Text)))],
            Stages = [.. StageNames.SelectMany(stage => points.Select(p => Stage(stage, comparison.Points.FirstOrDefault(s => s.Point == p))).OfType<StageBar>())],
            Predicted = Predictions.Of(shown),
        };
    }

    /// <summary>The Gantt charts of the first repetitions first, as many as the page may carry; and which are left out.</summary>
    public static (ImmutableArray<GanttChart> Charts, string? LeftOut) Gantt(ImmutableArray<string> points, IReadOnlyList<RacedTrial> all, int most)
    {
        var trials = InOrder(points, all);
        var charts = ImmutableArray.CreateBuilder<GanttChart>();
        var left = new List<RacedTrial>();
        var room = most;
        foreach (var trial in trials)
        {
            if (trial.Trial.Jobs.Count > room)
            {
                left.Add(trial);
                continue;
            }

            room -= trial.Trial.Jobs.Count;
            charts.Add(GanttLayout.Of(trial.Trial));
        }

        if (left.Count == 0) return (charts.ToImmutable(), null);
        var names = string.Join(", ", left.Take(4).Select(t => $"{t.Trial.Record.Point}/{Quantity.Digits(t.Trial.Record.Repetition)}")) + (left.Count > 4 ? ", …" : "");
        return (charts.ToImmutable(), $"{Quantity.Count(left.Count, "trial")} {(left.Count == 1 ? "has" : "have")} no Gantt chart here ({names}): the page carries those of at most {Quantity.Count(most, "job")}. 'regatta report --gantt-jobs' raises that; 'regatta export' gives all jobs.");
    }

    private static List<RacedTrial> InOrder(ImmutableArray<string> points, IReadOnlyList<RacedTrial> trials) =>
        [.. trials.OrderBy(t => t.Measured.Record.Repetition).ThenBy(t => points.IndexOf(t.Measured.Record.Point))];

    private static ImmutableArray<Curve> Distributions(string family, ImmutableArray<string> points, List<RacedTrial> trials, MeasureSettings settings)
    {
        var curves = ImmutableArray.CreateBuilder<Curve>();
        foreach (var point in points)
        {
            var own = trials.Where(t => t.Trial.Record.Point == point).OrderBy(t => t.Trial.Record.Repetition).ToList();
            if (own.Count == 0) continue;
            var values = own.ConvertAll(t => JobColumns.Sorted(family, t.Trial, settings));
            var totals = own.ConvertAll(t => (int)(t.Measured.Metrics["jobs"] ?? t.Trial.Jobs.Count));
            curves.Add(Curves.Distribution(own[0].Trial.Record with { Repetition = 0 }, values.SelectMany(v => v), totals.Sum()));
            for (var i = 0; i < own.Count; i++) curves.Add(Curves.Distribution(own[i].Trial.Record, values[i], totals[i]));
        }

        return curves.ToImmutable();
    }

    private static StageBar? Stage(string stage, PointSummary? point)
    {
        double? Value(string suffix) => point?.Metrics.GetValueOrDefault($"{stage}-{suffix}")?.Mean;
        return Value("mean") is { } mean ? new StageBar(point!.Point, stage, mean, Value("p50") ?? mean, Value("p90") ?? mean, Value("p99") ?? mean) : null;
    }
}
