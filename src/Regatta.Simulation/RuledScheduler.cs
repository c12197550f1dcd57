using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>
/// A simulation under rules: one queue, nodes, and at each instant a pass through the queue in order. Whoever a limit, a licence or a reservation keeps waits without being in anybody's way.
/// The first job of a partition that finds no room closes its nodes to all behind it (without backfilling), or has room kept for it from the earliest time at which it fits; under
/// <c>conservative</c> every job that finds none has. What is kept is found anew in each pass.
/// </summary>
internal sealed class RuledScheduler
{
    private readonly ReferenceOptions _options;
    private readonly Arrivals _arrivals;
    private readonly RuledJobs _jobs;
    private readonly RuledMachine _machine;
    private readonly RuledPlaces _places;
    private readonly RuledPreemption _preemption;
    private readonly RuledPriorities? _priorities;
    private readonly PriorityQueue<RuledRun, (long End, int Row)> _ends = new();
    private readonly List<RuledJob> _waiting = [];
    private readonly Queue<RuledJob> _drains = new();
    private readonly SortedSet<long> _instants = [];
    private readonly Dictionary<int, string> _never = [];
    private readonly List<LostRun> _lost = [];
    private readonly long[] _finish;
    private readonly JobState[] _states;
    private readonly Held[][] _held;
    private RuledRun? _draining;
    private long _now;
    private int _joined;

    private RuledScheduler(QueuedJobs jobs, MachineSize machine, ReferenceOptions options, int[] sizes)
    {
        var rules = options.Rules!;
        _options = options;
        _machine = new RuledMachine(machine, rules.Gpus);
        _jobs = RuledJobs.Of(jobs, machine, options, sizes, _machine);
        _arrivals = new Arrivals(_jobs.Table, sizes);
        var nodesOf = new Dictionary<ReferenceReservation, int[]>();
        foreach (var reservation in rules.Reservations)
        {
            int[] nodes = [.. Enumerable.Range(0, machine.Nodes).Where(NodeNumbers.Parse(reservation.Nodes)!.Holds)];
            var (from, to) = (Micros.From(reservation.Start), Micros.From(reservation.End));
            nodesOf[reservation] = nodes;
            _machine.Keep(nodes, from, to, reservation);
            _instants.Add(from);
            _instants.Add(to);
        }

        _places = new RuledPlaces(_machine, nodesOf);
        _preemption = new RuledPreemption(rules, _machine, _places);
        _priorities = rules.Priorities is { } priorities ? new RuledPriorities(priorities, rules, _jobs, machine) : null;
        (_finish, _states, _held) = (new long[jobs.Count], new JobState[jobs.Count], new Held[jobs.Count][]);
        Array.Fill(_finish, Schedule.Never);
        Array.Fill(_held, []);
    }

    private bool InOrder => _options.Policy is ReferencePolicy.Fcfs or ReferencePolicy.Sjf;

    private bool ByEstimate => _options.Policy is ReferencePolicy.Sjf or ReferencePolicy.SjfEasy;

    /// <summary>Schedules all jobs.</summary>
    public static Schedule Run(QueuedJobs jobs, MachineSize machine, ReferenceOptions options, int[] sizes, CancellationToken cancellation)
    {
        var scheduler = new RuledScheduler(jobs, machine, options, sizes);
        scheduler.Run(cancellation);
        return new Schedule(scheduler._jobs.Table, machine, options, sizes, scheduler._arrivals.Joined, scheduler._arrivals.Start)
        {
            NotRun = scheduler._arrivals.NotRun,
            Outcome = new RuledOutcome(scheduler._finish, scheduler._states, [.. scheduler._lost], scheduler._never) { Held = scheduler._held },
        };
    }

    private void Run(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var next = Math.Min(_arrivals.Next, _ends.TryPeek(out _, out var end) ? end.End : long.MaxValue);
            if (_waiting.Count + _drains.Count > 0 && _instants.Count > 0) next = Math.Min(next, _instants.Min);
            if (next == long.MaxValue) break;
            // With nothing else to come, another order of the queue changes nothing.
            if (_waiting.Count > 0 && _priorities is not null) next = Math.Min(next, _priorities.Next);
            _now = next;
            _instants.RemoveWhere(time => time <= _now);
            while (_ends.TryPeek(out var run, out end) && end.End <= _now)
            {
                _ends.Dequeue();
                if (_machine.Running.Contains(run)) End(run);
            }

            while (_arrivals.Take(_now) is >= 0 and var row) Join(_jobs.Jobs[row]);
            if (_priorities?.Renew(_now, _waiting) == true) _waiting.Sort(Order);
            Pass();
        }

        foreach (var job in _waiting.Concat(_drains))
        {
            _never.Add(job.Row, job.Never ?? "room");
            _arrivals.NotRun.Add(job.Row, (_arrivals.Joined[job.Row], JobState.Unfinished));
        }

        // Those that wait for one that never starts.
        for (var row = 0; row < _jobs.Jobs.Length; row++)
        {
            if (_arrivals.Start[row] != Schedule.Never || _arrivals.NotRun.ContainsKey(row)) continue;
            _never.Add(row, "dependency");
            _arrivals.Joined[row] = _jobs.Table.Submits[row];
            _arrivals.NotRun.Add(row, (_arrivals.Joined[row], JobState.Unfinished));
        }
    }

    private void Join(RuledJob job)
    {
        if (job.Refused || Array.Exists(job.Limits, limit => limit.Ledger.Submits >= limit.Submits))
        {
            _arrivals.Refuse(job.Row, _now);
            return;
        }

        foreach (var limit in job.Limits) limit.Ledger.Submits++;
        job.Place = _joined++;
        if (_jobs.Table.Drains[job.Row])
        {
            _drains.Enqueue(job);
            return;
        }

        _priorities?.Rate(job, _arrivals.Joined[job.Row], _now);
        Wait(job);
    }

    private void Wait(RuledJob job)
    {
        var at = _waiting.BinarySearch(job, Comparer<RuledJob>.Create(Order));
        _waiting.Insert(~at, job);
    }

    private int Order(RuledJob a, RuledJob b)
    {
        var order = b.Partition.Settings.Tier.CompareTo(a.Partition.Settings.Tier);
        if (order == 0) order = b.Priority.CompareTo(a.Priority);
        if (order == 0 && ByEstimate) order = a.Estimate.CompareTo(b.Estimate);
        return order != 0 ? order : a.Place.CompareTo(b.Place);
    }

    private void Pass()
    {
        if (Drain()) return;
        // Who takes the nodes of others may leave some of them free: all look again.
        while (PassOnce())
        {
        }
    }

    /// <summary>Goes through the queue once; true when it ended since a job was preempted.</summary>
    private bool PassOnce()
    {
        _machine.ForgetClaims();
        var closed = new bool[_machine.Nodes];
        var headed = new HashSet<(int, string?)>();
        var failed = new Dictionary<object, long>();
        var lost = _lost.Count;
        for (var i = 0; i < _waiting.Count;)
        {
            var job = _waiting[i];
            if (job.Never is not null || job.NotBefore > _now || !job.IsAllowed() || Comes(job) || !TryStart(job, closed, headed, failed)) i++;
            if (_lost.Count > lost) return true;
        }

        return false;
    }

    // A reservation that is yet to begin is nobody's hindrance.
    private bool Comes(RuledJob job) => job.Reservation is { } window && (Micros.From(window.Start) > _now || Micros.From(window.End) <= _now);

    private bool TryStart(RuledJob job, bool[] closed, HashSet<(int, string?)> headed, Dictionary<object, long> failed)
    {
        var shape = job.Shape(_preemption.ByQos);
        if (!(failed.TryGetValue(shape, out var shortest) && job.Estimate >= shortest))
        {
            if (_places.Find(job, _now, _now, closed) is { } held) return Start(job, held, []);
            if (_preemption.For(job, _now, closed) is { } made) return Start(job, made.Held, made.Victims);
            failed[shape] = job.Estimate;
        }

        if (InOrder)
        {
            foreach (var node in job.Partition.Nodes) closed[node] = true;
            return false;
        }

        if (headed.Add((job.Partition.Number, job.Reservation?.Name)) || _options.Policy == ReferencePolicy.Conservative) Keep(job);
        return false;
    }

    private void Keep(RuledJob job)
    {
        foreach (var time in _machine.Changes(_now))
        {
            if (_places.Find(job, _now, time) is not { } held) continue;
            _machine.Keep(held, time, RuledPlaces.EndOf(job, time));
            return;
        }
    }

    private bool Start(RuledJob job, Held[] held, IReadOnlyList<RuledRun> victims)
    {
        // A job may come to more nodes, or more of them, than it asked for.
        var (processors, nodes) = (job.Takes[0], job.Takes[1]);
        (job.Takes[0], job.Takes[1]) = (held.Where(part => part.Pool == 0).Sum(part => (long)part.Count), RuledMachine.NodesOf(held).Count());
        if (!job.IsAllowed())
        {
            (job.Takes[0], job.Takes[1]) = (processors, nodes);
            return false;
        }

        foreach (var victim in victims) Preempt(victim, job);
        _waiting.RemoveAt(_waiting.BinarySearch(job, Comparer<RuledJob>.Create(Order)));
        Begin(job, held);
        return true;
    }

    private RuledRun Begin(RuledJob job, Held[] held)
    {
        var planned = RuledPlaces.EndOf(job, _now);
        var run = new RuledRun(job, _now, planned, Math.Min(_now + job.RunTime, planned), held);
        _machine.Take(run);
        _priorities?.Started(run);
        foreach (var limit in job.Limits)
        {
            limit.Ledger.Jobs++;
            for (var i = 0; i < job.Takes.Length; i++) limit.Ledger.Held[i] += job.Takes[i];
        }

        _arrivals.Start[job.Row] = _now;
        _held[job.Row] = held;
        _ends.Enqueue(run, (run.End, job.Row));
        return run;
    }

    private void Release(RuledRun run)
    {
        _machine.Give(run);
        _priorities?.Ended(run, _now);
        foreach (var limit in run.Job.Limits)
        {
            limit.Ledger.Jobs--;
            for (var i = 0; i < run.Job.Takes.Length; i++) limit.Ledger.Held[i] -= run.Job.Takes[i];
        }
    }

    private void End(RuledRun run)
    {
        var row = run.Job.Row;
        Release(run);
        foreach (var limit in run.Job.Limits) limit.Ledger.Submits--;
        if (run == _draining) _draining = null;
        _finish[row] = _now;
        _states[row] = _jobs.Table.TimesOut[row] || run.End < run.Start + run.Job.RunTime ? JobState.TimedOut : JobState.Completed;
        if (_states[row] == JobState.Completed) _arrivals.Ended(row, _now);
        else _arrivals.Cancelled(row, _now);
    }

    private void Preempt(RuledRun victim, RuledJob by)
    {
        var (job, requeues) = (victim.Job, _preemption.ModeOf(victim.Job) == PreemptionMode.Requeue && victim.Job.Requeues);
        Release(victim);
        _lost.Add(new LostRun(job.Row, victim.Start, _now, by.Row, requeues, RuledOutcome.Nodes(victim.Held)));
        if (requeues)
        {
            _arrivals.Start[job.Row] = Schedule.Never;
            _held[job.Row] = [];
            job.NotBefore = _now + Micros.From(ReferenceRules.RequeueDelay);
            _instants.Add(job.NotBefore);
            Wait(job);
            return;
        }

        foreach (var limit in job.Limits) limit.Ledger.Submits--;
        _finish[job.Row] = _now;
        _states[job.Row] = JobState.Cancelled;
        _arrivals.Cancelled(job.Row, _now);
    }

    /// <summary>Starts the first draining job where it fits; true while one waits or runs.</summary>
    private bool Drain()
    {
        if (_draining is null && _drains.TryPeek(out var job) && job.Never is null && job.IsAllowed() && _places.Find(job, _now, _now) is { } held)
        {
            _drains.Dequeue();
            _draining = Begin(job, held);
        }

        return _draining is not null || _drains.Count > 0;
    }
}
