using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>
/// Fair start times (Sabin, Kochhar and Sadayappan, ICPP 2004): when each job would have started had no job arrived after it. From the state in which
/// the job met the machine, its running and its waiting jobs, the reference scheduler goes on without later arrivals.
/// </summary>
/// <param name="Policy">The rules it goes on by.</param>
/// <param name="Fair">The fair start of each row in UTC microseconds, or <see cref="JobTable.Missing"/> for jobs that never started.</param>
public sealed record FairStarts(ReferencePolicy Policy, long[] Fair)
{
    /// <summary>The fair starts of <paramref name="trial"/>; each job costs a simulation of those that it met.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="policy">The rules; null for those of <see cref="ReferenceOverlay.PolicyOf"/>.</param>
    /// <param name="cancel">Stops the simulation.</param>
    public static FairStarts Of(Trial trial, ReferencePolicy? policy = null, CancellationToken cancel = default)
    {
        var options = new ReferenceOptions { Policy = policy ?? ReferenceOverlay.PolicyOf(trial.Record) };
        var machine = ReferenceOverlay.Machine(trial.Record);
        var (rows, jobs) = ReferenceOverlay.Jobs(trial);
        var fair = new long[trial.Jobs.Count];
        Array.Fill(fair, JobTable.Missing);
        var met = new List<int>();
        for (var k = 0; k < rows.Length; k++)
        {
            cancel.ThrowIfCancellationRequested();
            var arrival = ReferenceOverlay.Submit(trial.Jobs, rows[k]);
            met.RemoveAll(i => trial.Jobs.Start[rows[i]] + Microseconds(jobs[i].RunTime) <= arrival);
            fair[rows[k]] = arrival + Simulate(trial.Jobs, rows, jobs, met, k, arrival, machine, options, cancel);
            met.Add(k);
        }

        return new(options.Policy, fair);
    }

    /// <summary>How many jobs <see cref="Of"/> simulates in all: for each job, itself and those that it met.</summary>
    public static long Work(Trial trial)
    {
        var (rows, jobs) = ReferenceOverlay.Jobs(trial);
        var ends = new PriorityQueue<int, long>();
        long work = 0;
        for (var k = 0; k < rows.Length; k++)
        {
            var arrival = ReferenceOverlay.Submit(trial.Jobs, rows[k]);
            while (ends.TryPeek(out _, out var end) && end <= arrival) ends.Dequeue();
            ends.Enqueue(k, trial.Jobs.Start[rows[k]] + Microseconds(jobs[k].RunTime));
            work += ends.Count;
        }

        return work;
    }

    /// <summary>How long after its arrival the last job starts.</summary>
    private static long Simulate(
        JobTable table, int[] rows, Job[] jobs, List<int> met, int last, long arrival, MachineSize machine, ReferenceOptions options, CancellationToken cancel)
    {
        // What runs already is submitted an instant before the others, and starts at once, since it fitted in truth.
        var instant = TimeSpan.FromMicroseconds(1);
        var snapshot = new List<Job>(met.Count + 1);
        foreach (var i in met)
        {
            var elapsed = TimeSpan.FromMicroseconds(arrival - table.Start[rows[i]]);
            snapshot.Add(elapsed < TimeSpan.Zero
                ? jobs[i] with { Submit = instant }
                : jobs[i] with { Submit = TimeSpan.Zero, RunTime = jobs[i].RunTime - elapsed, RequestedTime = jobs[i].RequestedTime - elapsed });
        }

        snapshot.Add(jobs[last] with { Submit = instant });
        var schedule = ReferenceScheduler.Run(Simulation.JobTable.Of(snapshot), machine, options, cancel);
        return schedule.Starts[^1] - 1;
    }

    private static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
