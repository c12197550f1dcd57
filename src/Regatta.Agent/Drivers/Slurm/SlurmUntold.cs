using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>What slurmctld's log should have told of jobs and did not: a trial that lacks it is worth nothing, however complete the rest is.</summary>
internal static class SlurmUntold
{
    /// <summary>The gaps, in sentences; none where the log told all.</summary>
    public static IEnumerable<string> Of(IReadOnlyCollection<SlurmRun> runs) =>
        new[]
        {
            Gap(runs, "start", "ran", r => r is { Ended: true, Decided: false, State: JobState.Completed or JobState.Failed or JobState.TimedOut or JobState.NodeFailed }),
            Gap(runs, "submission", "Slurm took", r => r is { Ended: true, Submitted: null, State: not JobState.Lost }),
        }.OfType<string>();

    private static string? Gap(IReadOnlyCollection<SlurmRun> runs, string what, string which, Func<SlurmRun, bool> lacks)
    {
        var jobs = runs.Where(lacks).Select(r => r.Job!.Value).Order().ToList();
        return jobs.Count == 0 ? null
            : string.Create(CultureInfo.InvariantCulture, $"slurmctld's log tells no {what} of {(jobs.Count == 1 ? "1 job" : $"{jobs.Count} jobs")} that {which} ({string.Join(", ", jobs.Take(5))}{(jobs.Count > 5 ? ", …" : "")})");
    }
}
