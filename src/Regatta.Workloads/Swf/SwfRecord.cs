namespace Regatta.Workloads;

/// <summary>
/// One line of the Standard Workload Format 2.2 (Feitelson; <c>www.cs.huji.ac.il/labs/parallel/workload/swf.html</c>), all 18 fields
/// as they stand in the file. -1 means unknown. Times are seconds; they are doubles because real logs hold fractions.
/// </summary>
public readonly record struct SwfRecord
{
    /// <summary>Field 1: job number, a counter from 1.</summary>
    public required long JobNumber { get; init; }

    /// <summary>Field 2: submit time in seconds from the start of the log.</summary>
    public required double Submit { get; init; }

    /// <summary>Field 3: wait time in seconds.</summary>
    public double Wait { get; init; }

    /// <summary>Field 4: run time in seconds.</summary>
    public double RunTime { get; init; }

    /// <summary>Field 5: allocated processors.</summary>
    public long AllocatedProcessors { get; init; }

    /// <summary>Field 6: average CPU time used per processor, in seconds.</summary>
    public double AverageCpuTime { get; init; }

    /// <summary>Field 7: used memory per processor, in kilobytes.</summary>
    public long UsedMemory { get; init; }

    /// <summary>Field 8: requested processors.</summary>
    public long RequestedProcessors { get; init; }

    /// <summary>Field 9: requested time in seconds.</summary>
    public double RequestedTime { get; init; }

    /// <summary>Field 10: requested memory per processor, in kilobytes.</summary>
    public long RequestedMemory { get; init; }

    /// <summary>Field 11: 1 completed, 0 failed, 5 cancelled, 2 to 4 partial records of a checkpointed job, -1 unknown.</summary>
    public int Status { get; init; }

    /// <summary>Field 12: user number.</summary>
    public int User { get; init; }

    /// <summary>Field 13: group number.</summary>
    public int Group { get; init; }

    /// <summary>Field 14: executable (application) number.</summary>
    public int Executable { get; init; }

    /// <summary>Field 15: queue number.</summary>
    public int Queue { get; init; }

    /// <summary>Field 16: partition number.</summary>
    public int Partition { get; init; }

    /// <summary>Field 17: number of the preceding job that this one waits for.</summary>
    public long PrecedingJob { get; init; }

    /// <summary>Field 18: seconds from the end of the preceding job to this one's submission.</summary>
    public double ThinkTime { get; init; }

    /// <summary>A record of which only the number and the submit time are known.</summary>
    public static SwfRecord Unknown(long jobNumber, double submit) => new()
    {
        JobNumber = jobNumber, Submit = submit, Wait = -1, RunTime = -1, AllocatedProcessors = -1, AverageCpuTime = -1, UsedMemory = -1,
        RequestedProcessors = -1, RequestedTime = -1, RequestedMemory = -1, Status = -1, User = -1, Group = -1, Executable = -1,
        Queue = -1, Partition = -1, PrecedingJob = -1, ThinkTime = -1,
    };
}

/// <summary>The fields of a line, in the order of the format.</summary>
public static class SwfField
{
    /// <summary>How many fields a line has.</summary>
    public const int Count = 18;

    /// <summary>Their names, as messages use them.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "job number", "submit time", "wait time", "run time", "allocated processors", "average CPU time", "used memory",
        "requested processors", "requested time", "requested memory", "status", "user", "group", "executable", "queue", "partition",
        "preceding job", "think time",
    ];

    /// <summary>Bit mask of the fields that hold seconds (2, 3, 4, 6, 9 and 18).</summary>
    internal const uint Times = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 5 | 1u << 8 | 1u << 17;

    /// <summary>Bit mask of the fields that are kept as 32-bit numbers (11 to 16).</summary>
    internal const uint Small = 0b111111u << 10;

    /// <summary>Field 6 is the one that the format lets be a fraction: it is an average.</summary>
    internal const uint AverageCpuTime = 1u << 5;
}
