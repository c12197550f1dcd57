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
}
