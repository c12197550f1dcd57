using Regatta.Workloads;

namespace Regatta.Runs;

/// <summary>How long trials are expected to take.</summary>
public static class ExpectedTime
{
    // Besides its jobs. Measured with containers on two shared cores, and generous: the estimate says whether to wait or to come back tomorrow.
    private static readonly TimeSpan PerTrial = TimeSpan.FromSeconds(12);

    /// <summary>The time of trials one after the other; simulated ones take none.</summary>
    public static TimeSpan Of(IEnumerable<PlannedTrial> trials, IEnumerable<PlanPoint> points)
    {
        ArgumentNullException.ThrowIfNull(trials);
        var measured = points.Where(p => p.Machines != MachineKind.Simulation).ToDictionary(p => p.Name, p => Sum(p.Real ?? p.Expected, PerTrial), StringComparer.Ordinal);
        return trials.Aggregate(TimeSpan.Zero, (sum, trial) => measured.TryGetValue(trial.Point, out var expected) ? Sum(sum, expected) : sum);
    }

    /// <summary>The sum of two times, at most <see cref="TimeSpan.MaxValue"/>.</summary>
    public static TimeSpan Sum(TimeSpan first, TimeSpan second) => first > TimeSpan.MaxValue - second ? TimeSpan.MaxValue : first + second;
}
