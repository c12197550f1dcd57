namespace Regatta.Workloads;

/// <summary>One job of a workload, as every scheduler is asked to run it.</summary>
public sealed record Job
{
    // There are millions of jobs: what may be missing is a number that no job has.
    private readonly int _arrayTask = -1;
    private readonly long _heterogeneousJob, _array = long.MinValue, _memoryPerProcessor = long.MinValue;
    private readonly TimeSpan _requestedTime = TimeSpan.MinValue;

    /// <summary>Job number, unique in the workload, at least 1.</summary>
    public required long Id { get; init; }

    /// <summary>When it is submitted, from the start of the workload; not negative.</summary>
    public required TimeSpan Submit { get; init; }

    /// <summary>Processors (schedulable cores) it occupies in all, at least 1.</summary>
    public required int Processors { get; init; }

    /// <summary>Nodes it must be spread over; 0 leaves the packing to the scheduler.</summary>
    public int Nodes { get; init; }

    /// <summary>How long it really runs; zero is allowed.</summary>
    public required TimeSpan RunTime { get; init; }

    /// <summary>The time limit that its user asked for; null when none was given.</summary>
    public TimeSpan? RequestedTime { get => _requestedTime == TimeSpan.MinValue ? null : _requestedTime; init => _requestedTime = value ?? TimeSpan.MinValue; }

    /// <summary>Memory per processor that it asks for, in bytes; null when none was given.</summary>
    public long? MemoryPerProcessor { get => _memoryPerProcessor == long.MinValue ? null : _memoryPerProcessor; init => _memoryPerProcessor = value ?? long.MinValue; }

    /// <summary>User number of the trace; -1 unknown.</summary>
    public int User { get; init; } = -1;

    /// <summary>Group number of the trace; -1 unknown.</summary>
    public int Group { get; init; } = -1;

    /// <summary>Queue number of the trace; -1 unknown.</summary>
    public int Queue { get; init; } = -1;

    /// <summary>Priority, higher runs sooner; 0 for all alike.</summary>
    public int Priority { get; init; }

    /// <summary>Jobs that must have got somewhere before this one may start.</summary>
    public ImmutableArray<JobDependency> Dependencies { get; init; } = [];

    /// <summary>The array that it is a task of; null when it is none.</summary>
    public long? Array { get => _array == long.MinValue ? null : _array; init => _array = value ?? long.MinValue; }

    /// <summary>Its index in its array; null when that is not known.</summary>
    public int? ArrayTask { get => _arrayTask < 0 ? null : _arrayTask; init => _arrayTask = value ?? -1; }

    /// <summary>The heterogeneous job that it is a component of, by the number of its first component; null when it is none.</summary>
    public long? HeterogeneousJob { get => _heterogeneousJob == 0 ? null : _heterogeneousJob; init => _heterogeneousJob = value ?? 0; }

    /// <summary>
    /// Whether it drains the queue: from its submission until it has ended no other job may start, so that it runs as soon as what runs has made room (the Z jobs of ESP).
    /// Of several, the earlier in queue order goes first.
    /// </summary>
    public bool Drains { get; init; }

    /// <summary>Gang: the least number of members that must run at once; 0 for an ordinary job.</summary>
    public int GangMinimum { get; init; }

    /// <summary>What it does while it runs.</summary>
    public Payload Payload { get; init; } = Payload.Sleep;

    /// <summary>What its user asked for by the names of its site, such as account, partition and GPUs; null when that is nothing. Jobs that ask alike may share one.</summary>
    public JobRequest? Request { get; init; }

    /// <summary>What a trace recorded of it; null when it comes from none, and in what is run.</summary>
    public RecordedJob? Recorded { get; init; }
}

/// <summary>What must have happened to another job.</summary>
public enum DependencyKind
{
    /// <summary>It has ended, whatever its state.</summary>
    After,

    /// <summary>It has completed well.</summary>
    AfterOk,

    /// <summary>It has ended in any other way.</summary>
    AfterNotOk,
}

/// <summary>What kinds of dependencies mean.</summary>
public static class DependencyKinds
{
    /// <summary>Whether a job that waits so never starts once the other has ended.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="completed">Whether the other ended well.</param>
    public static bool Refuses(this DependencyKind kind, bool completed) => kind switch
    {
        DependencyKind.AfterOk => !completed,
        DependencyKind.AfterNotOk => completed,
        _ => false,
    };

    /// <summary>What Slurm and Flux call it.</summary>
    public static string Scheme(this DependencyKind kind) => kind switch
    {
        DependencyKind.AfterOk => "afterok",
        DependencyKind.AfterNotOk => "afternotok",
        _ => "afterany",
    };
}

/// <summary>A dependency of one job on another.</summary>
/// <param name="Job">Number of the job that comes before.</param>
/// <param name="Kind">What must have happened to it.</param>
/// <param name="ThinkTime">How long after that the job is submitted (SWF field 18); zero for at once.</param>
public sealed record JobDependency(long Job, DependencyKind Kind, TimeSpan ThinkTime = default);

/// <summary>Kinds of payload.</summary>
public enum PayloadKind
{
    /// <summary>Sleeps for the job's run time.</summary>
    Sleep,

    /// <summary>Spins until it has used the job's run time in CPU seconds.</summary>
    Cpu,

    /// <summary>Runs a command; the job's run time is what the command takes.</summary>
    Exec,
}

/// <summary>What a job does while it runs.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Command">Command and arguments of <see cref="PayloadKind.Exec"/>; empty otherwise.</param>
public sealed record Payload(PayloadKind Kind, ImmutableArray<string> Command)
{
    /// <summary>The payload that sleeps.</summary>
    public static Payload Sleep { get; } = new(PayloadKind.Sleep, []);

    /// <summary>The payload that computes.</summary>
    public static Payload Cpu { get; } = new(PayloadKind.Cpu, []);
}
