using Regatta.Experiments.Configuration;
using Regatta.Experiments.Faulting;
using Regatta.Runs;
using Regatta.Schedulers;

namespace Regatta.Experiments.Running;

/// <summary>How a trial of a point is run.</summary>
/// <param name="Scheduler">Profile and settings of the scheduler.</param>
/// <param name="Lateness">Bound on the 99th percentile of lateness.</param>
/// <param name="Drain">How long jobs may take to end after the last submission.</param>
public sealed record TrialSettings(SchedulerOptions Scheduler, TimeSpan Lateness, TimeSpan Drain)
{
    /// <summary>How long after the first submission the scheduler is upgraded; null where it is not.</summary>
    public TimeSpan? UpgradeAfter { get; init; }

    /// <summary>How often the scheduler is sampled; null for never.</summary>
    public TimeSpan? Sample { get; init; }

    /// <summary>The period of the scheduler's own work that a replay keeps a distance to; zero where it begins at once.</summary>
    public TimeSpan Beat { get; init; }

    /// <summary>The faults that are brought about on purpose.</summary>
    public ImmutableArray<ScheduledFault> Faults { get; init; } = [];

    /// <summary>Clients that call beside the jobs.</summary>
    public ClientsSection Clients { get; init; } = new();

    /// <summary>The settings of a point.</summary>
    public static TrialSettings Of(Experiment experiment, PlanPoint point)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(point);
        return new TrialSettings(
            experiment.Options(),
            experiment.Measure.Lateness,
            // A scheduler may need longer than the ideal; what it may take beyond is the user's to say.
            ExpectedTime.Sum(ExpectedTime.Sum(point.Expected, point.Expected), experiment.Measure.Drain))
        {
            Sample = experiment.Measure.Sample,
            Beat = experiment.Measure.Beat,
            Faults = FaultPlan.Of(experiment),
            Clients = experiment.Clients,
            UpgradeAfter = experiment.Upgrades() ? experiment.Scheduler.Slurm.UpgradeAfter : null,
        };
    }
}
