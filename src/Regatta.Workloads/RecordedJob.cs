namespace Regatta.Workloads;

/// <summary>
/// What a trace recorded of a job beyond what it asked for: it says nothing of how the job is to be run, and is kept so that a trace that is cleaned or cut keeps it.
/// Null where the trace does not know.
/// </summary>
public sealed record RecordedJob
{
    /// <summary>How long it waited (SWF field 3).</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Processors that it was given (field 5).</summary>
    public long? AllocatedProcessors { get; init; }

    /// <summary>CPU time that it used, the mean over its processors (field 6).</summary>
    public TimeSpan? AverageCpuTime { get; init; }

    /// <summary>Memory that it used per processor, in bytes (field 7).</summary>
    public long? UsedMemory { get; init; }

    /// <summary>Processors that it asked for (field 8); null where the trace has only those that it was given.</summary>
    public long? RequestedProcessors { get; init; }

    /// <summary>How it ended, as SWF numbers it (field 11): 0 failed, 1 completed, 5 cancelled.</summary>
    public int? Status { get; init; }

    /// <summary>Number of its program (field 14).</summary>
    public int? Executable { get; init; }

    /// <summary>Number of its partition (field 16).</summary>
    public int? Partition { get; init; }

    /// <summary>The fields by name, as messages use them, with whether each is known.</summary>
    internal static ImmutableArray<(string Name, Func<RecordedJob, bool> Known)> Fields { get; } =
    [
        ("wait time", r => r.Wait is not null), ("allocated processors", r => r.AllocatedProcessors is not null), ("average CPU time", r => r.AverageCpuTime is not null),
        ("used memory", r => r.UsedMemory is not null), ("requested processors", r => r.RequestedProcessors is not null), ("status", r => r.Status is not null),
        ("executable", r => r.Executable is not null), ("partition", r => r.Partition is not null),
    ];

    /// <summary>What still holds of a job that is submitted at another time among the others.</summary>
    internal RecordedJob OfOtherSubmission() => this with { Wait = null };

    /// <summary>What still holds of a job all of whose times are others.</summary>
    internal RecordedJob OfOtherTimes() => this with { Wait = null, AverageCpuTime = null };

    /// <summary>What still holds of a job of another size.</summary>
    internal RecordedJob OfOtherSize() => this with { Wait = null, AllocatedProcessors = null, RequestedProcessors = null, AverageCpuTime = null, UsedMemory = null };
}
