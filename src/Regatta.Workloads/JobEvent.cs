namespace Regatta.Workloads;

/// <summary>What happened to a job. The names are the same on every scheduler.</summary>
public enum JobEventKind
{
    /// <summary>The submission left the client.</summary>
    Sent,

    /// <summary>The scheduler answered that it took the job.</summary>
    Accepted,

    /// <summary>The scheduler answered that it did not take the job.</summary>
    Rejected,

    /// <summary>The job may be scheduled: submitted, and no dependency or hold keeps it.</summary>
    Eligible,

    /// <summary>The scheduler allocated nodes to it.</summary>
    Decided,

    /// <summary>Its payload began on a node.</summary>
    Started,

    /// <summary>Its payload ended on a node.</summary>
    Finished,

    /// <summary>The scheduler holds it for ended; <see cref="JobEvent.State"/> says how.</summary>
    Ended,

    /// <summary>Its resources are free again.</summary>
    Released,

    /// <summary>The scheduler put it back into the queue.</summary>
    Requeued,

    /// <summary>The scheduler took what it held to give it to the job <see cref="JobEvent.By"/>.</summary>
    Preempted,
}

/// <summary>How a job ended.</summary>
public enum JobState
{
    /// <summary>No end was seen.</summary>
    Unfinished,

    /// <summary>It ended with exit code 0.</summary>
    Completed,

    /// <summary>It ended with another exit code or by a signal.</summary>
    Failed,

    /// <summary>It was ended at its time limit.</summary>
    TimedOut,

    /// <summary>It was cancelled.</summary>
    Cancelled,

    /// <summary>A node that it ran on was lost.</summary>
    NodeFailed,

    /// <summary>The scheduler never took it.</summary>
    Rejected,

    /// <summary>The scheduler took it and then forgot it.</summary>
    Lost,
}

/// <summary>One thing that happened to one job, as a line of <c>events.jsonl</c>.</summary>
/// <param name="Job">Job number of the workload.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Time">When, UTC, in microseconds since 1970-01-01.</param>
/// <param name="Source">Who stamped it: <c>agent</c>, <c>payload</c>, <c>slurmctld.log</c>, <c>observed</c>, …</param>
public sealed record JobEvent(long Job, JobEventKind Kind, long Time, string Source)
{
    /// <summary>The node it was stamped on or speaks of; null when it is the head or is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The member of the job that it speaks of, where each of several is stamped; null when the job is stamped as one.</summary>
    public string? Member { get; init; }

    /// <summary>When the schedule said that it be sent, UTC microseconds, with <see cref="JobEventKind.Sent"/>.</summary>
    public long? Planned { get; init; }

    /// <summary>The nodes that were allocated, in the scheduler's own notation, with <see cref="JobEventKind.Decided"/>.</summary>
    public string? Nodes { get; init; }

    /// <summary>The scheduler's own name for the job, with <see cref="JobEventKind.Accepted"/>.</summary>
    public string? SchedulerId { get; init; }

    /// <summary>How it ended, with <see cref="JobEventKind.Ended"/>.</summary>
    public JobState? State { get; init; }

    /// <summary>Exit code of the payload or the job, where one is known.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The scheduler's words, such as why a job was rejected.</summary>
    public string? Detail { get; init; }

    /// <summary>The job that it made room for, with <see cref="JobEventKind.Preempted"/>; null where that is none of the workload's.</summary>
    public long? By { get; init; }
}
