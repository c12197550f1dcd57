namespace Regatta.Simulation;

/// <summary>
/// Conservative backfilling. Reservations are compressed once an instant when jobs ended before their estimates, before newcomers get theirs.
/// <para>A pass would try every waiting job against the whole profile. It need not: a job that could not start earlier at its last try can
/// do so now only over a stretch of time where processors have become free since, before its own reservation. Those stretches are the ones
/// of the jobs that ended early, and the former places of reservations that moved in the last pass or in this one.</para>
/// </summary>
internal sealed class Conservative(Arrivals jobs, int capacity) : Engine(jobs, capacity)
{
    private readonly CapacityProfile _profile = new(capacity);
    private readonly List<int> _newcomers = [];
    private readonly List<(long From, long To)> _gains = [];
    private readonly List<(long From, long To)> _moved = [];
    private Waiting[] _queue = new Waiting[64];
    private int _waiting;
    private long _next = long.MaxValue;
    private bool _starting;
    private bool _endedEarly;

    public override void Reset(int count)
    {
        base.Reset(count);
        _profile.Reset();
        _newcomers.Clear();
        _gains.Clear();
        _moved.Clear();
        _waiting = 0;
        _next = long.MaxValue;
        (_starting, _endedEarly) = (false, false);
    }

    protected override long NextReservation => _next;

    protected override void Join(int row) => _newcomers.Add(row);

    protected override void Started(int row)
    {
        // A job that began before the simulation did has no reservation yet.
        if (!_starting) _profile.Add(Start[row], Start[row] + Length(row), -Sizes[row]);
    }

    protected override void Ended(int row)
    {
        var end = Start[row] + Length(row);
        if (end <= Now) return;
        _profile.Add(Now, end, Sizes[row]);
        _gains.Add((Now, end));
        _endedEarly = true;
    }

    protected override void Halt()
    {
        // Nobody can keep to a reservation now; each gets a new one when the draining job has ended.
        for (var i = 0; i < _waiting; i++) _profile.Add(_queue[i].Reserved, _queue[i].Reserved + _queue[i].Length, _queue[i].Size);
        _newcomers.InsertRange(0, _queue.Take(_waiting).Select(job => job.Row));
        _waiting = 0;
        _next = long.MaxValue;
    }

    protected override void GoOn()
    {
        _endedEarly = false;
        _gains.Clear();
    }

    protected override void Pass()
    {
        _profile.Forget(Now);
        if (_endedEarly) Compress();
        _endedEarly = false;
        foreach (var row in _newcomers)
        {
            var job = new Waiting(row, Sizes[row], Length(row), 0);
            job = job with { Reserved = _profile.Find(Now, long.MaxValue, job.Size, job.Length) };
            _profile.Add(job.Reserved, job.Reserved + job.Length, -job.Size);
            if (_waiting == _queue.Length) Array.Resize(ref _queue, _waiting * 2);
            _queue[_waiting++] = job;
            _next = Math.Min(_next, job.Reserved);
        }

        _newcomers.Clear();
        if (_next == Now) StartDue();
    }

    /// <summary>A job of no time still needs its processors for an instant, so that two of them are not planned onto the same ones.</summary>
    private long Length(int row) => Math.Max(1, Table.Estimates[row]);

    private void StartDue()
    {
        _starting = true;
        _next = long.MaxValue;
        var kept = 0;
        for (var i = 0; i < _waiting; i++)
        {
            ref readonly var job = ref _queue[i];
            if (job.Reserved == Now)
            {
                Begin(job.Row);
                continue;
            }

            _next = Math.Min(_next, job.Reserved);
            if (kept != i) _queue[kept] = job;
            kept++;
        }

        _waiting = kept;
        _starting = false;
    }

    private void Compress()
    {
        var (earliest, most) = Gains();
        var moves = 0;
        for (var i = 0; i < _waiting; i++)
        {
            ref var job = ref _queue[i];
            if (job.Size > most || earliest >= job.Reserved) continue;
            var start = _profile.Find(Math.Max(Now, earliest - job.Length + 1), job.Reserved, job.Size, job.Length);
            if (start < 0) continue;
            var (from, to) = (job.Reserved, job.Reserved + job.Length);
            _profile.Add(start, Math.Min(start + job.Length, from), -job.Size);
            _profile.Add(Math.Max(from, start + job.Length), to, job.Size);
            job = job with { Reserved = start };
            _next = Math.Min(_next, start);
            _gains.Add((from, to));
            _moved.Add((from, to));
            // What moved into a stretch made it smaller; to look each time would cost more than the jobs that are tried in vain.
            if (++moves % 16 == 0) (earliest, most) = Gains();
            else (earliest, most) = (Math.Min(earliest, from), Math.Max(most, _profile.Most(from, to)));
        }

        _gains.Clear();
        _gains.AddRange(_moved);
        _moved.Clear();
    }

    /// <summary>Where the stretches begin that became free, and the most processors that are free at any time in them.</summary>
    private (long Earliest, int Most) Gains()
    {
        _gains.RemoveAll(gain => gain.To <= Now);
        if (_gains.Count == 0) return (long.MaxValue, 0);
        _gains.Sort();
        var earliest = Math.Max(Now, _gains[0].From);
        var most = 0;
        var joined = 0;
        // Overlapping stretches are joined, so that each is looked at once.
        for (var i = 1; i < _gains.Count; i++)
        {
            if (_gains[i].From <= _gains[joined].To) _gains[joined] = (_gains[joined].From, Math.Max(_gains[joined].To, _gains[i].To));
            else _gains[++joined] = _gains[i];
        }

        _gains.RemoveRange(joined + 1, _gains.Count - joined - 1);
        foreach (var (from, to) in _gains) most = Math.Max(most, _profile.Most(Math.Max(Now, from), to));
        return (earliest, most);
    }

    private readonly record struct Waiting(int Row, int Size, long Length, long Reserved);
}
