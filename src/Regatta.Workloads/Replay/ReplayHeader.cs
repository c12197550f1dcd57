namespace Regatta.Workloads;

/// <summary>First line of what a replay reads; one <see cref="Job"/> a line follows.</summary>
public sealed record ReplayHeader
{
    /// <summary>Newest version of this contract.</summary>
    public const int Newest = 1;

    /// <summary>Version of this contract.</summary>
    public int Version { get; init; } = Newest;

    /// <summary>Id of the trial: a DNS label. Every job is submitted under the name <c>regatta-TRIAL-JOB</c>.</summary>
    public required string Trial { get; init; }

    /// <summary>The driver: <c>slurm</c>.</summary>
    public required string Scheduler { get; init; }

    /// <summary>How many jobs follow; fewer mean that the input was cut off.</summary>
    public required int Jobs { get; init; }

    /// <summary>From the moment that the whole schedule is read to the start of the workload.</summary>
    public TimeSpan StartDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after the last submission the jobs may take to end; what has not ended then stays unfinished.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bound on the 99th percentile of lateness beyond which the client is the limit.</summary>
    public TimeSpan LatenessBound { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Submissions that may be under way at once, 1 to 256; slurmrestd takes 124 connections unless it is told otherwise.</summary>
    public int Connections { get; init; } = 96;

    /// <summary>The virtual clock that it goes by; null for real time.</summary>
    public ReplayClock? Clock { get; init; }

    /// <summary>
    /// The replay begins half of this and half a second after a whole number of them since the scheduler's start; zero for at once. A virtual clock has one of its own.
    /// </summary>
    public TimeSpan Beat { get; init; }

    /// <summary>How often the scheduler and its processes are sampled; null for never.</summary>
    public TimeSpan? SampleEvery { get; init; }

    /// <summary>Clients that call meanwhile; null for none.</summary>
    public ClientStorm? Clients { get; init; }

    /// <summary>Options of the driver, by name; the page on the agent lists them.</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
