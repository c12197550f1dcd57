using Regatta.Workloads;

namespace Regatta.Runs;

/// <summary>How long trials are expected to take.</summary>
public static class ExpectedTime
{
    // Besides its jobs. Measured with containers on two shared cores, and generous: the estimate says whether to wait or to come back tomorrow.
    private static readonly TimeSpan PerTrial = TimeSpan.FromSeconds(12);

    /// <summary>The time of trials one after the other; simulated ones take none.</summary>
    /// <param name="trials">The trials.</param>
    /// <param name="points">The points that they are of.</param>
    /// <param name="virtually">How many of those in virtual time run at once, at least 1.</param>
    public static TimeSpan Of(IEnumerable<PlannedTrial> trials, IEnumerable<PlanPoint> points, int virtually = 1)
    {
        ArgumentNullException.ThrowIfNull(trials);
        var measured = points.Where(p => p.Machines != MachineKind.Simulation).ToDictionary(p => p.Name, p => p.Real is { } real ? Sum(real, PerTrial) / virtually : Sum(p.Expected, PerTrial), StringComparer.Ordinal);
        return trials.Aggregate(TimeSpan.Zero, (sum, trial) => measured.TryGetValue(trial.Point, out var expected) ? Sum(sum, expected) : sum);
    }

    /// <summary>The sum of two times, at most <see cref="TimeSpan.MaxValue"/>.</summary>
    public static TimeSpan Sum(TimeSpan first, TimeSpan second) => first > TimeSpan.MaxValue - second ? TimeSpan.MaxValue : first + second;
}
