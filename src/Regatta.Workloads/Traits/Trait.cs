using System.Text.Json;

namespace Regatta.Workloads;

/// <summary>What matters when trials are compared, under the names that all schedulers share. Records have them among their settings, by <see cref="TraitNames.Name"/>.</summary>
public enum Trait
{
    /// <summary>What keeps accounts of jobs.</summary>
    Accounting,

    /// <summary>What looks at a job before it is taken.</summary>
    Admission,

    /// <summary>Which jobs may overtake others.</summary>
    Backfill,

    /// <summary>What cgroups hold jobs to, as the nodes say it.</summary>
    CgroupEnforcement,

    /// <summary>How fast clients may ask.</summary>
    ClientRateLimit,

    /// <summary>How many idle clusters of other points stand on the same host.</summary>
    ClustersBeside,

    /// <summary>Queues of controllers before the scheduler's own.</summary>
    ControllerQueue,

    /// <summary>What became of jobs that nothing may start beside.</summary>
    Drain,

    /// <summary>How nodes are emulated.</summary>
    Emulation,

    /// <summary>What the emulation leaves out.</summary>
    EmulationLeavesOut,

    /// <summary>How jobs of several members are placed.</summary>
    Gang,

    /// <summary>When gangs that did not fit are tried again.</summary>
    GangRetry,

    /// <summary>GPUs of the nodes; none for nodes without.</summary>
    Gpus,

    /// <summary>What is pulled before a start.</summary>
    ImagePull,

    /// <summary>Whether memory is scheduled.</summary>
    Memory,

    /// <summary>The partitions with their nodes; none for one that has all nodes.</summary>
    Partitions,

    /// <summary>What a job's processors may be spread over.</summary>
    Placement,

    /// <summary>What is made for each pod.</summary>
    PodSandbox,

    /// <summary>What may take resources from running jobs.</summary>
    Preemption,

    /// <summary>What runs before and after each job.</summary>
    PrologEpilog,

    /// <summary>The order of the queue.</summary>
    QueueOrder,

    /// <summary>What launches tasks.</summary>
    TaskLaunch,

    /// <summary>How often time limits are checked.</summary>
    TimeLimitCheck,

    /// <summary>The virtual time that all of it runs in; none for real time.</summary>
    VirtualTime,
}

/// <summary>What traits are called in records and reports.</summary>
public static class TraitNames
{
    private static readonly string[] Names = [.. Enum.GetNames<Trait>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName)];

    /// <summary>The name, such as <c>queue-order</c>.</summary>
    public static string Name(this Trait trait) => Names[(int)trait];
}
