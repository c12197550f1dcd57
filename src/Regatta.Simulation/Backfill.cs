namespace Regatta.Simulation;

/// <summary>
/// EASY backfilling. Between two completions nobody who was passed over can start: the free processors, the extra ones and the time to the
/// shadow only shrink. So a pass after mere arrivals looks at the newcomers alone, with the shadow and the extra of the pass before.
/// </summary>
internal sealed class Backfill(Arrivals jobs, int capacity, bool byEstimate) : Engine(jobs, capacity)
{
    private readonly WaitingQueue _queue = new(byEstimate);
    private readonly List<int> _newcomers = [];
    private long[] _ends = new long[64];
    private int[] _endSizes = new int[64];
    private int _running;
    private bool _freed = true;
    private long _shadow;
    private int _extra;

    public override void Reset(int count)
    {
        base.Reset(count);
        _queue.Clear();
        _newcomers.Clear();
        _running = 0;
        _freed = true;
    }

    protected override void Join(int row) => _newcomers.Add(row);

    protected override void Pass()
    {
        var blocked = !_freed && _queue.Count > 0;
        if (blocked && (!byEstimate || _newcomers.Count == 1))
        {
            foreach (var row in _newcomers)
            {
                if (byEstimate && Table.Estimates[row] < _queue.HeadEstimate)
                {
                    _queue.Add(row, Sizes[row], Table.Estimates[row]);
                    FullPass();
                }
                else if (Fits(row, out var shrinks))
                {
                    Fill(row, shrinks);
                }
                else
                {
                    _queue.Add(row, Sizes[row], Table.Estimates[row]);
                }
            }
        }
        else if (_freed || _newcomers.Count > 0)
        {
            foreach (var row in _newcomers) _queue.Add(row, Sizes[row], Table.Estimates[row]);
            FullPass();
        }

        _newcomers.Clear();
        _freed = false;
    }

    protected override void Started(int row)
    {
        var end = Start[row] + Table.Estimates[row];
        if (_running == _ends.Length)
        {
            Array.Resize(ref _ends, _running * 2);
            Array.Resize(ref _endSizes, _running * 2);
        }

        var at = Place(end);
        Array.Copy(_ends, at, _ends, at + 1, _running - at);
        Array.Copy(_endSizes, at, _endSizes, at + 1, _running - at);
        _ends[at] = end;
        _endSizes[at] = Sizes[row];
        _running++;
    }

    protected override void Ended(int row)
    {
        _freed = true;
        var end = Start[row] + Table.Estimates[row];
        var at = Place(end);
        while (_ends[at] != end || _endSizes[at] != Sizes[row]) at++;
        _running--;
        Array.Copy(_ends, at + 1, _ends, at, _running - at);
        Array.Copy(_endSizes, at + 1, _endSizes, at, _running - at);
    }

    private void FullPass()
    {
        while (_queue.Count > 0 && _queue.HeadSize <= Free) Begin(_queue.RemoveHead());
        if (_queue.Count == 0) return;
        Reserve();
        if (Free == 0) return;
        int block = 0, index = 1;
        while (_queue.Find(ref block, ref index, Free, _extra, _shadow - Now))
        {
            var row = _queue.Take(ref block, ref index);
            Fill(row, Table.Estimates[row] > _shadow - Now);
            if (Free == 0) return;
        }
    }

    private bool Fits(int row, out bool shrinks)
    {
        var size = Sizes[row];
        shrinks = Table.Estimates[row] > _shadow - Now;
        return size <= Free && (!shrinks || size <= _extra);
    }

    private void Fill(int row, bool shrinks)
    {
        if (shrinks) _extra -= Sizes[row];
        Begin(row);
    }

    /// <summary>The shadow time of the head and the processors that are left then.</summary>
    private void Reserve()
    {
        var free = Free;
        var head = _queue.HeadSize;
        var i = 0;
        while (free < head) free += _endSizes[i++];
        _shadow = _ends[i - 1];
        while (i < _running && _ends[i] == _shadow) free += _endSizes[i++];
        _extra = free - head;
    }

    private int Place(long end)
    {
        int low = 0, high = _running;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ends[middle] < end) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
