namespace Regatta.Workloads;

/// <summary>What matters of a scheduler and its profile in a comparison.</summary>
public sealed record SchedulerTraits
{
    /// <summary>The plugin that keeps accounts of jobs; null for none.</summary>
    public string? AccountingPlugin { get; init; }

    /// <summary>What looks at a job before it is taken.</summary>
    public required Admission Admission { get; init; }

    /// <summary>Each job is signed with munge, and the signature is checked.</summary>
    public bool MungeSignature { get; init; }

    /// <summary>Which jobs may overtake others.</summary>
    public required Backfill Backfill { get; init; }

    /// <summary>Requests a second that clients inside the cluster may make; null for no limit that a job could feel.</summary>
    public int? ClientRateLimit { get; init; }

    /// <summary>Queues before the scheduler's own.</summary>
    public ControllerQueue ControllerQueue { get; init; }

    /// <summary>How jobs of several members are placed.</summary>
    public required Gang Gang { get; init; }

    /// <summary>When gangs that did not fit are tried again, where that is not when something becomes free; null where it is.</summary>
    public GangRetry? GangRetry { get; init; }

    /// <summary>What is pulled before a start.</summary>
    public ImagePull ImagePull { get; init; }

    /// <summary>Whether memory is scheduled.</summary>
    public required MemoryScheduling Memory { get; init; }

    /// <summary>What a job's processors may be spread over.</summary>
    public JobPlacement Placement { get; init; }

    /// <summary>A container and a network are made for each pod.</summary>
    public bool PodSandbox { get; init; }

    /// <summary>The plugin that takes resources from running jobs; null for none.</summary>
    public string? PreemptionPlugin { get; init; }

    /// <summary>An epilog, which does nothing, runs after each job.</summary>
    public bool EmptyEpilog { get; init; }

    /// <summary>The order of the queue.</summary>
    public QueueOrder QueueOrder { get; init; }

    /// <summary>The plugin that orders the queue instead; null for none.</summary>
    public string? PriorityPlugin { get; init; }

    /// <summary>What launches tasks.</summary>
    public required TaskLaunch TaskLaunch { get; init; }

    /// <summary>How often time limits are checked.</summary>
    public required TimeLimitCheck TimeLimitCheck { get; init; }

    /// <summary>How nodes are emulated; null for real ones.</summary>
    public NodeEmulation? Emulation { get; init; }

    /// <summary>GPUs of the nodes; empty for none.</summary>
    public ImmutableArray<NodeGpus> Gpus { get; init; } = [];

    /// <summary>The partitions, each with its nodes; empty for one that has all nodes.</summary>
    public ImmutableArray<(string Name, NodeNumbers Nodes)> Partitions { get; init; } = [];

    /// <summary>The virtual time that all of it runs in; null for real time.</summary>
    public VirtualTime? VirtualTime { get; init; }

    /// <summary>The traits as records and reports show them, by <see cref="TraitNames.Name"/>.</summary>
    public ImmutableSortedDictionary<string, string> Texts()
    {
        var texts = ImmutableSortedDictionary.CreateBuilder<string, string>();
        foreach (var trait in Enum.GetValues<Trait>())
        {
            if (Text(trait) is { } text) texts.Add(trait.Name(), text);
        }

        return texts.ToImmutable();
    }

    /// <summary>What a trait is, in a few words; null for one that only a trial has, and for emulation of real nodes.</summary>
    public string? Text(Trait trait) => trait switch
    {
        Trait.Accounting => AccountingPlugin ?? "none",
        Trait.Admission => (Admission, MungeSignature) switch
        {
            (Admission.None, false) => "none",
            (Admission.None, true) => "munge signature",
            (_, true) => AdmissionText + ", munge signature",
            _ => AdmissionText,
        },
        Trait.Backfill => BackfillText,
        Trait.ClientRateLimit => ClientRateLimit is { } rate ? string.Create(CultureInfo.InvariantCulture, $"{rate} requests a second inside the cluster") : "none",
        Trait.ControllerQueue => ControllerQueue switch
        {
            ControllerQueue.JobController => "job controller before the scheduler",
            ControllerQueue.VolcanoController => "Volcano's job controller before the scheduler, and its sessions",
            _ => "none",
        },
        Trait.Emulation => Emulation is { } emulation ? string.Create(CultureInfo.InvariantCulture, $"{emulation.Nodes} nodes: {Texts(emulation.Kind).How}") : null,
        Trait.EmulationLeavesOut => Emulation is { } emulation ? Texts(emulation.Kind).Without : null,
        Trait.Gang => Gang == Gang.PodByPod ? "pod by pod" : WholeJob,
        Trait.GangRetry => GangRetry switch
        {
            null => null,
            { AtOnce: true } => "over and over, whenever nothing else waits",
            { MostSeconds: var most } => $"by back-off alone, after at most {most} s",
        },
        Trait.Gpus => Gpus.IsEmpty ? null : string.Join(", ", Gpus.Select(g => g.ToString())),
        Trait.ImagePull => ImagePull == ImagePull.OnNodes ? "none: the image is on the nodes" : "none",
        Trait.Memory => Memory switch { MemoryScheduling.Always => "scheduled", MemoryScheduling.WhereAsked => "scheduled where asked for", _ => "not scheduled" },
        Trait.Partitions => PartitionText(Partitions),
        Trait.Placement => Placement == JobPlacement.WholePods ? "whole pods" : "any processors",
        Trait.PodSandbox => PodSandbox ? "a container and a network for each pod" : "none",
        Trait.Preemption => PreemptionPlugin ?? "none",
        Trait.PrologEpilog => EmptyEpilog ? "empty epilog" : "none",
        Trait.QueueOrder => PriorityPlugin ?? (QueueOrder == QueueOrder.PriorityThenCreation ? "priority, then creation" : "submit time"),
        Trait.TaskLaunch => TaskLaunch switch
        {
            TaskLaunch.Slurmstepd => "batch step by slurmstepd",
            TaskLaunch.FluxShellByBroker => "flux-shell by the broker",
            TaskLaunch.FluxShellByImp => "flux-shell by the IMP",
            _ => "container by kubelet, containerd and runc",
        },
        Trait.VirtualTime => VirtualTime?.ToString(),
        Trait.TimeLimitCheck => TimeLimitCheck switch
        {
            TimeLimitCheck.Every30Seconds => "every 30 s",
            TimeLimitCheck.EachSecondByKubelet => "each second by the kubelet, 10 s more for the launch",
            _ => "at the limit",
        },
        _ => null,
    };

    /// <summary>Partitions as <see cref="Trait.Partitions"/> tells them; null for none.</summary>
    public static string? PartitionText(IEnumerable<(string Name, NodeNumbers Nodes)> partitions) =>
        string.Join("; ", partitions.Select(partition => $"{partition.Name} on {partition.Nodes}")) is { Length: > 0 } text ? text : null;

    /// <summary>What <see cref="Gang.WholeJob"/> is called.</summary>
    public const string WholeJob = "whole job at once";

    /// <summary>Reads a recorded <see cref="Trait.Backfill"/>, which older records and the reference scheduler answer with yes or no; null for none.</summary>
    public static Backfill? ReadBackfill(string? text) => text switch
    {
        null => null,
        "none" or "no" or "off" or "false" => Backfill.None,
        "conservative" => Backfill.Conservative,
        "hybrid" => Backfill.Hybrid,
        Anything => Backfill.Unreserved,
        _ => Backfill.Easy,
    };

    private const string Anything = "whatever fits, nothing reserved";

    private string BackfillText => Backfill switch
    {
        Backfill.Easy => "easy",
        Backfill.Conservative => "conservative",
        Backfill.Hybrid => "hybrid",
        Backfill.Unreserved => Anything,
        _ => "none",
    };

    private string AdmissionText => Admission switch
    {
        Admission.PartitionLimits => "limits of the partition, in the controller",
        Admission.Validators => "jobspec and feasibility, in processes beside the broker",
        Admission.ApiServerPlugins => "built-in plugins of the API server",
        _ => "webhooks",
    };

    private static (string How, string Without) Texts(EmulationKind kind) => kind switch
    {
        EmulationKind.ManySlurmd => ("many slurmd on each worker",
            "machines and networks of their own: the slurmd of a worker share its processors and memory, and nothing binds jobs to processors"),
        EmulationKind.FakeResources => ("fake resources of the leader, simulated execution",
            "the brokers of the nodes, the network, the job shell and the payload: start and finish are the leader's own"),
        _ => ("one process that plays their kubelets",
            "images, sandboxes, containers, networks, and the work itself: a payload is over after its run time"),
    };
}
