namespace Regatta.Simulation;

/// <summary>A heap of (time, row), the earliest first; rows of one time in any order.</summary>
internal sealed class EndQueue
{
    private const int Arity = 4;

    private long[] _times = new long[256];
    private int[] _rows = new int[256];

    public int Count { get; private set; }

    public long NextTime => Count == 0 ? long.MaxValue : _times[0];

    public void Clear() => Count = 0;

    public void Push(long time, int row)
    {
        if (Count == _times.Length)
        {
            Array.Resize(ref _times, Count * 2);
            Array.Resize(ref _rows, Count * 2);
        }

        var i = Count++;
        while (i > 0)
        {
            var parent = (i - 1) / Arity;
            if (_times[parent] <= time) break;
            _times[i] = _times[parent];
            _rows[i] = _rows[parent];
            i = parent;
        }

        _times[i] = time;
        _rows[i] = row;
    }

    public int Pop()
    {
        var result = _rows[0];
        var time = _times[--Count];
        var row = _rows[Count];
        var i = 0;
        while (true)
        {
            var child = (i * Arity) + 1;
            if (child >= Count) break;
            var last = Math.Min(child + Arity, Count);
            var least = child;
            for (var c = child + 1; c < last; c++)
            {
                if (_times[c] < _times[least]) least = c;
            }

            if (_times[least] >= time) break;
            _times[i] = _times[least];
            _rows[i] = _rows[least];
            i = least;
        }

        _times[i] = time;
        _rows[i] = row;
        return result;
    }
}
