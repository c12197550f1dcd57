namespace Regatta.Workloads;

/// <summary>How long the jobs of a workload waited where they ran first, as their trace recorded it.</summary>
/// <param name="Jobs">How many jobs have a recorded wait.</param>
/// <param name="Mean">Mean, in microseconds.</param>
/// <param name="P50">Median, in microseconds (nearest rank).</param>
/// <param name="P90">90th percentile, in microseconds (nearest rank).</param>
public sealed record RecordedWaits(int Jobs, double Mean, long P50, long P90)
{
    /// <summary>
    /// The waits that a trace recorded of those of its jobs that are still there and end before their limits, as the waits of a trial are those of jobs that complete; null where it
    /// recorded none.
    /// </summary>
    /// <param name="recorded">The jobs as they were recorded.</param>
    /// <param name="kept">The jobs as they are run; submitted at the times that were recorded.</param>
    public static RecordedWaits? Of(IReadOnlyList<Job> recorded, IReadOnlyList<Job> kept)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        ArgumentNullException.ThrowIfNull(kept);
        if (!recorded.Any(job => job.Recorded?.Wait is not null)) return null;
        var ids = kept.Where(job => !(job.RequestedTime < job.RunTime)).Select(job => job.Id).ToHashSet();
        long[] waits = [.. recorded.Where(job => job.Recorded?.Wait is not null && ids.Contains(job.Id)).Select(job => Micros.From(job.Recorded!.Wait!.Value)).Order()];
        return waits.Length == 0 ? null : new RecordedWaits(waits.Length, waits.Average(), LatenessSummary.Rank(waits, 50), LatenessSummary.Rank(waits, 90));
    }
}
