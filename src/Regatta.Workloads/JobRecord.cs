namespace Regatta.Workloads;

/// <summary>
/// One row of <c>jobs.parquet</c>: what was asked for and what became of it. All stamps are UTC microseconds since 1970-01-01
/// and null when the event was not seen; the names are those of <c>docs/measurement.md</c>.
/// </summary>
public sealed record JobRecord
{
    /// <summary>Job number of the workload.</summary>
    public required long Job { get; init; }

    /// <summary>User number; -1 unknown.</summary>
    public int User { get; init; } = -1;

    /// <summary>Group number; -1 unknown.</summary>
    public int Group { get; init; } = -1;

    /// <summary>Queue number; -1 unknown.</summary>
    public int Queue { get; init; } = -1;

    /// <summary>What its user asked for by the names of the site; null for nothing.</summary>
    public JobRequest? Request { get; init; }

    /// <summary>Processors, <c>q</c>.</summary>
    public required int Processors { get; init; }

    /// <summary>Nodes that it was allocated; 0 when it got none.</summary>
    public int Nodes { get; init; }

    /// <summary>Names of the allocated nodes, comma-separated; null when it got none.</summary>
    public string? NodeList { get; init; }

    /// <summary>Run time that the workload gives it, in microseconds.</summary>
    public long RunTime { get; init; }

    /// <summary>Time limit that was asked for, in microseconds; null when none was.</summary>
    public long? RequestedTime { get; init; }

    /// <summary>Whether the workload wants that no other job starts from its submission until it has ended.</summary>
    public bool Drains { get; init; }

    /// <summary>When the schedule said that it be sent.</summary>
    public long? Planned { get; init; }

    /// <summary>Sent.</summary>
    public long? Sent { get; init; }

    /// <summary>Accepted, <c>r</c> together with <see cref="Sent"/>: the submit time is <see cref="Sent"/>.</summary>
    public long? Accepted { get; init; }

    /// <summary>Eligible, <c>e</c>.</summary>
    public long? Eligible { get; init; }

    /// <summary>Decided, <c>d</c>.</summary>
    public long? Decided { get; init; }

    /// <summary>Start, <c>s</c>.</summary>
    public long? Start { get; init; }

    /// <summary>Finish, <c>f</c>.</summary>
    public long? Finish { get; init; }

    /// <summary>Released, <c>x</c>.</summary>
    public long? Released { get; init; }

    /// <summary>How it ended.</summary>
    public JobState State { get; init; }

    /// <summary>Exit code, where one is known.</summary>
    public int? ExitCode { get; init; }

    /// <summary>How often the scheduler put it back into the queue.</summary>
    public int Requeues { get; init; }

    /// <summary>The scheduler's own name for it.</summary>
    public string? SchedulerId { get; init; }
}
