using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>When every job of a table started and finished. Rows are those of <see cref="Jobs"/>; times are microseconds from the start of the workload.</summary>
public sealed class Schedule
{
    /// <summary>The time of what never happened.</summary>
    public const long Never = -1;

    internal Schedule(QueuedJobs jobs, MachineSize machine, ReferenceOptions options, int[] sizes, long[] submits, long[] starts)
    {
        Jobs = jobs;
        Machine = machine;
        Options = options;
        Sizes = sizes;
        Submits = submits;
        Starts = starts;
    }

    /// <summary>The jobs.</summary>
    public QueuedJobs Jobs { get; }

    /// <summary>The machine.</summary>
    public MachineSize Machine { get; }

    /// <summary>How it was scheduled.</summary>
    public ReferenceOptions Options { get; }

    /// <summary>What each job takes: processors, or nodes where whole nodes were given.</summary>
    public int[] Sizes { get; }

    /// <summary>When each job joined the queue: its submit time, or the end of the jobs it waits for plus the think time. <see cref="Never"/> for one of <see cref="NotRun"/>.</summary>
    public long[] Submits { get; }

    /// <summary>When each job started; <see cref="Never"/> for one that did not.</summary>
    public long[] Starts { get; }

    /// <summary>
    /// The jobs that never ran, by row: when that was certain, and how it is told. One that its partition does not take is <see cref="JobState.Rejected"/> as it is submitted; one whose
    /// condition never came true is <see cref="JobState.Cancelled"/> when the last job that it waited for is gone.
    /// </summary>
    public required IReadOnlyDictionary<int, (long Time, JobState State)> NotRun { get; init; }

    /// <summary>The parts of the machine; null where it is one.</summary>
    internal MachineParts? Parts { get; init; }

    /// <summary>The part that each job ran in, -1 for one that was not taken; null where there is one.</summary>
    internal int[]? PartOf { get; init; }

    /// <summary>What came of rules; null where there were none.</summary>
    public RuledOutcome? Outcome { get; init; }

    /// <summary>When a job finished; <see cref="Never"/> for one that did not start.</summary>
    public long Finish(int row) => Starts[row] == Never ? Never : Outcome is null ? Starts[row] + Jobs.RunTimes[row] : Outcome.Ends[row];

    /// <summary>When a job was sent: as it joined the queue, or as it was certain that it never would.</summary>
    public long SentAt(int row) => Submits[row] != Never ? Submits[row] : NotRun[row].Time;

    /// <summary>How a job ended.</summary>
    public JobState StateOf(int row) => Starts[row] == Never ? NotRun[row].State : Outcome is not null ? Outcome.States[row] : Jobs.TimesOut[row] ? JobState.TimedOut : JobState.Completed;

    /// <summary>From the first submission to the last finish.</summary>
    public TimeSpan Makespan
    {
        get
        {
            long first = long.MaxValue, last = 0;
            for (var row = 0; row < Jobs.Count; row++)
            {
                if (Starts[row] == Never) continue;
                first = Math.Min(first, Submits[row]);
                last = Math.Max(last, Finish(row));
            }

            return first == long.MaxValue ? TimeSpan.Zero : TimeSpan.FromMicroseconds(last - first);
        }
    }

    /// <summary>
    /// The schedule as the records of a trial, in queue order. The stages cost nothing: accepted with the submission, decided with the start,
    /// released with the finish. A job killed at its limit is <see cref="JobState.TimedOut"/>; one of
    /// <see cref="NotRun"/> was sent at its instant there and has no start, and one that was rejected was not accepted either.
    /// </summary>
    /// <param name="origin">Time of the workload's start, in UTC microseconds since 1970-01-01.</param>
    /// <param name="nodes">What the names of the nodes begin with, before their numbers from 1; null leaves <see cref="JobRecord.NodeList"/> empty. Processors are taken lowest first.</param>
    public IEnumerable<JobRecord> Records(long origin = 0, string? nodes = null)
    {
        var placed = nodes is null ? null : new PlacedNodes(this, nodes);
        for (var row = 0; row < Jobs.Count; row++)
        {
            var job = Jobs.Jobs?[row];
            var started = Starts[row] != Never;
            long? start = started ? origin + Starts[row] : null;
            long? finish = started ? origin + Finish(row) : null;
            var state = StateOf(row);
            var sent = origin + SentAt(row);
            long? accepted = state == JobState.Rejected ? null : sent;
            var count = 0;
            var list = placed is null ? "" : placed.Of(row, out count).ToString();
            yield return new JobRecord
            {
                Job = Jobs.Numbers[row], User = job?.User ?? -1, Group = job?.Group ?? -1, Queue = job?.Queue ?? -1, Request = job?.Request, Processors = Jobs.Processors[row],
                Nodes = count, NodeList = list.Length == 0 ? null : list,
                RunTime = job is null ? Jobs.RunTimes[row] : Micros.From(job.RunTime),
                Drains = Jobs.Drains[row],
                RequestedTime = job is null ? Jobs.Estimates[row] : job.RequestedTime is { } limit ? Micros.From(limit) : null,
                Planned = origin + Jobs.Submits[row], Sent = sent, Accepted = accepted, Eligible = accepted, Decided = start, Start = start, Finish = finish, Released = finish,
                State = state,
                ExitCode = started && !Jobs.TimesOut[row] ? 0 : null,
            };
        }
    }
}
