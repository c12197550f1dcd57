namespace Regatta.Simulation;

/// <summary>First come, first served.</summary>
internal sealed class FirstCome(Arrivals jobs, int capacity) : Engine(jobs, capacity)
{
    private readonly Queue<int> _queue = new();

    public override void Reset(int count)
    {
        base.Reset(count);
        _queue.Clear();
    }

    protected override void Join(int row) => _queue.Enqueue(row);

    protected override void Pass()
    {
        while (_queue.TryPeek(out var row) && Sizes[row] <= Free) Begin(_queue.Dequeue());
    }
}

/// <summary>Shortest requested time first; the head blocks the rest.</summary>
internal sealed class ShortestFirst(Arrivals jobs, int capacity) : Engine(jobs, capacity)
{
    private readonly WaitingQueue _queue = new(byEstimate: true);

    public override void Reset(int count)
    {
        base.Reset(count);
        _queue.Clear();
    }

    protected override void Join(int row) => _queue.Add(row, Sizes[row], Table.Estimates[row]);

    protected override void Pass()
    {
        while (_queue.Count > 0 && _queue.HeadSize <= Free) Begin(_queue.RemoveHead());
    }
}
