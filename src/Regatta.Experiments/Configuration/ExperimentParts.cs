using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Schedulers.Slurm;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration;

/// <summary>What the sections of an experiment are to the parts that carry it out.</summary>
public static class ExperimentParts
{
    /// <summary>The scheduler's profile and settings, and the nodes that it is to emulate.</summary>
    public static SchedulerOptions Options(this Experiment experiment) => new(experiment.Scheduler.Profile)
    {
        Settings = experiment.Scheduler.Settings.Where(s => s.Value is not null && !experiment.IsOfSite(s.Key)).ToImmutableSortedDictionary(s => s.Key, s => s.Value!, StringComparer.Ordinal),
        Without = experiment.Scheduler.Settings.Where(s => s.Value is null && !experiment.IsOfSite(s.Key)).Select(s => s.Key).ToImmutableSortedSet(StringComparer.OrdinalIgnoreCase),
        Emulated = experiment.Cluster.Emulated,
        Gpus = experiment.Gpus(),
        Virtual = experiment.Virtual(),
        MultiUser = experiment.Scheduler.Flux.MultiUser,
        Restart = experiment.Scheduler.Slurm.Restart,
        Policy = SlurmPolicies.Of(experiment),
        Version = experiment.Scheduler.ImageVersion ?? experiment.Scheduler.Version,
        Upgrade = experiment.Upgrades() ? experiment.Scheduler.Slurm.UpgradeVersion ?? experiment.Scheduler.Slurm.Upgrade : null,
    };

    /// <summary>The settings of its site's slurm.conf that an experiment leaves out, since another scheduler runs it.</summary>
    public static ImmutableArray<string> SettingsOfSite(this Experiment experiment) => [.. experiment.Scheduler.Settings.Keys.Where(experiment.IsOfSite)];

    // A site's file gives settings to any scheduler that is raced on its machine, and they are Slurm's.
    private static bool IsOfSite(this Experiment experiment, string setting) =>
        experiment is { Site: not null, Scheduler: { IsReference: false, Name: not "slurm" } } && SlurmScheduler.HasSetting(setting);

    /// <summary>The GPUs of the nodes, in the order of their models; those of a site, as the rest of its policy, where there is a database and the cluster names none.</summary>
    public static ImmutableArray<NodeGpus> Gpus(this Experiment experiment) =>
        experiment is { Cluster.Gpus.Count: 0, Site: { } site, Scheduler: { Name: "slurm" or "reference", Slurm.Accounting: true } } ? SlurmPolicies.GpusOf(site, experiment.Cluster.Worker.Processors) :
        [.. experiment.Cluster.Gpus.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new NodeGpus(g.Key, g.Value.Nodes, g.Value.Count))];

    /// <summary>The virtual time that an experiment runs in; null for real time.</summary>
    public static VirtualTime? Virtual(this Experiment experiment) =>
        experiment is { Scheduler.IsReference: false, Cluster: { Time: ClusterTime.Virtual } cluster } ? new VirtualTime(cluster.TimeSpeed, cluster.TimeCharge) { Quantum = cluster.TimeQuantum } : null;

    /// <summary>Whether the scheduler is upgraded while a trial runs.</summary>
    public static bool Upgrades(this Experiment experiment) => experiment.Scheduler is { Name: "slurm", Slurm.Upgrade: not null };

    /// <summary>When a new cluster is made: one that was upgraded is not what the next trial was promised.</summary>
    public static ClusterReuse Reuse(this Experiment experiment) => experiment.Upgrades() ? ClusterReuse.Fresh : experiment.Cluster.Reuse;

    /// <summary>Policy, allocation, partitions and rules of the reference scheduler.</summary>
    /// <exception cref="DiagnosticException">There is no such policy, or a limit of the policy cannot be read.</exception>
    public static ReferenceOptions Reference(this Experiment experiment) => new()
    {
        Policy = ReferenceOptions.Parse(experiment.Scheduler.Policy),
        WholeNodes = experiment.Scheduler.Allocation == ReferenceAllocation.Nodes,
        Partitions = SimulatedPartitions.Of(experiment),
        Rules = SimulatedRules.Of(experiment),
    };

    /// <summary>The machine as a workload sees it.</summary>
    public static MachineSize Machine(this Experiment experiment)
    {
        var nodes = experiment.Cluster.Emulated ?? experiment.Cluster.Workers;
        if (experiment.Scheduler.IsReference) return MachineSize.Of(nodes, experiment.Cluster.Worker.Processors) with { NodeMemory = experiment.Cluster.Worker.Memory.Bytes };
        var scheduler = KnownSchedulers.Find(experiment.Scheduler.Name);
        var capacity = scheduler.Capacity(Enumerable.Repeat((experiment.Cluster.Worker.Processors, experiment.Cluster.Worker.Memory.Bytes), nodes), experiment.Options());
        return MachineSize.Of(capacity.Nodes, capacity.ProcessorsPerNode) with { NodeMemory = capacity.MemoryPerProcessor * capacity.ProcessorsPerNode };
    }

    /// <summary>The cluster that is wanted.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="name">Its name on this host.</param>
    /// <param name="runId">The run that owns it.</param>
    public static ClusterSpec ClusterSpec(this Experiment experiment, string name, string runId)
    {
        var (cluster, machines) = (experiment.Cluster, experiment.Machines);
        return new ClusterSpec(name, runId, machines.Driver, machines.Driver == MachineDriver.Ssh ? Existing(machines, cluster) : Wanted(cluster))
        {
            LibvirtUri = machines.LibvirtUri,
            IdentityFile = machines.Identity,
            BootTimeout = machines.BootTimeout,
            Kept = cluster.Keep,
        };
    }

    private static ImmutableArray<NodeSpec> Wanted(ClusterSection cluster) =>
    [
        new NodeSpec("head", NodeRole.Head, cluster.Head.Processors, cluster.Head.Memory.Bytes),
        .. Enumerable.Range(1, cluster.Workers).Select(i =>
            new NodeSpec(string.Create(CultureInfo.InvariantCulture, $"worker{i}"), NodeRole.Worker, cluster.Worker.Processors, cluster.Worker.Memory.Bytes)),
    ];

    private static ImmutableArray<NodeSpec> Existing(MachinesSection machines, ClusterSection cluster) =>
    [
        .. machines.Hosts.OrderBy(h => h.Role).Select(host =>
        {
            var shape = host.Role == NodeRole.Head ? cluster.Head : cluster.Worker;
            return new NodeSpec(host.Name, host.Role, shape.Processors, shape.Memory.Bytes) { Host = host.Address, Port = host.Port, User = host.User, HostKey = host.HostKey };
        }),
    ];
}
