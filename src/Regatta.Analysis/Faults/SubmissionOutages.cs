using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>The times in which a scheduler did not take jobs.</summary>
internal static class SubmissionOutages
{
    /// <summary>The times, from the first submission that was not taken to the first that was again, in UTC microseconds.</summary>
    /// <param name="faults">What the replay told of.</param>
    /// <param name="ended">When the replay ended: a time without an end lasts until then.</param>
    public static List<(long From, long To)> Of(IEnumerable<ReplayFault> faults, long ended)
    {
        var away = new List<(long From, long To)>();
        long? since = null;
        foreach (var fault in faults.OrderBy(f => f.Time))
        {
            if (fault.Code == ReplayFault.Away) since ??= fault.Time;
            if (fault.Code != ReplayFault.Back || since is not { } began) continue;
            away.Add((began, fault.Time));
            since = null;
        }

        if (since is { } still) away.Add((still, Math.Max(still, ended)));
        return away;
    }

    /// <summary>How many jobs were sent in such a time and taken after it.</summary>
    public static int Delayed(List<(long From, long To)> away, IEnumerable<JobRecord> jobs) =>
        jobs.Count(j => j is { Sent: { } sent, Accepted: { } accepted } && away.Exists(a => sent < a.To && accepted >= a.To));
}
