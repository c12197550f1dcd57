namespace Regatta.Simulation;

/// <summary>
/// Waiting jobs in order, in blocks that know the least size and the least estimate among their jobs, so that a backfill pass over thousands
/// of waiting jobs looks at few of them.
/// </summary>
internal sealed class WaitingQueue(bool byEstimate)
{
    private const int Capacity = 64;

    private readonly List<Block> _blocks = [];
    private readonly Stack<Block> _spare = [];

    public int Count { get; private set; }

    public int HeadRow => _blocks[0].Rows[0];

    public int HeadSize => _blocks[0].Sizes[0];

    public long HeadEstimate => _blocks[0].Estimates[0];

    public void Clear()
    {
        Count = 0;
        foreach (var block in _blocks)
        {
            block.Clear();
            _spare.Push(block);
        }

        _blocks.Clear();
    }

    /// <summary>Puts a job at its place: at the end, or behind all whose estimate is no longer.</summary>
    public void Add(int row, int size, long estimate)
    {
        Count++;
        if (_blocks.Count == 0) _blocks.Add(Fresh());
        var b = _blocks.Count - 1;
        if (byEstimate)
        {
            var low = 0;
            while (low < b)
            {
                var middle = (low + b) / 2;
                if (_blocks[middle].Estimates[_blocks[middle].Count - 1] <= estimate) low = middle + 1;
                else b = middle;
            }
        }

        var block = _blocks[b];
        if (block.Count == Capacity)
        {
            var next = Fresh();
            _blocks.Insert(b + 1, next);
            // A queue that only grows at its end keeps its blocks full.
            if (b + 2 < _blocks.Count || (byEstimate && estimate < block.Estimates[Capacity - 1]))
            {
                block.MoveUpperHalfTo(next);
                if (estimate >= next.Estimates[0]) (block, b) = (next, b + 1);
            }
            else
            {
                (block, b) = (next, b + 1);
            }
        }

        var at = block.Count;
        if (byEstimate)
        {
            while (at > 0 && block.Estimates[at - 1] > estimate) at--;
        }

        block.Insert(at, row, size, estimate);
    }

    public int RemoveHead()
    {
        var row = HeadRow;
        Remove(0, 0);
        return row;
    }

    /// <summary>
    /// Finds, at or behind a place, the next job that is no larger than <paramref name="free"/> and either no larger than
    /// <paramref name="extra"/> or no longer than <paramref name="window"/>; false when there is none.
    /// </summary>
    public bool Find(ref int block, ref int index, int free, int extra, long window)
    {
        for (; block < _blocks.Count; block++, index = 0)
        {
            var b = _blocks[block];
            if (b.LeastSize > free || (b.LeastSize > extra && b.LeastEstimate > window)) continue;
            for (; index < b.Count; index++)
            {
                var size = b.Sizes[index];
                if (size <= free && (size <= extra || b.Estimates[index] <= window)) return true;
            }
        }

        return false;
    }

    /// <summary>Takes the job at a place out; the place then holds the one that followed.</summary>
    public int Take(ref int block, ref int index)
    {
        var row = _blocks[block].Rows[index];
        var blocks = _blocks.Count;
        Remove(block, index);
        if (_blocks.Count < blocks) index = 0;
        return row;
    }

    private void Remove(int block, int index)
    {
        Count--;
        var b = _blocks[block];
        b.Remove(index);
        if (b.Count > 0) return;
        _blocks.RemoveAt(block);
        _spare.Push(b);
    }

    private Block Fresh() => _spare.TryPop(out var block) ? block : new Block();

    private sealed class Block
    {
        public readonly int[] Rows = new int[Capacity];
        public readonly int[] Sizes = new int[Capacity];
        public readonly long[] Estimates = new long[Capacity];

        public int Count { get; private set; }

        public int LeastSize { get; private set; } = int.MaxValue;

        public long LeastEstimate { get; private set; } = long.MaxValue;

        public void Insert(int at, int row, int size, long estimate)
        {
            if (at < Count)
            {
                Array.Copy(Rows, at, Rows, at + 1, Count - at);
                Array.Copy(Sizes, at, Sizes, at + 1, Count - at);
                Array.Copy(Estimates, at, Estimates, at + 1, Count - at);
            }

            Rows[at] = row;
            Sizes[at] = size;
            Estimates[at] = estimate;
            Count++;
            LeastSize = Math.Min(LeastSize, size);
            LeastEstimate = Math.Min(LeastEstimate, estimate);
        }

        public void Remove(int at)
        {
            var (size, estimate) = (Sizes[at], Estimates[at]);
            Count--;
            Array.Copy(Rows, at + 1, Rows, at, Count - at);
            Array.Copy(Sizes, at + 1, Sizes, at, Count - at);
            Array.Copy(Estimates, at + 1, Estimates, at, Count - at);
            if (size == LeastSize || estimate == LeastEstimate) Summarise();
        }

        public void Clear()
        {
            Count = 0;
            (LeastSize, LeastEstimate) = (int.MaxValue, long.MaxValue);
        }

        public void MoveUpperHalfTo(Block other)
        {
            var half = Count / 2;
            for (var i = half; i < Count; i++) other.Insert(other.Count, Rows[i], Sizes[i], Estimates[i]);
            Count = half;
            Summarise();
        }

        private void Summarise()
        {
            LeastSize = int.MaxValue;
            LeastEstimate = long.MaxValue;
            for (var i = 0; i < Count; i++)
            {
                LeastSize = Math.Min(LeastSize, Sizes[i]);
                LeastEstimate = Math.Min(LeastEstimate, Estimates[i]);
            }
        }
    }
}
