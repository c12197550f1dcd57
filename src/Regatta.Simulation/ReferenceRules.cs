using Regatta.Simulation.Priorities;
using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>Who may take what others hold.</summary>
public enum PreemptionBy
{
    /// <summary>Nobody.</summary>
    None,

    /// <summary>Jobs of partitions with a higher tier, of jobs of those with a lower one.</summary>
    Partition,

    /// <summary>Jobs of a quality of service, of jobs of those that it names.</summary>
    Qos,
}

/// <summary>What becomes of a job that another takes its nodes from.</summary>
public enum PreemptionMode
{
    /// <summary>It is not preempted.</summary>
    Off,

    /// <summary>It ends.</summary>
    Cancel,

    /// <summary>It waits again, and begins anew.</summary>
    Requeue,
}

/// <summary>So many of a resource that Slurm counts.</summary>
/// <param name="Name"><c>cpu</c>, <c>node</c>, <c>gres/gpu</c>, <c>gres/gpu:MODEL</c> or <c>license/NAME</c>.</param>
/// <param name="Count">How many, at least 0.</param>
public sealed record ResourceLimit(string Name, long Count);

/// <summary>Limits of what runs at once under one name; null and empty are none.</summary>
public sealed record RunningLimits
{
    /// <summary>The most jobs that run.</summary>
    public int? Jobs { get; init; }

    /// <summary>The most jobs that run or wait; further ones are refused as they are sent.</summary>
    public int? Submits { get; init; }

    /// <summary>The most of resources.</summary>
    public Sequence<ResourceLimit> Resources { get; init; } = Sequence.Empty<ResourceLimit>();
}

/// <summary>Limits of each job.</summary>
public sealed record JobLimits
{
    /// <summary>The longest time that it may ask for; null for no limit.</summary>
    public TimeSpan? Wall { get; init; }

    /// <summary>The most of resources.</summary>
    public Sequence<ResourceLimit> Resources { get; init; } = Sequence.Empty<ResourceLimit>();
}

/// <summary>A quality of service.</summary>
/// <param name="Name">Its name.</param>
public sealed record ReferenceQos(string Name)
{
    /// <summary>Its priority.</summary>
    public long Priority { get; init; }

    /// <summary>The qualities of service whose jobs its own may preempt.</summary>
    public Sequence<string> Preempts { get; init; } = Sequence.Empty<string>();

    /// <summary>What becomes of its jobs when they are preempted; null for what the scheduler says.</summary>
    public PreemptionMode? Mode { get; init; }

    /// <summary>Limits of all its jobs together.</summary>
    public RunningLimits All { get; init; } = new();

    /// <summary>Limits of the jobs of each user.</summary>
    public RunningLimits PerUser { get; init; } = new();

    /// <summary>Limits of the jobs of each account.</summary>
    public RunningLimits PerAccount { get; init; } = new();

    /// <summary>Limits of each job.</summary>
    public JobLimits PerJob { get; init; } = new();

    /// <summary>Whether jobs that can never start within the limits are refused as they are sent (DenyOnLimit); else they wait for ever.</summary>
    public bool Denies { get; init; }
}

/// <summary>An account, or a user in one.</summary>
/// <param name="Account">The account.</param>
/// <param name="Parent">The account above; null for users, and for the root account.</param>
/// <param name="User">The user; null for the account itself.</param>
public sealed record ReferenceAssociation(string Account, string? Parent, string? User)
{
    /// <summary>Its share beside its siblings'; null for that of its parent.</summary>
    public long? Shares { get; init; } = 1;

    /// <summary>Limits of all jobs under it together.</summary>
    public RunningLimits All { get; init; } = new();

    /// <summary>Limits of the jobs of each user in the account.</summary>
    public RunningLimits PerUser { get; init; } = new();

    /// <summary>Limits of each job.</summary>
    public JobLimits PerJob { get; init; } = new();

    /// <summary>The qualities of service that its jobs may have; empty for those of the account above, and at last all.</summary>
    public Sequence<string> Qos { get; init; } = Sequence.Empty<string>();

    /// <summary>The quality of service of jobs that name none; null for that of the account above, and at last <c>normal</c>.</summary>
    public string? DefaultQos { get; init; }
}

/// <summary>Nodes that are kept for some jobs, or for none, over a time.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Start">When it begins, from the start of the workload on.</param>
/// <param name="End">When it ends.</param>
/// <param name="Nodes">Its nodes by number, from 1 on: <c>all</c>, or ranges such as <c>1-2,4</c>.</param>
public sealed record ReferenceReservation(string Name, TimeSpan Start, TimeSpan End, string Nodes)
{
    /// <summary>Users whose jobs may ask for it.</summary>
    public Sequence<string> Users { get; init; } = Sequence.Empty<string>();

    /// <summary>Accounts whose jobs may ask for it.</summary>
    public Sequence<string> Accounts { get; init; } = Sequence.Empty<string>();
}

/// <summary>How jobs are put in order by several factors.</summary>
/// <param name="Weights">What each factor weighs.</param>
/// <param name="Every">How often priorities are computed anew.</param>
/// <param name="HalfLife">After how long usage counts half; zero for never.</param>
/// <param name="FairTree">Whether shares are compared by fair tree; else classically.</param>
public sealed record ReferencePriorities(PriorityWeights Weights, TimeSpan Every, TimeSpan HalfLife, bool FairTree);

/// <summary>A policy beyond the order of the queue. Without any, the machine is one of like processors.</summary>
public sealed record ReferenceRules
{
    /// <summary>How long a job that was preempted and waits again may not start: that of Slurm.</summary>
    public static TimeSpan RequeueDelay { get; } = TimeSpan.FromMinutes(2);

    /// <summary>GPUs of the nodes.</summary>
    public Sequence<NodeGpus> Gpus { get; init; } = Sequence.Empty<NodeGpus>();

    /// <summary>Licences of the machine.</summary>
    public Sequence<ResourceLimit> Licenses { get; init; } = Sequence.Empty<ResourceLimit>();

    /// <summary>Reservations.</summary>
    public Sequence<ReferenceReservation> Reservations { get; init; } = Sequence.Empty<ReferenceReservation>();

    /// <summary>Qualities of service; <c>normal</c> is there whatever they are.</summary>
    public Sequence<ReferenceQos> Qos { get; init; } = Sequence.Empty<ReferenceQos>();

    /// <summary>Accounts and users.</summary>
    public Sequence<ReferenceAssociation> Associations { get; init; } = Sequence.Empty<ReferenceAssociation>();

    /// <summary>Who preempts whom.</summary>
    public PreemptionBy Preemption { get; init; }

    /// <summary>What becomes of those who are preempted, unless their partition or quality of service says otherwise.</summary>
    public PreemptionMode Mode { get; init; }

    /// <summary>Whether jobs that do not say so may be put back into the queue.</summary>
    public bool Requeues { get; init; } = true;

    /// <summary>The order of the queue by priorities; null for the order of joining.</summary>
    public ReferencePriorities? Priorities { get; init; }

    /// <summary>The rules in words, by name, as the records of a trial hold them.</summary>
    public Sequence<(string Name, string Value)> Told { get; init; } = Sequence.Empty<(string Name, string Value)>();
}
