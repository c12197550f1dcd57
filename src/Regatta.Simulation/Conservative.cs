namespace Regatta.Simulation;

/// <summary>
/// Conservative backfilling. Reservations are compressed once an instant when jobs ended before their estimates, before newcomers get theirs.
/// <para>A pass would try every waiting job against the whole profile. It need not: a job that could not start earlier at its last try can
/// do so now only over a stretch of time where processors have become free since, before its own reservation. Those stretches are the ones
/// of the jobs that ended early, and the former places of reservations that moved in the last pass or in this one.</para>
/// </summary>
internal sealed class Conservative(JobTable table, int[] sizes, int capacity) : Engine(table, sizes, capacity)
{
    private readonly CapacityProfile _profile = new(capacity);
    private readonly long[] _reserved = Unreserved(table.Count);
    private readonly EndQueue _starts = new();
    private readonly List<int> _newcomers = [];
    private readonly List<(long From, long To)> _gains = [];
    private readonly List<(long From, long To)> _moved = [];
    private int[] _queue = new int[64];
    private int _waiting;
    private bool _endedEarly;

    protected override long NextReservation
    {
        get
        {
            while (_starts.Count > 0 && IsStale()) _starts.Pop();
            return _starts.NextTime;
        }
    }

    protected override void Join(int row) => _newcomers.Add(row);

    protected override void Started(int row)
    {
        // A job that began before the simulation did has no reservation yet.
        if (_reserved[row] == Schedule.Never) _profile.Add(Start[row], Start[row] + Length(row), -Sizes[row]);
    }

    protected override void Ended(int row)
    {
        var end = Start[row] + Length(row);
        if (end <= Now) return;
        _profile.Add(Now, end, Sizes[row]);
        _gains.Add((Now, end));
        _endedEarly = true;
    }

    protected override void Pass()
    {
        _profile.Forget(Now);
        if (_endedEarly) Compress();
        _endedEarly = false;
        foreach (var row in _newcomers)
        {
            Reserve(row, _profile.Find(Now, long.MaxValue, Sizes[row], Length(row)));
            if (_waiting == _queue.Length) Array.Resize(ref _queue, _waiting * 2);
            _queue[_waiting++] = row;
        }

        _newcomers.Clear();
        while (NextReservation == Now) Begin(_starts.Pop());
    }

    private static long[] Unreserved(int count)
    {
        var reserved = new long[count];
        Array.Fill(reserved, Schedule.Never);
        return reserved;
    }

    /// <summary>A job of no time still needs its processors for an instant, so that two of them are not planned onto the same ones.</summary>
    private long Length(int row) => Math.Max(1, Table.Estimates[row]);

    private bool IsStale() => Start[_starts.NextRow] != Schedule.Never || _reserved[_starts.NextRow] != _starts.NextTime;

    private void Reserve(int row, long start)
    {
        _reserved[row] = start;
        _profile.Add(start, start + Length(row), -Sizes[row]);
        _starts.Push(start, row);
    }

    private void Compress()
    {
        var (earliest, most) = Gains();
        var kept = 0;
        var moves = 0;
        for (var i = 0; i < _waiting; i++)
        {
            var row = _queue[i];
            if (Start[row] != Schedule.Never) continue;
            _queue[kept++] = row;
            var reserved = _reserved[row];
            if (Sizes[row] > most || earliest >= reserved) continue;
            var length = Length(row);
            var start = _profile.Find(Math.Max(Now, earliest - length + 1), reserved, Sizes[row], length);
            if (start < 0) continue;
            _profile.Add(reserved, reserved + length, Sizes[row]);
            Reserve(row, start);
            _gains.Add((reserved, reserved + length));
            _moved.Add((reserved, reserved + length));
            // What moved into a stretch made it smaller; to look each time would cost more than the jobs that are tried in vain.
            if (++moves % 16 == 0) (earliest, most) = Gains();
            else (earliest, most) = (Math.Min(earliest, reserved), Math.Max(most, _profile.Most(reserved, reserved + length)));
        }

        _waiting = kept;
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
        for (var i = 0; i < _gains.Count; i++)
        {
            if (i > 0 && _gains[i].From <= _gains[joined].To)
            {
                _gains[joined] = (_gains[joined].From, Math.Max(_gains[joined].To, _gains[i].To));
                continue;
            }

            if (i > 0) joined++;
            _gains[joined] = _gains[i];
        }

        _gains.RemoveRange(joined + 1, _gains.Count - joined - 1);
        foreach (var (from, to) in _gains) most = Math.Max(most, _profile.Most(Math.Max(Now, from), to));
        return (earliest, most);
    }
}
