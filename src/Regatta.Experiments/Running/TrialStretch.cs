using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>Trials that follow each other in a plan, and of which none must have ended before another begins.</summary>
/// <param name="Simulated">Whether they are simulated; a stretch on machines is one trial.</param>
/// <param name="Trials">At least one.</param>
internal sealed record TrialStretch(bool Simulated, IReadOnlyList<PlannedTrial> Trials)
{
    /// <summary>The stretches of a plan. Where repetitions may end early, whether a block is run is known only when those before it have ended.</summary>
    public static IEnumerable<TrialStretch> Of(Plan plan)
    {
        var simulated = plan.Points.Where(p => p.Machines == MachineKind.Simulation).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var begun = new List<PlannedTrial>();
        foreach (var trial in plan.Trials)
        {
            if (begun.Count > 0 && !Together(begun[^1], trial))
            {
                yield return new TrialStretch(simulated.Contains(begun[0].Point), begun);
                begun = [];
            }

            begun.Add(trial);
        }

        if (begun.Count > 0) yield return new TrialStretch(simulated.Contains(begun[0].Point), begun);
        yield break;

        bool Together(PlannedTrial last, PlannedTrial next) =>
            simulated.Contains(last.Point) && simulated.Contains(next.Point)
            && (plan.EarlyEnd is null || (last.Block == next.Block && last.Point != next.Point));
    }
}
