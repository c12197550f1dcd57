using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>When a job started, and when it would have if nobody had come after it.</summary>
/// <param name="Job">Job number.</param>
/// <param name="Processors">Its size.</param>
/// <param name="Submit">When it was submitted, in microseconds.</param>
/// <param name="Start">When it started, in microseconds.</param>
/// <param name="Fair">Its fair start time, in microseconds.</param>
public readonly record struct FairStart(long Job, int Processors, long Submit, long Start, long Fair)
{
    /// <summary>By how much it started too late, in microseconds; not positive for a job that was not treated unfairly.</summary>
    public long Miss => Start - Fair;
}

/// <summary>
/// Fair start times (Sabin, Kochhar, Sadayappan, "Unfairness metrics for space-shared parallel job schedulers", JSSPP 2005; the notion of 2004): for each job the start that it would have had
/// if no job had been submitted after it. The state at its submission is taken as it was (who ran, who waited), then the policy goes on alone with real run times.
/// <para>Each job costs a small simulation of the queue that it met, so that the whole grows with jobs times queue length; <c>most</c> limits how many jobs are looked at,
/// evenly over the workload. Under conservative backfilling the reservations of those who wait are made anew in queue order at the job's submission.</para>
/// </summary>
public static class FairStarts
{
    /// <summary>Fair starts of a simulated schedule, under the policy that made it.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="most">Look at no more jobs than these, evenly spaced; of each part where the machine has partitions.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static IReadOnlyList<FairStart> Of(Schedule schedule, int most = int.MaxValue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var rows = Enumerable.Range(0, schedule.Jobs.Count).Where(row => schedule.Starts[row] != Schedule.Never);
        if (schedule.Parts is not { } parts) return Of(schedule, [.. rows], schedule.Options.WholeNodes ? schedule.Machine.Nodes : schedule.Machine.Processors, most, cancellationToken);
        // Nobody of another part is in the way.
        var perNode = schedule.Options.WholeNodes ? 1 : schedule.Machine.ProcessorsPerNode;
        return [.. rows.GroupBy(row => schedule.PartOf![row]).OrderBy(part => part.Key).SelectMany(part => Of(schedule, [.. part], parts.Nodes[part.Key].Sum(range => range.Count) * perNode, most, cancellationToken))];
    }

    private static List<FairStart> Of(Schedule schedule, int[] rows, int capacity, int most, CancellationToken cancellationToken)
    {
        var seen = Array.ConvertAll(rows, row => new Seen(schedule.Jobs.Numbers[row], schedule.Submits[row], schedule.Starts[row], schedule.Finish(row),
            schedule.Jobs.RunTimes[row], schedule.Jobs.Estimates[row], schedule.Jobs.Processors[row], schedule.Sizes[row], schedule.Jobs.Drains[row]));
        return Compute(seen, capacity, schedule.Options.Policy, most, cancellationToken);
    }

    /// <summary>
    /// Fair starts of a measured trial: what the policy would have done from the state that each job met. Jobs without submission, start and finish are left out.
    /// A job that ran longer than its estimate is taken to have been estimated right.
    /// </summary>
    /// <param name="records">The trial's jobs, in any order.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="options">The policy that is held against the trial.</param>
    /// <param name="most">Look at no more jobs than these, evenly spaced.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static IReadOnlyList<FairStart> Of(IEnumerable<JobRecord> records, MachineSize machine, ReferenceOptions options, int most = int.MaxValue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(options);
        var capacity = options.WholeNodes ? machine.Nodes : machine.Processors;
        var seen = new List<Seen>();
        foreach (var job in records)
        {
            if (job is not { Sent: { } submit, Start: { } start, Finish: { } finish } || start < submit || finish < start) continue;
            var size = options.WholeNodes ? Math.Max(job.Nodes, machine.NodesFor(job.Processors)) : job.Processors;
            if (size > capacity) continue;
            seen.Add(new Seen(job.Job, submit, start, finish, finish - start, Math.Max(job.RequestedTime ?? 0, finish - start), job.Processors, size, job.Drains));
        }

        return Compute([.. seen], capacity, options.Policy, most, cancellationToken);
    }

    private static List<FairStart> Compute(Seen[] jobs, int capacity, ReferencePolicy policy, int most, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        Array.Sort(jobs, (a, b) => a.Submit != b.Submit ? a.Submit.CompareTo(b.Submit) : a.Number.CompareTo(b.Number));
        var every = (jobs.Length + (long)most - 1) / most;
        var result = new List<FairStart>((int)Math.Min(jobs.Length, most));
        var alone = new AloneQueue(jobs, capacity, policy);
        for (var i = 0; i < jobs.Length; i++)
        {
            alone.Submit(i);
            if (i % every != 0) continue;
            cancellationToken.ThrowIfCancellationRequested();
            ref readonly var job = ref jobs[i];
            result.Add(new FairStart(job.Number, job.Processors, job.Submit, job.Start, alone.Start(job.Submit, cancellationToken)));
        }

        return result;
    }

    private readonly record struct Seen(long Number, long Submit, long Start, long Finish, long RunTime, long Estimate, int Processors, int Size, bool Drains);

    /// <summary>Those who wait and run when a job is submitted, and what becomes of them when nobody comes any more. What one job's simulation was laid out in serves the next.</summary>
    /// <param name="jobs">All jobs, in queue order.</param>
    /// <param name="capacity">Capacity of the machine.</param>
    /// <param name="policy">Its policy.</param>
    private sealed class AloneQueue(Seen[] jobs, int capacity, ReferencePolicy policy)
    {
        private const int Least = 64;

        // Those who are not known to have ended, in queue order; and of them those who run.
        private int[] _active = new int[Least];
        private int[] _running = new int[Least];
        private int _count;
        private QueuedJobs _table = QueuedJobs.Empty(0);
        private int[] _sizes = [];
        private Engine? _engine;

        /// <summary>A job is submitted.</summary>
        public void Submit(int job)
        {
            if (_count == _active.Length)
            {
                Array.Resize(ref _active, _count * 2);
                Array.Resize(ref _running, _count * 2);
            }

            _active[_count++] = job;
        }

        /// <summary>Start of the last one who was submitted.</summary>
        public long Start(long now, CancellationToken cancellationToken)
        {
            var engine = Engine();
            var (active, waiting, running, origin) = (0, 0, 0, long.MaxValue);
            for (var i = 0; i < _count; i++)
            {
                var at = _active[i];
                ref readonly var job = ref jobs[at];
                if (job.Finish <= now && job.Start < now) continue;
                _active[active++] = at;
                if (job.Start >= now)
                {
                    Put(waiting++, in job);
                }
                else
                {
                    _running[running++] = at;
                    origin = Math.Min(origin, job.Start);
                }
            }

            _count = active;
            if (running == 0) origin = now;
            // Who waits joins the queue now, in queue order; who runs never does.
            Array.Fill(_table.Submits, now - origin, 0, waiting);
            Array.Fill(_table.Submits, long.MaxValue, waiting, running);
            engine.Reset(active);
            for (var i = 0; i < running; i++)
            {
                ref readonly var job = ref jobs[_running[i]];
                Put(waiting + i, in job);
                engine.Resume(waiting + i, job.Start - origin, job.Finish - origin);
            }

            engine.Run(waiting - 1, cancellationToken);
            return engine.Start[waiting - 1] + origin;
        }

        /// <summary>The policy, over a table that has room for all who are active.</summary>
        private Engine Engine()
        {
            if (_engine is not null && _table.Count >= _count) return _engine;
            _table = QueuedJobs.Empty(_active.Length);
            _sizes = new int[_active.Length];
            return _engine = Simulation.Engine.Create(policy, new Arrivals(_table, _sizes), capacity);
        }

        private void Put(int row, in Seen job)
        {
            _sizes[row] = job.Size;
            _table.Numbers[row] = job.Number;
            _table.RunTimes[row] = job.RunTime;
            _table.Estimates[row] = job.Estimate;
            _table.Drains[row] = job.Drains;
        }
    }
}
