using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Reports.Model;

/// <summary>Repetitions that repeat nothing: a deterministic scheduler with the same jobs gives the same trial again, and tests over such trials are worthless.</summary>
internal static class Repeats
{
    /// <summary>The points with several valid runs that are equal in every judged metric.</summary>
    public static IReadOnlyList<PointSummary> Identical(Comparison comparison) =>
    [
        .. comparison.Points.Where(p => p.Valid > 1 && comparison.Settings.Judged
            .Select(m => p.Metrics.GetValueOrDefault(m)).OfType<MetricSummary>()
            .All(m => m.Runs.Distinct().Count() == 1)),
    ];

    /// <summary>Whether chance has no part in the comparison: every trial is simulated, and each point has one run or runs that are all equal.</summary>
    public static bool WithoutChance(Comparison comparison, IReadOnlyList<RacedTrial> trials) =>
        trials.All(t => t.Measured.Record.Machines == MachineKind.Simulation) && comparison.Points.Count(p => p.Valid > 1) == Identical(comparison).Count;
}
