namespace Regatta.Workloads;

/// <summary>
/// What a trace recorded of a job beyond what it asked for: it says nothing of how the job is to be run, and is kept so that a trace that is cleaned or cut keeps it.
/// Null where the trace does not know.
/// </summary>
public sealed record RecordedJob
{
    private const long No = -1;

    // One a job, of which there are millions: what is not known takes no more room than what is.
    private readonly long _wait = No, _allocatedProcessors = No, _averageCpuTime = No, _usedMemory = No, _requestedProcessors = No, _held = No, _suspended = No;
    private readonly int _status = -1, _executable = -1, _partition = -1, _requeues = -1;

    /// <summary>How long it waited (SWF field 3).</summary>
    public TimeSpan? Wait { get => Span(_wait); init => _wait = Ticks(value); }

    /// <summary>Processors that it was given (field 5).</summary>
    public long? AllocatedProcessors { get => Number(_allocatedProcessors); init => _allocatedProcessors = value ?? No; }

    /// <summary>CPU time that it used, the mean over its processors (field 6).</summary>
    public TimeSpan? AverageCpuTime { get => Span(_averageCpuTime); init => _averageCpuTime = Ticks(value); }

    /// <summary>Memory that it used per processor, in bytes (field 7).</summary>
    public long? UsedMemory { get => Number(_usedMemory); init => _usedMemory = value ?? No; }

    /// <summary>Processors that it asked for (field 8); null where the trace has only those that it was given.</summary>
    public long? RequestedProcessors { get => Number(_requestedProcessors); init => _requestedProcessors = value ?? No; }

    /// <summary>How it ended, as SWF numbers it (field 11): 0 failed, 1 completed, 5 cancelled.</summary>
    public int? Status { get => Number(_status); init => _status = value ?? -1; }

    /// <summary>How it ended, where the trace knows more than <see cref="Status"/> can say.</summary>
    public RecordedState? State { get; init; }

    /// <summary>How it ended as SWF numbers it, from <see cref="State"/> where no number was recorded; null where neither was.</summary>
    internal int? SwfStatus => Status ?? State switch { null => null, RecordedState.Completed => 1, RecordedState.Cancelled => 5, _ => 0 };

    /// <summary>Number of its program (field 14).</summary>
    public int? Executable { get => Number(_executable); init => _executable = value ?? -1; }

    /// <summary>Number of its partition (field 16).</summary>
    public int? Partition { get => Number(_partition); init => _partition = value ?? -1; }

    /// <summary>How long before <see cref="Job.Submit"/> it was submitted, when it was held, waited for another job or was to begin later.</summary>
    public TimeSpan? Held { get => Span(_held); init => _held = Ticks(value); }

    /// <summary>For how much of its run time it was suspended.</summary>
    public TimeSpan? Suspended { get => Span(_suspended); init => _suspended = Ticks(value); }

    /// <summary>How often it was put back into the queue.</summary>
    public int? Requeues { get => Number(_requeues); init => _requeues = value ?? -1; }

    /// <summary>The fields by name, as messages use them, with whether each is known.</summary>
    internal static ImmutableArray<(string Name, Func<RecordedJob, bool> Known)> Fields { get; } =
    [
        ("wait time", r => r.Wait is not null), ("allocated processors", r => r.AllocatedProcessors is not null), ("average CPU time", r => r.AverageCpuTime is not null),
        ("used memory", r => r.UsedMemory is not null), ("requested processors", r => r.RequestedProcessors is not null), ("status", r => r.Status is not null || r.State is not null),
        ("executable", r => r.Executable is not null), ("partition", r => r.Partition is not null), ("time held", r => r.Held is not null), ("time suspended", r => r.Suspended is not null),
        ("requeues", r => r.Requeues is not null),
    ];

    /// <summary>What still holds of a job that is submitted at another time among the others.</summary>
    internal RecordedJob OfOtherSubmission() => this with { Wait = null, Held = null };

    /// <summary>What still holds of a job all of whose times are others.</summary>
    internal RecordedJob OfOtherTimes() => this with { Wait = null, Held = null, Suspended = null, AverageCpuTime = null };

    /// <summary>What still holds of a job of another size.</summary>
    internal RecordedJob OfOtherSize() => this with { Wait = null, AllocatedProcessors = null, RequestedProcessors = null, AverageCpuTime = null, UsedMemory = null };

    private static TimeSpan? Span(long ticks) => ticks < 0 ? null : new TimeSpan(ticks);

    private static long Ticks(TimeSpan? span) => span?.Ticks ?? No;

    private static long? Number(long number) => number < 0 ? null : number;

    private static int? Number(int number) => number < 0 ? null : number;
}

/// <summary>How a trace says that a job ended.</summary>
public enum RecordedState
{
    /// <summary>Well.</summary>
    Completed,

    /// <summary>With another exit code than 0, or by a signal.</summary>
    Failed,

    /// <summary>At its time limit.</summary>
    TimedOut,

    /// <summary>Somebody cancelled it.</summary>
    Cancelled,

    /// <summary>A node of it was lost.</summary>
    NodeFailed,

    /// <summary>It used more memory than it might.</summary>
    OutOfMemory,

    /// <summary>Another job took its place.</summary>
    Preempted,

    /// <summary>At its deadline.</summary>
    Deadline,

    /// <summary>Its nodes could not be started.</summary>
    BootFailed,
}
