using Regatta.Analysis;
using Regatta.Reports.Charts;

namespace Regatta.Reports.Model;

/// <summary>What the charts draw.</summary>
internal static class ChartBuilder
{
    /// <summary>Curves of more trials than these would make a page that no browser opens; the first repetitions stand for the rest.</summary>
    internal const int MostTrials = 300;

    /// <summary>Points beyond these have no curves either: nobody tells so many apart.</summary>
    internal const int MostPoints = 100;

    private static readonly string[] StageNames = ["accept", "queue", "launch", "release"];

    public static RaceCharts Of(ImmutableArray<string> points, IReadOnlyList<RacedTrial> trials, Comparison comparison, ReportSettings settings)
    {
        var drawn = points[..Math.Min(points.Length, MostPoints)];
        var shown = InOrder(drawn, trials).Take(MostTrials).ToList();
        var repetitions = trials.Count > MostTrials && shown.Count > 0 ? shown[^1].Measured.Record.Repetition : int.MaxValue;
        var compared = trials.Where(t => t.Standing != TrialStanding.Invalid).ToLookup(t => t.Trial.Record.Point, StringComparer.Ordinal);
        return new RaceCharts
        {
            Points = drawn,
            Waits = Distributions("wait", drawn, compared, repetitions, settings.Measure),
            Slowdowns = Distributions("bounded-slowdown", drawn, compared, repetitions, settings.Measure),
            Courses = [.. shown.Select(t => Curves.Over(t.Trial.Record, t.Measured.Series ?? throw new InvalidOperationException($"{t.Measured.Record.Point} was not measured over time")))],
            Faults = [.. shown.SelectMany(t => Marks(t.Trial.Record))],
            Stages = [.. StageNames.SelectMany(stage => drawn.Select(p => Stage(stage, comparison.Points.FirstOrDefault(s => s.Point == p))).OfType<StageBar>())],
            Predicted = Predictions.Of(shown),
        };
    }

    /// <summary>What a trial's time axes mark.</summary>
    public static IEnumerable<FaultMark> Marks(TrialRecord record)
    {
        double At(long time) => GanttLayout.Seconds(time, record.Started);
        return record.Faults.Select(f => new FaultMark(record.Point, record.Repetition, At(f.Time), f.Text))
            .Concat((record.Injection?.Faults ?? []).Select(f => new FaultMark(record.Point, record.Repetition, At(f.Began), f.Text) { Until = f.Healed is { } over ? At(over) : null }));
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

    private static List<RacedTrial> InOrder(ImmutableArray<string> points, IReadOnlyList<RacedTrial> trials)
    {
        var places = points.Index().ToDictionary(p => p.Item, p => p.Index, StringComparer.Ordinal);
        return [.. trials.Where(t => places.ContainsKey(t.Measured.Record.Point)).OrderBy(t => t.Measured.Record.Repetition).ThenBy(t => places[t.Measured.Record.Point])];
    }

    private static ImmutableArray<Curve> Distributions(string family, ImmutableArray<string> points, ILookup<string, RacedTrial> trials, int repetitions, MeasureSettings settings)
    {
        var curves = new List<Curve>[points.Length];
        Parallel.For(0, points.Length, at =>
        {
            curves[at] = [];
            var own = trials[points[at]].OrderBy(t => t.Trial.Record.Repetition).ToList();
            if (own.Count == 0) return;
            var values = own.ConvertAll(t => JobColumns.Sorted(family, t.Trial, settings));
            var totals = own.ConvertAll(t => (int)(t.Measured.Metrics["jobs"] ?? t.Trial.Jobs.Count));
            curves[at].Add(Curves.Distribution(own[0].Trial.Record with { Repetition = 0 }, values.SelectMany(v => v), totals.Sum()));
            for (var i = 0; i < own.Count && own[i].Trial.Record.Repetition <= repetitions; i++) curves[at].Add(Curves.Distribution(own[i].Trial.Record, values[i], totals[i]));
        });
        return [.. curves.SelectMany(c => c)];
    }

    private static StageBar? Stage(string stage, PointSummary? point)
    {
        double? Value(string suffix) => point?.Metrics.GetValueOrDefault($"{stage}-{suffix}")?.Mean;
        return Value("mean") is { } mean ? new StageBar(point!.Point, stage, mean, Value("p50") ?? mean, Value("p90") ?? mean, Value("p99") ?? mean) : null;
    }
}
