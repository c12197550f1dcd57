using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>Trials that follow each other in a plan, and of which none must have ended before another begins.</summary>
/// <param name="Kind">What they run on.</param>
/// <param name="Trials">At least one.</param>
internal sealed record TrialStretch(StretchKind Kind, IReadOnlyList<PlannedTrial> Trials)
{
    /// <summary>The stretches of a plan. Where repetitions may end early, whether a block is run is known only when those before it have ended.</summary>
    public static IEnumerable<TrialStretch> Of(Plan plan)
    {
        var kinds = plan.Points.ToDictionary(p => p.Name, KindOf, StringComparer.Ordinal);
        var begun = new List<PlannedTrial>();
        foreach (var trial in plan.Trials)
        {
            if (begun.Count > 0 && !Together(begun[^1], trial))
            {
                yield return new TrialStretch(kinds[begun[0].Point], begun);
                begun = [];
            }

            begun.Add(trial);
        }

        if (begun.Count > 0) yield return new TrialStretch(kinds[begun[0].Point], begun);
        yield break;

        bool Together(PlannedTrial last, PlannedTrial next) =>
            kinds[last.Point] == kinds[next.Point] && kinds[last.Point] != StretchKind.Measured
            && (plan.EarlyEnd is null || (last.Block == next.Block && last.Point != next.Point));
    }

    private static StretchKind KindOf(PlanPoint point) =>
        point.Machines == MachineKind.Simulation ? StretchKind.Simulated : point.Real is not null ? StretchKind.Virtual : StretchKind.Measured;
}

/// <summary>What trials of a stretch run on.</summary>
internal enum StretchKind
{
    /// <summary>Machines in real time, which nothing may disturb: one trial.</summary>
    Measured,

    /// <summary>Machines in virtual time, whose clocks stand while the host is busy.</summary>
    Virtual,

    /// <summary>The reference scheduler.</summary>
    Simulated,
}
