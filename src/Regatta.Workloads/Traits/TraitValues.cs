namespace Regatta.Workloads;

/// <summary>What looks at a job before it is taken.</summary>
public enum Admission
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The limits of its partition, in the controller.</summary>
    PartitionLimits,

    /// <summary>Validators of jobspec and feasibility beside the broker.</summary>
    Validators,

    /// <summary>The API server's own plugins.</summary>
    ApiServerPlugins,

    /// <summary>Webhooks that the API server calls.</summary>
    Webhooks,
}

/// <summary>Which jobs may overtake others.</summary>
public enum Backfill
{
    /// <summary>None.</summary>
    None,

    /// <summary>Those that do not delay the first job that waits.</summary>
    Easy,

    /// <summary>Those that delay no job that waits.</summary>
    Conservative,

    /// <summary>Those that do not delay the first few jobs that wait.</summary>
    Hybrid,

    /// <summary>All that fit: nothing is reserved.</summary>
    Unreserved,
}

/// <summary>Queues before the scheduler's own.</summary>
public enum ControllerQueue
{
    /// <summary>None.</summary>
    None,

    /// <summary>Kubernetes' job controller.</summary>
    JobController,

    /// <summary>Volcano's job controller and its sessions.</summary>
    VolcanoController,
}

/// <summary>How nodes are emulated.</summary>
public enum EmulationKind
{
    /// <summary>Many slurmd on each worker.</summary>
    ManySlurmd,

    /// <summary>Flux's fake resources, simulated execution.</summary>
    FakeResources,

    /// <summary>One process plays the kubelets.</summary>
    PlayedKubelets,
}

/// <summary>How jobs of several members are placed.</summary>
public enum Gang
{
    /// <summary>Whole.</summary>
    WholeJob,

    /// <summary>Each pod by itself.</summary>
    PodByPod,
}

/// <summary>When gangs that did not fit are tried again.</summary>
/// <param name="AtOnce">Over and over, whenever the scheduler has nothing else to do.</param>
/// <param name="MostSeconds">Else the longest wait before the next try, as the scheduler's setting has it.</param>
public sealed record GangRetry(bool AtOnce, string MostSeconds);

/// <summary>What is pulled before a start.</summary>
public enum ImagePull
{
    /// <summary>There are no images.</summary>
    None,

    /// <summary>Nothing: the image is on the nodes.</summary>
    OnNodes,
}

/// <summary>Whether memory is scheduled.</summary>
public enum MemoryScheduling
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>It is.</summary>
    Always,

    /// <summary>Where a job asks for it.</summary>
    WhereAsked,
}

/// <summary>What a job's processors may be spread over.</summary>
public enum JobPlacement
{
    /// <summary>Any processors.</summary>
    AnyProcessors,

    /// <summary>Pods, each on one node.</summary>
    WholePods,
}

/// <summary>The order of the queue.</summary>
public enum QueueOrder
{
    /// <summary>By submission.</summary>
    SubmitTime,

    /// <summary>By priority, then creation.</summary>
    PriorityThenCreation,
}

/// <summary>What launches tasks.</summary>
public enum TaskLaunch
{
    /// <summary>Slurm's batch step.</summary>
    Slurmstepd,

    /// <summary>flux-shell, by the broker.</summary>
    FluxShellByBroker,

    /// <summary>flux-shell, by the IMP.</summary>
    FluxShellByImp,

    /// <summary>A container, by the kubelet.</summary>
    Kubelet,
}

/// <summary>How often time limits are checked.</summary>
public enum TimeLimitCheck
{
    /// <summary>A job ends at its limit.</summary>
    AtLimit,

    /// <summary>Every 30 seconds.</summary>
    Every30Seconds,

    /// <summary>Each second, with 10 s more for the launch.</summary>
    EachSecondByKubelet,
}

/// <summary>Emulated nodes.</summary>
/// <param name="Nodes">How many.</param>
/// <param name="Kind">How.</param>
public sealed record NodeEmulation(int Nodes, EmulationKind Kind);
