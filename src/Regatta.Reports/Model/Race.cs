using System.Collections.Immutable;
using Regatta.Analysis;

namespace Regatta.Reports.Model;

/// <summary>The points that ran one workload, compared. Points of different workloads are never compared with one another.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="Points">The points; the first is what the others are measured against.</param>
/// <param name="Trials">Their trials.</param>
/// <param name="Comparison">What came of it.</param>
internal sealed record Race(string Workload, ImmutableArray<string> Points, IReadOnlyList<RacedTrial> Trials, Comparison Comparison)
{
    /// <summary>One race for each workload, in the order in which the points name them. The settings' baseline counts in the race that has it.</summary>
    public static ImmutableArray<Race> Of(ImmutableArray<string> points, IReadOnlyList<RacedTrial> trials, ComparisonSettings settings)
    {
        // A baseline that no point has is told in the comparison's own words.
        if (settings.Baseline is { } wanted && !points.Contains(wanted)) _ = Comparison.Of([.. trials.Select(t => t.Measured)], settings);
        return
        [
            .. points.GroupBy(p => trials.First(t => t.Measured.Record.Point == p).Measured.Record.Workload, StringComparer.Ordinal)
                .Select(w => Compare(w.Key, [.. w], [.. trials.Where(t => w.Contains(t.Measured.Record.Point, StringComparer.Ordinal))], settings)),
        ];
    }

    /// <summary>All races as one value, for what is said of the run as a whole.</summary>
    public static Comparison Together(ImmutableArray<Race> races) =>
        races.Length == 1 ? races[0].Comparison : races[0].Comparison with
        {
            Points = [.. races.SelectMany(r => r.Comparison.Points)],
            Pairs = [.. races.SelectMany(r => r.Comparison.Pairs)],
            Asymmetries =
            [
                .. races.SelectMany(r => r.Comparison.Asymmetries).GroupBy(a => a.Name, StringComparer.Ordinal)
                    .Select(same => (same.FirstOrDefault(a => !a.Explained) ?? same.First()) with
                    {
                        Values = same.SelectMany(a => a.Values).ToImmutableSortedDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal),
                    })
                    .OrderBy(a => a.Explained).ThenBy(a => a.Name, StringComparer.Ordinal),
            ],
            Diagnostics = [.. races.SelectMany(r => r.Comparison.Diagnostics).DistinctBy(d => (d.Code, d.Summary, d.Detail)).OrderByDescending(d => d.Severity)],
            Verdict = [],
        };

    private static Race Compare(string workload, ImmutableArray<string> points, IReadOnlyList<RacedTrial> trials, ComparisonSettings settings)
    {
        var baseline = settings.Baseline is { } wanted && points.Contains(wanted) ? wanted : points.Length > 2 ? points[0] : null;
        if (baseline is not null) points = [baseline, .. points.Where(p => p != baseline)];
        var ordered = trials.OrderBy(t => points.IndexOf(t.Measured.Record.Point)).Select(t => t.Measured).ToList();
        return new Race(workload, points, trials, Comparison.Of(ordered, settings with { Baseline = baseline }));
    }
}
