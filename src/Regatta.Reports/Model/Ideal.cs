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
    public static IReadOnlyList<Job> Planned(Trial trial)
    {
        var jobs = trial.Jobs;
        var planned = new List<Job>(jobs.Count);
        for (var row = 0; row < jobs.Count; row++)
        {
            var time = jobs.Planned[row] != JobTable.Missing ? jobs.Planned[row] : jobs.Sent[row];
            if (time == JobTable.Missing) continue;
            planned.Add(new Job
            {
                Id = jobs.Job[row],
                Submit = TimeSpan.FromMicroseconds(Math.Max(0, time - trial.Record.Started)),
                Processors = jobs.Processors[row],
                RunTime = TimeSpan.FromMicroseconds(jobs.RunTime[row]),
                Drains = jobs.Drains(row),
                RequestedTime = jobs.RequestedTime[row] == JobTable.Missing ? null : TimeSpan.FromMicroseconds(jobs.RequestedTime[row]),
            });
        }

        return planned;
    }
}
