using Regatta.Analysis;

namespace Regatta.Reports.Model;

/// <summary>A race as the report shows it, and the comparison behind it.</summary>
internal sealed record Race(RaceView View, Comparison Comparison);

/// <summary>
/// Splits the points into those that ran the same jobs. One scheduler's waits on one workload say nothing against another's on another, so each workload is a
/// comparison of its own wherever it has several points; where none has, the workload itself is what is compared.
/// </summary>
internal static class Races
{
    public static IReadOnlyList<Race> Of(ImmutableArray<string> points, IReadOnlyList<RacedTrial> trials, ReportSettings settings)
    {
        var replayed = trials.DistinctBy(t => t.Measured.Record.Point).ToDictionary(t => t.Measured.Record.Point, t => t.Measured.Record.Workload, StringComparer.Ordinal);
        var workloads = points.GroupBy(p => replayed[p], StringComparer.Ordinal).ToList();
        if (workloads.Count == 1 || workloads.All(w => w.Count() == 1))
            return [Of(string.Join(", ", workloads.Select(w => w.Key)), points, trials, settings)];
        return [.. workloads.Select(w => Of(w.Key, [.. w], [.. trials.Where(t => w.Contains(t.Measured.Record.Point))], settings with { Comparison = settings.Comparison with { Baseline = Own(w, points, settings.Comparison.Baseline) } }))];
    }

    /// <summary>All races as one comparison, for what is said of all trials together.</summary>
    public static Comparison Whole(IReadOnlyList<Race> races)
    {
        if (races.Count == 1) return races[0].Comparison;
        var all = races.Select(r => r.Comparison).ToList();
        return all[0] with
        {
            Points = [.. all.SelectMany(c => c.Points)],
            Pairs = [.. all.SelectMany(c => c.Pairs)],
            Diagnostics = [.. all.SelectMany(c => c.Diagnostics)],
            Verdict = [],
            // What differs only between the workloads is no unfairness: nothing is compared across them.
            Asymmetries =
            [
                .. all.SelectMany(c => c.Asymmetries).GroupBy(a => a.Name, StringComparer.Ordinal)
                    .Select(same => (same.FirstOrDefault(a => !a.Explained) ?? same.First()) with
                    {
                        Values = same.SelectMany(a => a.Values).ToImmutableSortedDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal),
                    })
                    .OrderBy(a => a.Explained).ThenBy(a => a.Name, StringComparer.Ordinal),
            ],
        };
    }

    // A baseline that another workload's race has is none here; one that no race has is a fault that the comparison names.
    private static string? Own(IEnumerable<string> race, ImmutableArray<string> points, string? baseline) =>
        baseline is not null && points.Contains(baseline) && !race.Contains(baseline) ? null : baseline;

    private static Race Of(string workload, ImmutableArray<string> points, IReadOnlyList<RacedTrial> trials, ReportSettings settings)
    {
        var baseline = settings.Comparison.Baseline ?? (points.Length > 2 ? points[0] : null);
        if (baseline is not null && points.Contains(baseline)) points = [baseline, .. points.Where(p => p != baseline)];
        var places = points.Index().ToDictionary(p => p.Item, p => p.Index, StringComparer.Ordinal);
        var ordered = trials.OrderBy(t => places[t.Measured.Record.Point]).Select(t => t.Measured).ToList();
        var comparison = Comparison.Of(ordered, settings.Comparison with { Baseline = baseline });
        var classes = ClassMaps.Classes(trials, settings.Measure);
        return new Race(
            new RaceView
            {
                Workload = workload,
                Points = points,
                Verdict = VerdictWords.Of(points, comparison, trials),
                Comparison = ComparisonRows.Of(points, comparison, trials),
                Note = ComparisonRows.Note(comparison, points, trials),
                Charts = ChartBuilder.Of(points, trials, comparison, settings),
                HeatMaps = ClassMaps.Of(points, trials, classes),
                Groups = GroupTables.Of(points, trials, classes),
            },
            comparison);
    }
}
