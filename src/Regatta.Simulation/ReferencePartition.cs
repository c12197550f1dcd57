using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>A partition of the simulated machine: nodes with a queue of their own, and limits of its jobs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Nodes">Its nodes by number, from 1 on: <c>all</c>, or ranges such as <c>1-2,4</c>.</param>
public sealed record ReferencePartition(string Name, string Nodes)
{
    /// <summary>Whether jobs that name no partition run here; without any such partition they run in the first.</summary>
    public bool IsDefault { get; init; }

    /// <summary>The longest time that a job may ask for; one that asks for more is not taken. Null for no limit.</summary>
    public TimeSpan? MaxTime { get; init; }

    /// <summary>The limit of jobs that ask for none; null for <see cref="MaxTime"/>.</summary>
    public TimeSpan? DefaultTime { get; init; }

    /// <summary>The most nodes of a job, those of its processors at least; one that needs more is not taken. Null for no limit.</summary>
    public int? MaxNodes { get; init; }

    /// <summary>Its jobs go before those of partitions with a lower tier. Looked at under <see cref="ReferenceRules"/> alone, as are all that follow.</summary>
    public int Tier { get; init; } = 1;

    /// <summary>Its factor in priorities, beside the largest of all.</summary>
    public int JobFactor { get; init; } = 1;

    /// <summary>What becomes of its jobs when those of a higher tier preempt them; null for what the scheduler says.</summary>
    public PreemptionMode? Preempted { get; init; }

    /// <summary>Whether jobs go to the least loaded nodes; else they are packed.</summary>
    public bool LeastLoaded { get; init; }

    /// <summary>The qualities of service that may use it; empty for all.</summary>
    public Sequence<string> AllowedQos { get; init; } = Sequence.Empty<string>();

    /// <summary>The qualities of service that may not use it.</summary>
    public Sequence<string> DeniedQos { get; init; } = Sequence.Empty<string>();

    /// <summary>The accounts that may use it; empty for all.</summary>
    public Sequence<string> AllowedAccounts { get; init; } = Sequence.Empty<string>();

    /// <summary>The accounts that may not use it.</summary>
    public Sequence<string> DeniedAccounts { get; init; } = Sequence.Empty<string>();

    /// <summary>The limit of jobs that ask for no time; null for none.</summary>
    public TimeSpan? Usual => DefaultTime ?? MaxTime;

    /// <summary>Whether a job asks for no more than the limits.</summary>
    /// <param name="job">The job.</param>
    /// <param name="machine">The machine.</param>
    public bool Takes(Job job, MachineSize machine)
    {
        ArgumentNullException.ThrowIfNull(job);
        return !((job.RequestedTime ?? Usual) > MaxTime) && !(Math.Max(job.Nodes, machine.NodesFor(job.Processors)) > MaxNodes);
    }
}

/// <summary>Partitions that compare by what they are.</summary>
/// <param name="All">The partitions.</param>
public sealed record ReferencePartitions(ImmutableArray<ReferencePartition> All)
{
    /// <inheritdoc/>
    public bool Equals(ReferencePartitions? other) => other is not null && All.AsSpan().SequenceEqual(other.All.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => All.Aggregate(0, HashCode.Combine);

    /// <summary>The partitions that share nodes, in groups of more than one: each group is one part of the simulated machine, where its jobs run on any node of the group.</summary>
    /// <param name="nodes">How many nodes there are.</param>
    public ImmutableArray<ImmutableArray<string>> Shared(int nodes) => [.. MachineParts.Of(this, nodes).Names.Where(names => names.Length > 1)];
}
