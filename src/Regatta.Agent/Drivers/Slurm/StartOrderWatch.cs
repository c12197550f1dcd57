using System.Collections.Frozen;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>
/// Holds the main scheduler's starts against the priorities that Slurm itself reports: it goes through a partition in the order of priorities and starts nothing behind a job that waits for
/// resources. What was looked at before and after a start is certain, whatever became of priorities between; backfill may start any. Pure: it asks nobody.
/// </summary>
/// <param name="plain">Whether the job with an id of Slurm's is one of the workload's that could have started wherever another of its partition did.</param>
internal sealed class StartOrderWatch(Func<long, bool> plain)
{
    /// <summary>So many examples are kept.</summary>
    public const int MostExamples = 1000;

    // A job that may not start for another reason than that others are before it is passed over with right.
    private static readonly FrozenSet<string> InTurn = FrozenSet.Create(StringComparer.Ordinal, "Resources", "Priority");

    private readonly List<(long Time, long Id)> _starts = [];
    private readonly List<(long Time, long Id, long Priority, long PassedId, long PassedPriority)> _examples = [];
    private Dictionary<string, List<QueuedJob>> _waited = [];
    private long _since = long.MaxValue;

    /// <summary>How often the queue was looked at.</summary>
    public int Looks { get; private set; }

    /// <summary>How many starts of the main scheduler were between two looks.</summary>
    public int Starts { get; private set; }

    /// <summary>How many of them passed over a job that was before them.</summary>
    public int OutOfOrder { get; private set; }

    /// <summary>The first of them: the id that started, when, and the id of the highest priority that it passed over, with the priorities of both.</summary>
    public IReadOnlyList<(long Time, long Id, long Priority, long PassedId, long PassedPriority)> Examples => _examples;

    /// <summary>The main scheduler started a job.</summary>
    /// <param name="time">When, UTC microseconds.</param>
    /// <param name="id">Slurm's own id.</param>
    public void Started(long time, long id) => _starts.Add((time, id));

    /// <summary>The queue was looked at.</summary>
    /// <param name="asked">Before it was asked for, UTC microseconds.</param>
    /// <param name="answered">When the answer was there, UTC microseconds.</param>
    /// <param name="jobs">The jobs.</param>
    public void Look(long asked, long answered, IEnumerable<QueuedJob> jobs)
    {
        var now = new Dictionary<long, QueuedJob>();
        foreach (var job in jobs) now[job.Id] = job;
        foreach (var (time, id) in _starts)
        {
            if (time < _since || time > asked || !now.TryGetValue(id, out var started) || started.Waits || !_waited.TryGetValue(started.Partition, out var waited)) continue;
            Starts++;
            // The first of those that waited, by priority, that still wait in their turn.
            var passed = waited.TakeWhile(w => w.Priority > started.Priority)
                .FirstOrDefault(w => now.TryGetValue(w.Id, out var still) && Waits(still) && still.Priority > started.Priority && still.Partition == started.Partition && plain(w.Id));
            if (passed.Id == 0) continue;
            OutOfOrder++;
            if (_examples.Count < MostExamples) _examples.Add((time, id, started.Priority, passed.Id, passed.Priority));
        }

        // What started while the answer was on its way is between no two looks.
        _starts.RemoveAll(s => s.Time <= answered);
        _waited = now.Values.Where(Waits).GroupBy(j => j.Partition, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.OrderByDescending(j => j.Priority).ToList(), StringComparer.Ordinal);
        _since = answered;
        Looks++;
    }

    private static bool Waits(QueuedJob job) => job.Waits && InTurn.Contains(job.Reason);
}
