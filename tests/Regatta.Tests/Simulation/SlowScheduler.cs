using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Tests.Simulation;

/// <summary>
/// The rules of the reference scheduler word by word, recomputing everything at every instant: what the fast one is compared with.
/// It shares no code with it.
/// </summary>
internal sealed class SlowScheduler
{
    private readonly List<Entry> _entries;
    private readonly ReferencePolicy _policy;
    private readonly int _capacity;
    private readonly List<Entry> _queue = [];
    private readonly List<Entry> _running = [];
    private long _now;
    private bool _early;
    private bool _drained;
    private int _joined;

    public SlowScheduler(IEnumerable<Job> jobs, ReferencePolicy policy, int capacity, Func<Job, int>? size = null)
    {
        _policy = policy;
        _capacity = capacity;
        _entries = [.. jobs.Select(job => new Entry(job, size?.Invoke(job) ?? job.Processors))];
    }

    /// <summary>Start of each job by its number; -1 for one that never started.</summary>
    public Dictionary<long, long> Starts => _entries.ToDictionary(e => e.Job.Id, e => e.Start);

    /// <summary>When each job joined the queue, by its number.</summary>
    public Dictionary<long, long> Joins => _entries.ToDictionary(e => e.Job.Id, e => e.Start < 0 ? -1 : e.JoinTime);

    /// <summary>The reservation that each job got on its arrival, by its number (conservative only).</summary>
    public Dictionary<long, long> FirstReservations { get; } = [];

    public SlowScheduler Run()
    {
        while (true)
        {
            Settle();
            var next = _entries.Where(e => e.Start < 0 && !e.Queued && e.JoinTime >= 0).Select(e => e.JoinTime)
                .Concat(_running.Select(e => e.End))
                .Concat(_queue.Where(e => e.Reserved >= 0).Select(e => e.Reserved))
                .DefaultIfEmpty(-1).Min();
            if (next < 0) return this;
            _now = next;
            foreach (var entry in _running.Where(e => e.End == _now).ToList())
            {
                _running.Remove(entry);
                entry.Ended = true;
                _early |= entry.End < entry.Start + Length(entry);
            }

            Settle();
            if (_policy == ReferencePolicy.Conservative && _early && !_drained) Compress();
            _early = false;
            foreach (var entry in _entries.Where(e => !e.Queued && e.Start < 0 && e.JoinTime == _now).OrderBy(e => e.Job.Id).ToList())
            {
                entry.Queued = true;
                entry.Place = ++_joined;
                _queue.Add(entry);
            }

            var draining = _queue.Concat(_running).Any(e => e.Job.Drains);
            if (_policy == ReferencePolicy.Conservative) Reserve(draining);
            if (draining) Drain();
            else Pass();
            _drained = draining;
        }
    }

    private int Free => _capacity - _running.Sum(e => e.Size);

    private static long Us(TimeSpan time) => (long)Math.Round(time.TotalMicroseconds);

    private static long Estimate(Entry e) => Us(e.Job.RequestedTime ?? e.Job.RunTime);

    private static long Length(Entry e) => Math.Max(1, Estimate(e));

    /// <summary>Works out when jobs join that wait for others, and which never will.</summary>
    private void Settle()
    {
        bool changed;
        do
        {
            changed = false;
            foreach (var entry in _entries.Where(e => e.JoinTime == Entry.Waiting))
            {
                var before = entry.Job.Dependencies.Select(d => (Dependency: d, Entry: _entries.Single(e => e.Job.Id == d.Job))).ToList();
                if (before.Any(b => !b.Entry.Ended && b.Entry.JoinTime != Entry.Lost)) continue;
                var lost = before.Any(b => b.Dependency.Kind == DependencyKind.AfterOk && (b.Entry.JoinTime == Entry.Lost || b.Entry.Job.RequestedTime < b.Entry.Job.RunTime));
                // A lost job counts as ended at the instant it was lost, which is now.
                entry.JoinTime = lost ? Entry.Lost : before.Max(b => Math.Max(Us(entry.Job.Submit), (b.Entry.Ended ? b.Entry.End : b.Entry.LostAt) + Us(b.Dependency.ThinkTime)));
                entry.LostAt = _now;
                changed = true;
            }
        }
        while (changed);
    }

    private void Begin(Entry entry)
    {
        entry.Start = _now;
        entry.End = _now + Math.Min(Us(entry.Job.RunTime), Estimate(entry));
        _queue.Remove(entry);
        _running.Add(entry);
    }

    private void Pass()
    {
        switch (_policy)
        {
            case ReferencePolicy.Conservative:
                foreach (var entry in _queue.Where(e => e.Reserved == _now).ToList())
                {
                    Xunit.Assert.True(entry.Size <= Free);
                    Begin(entry);
                }

                return;
            case ReferencePolicy.Sjf or ReferencePolicy.SjfEasy:
                var sorted = _queue.OrderBy(Estimate).ToList();
                _queue.Clear();
                _queue.AddRange(sorted);
                // The order among jobs of one estimate stays that of joining: OrderBy is stable.
                break;
        }

        while (_queue.Count > 0 && _queue[0].Size <= Free) Begin(_queue[0]);
        if (_queue.Count == 0 || _policy is ReferencePolicy.Fcfs or ReferencePolicy.Sjf) return;
        var head = _queue[0];
        var shadow = _running.Select(e => e.Start + Estimate(e)).Distinct().Order().First(t => FreeAt(t) >= head.Size);
        var extra = FreeAt(shadow) - head.Size;
        foreach (var entry in _queue.Skip(1).ToList())
        {
            if (entry.Size > Free) continue;
            if (_now + Estimate(entry) <= shadow)
            {
                Begin(entry);
            }
            else if (entry.Size <= extra)
            {
                Begin(entry);
                extra -= entry.Size;
            }
        }
    }

    private int FreeAt(long time) => _capacity - _running.Where(e => e.Start + Estimate(e) > time).Sum(e => e.Size);

    private int Planned(long time, Entry without) =>
        _capacity - _running.Where(e => e.Start + Length(e) > time).Sum(e => e.Size)
        - _queue.Where(e => e != without && e.Reserved >= 0 && e.Reserved <= time && time < e.Reserved + Length(e)).Sum(e => e.Size);

    private long Earliest(Entry entry)
    {
        var points = _running.Select(e => e.Start + Length(e)).Concat(_queue.Where(e => e != entry && e.Reserved >= 0).SelectMany(e => new[] { e.Reserved, e.Reserved + Length(e) }))
            .Append(_now).Where(t => t >= _now).Distinct().Order().ToList();
        return points.First(t => points.Where(p => p >= t && p < t + Length(entry)).All(p => Planned(p, entry) >= entry.Size));
    }

    /// <summary>Newcomers get their reservations. While a draining job waits or runs nobody has one; when it has ended all get them anew.</summary>
    private void Reserve(bool draining)
    {
        if (draining || _drained)
        {
            foreach (var entry in _queue) entry.Reserved = -1;
        }

        if (draining) return;
        foreach (var entry in _queue.Where(e => e.Reserved < 0)) FirstReservations[entry.Job.Id] = entry.Reserved = Earliest(entry);
    }

    /// <summary>Nothing starts but the first draining job, once it fits and no other one runs.</summary>
    private void Drain()
    {
        if (_running.Any(e => e.Job.Drains)) return;
        var first = _queue.Where(e => e.Job.Drains).MinBy(e => e.Place)!;
        if (first.Size <= Free) Begin(first);
    }

    private void Compress()
    {
        foreach (var entry in _queue)
        {
            var earliest = Earliest(entry);
            Xunit.Assert.True(earliest <= entry.Reserved);
            entry.Reserved = earliest;
        }
    }

    private sealed class Entry(Job job, int size)
    {
        public const long Waiting = -1;
        public const long Lost = -2;

        public Job Job { get; } = job;

        public int Size { get; } = size;

        public long JoinTime { get; set; } = job.Dependencies.IsEmpty ? Us(job.Submit) : Waiting;

        public long LostAt { get; set; }

        public bool Queued { get; set; }

        public int Place { get; set; }

        public long Start { get; set; } = -1;

        public long End { get; set; } = -1;

        public bool Ended { get; set; }

        public long Reserved { get; set; } = -1;
    }
}
