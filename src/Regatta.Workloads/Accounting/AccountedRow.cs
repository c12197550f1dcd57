namespace Regatta.Workloads;

/// <summary>How far a job had come.</summary>
internal enum AccountedState
{
    /// <summary>A word that is not known here.</summary>
    Unknown,

    /// <summary>It waits.</summary>
    Waiting,

    /// <summary>It runs, or is suspended or about to end.</summary>
    Running,

    /// <summary>It ended well.</summary>
    Completed,

    /// <summary>It failed, or a limit or its node ended it.</summary>
    Failed,

    /// <summary>Somebody cancelled it.</summary>
    Cancelled,

    /// <summary>This run of it was ended by the site; where a later row has the same number, the job ran again.</summary>
    Interrupted,

    /// <summary>It went on with other nodes; the next row with the same number tells of that.</summary>
    Resized,
}

/// <summary>One run of a job, as a cluster's accounting says it. Times are seconds since 1970-01-01 UTC; what is not known is NaN, 0 or -1.</summary>
internal readonly record struct AccountedRow
{
    /// <summary>The job's own number; 0 when only that of its array or of its first component is known.</summary>
    public long Id { get; init; }

    /// <summary>Number of the array that it is a task of; 0 for none.</summary>
    public long Array { get; init; }

    /// <summary>Its index in that array; -1 when it is not known.</summary>
    public int ArrayTask { get; init; }

    /// <summary>The heterogeneous job that it is a component of, by the number of its first one; 0 for none.</summary>
    public long Heterogeneous { get; init; }

    public AccountedState State { get; init; }

    /// <summary>How it ended; null where it has not, or the source does not say.</summary>
    public RecordedState? Ended { get; init; }

    /// <summary>Whether it is a run of Slurm's cron, all of which have one number, and whatever became of them are called requeued.</summary>
    public bool Cron { get; init; }

    public double Submit { get; init; }

    /// <summary>When it could first have started: dependencies met, no longer held, begin time reached.</summary>
    public double Eligible { get; init; }

    public double Start { get; init; }

    /// <summary>Whether the source tells nothing of waits: its start is only taken from its submission.</summary>
    public bool WithoutWait { get; init; }

    public double End { get; init; }

    /// <summary>How long it held its processors, in seconds, suspension included.</summary>
    public double Ran { get; init; }

    /// <summary>For how much of that it was suspended, in seconds.</summary>
    public double Suspended { get; init; }

    /// <summary>Time limit in seconds; NaN for none.</summary>
    public double Limit { get; init; }

    /// <summary>Processors that it asked for.</summary>
    public long Requested { get; init; }

    /// <summary>Processors that it was given.</summary>
    public long Allocated { get; init; }

    /// <summary>Whether the row says that it was given nothing.</summary>
    public bool GivenNothing { get; init; }

    /// <summary>Nodes that it asked for at least; 0 when that is not known.</summary>
    public long Nodes { get; init; }

    /// <summary>Bytes for each processor; 0 when that is not known.</summary>
    public long MemoryPerProcessor { get; init; }

    public int User { get; init; }

    /// <summary>The account, else the group.</summary>
    public int Group { get; init; }

    public int Queue { get; init; }

    public int Partition { get; init; }

    public AccountedRequest Request { get; init; }

    /// <summary>What it waited for, as <c>sbatch --dependency</c> takes it; null when that is not known.</summary>
    public string? Dependency { get; init; }
}
