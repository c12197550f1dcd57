using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>
/// The clock of a simulation. At one instant all completions free what they hold, then all submissions join the queue, jobs of one instant
/// by number, then the policy makes one pass. A job of run time zero frees its part in a further round of the same instant.
/// From the instant at which a draining job joins to the one at which it ends, the policy is halted.
/// </summary>
internal abstract class Engine
{
    private readonly EndQueue _ends = new();
    private readonly PriorityQueue<int, (long Time, long Number)> _released = new();
    private readonly Dictionary<int, List<int>> _followers = [];
    private readonly Dictionary<int, int> _open = [];
    private readonly Queue<int> _drains = new();
    private readonly bool[] _lost;
    private int _arrived;
    private bool _drainRuns;
    private bool _halted;

    protected Engine(QueuedJobs table, int[] sizes, int capacity)
    {
        Table = table;
        Sizes = sizes;
        Capacity = capacity;
        Free = capacity;
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

    /// <summary>When each job started.</summary>
    public long[] Start { get; }

    /// <summary>When each job joined the queue: its submit time, or later for one that waited for another.</summary>
    public long[] Joined { get; }

    /// <summary>How many rows of the table there are to run.</summary>
    protected int Count { get; private set; }

    protected QueuedJobs Table { get; }

    protected int[] Sizes { get; }

    protected int Capacity { get; }

    protected int Free { get; private set; }

    protected long Now { get; private set; }

    public static Engine Create(ReferencePolicy policy, QueuedJobs table, int[] sizes, int capacity) => policy switch
    {
        ReferencePolicy.Fcfs => new FirstCome(table, sizes, capacity),
        ReferencePolicy.Easy => new Backfill(table, sizes, capacity, byEstimate: false),
        ReferencePolicy.Conservative => new Conservative(table, sizes, capacity),
        ReferencePolicy.Sjf => new ShortestFirst(table, sizes, capacity),
        ReferencePolicy.SjfEasy => new Backfill(table, sizes, capacity, byEstimate: true),
        _ => throw new ArgumentOutOfRangeException(nameof(policy)),
    };

    /// <summary>Runs until no job is left, or until <paramref name="target"/> has started.</summary>
    public void Run(int target, CancellationToken cancellationToken)
    {
        var rounds = 0;
        while (true)
        {
            if ((++rounds & 0xffff) == 0) cancellationToken.ThrowIfCancellationRequested();
            SkipWaiting();
            var arrival = _arrived < Count ? Table.Submits[_arrived] : long.MaxValue;
            if (_released.Count > 0 && _released.TryPeek(out _, out var released)) arrival = Math.Min(arrival, released.Time);
            var next = Math.Min(Math.Min(arrival, _ends.NextTime), _halted ? long.MaxValue : NextReservation);
            if (next == long.MaxValue) return;
            Now = next;
            while (_ends.NextTime == Now) End(_ends.Pop());
            if (arrival == Now || _released.Count > 0) Arrivals();
            if (!Drain()) Pass();
            if (target >= 0 && Start[target] != Schedule.Never) return;
        }
    }

    /// <summary>Begins anew with the first <paramref name="count"/> rows of the table, which were filled anew and wait for nobody.</summary>
    public virtual void Reset(int count)
    {
        Count = count;
        Free = Capacity;
        Array.Fill(Start, Schedule.Never, 0, count);
        Array.Fill(Joined, Schedule.Never, 0, count);
        _ends.Clear();
        _drains.Clear();
        _arrived = 0;
        (_drainRuns, _halted) = (false, false);
    }

    /// <summary>Puts a job in that started before the simulation begins.</summary>
    public void Resume(int row, long start, long end)
    {
        Start[row] = start;
        Joined[row] = start;
        Free -= Sizes[row];
        _ends.Push(end, row);
        Started(row);
        if (Table.Drains[row]) _drainRuns = true;
    }

    /// <summary>A time at which the policy wants a pass though nothing else happens.</summary>
    protected virtual long NextReservation => long.MaxValue;

    /// <summary>A job joins the queue.</summary>
    protected abstract void Join(int row);

    /// <summary>The pass at the end of an instant.</summary>
    protected abstract void Pass();

    /// <summary>A job started, or ended; what it holds is taken or freed already.</summary>
    protected virtual void Started(int row)
    {
    }

    protected virtual void Ended(int row)
    {
    }

    /// <summary>A draining job joined: the policy makes no pass until <see cref="GoOn"/>.</summary>
    protected virtual void Halt()
    {
    }

    /// <summary>No draining job is left; a pass follows.</summary>
    protected virtual void GoOn()
    {
    }

    protected void Begin(int row)
    {
        Start[row] = Now;
        Free -= Sizes[row];
        _ends.Push(Now + Table.RunTimes[row], row);
        Started(row);
    }

    private void End(int row)
    {
        Free += Sizes[row];
        if (Table.Drains[row]) _drainRuns = false;
        Ended(row);
        if (_followers.Count > 0) Release(row, failed: Table.TimesOut[row]);
    }

    /// <summary>Starts the first draining job where it fits; true while one waits or runs.</summary>
    private bool Drain()
    {
        var drains = _drainRuns || _drains.Count > 0;
        if (drains && !_halted) Halt();
        if (!drains && _halted) GoOn();
        _halted = drains;
        if (drains && !_drainRuns && Sizes[_drains.Peek()] <= Free)
        {
            _drainRuns = true;
            Begin(_drains.Dequeue());
        }

        return drains;
    }

    /// <summary>Lets the jobs go that waited for this one; those that wanted it to end well never run when it did not.</summary>
    private void Release(int row, bool failed)
    {
        var ended = new Stack<(int Row, bool Failed)>([(row, failed)]);
        while (ended.TryPop(out var before))
        {
            if (!_followers.TryGetValue(before.Row, out var followers)) continue;
            foreach (var follower in followers)
            {
                if (!Meet(follower, before.Row, before.Failed)) continue;
                if (_lost[follower])
                {
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
    private bool Meet(int follower, int before, bool failed)
    {
        foreach (var (row, kind, thinkTime) in Table.Dependencies[follower])
        {
            if (row != before) continue;
            if (kind.Refuses(completed: !failed)) _lost[follower] = true;
            Joined[follower] = Math.Max(Joined[follower], Math.Max(Table.Submits[follower], Now + thinkTime));
            _open[follower]--;
        }

        return _open[follower] == 0;
    }

    /// <summary>Jobs that wait for others do not join at their submit time.</summary>
    private void SkipWaiting()
    {
        while (_open.Count > 0 && _arrived < Count && _open.ContainsKey(_arrived)) _arrived++;
    }

    private void Arrivals()
    {
        while (true)
        {
            SkipWaiting();
            var plain = _arrived < Count && Table.Submits[_arrived] == Now;
            var freed = _released.TryPeek(out var row, out var order) && order.Time == Now;
            if (!plain && !freed) return;
            if (freed && (!plain || order.Number < Table.Numbers[_arrived])) _released.Dequeue();
            else row = _arrived++;
            Joined[row] = Now;
            if (Table.Drains[row]) _drains.Enqueue(row);
            else Join(row);
        }
    }
}
