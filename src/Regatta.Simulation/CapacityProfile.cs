namespace Regatta.Simulation;

/// <summary>Free processors over time, from now to the end of time, as steps.</summary>
internal sealed class CapacityProfile(int capacity)
{
    // Step i goes from _times[i] to _times[i + 1]; the last one has no end.
    private long[] _times = [0, .. new long[255]];
    private int[] _free = [capacity, .. new int[255]];
    private int _first;
    private int _count = 1;

    /// <summary>Forgets the steps that are over.</summary>
    public void Forget(long now)
    {
        while (_count > 1 && _times[_first + 1] <= now)
        {
            _first++;
            _count--;
        }
    }

    /// <summary>
    /// The earliest time in [<paramref name="from"/>, <paramref name="until"/>) from which so many processors are free for so long, or up to
    /// <paramref name="until"/> if that comes first; -1 when there is none. <paramref name="from"/> is not before the last <see cref="Forget"/>.
    /// </summary>
    public long Find(long from, long until, int size, long duration)
    {
        var end = _first + _count;
        var times = _times;
        var free = _free;
        var i = StepAt(from);
        var start = from;
        while (true)
        {
            while (free[i] < size)
            {
                if (++i == end) throw new InvalidOperationException("a job is larger than the machine");
                start = times[i];
                if (start >= until) return -1;
            }

            var finish = Math.Min(until, start + duration);
            var j = i + 1;
            while (j < end && times[j] < finish && free[j] >= size) j++;
            if (j == end || times[j] >= finish) return start;
            i = j;
        }
    }

    /// <summary>Adds to the free processors of [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public void Add(long from, long to, int processors)
    {
        if (from >= to) return;
        Split(from);
        var end = Split(to);
        // Only now: the second split may have moved everything.
        var begin = StepAt(from);
        for (var i = begin; i < end; i++) _free[i] += processors;
        // The later border first: joining steps moves what lies behind.
        Join(end);
        Join(begin);
    }

    /// <summary>The most processors that are free at any time in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public int Most(long from, long to)
    {
        var most = 0;
        var end = _first + _count;
        for (var i = StepAt(from); i < end && (_times[i] < to); i++) most = Math.Max(most, _free[i]);
        return most;
    }

    private int StepAt(long time)
    {
        int low = _first, high = _first + _count - 1;
        // Mostly it is now.
        if (low == high || time < _times[low + 1]) return low;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_times[middle] <= time) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    private int Split(long time)
    {
        var at = StepAt(time);
        if (_times[at] == time) return at;
        if (_first + _count == _times.Length) MakeRoom();
        at = StepAt(time);
        var tail = _first + _count - at - 1;
        Array.Copy(_times, at + 1, _times, at + 2, tail);
        Array.Copy(_free, at + 1, _free, at + 2, tail);
        _count++;
        _times[at + 1] = time;
        _free[at + 1] = _free[at];
        return at + 1;
    }

    private void Join(int at)
    {
        if (at <= _first || _free[at] != _free[at - 1]) return;
        var tail = _first + _count - at - 1;
        Array.Copy(_times, at + 1, _times, at, tail);
        Array.Copy(_free, at + 1, _free, at, tail);
        _count--;
    }

    private void MakeRoom()
    {
        var length = _count > _times.Length / 2 ? _times.Length * 2 : _times.Length;
        var (times, free) = (new long[length], new int[length]);
        Array.Copy(_times, _first, times, 0, _count);
        Array.Copy(_free, _first, free, 0, _count);
        (_times, _free, _first) = (times, free, 0);
    }
}
