namespace Regatta.Simulation;

/// <summary>
/// A part of the machine, or all of it, under a policy: who runs and who waits there. From the instant at which a draining job joins to the one at which it ends, the policy is halted.
/// </summary>
internal abstract class Engine
{
    private readonly EndQueue _ends = new();
    private readonly Queue<int> _drains = new();
    private readonly Arrivals _jobs;
    private bool _drainRuns;
    private bool _halted;

    protected Engine(Arrivals jobs, int capacity)
    {
        _jobs = jobs;
        Capacity = capacity;
        Free = capacity;
    }

    /// <summary>When each job started.</summary>
    public long[] Start => _jobs.Start;

    /// <summary>When something happens next here; the largest time there is when nothing does.</summary>
    public long NextEvent => Math.Min(_ends.NextTime, _halted ? long.MaxValue : NextReservation);

    protected QueuedJobs Table => _jobs.Table;

    protected int[] Sizes => _jobs.Sizes;

    protected int Capacity { get; }

    protected int Free { get; private set; }

    protected long Now { get; private set; }

    public static Engine Create(ReferencePolicy policy, Arrivals jobs, int capacity) => policy switch
    {
        ReferencePolicy.Fcfs => new FirstCome(jobs, capacity),
        ReferencePolicy.Easy => new Backfill(jobs, capacity, byEstimate: false),
        ReferencePolicy.Conservative => new Conservative(jobs, capacity),
        ReferencePolicy.Sjf => new ShortestFirst(jobs, capacity),
        ReferencePolicy.SjfEasy => new Backfill(jobs, capacity, byEstimate: true),
        _ => throw new ArgumentOutOfRangeException(nameof(policy)),
    };

    /// <summary>Runs until no job is left, or until <paramref name="target"/> has started.</summary>
    public void Run(int target, CancellationToken cancellationToken) => new SimulationClock(_jobs, [this], null).Run(target, cancellationToken);

    /// <summary>An instant begins: who ends at it frees what it holds.</summary>
    public void GoTo(long instant)
    {
        Now = instant;
        while (_ends.NextTime == Now) End(_ends.Pop());
    }

    /// <summary>A job joins.</summary>
    public void Add(int row)
    {
        if (Table.Drains[row]) _drains.Enqueue(row);
        else Join(row);
    }

    /// <summary>The end of an instant: who may start does.</summary>
    public void Decide()
    {
        if (!Drain()) Pass();
    }

    /// <summary>Begins anew with the first <paramref name="count"/> rows of the table, which were filled anew and wait for nobody.</summary>
    public virtual void Reset(int count)
    {
        _jobs.Reset(count);
        Free = Capacity;
        _ends.Clear();
        _drains.Clear();
        (_drainRuns, _halted) = (false, false);
    }

    /// <summary>Puts a job in that started before the simulation begins.</summary>
    public void Resume(int row, long start, long end)
    {
        Start[row] = start;
        _jobs.Joined[row] = start;
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
        _jobs.Ended(row, Now);
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
}
