using Regatta.Workloads;

namespace Regatta.Schedulers.Kubernetes;

/// <summary>
/// The one table of the default scheduler's profiles. <c>docs/profiles.md</c> shows it, and a test holds the two together.
/// </summary>
internal static class KubernetesProfiles
{
    /// <summary>Share of the nodes that are looked at for a pod, in percent.</summary>
    public const string NodesToScore = "KubeSchedulerConfiguration.percentageOfNodesToScore";

    /// <summary>Settings that all profiles share; Volcano's as well.</summary>
    public static ImmutableArray<SchedulerSetting> Common { get; } =
    [
        new("KubeSchedulerConfiguration.podInitialBackoffSeconds", "1", "a pod that did not fit is tried again after a second"),
        new("KubeSchedulerConfiguration.podMaxBackoffSeconds", "1", "and after every further second, not after up to ten"),
        new(KubernetesSettings.ClientRate, "1000", "requests a second of the controllers and the scheduler: their default of 20 to 100 would be what is measured"),
        new("kube-controller-manager.node-monitor-grace-period", "30s", "until a silent node is not ready, as on Slurm"),
        new(KubernetesSettings.Dns, "off", "jobs ask for no names of services"),
        new(KubernetesSettings.Proxy, "off", "nor for their addresses: nothing rewrites rules of the network while pods come and go"),
    ];

    /// <summary>The profiles.</summary>
    public static ImmutableArray<SchedulerProfile> All { get; } =
    [
        new(
            "fifo",
            "pods in the order of creation; there is no strict order on this scheduler: what does not fit is passed over",
            [new(NodesToScore, "100", "all nodes are looked at")],
            Traits),
        new(
            "backfill",
            "the same as `fifo`: a later job starts wherever it fits, and nothing is reserved for one that waits",
            [new(NodesToScore, "100", "all nodes are looked at")],
            Traits),
        new(
            "throughput",
            "as many short jobs a second as it can: the first nodes that fit are good enough",
            [new(NodesToScore, "5", "stops looking once so many nodes in a hundred (at least 100) fit")],
            Traits),
        new(
            "gang",
            "whole jobs from Kubernetes 1.36 on; before it no equivalent: pods are placed one by one, and those that have a node wait for the others on it",
            [new(NodesToScore, "100", "all nodes are looked at")],
            Traits),
    ];

    /// <summary>What the profile <c>gang</c> has besides on a release whose own scheduler places gangs whole; empty for others.</summary>
    public static ImmutableArray<SchedulerSetting> Gangs(KubernetesRelease release) => release is not { GangApi: { } api, GangGates: { } gates }
        ? []
        :
        [
            new(KubernetesSettings.ServerGates, gates, "the API server takes PodGroups, and keeps the field of a pod that names one"),
            new(KubernetesSettings.ServerApis, $"{api}=true", "and serves them: what is not yet stable is not served by default"),
            new("kube-controller-manager.feature-gates", gates, "a PodGroup is kept until its pods have ended"),
            new(KubernetesSettings.SchedulerGates, $"{gates},{KubernetesSettings.PopsAtOnce}=false", "a PodGroup is placed whole or not at all; one that does not fit waits for its back-off instead of being tried over and over, which costs a processor"),
        ];

    private static SchedulerTraits Traits => new()
    {
        Admission = Admission.ApiServerPlugins,
        Backfill = Backfill.Unreserved,
        ControllerQueue = ControllerQueue.JobController,
        Gang = Gang.PodByPod,
        ImagePull = ImagePull.OnNodes,
        Memory = MemoryScheduling.WhereAsked,
        Placement = JobPlacement.WholePods,
        PodSandbox = true,
        QueueOrder = QueueOrder.PriorityThenCreation,
        TaskLaunch = TaskLaunch.Kubelet,
        TimeLimitCheck = TimeLimitCheck.EachSecondByKubelet,
    };
}
