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
    /// <param name="most">Look at no more jobs than these, evenly spaced.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static IReadOnlyList<FairStart> Of(Schedule schedule, int most = int.MaxValue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var rows = Enumerable.Range(0, schedule.Jobs.Count).Where(row => schedule.Starts[row] != Schedule.Never).ToArray();
        var seen = Array.ConvertAll(rows, row => new Seen(schedule.Jobs.Numbers[row], schedule.Submits[row], schedule.Starts[row], schedule.Finish(row),
            schedule.Jobs.RunTimes[row], schedule.Jobs.Estimates[row], schedule.Jobs.Processors[row], schedule.Sizes[row], schedule.Jobs.Drains[row]));
        var capacity = schedule.Options.WholeNodes ? schedule.Machine.Nodes : schedule.Machine.Processors;
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
        var active = new List<Seen>();
        var waiting = new List<Seen>();
        var running = new List<Seen>();
        for (var i = 0; i < jobs.Length; i++)
        {
            var job = jobs[i];
            active.Add(job);
            if (i % every != 0) continue;
            cancellationToken.ThrowIfCancellationRequested();
            waiting.Clear();
            running.Clear();
            active.RemoveAll(other => other.Finish <= job.Submit && other.Start < job.Submit);
            foreach (var other in active)
            {
                if (other.Start >= job.Submit) waiting.Add(other);
                else running.Add(other);
            }

            result.Add(new FairStart(job.Number, job.Processors, job.Submit, job.Start, Alone(waiting, running, job.Submit, capacity, policy, cancellationToken)));
        }

        return result;
    }

    /// <summary>Start of the last of those who wait, when nobody comes any more.</summary>
    private static long Alone(List<Seen> waiting, List<Seen> running, long now, int capacity, ReferencePolicy policy, CancellationToken cancellationToken)
    {
        var origin = running.Count == 0 ? now : running.Min(job => job.Start);
        var count = waiting.Count + running.Count;
        var sizes = new int[count];
        var table = QueuedJobs.Empty(count);
        for (var row = 0; row < count; row++)
        {
            var waits = row < waiting.Count;
            var job = waits ? waiting[row] : running[row - waiting.Count];
            sizes[row] = job.Size;
            table.Numbers[row] = job.Number;
            // Who waits joins the queue now, in queue order; who runs never does.
            table.Submits[row] = waits ? now - origin : long.MaxValue;
            table.RunTimes[row] = job.RunTime;
            table.Estimates[row] = job.Estimate;
            table.Processors[row] = job.Processors;
            table.Drains[row] = job.Drains;
        }

        var engine = Engine.Create(policy, table, sizes, capacity);
        for (var row = waiting.Count; row < count; row++) engine.Resume(row, running[row - waiting.Count].Start - origin, running[row - waiting.Count].Finish - origin);
        var target = waiting.Count - 1;
        engine.Run(target, cancellationToken);
        return engine.Start[target] + origin;
    }

    private readonly record struct Seen(long Number, long Submit, long Start, long Finish, long RunTime, long Estimate, int Processors, int Size, bool Drains);
}
