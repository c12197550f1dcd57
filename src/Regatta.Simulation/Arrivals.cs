using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>
/// The jobs of a simulation with what becomes of each, and who is next to join the queue: jobs of one instant by number, those that wait for others when these have ended.
/// </summary>
internal sealed class Arrivals
{
    private readonly PriorityQueue<int, (long Time, long Number)> _released = new();
    private readonly Dictionary<int, List<int>> _followers = [];
    private readonly Dictionary<int, int> _open = [];
    private readonly bool[] _lost;
    private int _arrived;

    public Arrivals(QueuedJobs table, int[] sizes)
    {
        Table = table;
        Sizes = sizes;
        Count = table.Count;
        Start = new long[Count];
        Joined = new long[Count];
        Array.Fill(Start, Schedule.Never);
        Array.Fill(Joined, Schedule.Never);
        _lost = table.Dependencies.Count == 0 ? [] : new bool[table.Count];
        foreach (var (row, dependencies) in table.Dependencies)
        {
            _open[row] = dependencies.Length;
            foreach (var dependency in dependencies)
            {
                if (!_followers.TryGetValue(dependency.Row, out var followers)) _followers[dependency.Row] = followers = [];
                if (followers.Count == 0 || followers[^1] != row) followers.Add(row);
            }
        }
    }

    public QueuedJobs Table { get; }

    public int[] Sizes { get; }

    /// <summary>When each job started.</summary>
    public long[] Start { get; }

    /// <summary>When each job joined the queue: its submit time, or later for one that waited for another.</summary>
    public long[] Joined { get; }

    /// <summary>The jobs that never run: when that was certain, and how it is told.</summary>
    public Dictionary<int, (long Time, JobState State)> NotRun { get; } = [];

    /// <summary>How many rows of the table there are to run.</summary>
    public int Count { get; private set; }

    /// <summary>Whether jobs that waited for others may be due.</summary>
    public bool Released => _released.Count > 0;

    /// <summary>When the next job joins; the largest time there is when none does.</summary>
    public long Next
    {
        get
        {
            SkipWaiting();
            var arrival = _arrived < Count ? Table.Submits[_arrived] : long.MaxValue;
            return _released.Count > 0 && _released.TryPeek(out _, out var released) ? Math.Min(arrival, released.Time) : arrival;
        }
    }

    /// <summary>Begins anew with the first <paramref name="count"/> rows of the table, which were filled anew and wait for nobody.</summary>
    public void Reset(int count)
    {
        Count = count;
        Array.Fill(Start, Schedule.Never, 0, count);
        Array.Fill(Joined, Schedule.Never, 0, count);
        _arrived = 0;
    }

    /// <summary>The next job that joins at an instant; -1 when none is left.</summary>
    public int Take(long now)
    {
        SkipWaiting();
        var plain = _arrived < Count && Table.Submits[_arrived] == now;
        var freed = _released.TryPeek(out var row, out var order) && order.Time == now;
        if (!plain && !freed) return -1;
        if (freed && (!plain || order.Number < Table.Numbers[_arrived])) _released.Dequeue();
        else row = _arrived++;
        Joined[row] = now;
        return row;
    }

    /// <summary>A job ended.</summary>
    public void Ended(int row, long now)
    {
        if (_followers.Count > 0) Release(row, failed: Table.TimesOut[row], now);
    }

    /// <summary>A job was ended before its time.</summary>
    public void Cancelled(int row, long now)
    {
        if (_followers.Count > 0) Release(row, failed: true, now);
    }

    /// <summary>A job is not taken: it never joined, and those that wanted it to end well never run.</summary>
    public void Refuse(int row, long now)
    {
        Joined[row] = Schedule.Never;
        NotRun.Add(row, (now, JobState.Rejected));
        if (_followers.Count > 0) Release(row, failed: true, now);
    }

    /// <summary>Lets the jobs go that waited for this one; those that wanted it to end well never run when it did not.</summary>
    private void Release(int row, bool failed, long now)
    {
        var ended = new Stack<(int Row, bool Failed)>([(row, failed)]);
        while (ended.TryPop(out var before))
        {
            if (!_followers.TryGetValue(before.Row, out var followers)) continue;
            foreach (var follower in followers)
            {
                if (!Meet(follower, before.Row, before.Failed, now)) continue;
                if (_lost[follower])
                {
                    NotRun.Add(follower, (Joined[follower], JobState.Cancelled));
                    Joined[follower] = Schedule.Never;
                    ended.Push((follower, true));
                }
                else
                {
                    _released.Enqueue(follower, (Joined[follower], Table.Numbers[follower]));
                }
            }
        }
    }

    /// <summary>Strikes out what a job waited for; true when nothing is left.</summary>
    private bool Meet(int follower, int before, bool failed, long now)
    {
        foreach (var (row, kind, thinkTime) in Table.Dependencies[follower])
        {
            if (row != before) continue;
            if (kind.Refuses(completed: !failed)) _lost[follower] = true;
            Joined[follower] = Math.Max(Joined[follower], Math.Max(Table.Submits[follower], now + thinkTime));
            _open[follower]--;
        }

        return _open[follower] == 0;
    }

    /// <summary>Jobs that wait for others do not join at their submit time.</summary>
    private void SkipWaiting()
    {
        while (_open.Count > 0 && _arrived < Count && _open.ContainsKey(_arrived)) _arrived++;
    }
}
