using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>Holds the starts that Slurm foretells against those that came: of each run the first that it told while the job waited. Pure.</summary>
internal sealed class PredictedStarts
{
    private readonly Dictionary<long, long> _told = [];
    private readonly List<long> _errors = [];

    /// <summary>The queue was looked at.</summary>
    /// <param name="jobs">The jobs.</param>
    public void Look(IEnumerable<QueuedJob> jobs)
    {
        foreach (var job in jobs)
        {
            if (job is { Waits: true, Start: { } start }) _told.TryAdd(job.Id, start);
        }
    }

    /// <summary>A job started.</summary>
    /// <param name="time">When, UTC microseconds.</param>
    /// <param name="id">Slurm's own id.</param>
    public void Started(long time, long id)
    {
        if (_told.Remove(id, out var told)) _errors.Add(time - told);
    }

    /// <summary>How far off they were; null where none was told of a job that started.</summary>
    public StartPredictions? Summary()
    {
        if (_errors.Count == 0) return null;
        long[] off = [.. _errors.Select(Math.Abs).Order()];
        return new StartPredictions(off.Length, off.Average(), _errors.Average(), LatenessSummary.Rank(off, 50), LatenessSummary.Rank(off, 90));
    }
}
