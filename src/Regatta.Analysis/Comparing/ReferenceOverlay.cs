using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>A metric of a trial beside that of the reference scheduler.</summary>
/// <param name="Measured">What was measured.</param>
/// <param name="Reference">What a scheduler that costs nothing would have reached with the same jobs.</param>
public readonly record struct ReferenceDistance(double Measured, double Reference)
{
    /// <summary>Measured less reference, in the metric's unit.</summary>
    public double Difference => Measured - Reference;

    /// <summary>Measured over reference; null when the reference is zero.</summary>
    public double? Ratio => Reference == 0 ? null : Measured / Reference;
}

/// <summary>
/// The same jobs on the same machine under the reference scheduler, which takes no time to decide, launch or release: what the policy alone
/// would have given. Jobs keep their measured submit and run times, so that only the scheduler differs; jobs that never started are left out.
/// </summary>
public sealed record ReferenceOverlay
{
    // Jobs that a dependency or a hold kept back join the reference's queue when they became eligible; a scheduler's own time to accept a job is far shorter.
    private const long HeldAfter = 1_000_000;

    /// <summary>The rules it was scheduled by.</summary>
    public required ReferencePolicy Policy { get; init; }

    /// <summary>The trial that the reference scheduler made, job for job in the order of the measured one; jobs that were left out have no start.</summary>
    public required Trial Reference { get; init; }

    /// <summary>Its metrics.</summary>
    public required TrialMetrics Metrics { get; init; }

    /// <summary>Metrics that are defined on both sides, the measured one over the jobs that both have.</summary>
    public required ImmutableSortedDictionary<string, ReferenceDistance> Distances { get; init; }

    /// <summary>How many jobs were left out.</summary>
    public required int LeftOut { get; init; }

    /// <summary>Schedules the jobs of <paramref name="measured"/> anew.</summary>
    /// <param name="measured">The trial.</param>
    /// <param name="policy">The rules; null for those of <see cref="NearestReference.Policy"/>.</param>
    /// <param name="settings">How both are measured.</param>
    /// <param name="cancel">Stops the simulation.</param>
    public static ReferenceOverlay Of(Trial measured, ReferencePolicy? policy = null, MeasureSettings? settings = null, CancellationToken cancel = default)
    {
        // Fair starts are themselves made by the reference, and say nothing of it.
        settings = (settings ?? MeasureSettings.Default) with { FairStartWork = 0 };
        var options = new ReferenceOptions { Policy = policy ?? NearestReference.Policy(measured.Record) };
        var (rows, jobs) = Jobs(measured);
        var starts = new long[measured.Jobs.Count];
        Array.Fill(starts, JobTable.Missing);
        if (rows.Length > 0)
        {
            var origin = Submit(measured.Jobs, rows[0]);
            var schedule = ReferenceScheduler.Run(QueuedJobs.Of(jobs, measured.Record.Workload), NearestReference.Machine(measured.Record), options, cancel);
            // Jobs were numbered by their place in the queue's order, which is the order of the schedule.
            for (var i = 0; i < rows.Length; i++) starts[rows[i]] = origin + schedule.Starts[i];
        }

        var reference = new Trial(
            measured.Record with
            {
                Scheduler = "reference",
                SchedulerVersion = null,
                Profile = options.Name,
                Machines = MachineKind.Simulation,
                ClocksBefore = [],
                ClocksAfter = [],
                ControlPlane = [],
                Harness = null,
                Clients = [],
                Faults = [],
            },
            JobTable.From(Enumerable.Range(0, starts.Length).Select(row => Record(measured.Jobs, row, starts[row])), starts.Length));
        var metrics = TrialMetrics.Compute(reference, settings);
        var both = rows.Length == measured.Jobs.Count
            ? measured
            : measured with { Jobs = JobTable.From(rows.Order().Select(row => measured.Jobs[row]), rows.Length) };
        var own = TrialMetrics.Compute(both, settings);
        return new()
        {
            Policy = options.Policy,
            Reference = reference,
            Metrics = metrics,
            Distances = own.Values.Where(v => metrics.Values.ContainsKey(v.Key))
                .ToImmutableSortedDictionary(v => v.Key, v => new ReferenceDistance(v.Value, metrics.Values[v.Key]), StringComparer.Ordinal),
            LeftOut = measured.Jobs.Count - rows.Length,
        };
    }

    /// <summary>For each job that both have, what it waited in seconds, predicted and measured.</summary>
    /// <param name="measured">The trial that was overlaid.</param>
    public IEnumerable<(long Job, double Predicted, double Measured)> Waits(Trial measured)
    {
        for (var row = 0; row < measured.Jobs.Count; row++)
        {
            var predicted = JobColumns.Seconds(measured.Jobs.Sent[row], Reference.Jobs.Start[row]);
            if (!double.IsNaN(predicted)) yield return (measured.Jobs.Job[row], predicted, JobColumns.Seconds(measured.Jobs.Sent[row], measured.Jobs.Start[row]));
        }
    }

    /// <summary>The rows of jobs that started, in the order of the queue, and those jobs for the reference, numbered by that order.</summary>
    private static (int[] Rows, Job[] Jobs) Jobs(Trial measured)
    {
        var table = measured.Jobs;
        var rows = Enumerable.Range(0, table.Count)
            .Where(row => table.Sent[row] != JobTable.Missing && table.Start[row] != JobTable.Missing)
            .OrderBy(row => Submit(table, row)).ThenBy(row => table.Job[row]).ToArray();
        if (rows.Length == 0) return ([], []);
        var origin = Submit(table, rows[0]);
        return (rows, [.. rows.Select((row, i) =>
        {
            var run = RunTime(table, row);
            return new Job
            {
                Id = i + 1,
                Submit = TimeSpan.FromMicroseconds(Submit(table, row) - origin),
                Processors = Math.Clamp(table.Processors[row], 1, measured.Record.Processors),
                RunTime = TimeSpan.FromMicroseconds(run),
                Drains = table.Drains(row),
                // What ran longer than its limit by the time it took to kill it is not cut shorter here.
                RequestedTime = table.RequestedTime[row] == JobTable.Missing || Math.Max(run, table.RequestedTime[row]) <= 0 ? null : TimeSpan.FromMicroseconds(Math.Max(run, table.RequestedTime[row])),
            };
        })]);
    }

    /// <summary>When a job joins the queue.</summary>
    private static long Submit(JobTable jobs, int row) =>
        jobs.Eligible[row] != JobTable.Missing && jobs.Eligible[row] - jobs.Sent[row] > HeldAfter ? jobs.Eligible[row] : jobs.Sent[row];

    private static long RunTime(JobTable jobs, int row) =>
        jobs.Finish[row] != JobTable.Missing ? Math.Max(0, jobs.Finish[row] - jobs.Start[row]) : jobs.RunTime[row];

    private static JobRecord Record(JobTable jobs, int row, long start)
    {
        var job = jobs[row] with { NodeList = null, Nodes = 0, Requeues = 0, SchedulerId = null, ExitCode = null };
        if (start == JobTable.Missing)
            return job with { Sent = null, Accepted = null, Eligible = null, Decided = null, Start = null, Finish = null, Released = null, State = JobState.Rejected };
        var finish = start + RunTime(jobs, row);
        return job with
        {
            Accepted = job.Sent,
            Eligible = Submit(jobs, row),
            Decided = start,
            Start = start,
            Finish = finish,
            Released = finish,
            State = job.State is JobState.TimedOut ? JobState.TimedOut : JobState.Completed,
        };
    }
}
