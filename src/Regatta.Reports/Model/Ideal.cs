using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Reports.Model;

/// <summary>The ideal of a trial: the same jobs under the reference scheduler, with the policy that is nearest to how the trial was configured.</summary>
internal static class Ideal
{
    /// <summary>Trials with more jobs are not simulated for a report.</summary>
    internal const int MostJobs = 1_000_000;

    /// <summary>The ideal; null for a simulated trial (which is its own), one without jobs, or one too large.</summary>
    public static ReferenceOverlay? Of(Trial trial, MeasureSettings settings) =>
        trial.Record.Machines == MachineKind.Simulation || trial.Jobs.Count is 0 or > MostJobs ? null : ReferenceOverlay.Of(trial, settings: settings);

    /// <summary>The jobs as they were planned, for the checks of the workload.</summary>
    public static IReadOnlyList<Job> Planned(Trial trial) =>
    [
        .. trial.Jobs.Records.Where(j => j.Planned is not null || j.Sent is not null).Select(j => new Job
        {
            Id = j.Job,
            Submit = TimeSpan.FromMicroseconds(Math.Max(0, (j.Planned ?? j.Sent!.Value) - trial.Record.Started)),
            Processors = j.Processors,
            RunTime = TimeSpan.FromMicroseconds(j.RunTime),
            Drains = j.Drains,
            RequestedTime = j.RequestedTime is { } limit ? TimeSpan.FromMicroseconds(limit) : null,
        }),
    ];
}
