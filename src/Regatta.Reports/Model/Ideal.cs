using Regatta.Analysis;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Reports.Model;

/// <summary>The ideal of a trial: the same jobs under the reference scheduler, with the policy that is nearest to how the trial was configured.</summary>
internal static class Ideal
{
    /// <summary>Trials with more jobs are not simulated for a report.</summary>
    internal const int MostJobs = 1_000_000;

    /// <summary>The policy nearest to a trial: what its settings say of backfilling, else what its profile is known for.</summary>
    public static ReferencePolicy Policy(TrialRecord record) => record.Settings.GetValueOrDefault("backfill") switch
    {
        "none" or "off" or "no" or "false" => ReferencePolicy.Fcfs,
        "conservative" => ReferencePolicy.Conservative,
        "easy" or "on" or "yes" or "true" => ReferencePolicy.Easy,
        _ => record.Profile is "fifo" or "fcfs" ? ReferencePolicy.Fcfs : ReferencePolicy.Easy,
    };

    /// <summary>The ideal; null for a simulated trial (which is its own), one without jobs, or one too large.</summary>
    public static ReferenceOverlay? Of(Trial trial, MeasureSettings settings) =>
        trial.Record.Machines == "simulation" || trial.Jobs.Count is 0 or > MostJobs ? null : ReferenceOverlay.Of(trial, Policy(trial.Record), settings);

    /// <summary>The jobs as they were planned, for the checks of the workload.</summary>
    public static IReadOnlyList<Job> Planned(Trial trial) =>
    [
        .. trial.Jobs.Records.Where(j => j.Planned is not null || j.Sent is not null).Select(j => new Job
        {
            Id = j.Job,
            Submit = TimeSpan.FromMicroseconds(Math.Max(0, (j.Planned ?? j.Sent!.Value) - trial.Record.Started)),
            Processors = j.Processors,
            RunTime = TimeSpan.FromMicroseconds(j.RunTime),
            RequestedTime = j.RequestedTime is { } limit ? TimeSpan.FromMicroseconds(limit) : null,
        }),
    ];
}
