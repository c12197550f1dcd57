using Regatta.Schedulers.Slurm.Policy;
using Regatta.Workloads;

namespace Regatta.Schedulers;

/// <summary>One setting of a scheduler, in the scheduler's own words.</summary>
/// <param name="Key">Its name, such as <c>SchedulerType</c>.</param>
/// <param name="Value">Its value.</param>
/// <param name="Why">What it is set for, in a few words.</param>
public sealed record SchedulerSetting(string Key, string Value, string Why);

/// <summary>A policy that is meant to be the same on every scheduler, mapped to the settings of one.</summary>
/// <param name="Name">The policy: <c>fifo</c>, <c>backfill</c>, <c>throughput</c>, <c>gang</c>.</param>
/// <param name="Summary">What it promises, in one line.</param>
/// <param name="Settings">The settings that make it up, beyond those that all profiles share.</param>
/// <param name="Traits">What matters when it is compared, under the names that all schedulers share.</param>
public sealed record SchedulerProfile(
    string Name,
    string Summary,
    ImmutableArray<SchedulerSetting> Settings,
    SchedulerTraits Traits);

/// <summary>How a scheduler is wanted.</summary>
/// <param name="Profile">Name of a profile.</param>
public sealed record SchedulerOptions(string Profile)
{
    /// <summary>The most nodes that can be emulated.</summary>
    public const int MostEmulated = 10000;

    /// <summary>Single settings of the scheduler that change the profile's (<c>scheduler.settings</c> of a configuration).</summary>
    public ImmutableSortedDictionary<string, string> Settings { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Settings of the profile that are left to the scheduler's own defaults (null in <c>scheduler.settings</c>).</summary>
    public ImmutableSortedSet<string> Without { get; init; } = [];

    /// <summary>
    /// Schedulable processors of every worker; null for as many as the worker has. More than it has is oversubscription:
    /// jobs are then not bound to processors.
    /// </summary>
    public int? ProcessorsPerNode { get; init; }

    /// <summary>So many emulated nodes, each with the processors of a worker, take the workers' place; null for the workers themselves.</summary>
    public int? Emulated { get; init; }

    /// <summary>GPUs of the workers, or of the emulated nodes in their place, in the order of their models (Slurm).</summary>
    public ImmutableArray<NodeGpus> Gpus { get; init; } = [];

    /// <summary>The virtual time that it and its emulated nodes run in; null for real time.</summary>
    public VirtualTime? Virtual { get; init; }

    /// <summary>
    /// Jobs are submitted as a user of their own instead of the one that the scheduler runs as, where that makes a difference (Flux: munge and the IMP).
    /// </summary>
    public bool MultiUser { get; init; }

    /// <summary>Daemons that fail are started again, where that is a choice (Slurm).</summary>
    public bool Restart { get; init; } = true;

    /// <summary>The scheduler's version, such as <c>24.11.5</c>, as its image tells it; null where only the nodes know.</summary>
    public string? Version { get; init; }

    /// <summary>Accounts, qualities of service, partitions and reservations (Slurm).</summary>
    public SlurmPolicy Policy { get; init; } = SlurmPolicy.None;

    /// <summary>The version that its daemons are upgraded to while a trial runs (Slurm); null for none.</summary>
    public string? Upgrade { get; init; }
}

/// <summary>What a cluster can run at once under a scheduler.</summary>
/// <param name="Nodes">Worker nodes.</param>
/// <param name="ProcessorsPerNode">Schedulable processors of each; the smallest where they differ.</param>
/// <param name="Processors">Schedulable processors in all, <c>P</c>.</param>
/// <param name="MemoryPerProcessor">Memory that a job can count on for each processor, in bytes.</param>
public sealed record Capacity(int Nodes, int ProcessorsPerNode, int Processors, long MemoryPerProcessor)
{
    /// <summary>What workers can run at once, each with as many processors as the options say, or with all that it has.</summary>
    /// <param name="workers">Processors and memory (bytes) of each worker.</param>
    /// <param name="options">How the scheduler is wanted.</param>
    /// <param name="memoryPerProcessor">Bytes that a job can count on for each processor, of a worker's memory (bytes) and schedulable processors.</param>
    internal static Capacity Of(IEnumerable<(int Processors, long Memory)> workers, SchedulerOptions options, Func<long, int, long> memoryPerProcessor)
    {
        var nodes = workers.Select(w => (Processors: options.ProcessorsPerNode ?? w.Processors, w.Memory)).ToImmutableArray();
        return nodes.IsEmpty
            ? new Capacity(0, 0, 0, 0)
            : new Capacity(nodes.Length, nodes.Min(n => n.Processors), nodes.Sum(n => n.Processors), nodes.Min(n => memoryPerProcessor(n.Memory, n.Processors)));
    }
}
