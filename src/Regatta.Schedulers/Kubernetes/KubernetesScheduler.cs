using System.Text.Json.Nodes;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Workloads;

namespace Regatta.Schedulers.Kubernetes;

/// <summary>Kubernetes with its default scheduler: each job is a Job of <c>batch/v1</c>.</summary>
public sealed class KubernetesScheduler : IScheduler
{
    private static readonly ImmutableArray<string> Owners = [.. KubernetesSettings.Components, KubernetesSettings.SchedulerConfiguration, "clients", "services"];

    /// <inheritdoc/>
    public string Name => "kubernetes";

    /// <inheritdoc/>
    public string Role => "kubernetes";

    /// <inheritdoc/>
    public string Image => "kubernetes";

    /// <inheritdoc/>
    public bool IsIn(ImageManifest image) => image.Holds("containerd") && image.Holds("etcd-server");

    /// <inheritdoc/>
    public string? VersionIn(ImageContents image) => image.PayloadVersion("kubernetes") ?? image.SourceVersion("kubernetes");

    /// <inheritdoc/>
    public Diagnostic? Untested(string version) => KubernetesRelease.Untested(version);

    /// <inheritdoc/>
    public ImmutableArray<SchedulerProfile> Profiles => KubernetesProfiles.All;

    /// <inheritdoc/>
    public ImmutableArray<SchedulerSetting> CommonSettings => KubernetesProfiles.Common;

    /// <inheritdoc/>
    public ImmutableArray<string> Logs(NodeRole role) => role == NodeRole.Head ? [NodeLayout.AuditLog] : [];

    /// <inheritdoc/>
    public ImmutableArray<SchedulerDaemon> Daemons(SchedulerOptions options) =>
        [.. KubernetesCluster.Daemons, new(DaemonRole.Scheduler, NodeRole.Head, "kube-scheduler", null), new(DaemonRole.Manager, NodeRole.Head, "kube-controller", null)];

    /// <inheritdoc/>
    public (string Drain, string Resume)? Drain(string node, bool evict) => KubernetesCluster.Drain(node, evict);

    /// <inheritdoc/>
    public IEnumerable<Diagnostic> Check(SchedulerOptions options)
    {
        if (KubernetesRelease.Untested(options.Version) is { } untested) yield return untested;
        foreach (var fault in KubernetesCluster.Check(this, options, Owners)) yield return fault;
    }

    /// <inheritdoc/>
    public long HeadMemory(SchedulerOptions options) => KubernetesCluster.HeadMemory(options);

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, string> Settings(SchedulerOptions options) =>
        KubernetesCluster.Settings(this, options, options.Profile == "gang" ? KubernetesProfiles.Gangs(KubernetesRelease.Of(options.Version)) : []);

    /// <inheritdoc/>
    public SchedulerTraits Traits(SchedulerOptions options)
    {
        var traits = KubernetesCluster.Traits(this, options);
        // What the settings say decides, not what the profile meant.
        return KubernetesSettings.Gangs(Settings(options)) is { } retry ? traits with { Gang = Gang.WholeJob, GangRetry = retry } : traits;
    }

    /// <inheritdoc/>
    public Capacity Capacity(IEnumerable<(int Processors, long Memory)> workers, SchedulerOptions options) => KubernetesCluster.Capacity(workers, options);

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, JsonNode?> Variables(Cluster cluster, SchedulerOptions options) => KubernetesCluster.Variables(cluster, options, Settings(options));

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, JsonNode?> Variables(Node node, SchedulerOptions options) => KubernetesCluster.Variables(node, options);

    /// <inheritdoc/>
    public ImmutableArray<string>? Client(ClientKind kind, SchedulerOptions options) => KubernetesCluster.Client(kind);

    /// <inheritdoc/>
    public string? ClientUser(SchedulerOptions options) => null;

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, string> AgentOptions(Cluster cluster, SchedulerOptions options) =>
        KubernetesSettings.Gangs(Settings(options)) is null ? KubernetesCluster.AgentOptions(options) : KubernetesCluster.AgentOptions(options).Add("gangs", "true");
}

/// <summary>What the default scheduler and Volcano share: the cluster below them.</summary>
internal static class KubernetesCluster
{
    private const long MiB = 1024 * 1024;

    /// <summary>The daemons below a scheduler; the kubelet starts those of the head from their manifests.</summary>
    public static ImmutableArray<SchedulerDaemon> Daemons { get; } =
        [new(DaemonRole.Controller, NodeRole.Head, "kube-apiserver", null), new(DaemonRole.Database, NodeRole.Head, "etcd", null), new(DaemonRole.Node, NodeRole.Worker, "kubelet", "kubelet")];

    /// <summary>Commands that let a node take no new pods, and take some again.</summary>
    /// <param name="node">The node.</param>
    /// <param name="evict">Pods that run there are sent away as well: their Jobs make others in their place.</param>
    public static (string Drain, string Resume) Drain(string node, bool evict)
    {
        const string Kubectl = "kubectl --kubeconfig=/etc/kubernetes/admin.conf";
        // Evictions are asked for at once; that the pods end is not waited for.
        return (evict ? $"{Kubectl} drain {node} --force --ignore-daemonsets --grace-period=1 --skip-wait-for-delete-timeout=1 --timeout=15s" : $"{Kubectl} cordon {node}", $"{Kubectl} uncordon {node}");
    }

    /// <summary>What is wrong with the options.</summary>
    public static IEnumerable<Diagnostic> Check(IScheduler scheduler, SchedulerOptions options, ImmutableArray<string> owners)
    {
        if (scheduler.Profiles.All(p => p.Name != options.Profile)) yield return scheduler.UnknownProfile(options.Profile);
        if (options.ProcessorsPerNode is < 1)
            yield return Diagnostic.Error("scheduler-processors", $"a node cannot offer {options.ProcessorsPerNode} processors") with { Help = "give at least 1, or nothing for as many as it has" };
        foreach (var fault in scheduler.NeedsAll(options)) yield return fault;
        foreach (var fault in KubernetesSettings.Check(scheduler.Name, options.Settings, owners)) yield return fault;
    }

    /// <summary>
    /// 2 GiB, which do for a few dozen emulated nodes as well, and 2 MiB for each further one.
    /// Measured: with 1,000 emulated nodes 1.1 GB when they had just come, 1.9 GB after 4,000 jobs, 3.0 GB with the files that it reads; kubeadm asks for 1.7 GB.
    /// </summary>
    public static long HeadMemory(SchedulerOptions options) => (2048 + (2 * Math.Max(0L, (options.Emulated ?? 0) - 64))) * MiB;

    /// <summary>The common settings, the profile's with what its version has besides, then the user's.</summary>
    public static ImmutableSortedDictionary<string, string> Settings(IScheduler scheduler, SchedulerOptions options, ImmutableArray<SchedulerSetting> besides)
    {
        var faults = scheduler.Check(options).Where(d => d.Severity == Severity.Error).ToList();
        if (faults.Count > 0) throw new DiagnosticException(faults);
        var settings = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var setting in scheduler.CommonSettings.Concat(scheduler.Profile(options).Settings).Concat(besides)) settings[setting.Key] = setting.Value;
        foreach (var (key, value) in options.Settings) settings[key] = value;
        return settings.ToImmutable();
    }

    /// <summary>The profile's traits, as the user's settings leave them.</summary>
    public static SchedulerTraits Traits(IScheduler scheduler, SchedulerOptions options)
    {
        var settings = scheduler.Settings(options);
        var rate = int.Parse(settings[KubernetesSettings.ClientRate], CultureInfo.InvariantCulture);
        return scheduler.Profile(options).Traits with
        {
            Emulation = options.Emulated is { } nodes ? new NodeEmulation(nodes, EmulationKind.PlayedKubelets) : null,
            // Rates of thousands a second are none that a job could feel; lower ones are what is measured.
            ClientRateLimit = rate < 1000 ? rate : null,
        };
    }

    /// <summary>What workers can run at once.</summary>
    public static Capacity Capacity(IEnumerable<(int Processors, long Memory)> workers, SchedulerOptions options) =>
        Schedulers.Capacity.Of(workers, options, (memory, processors) => UsableMemory(memory) / processors * MiB);

    /// <summary>Ansible variables of all hosts.</summary>
    public static ImmutableSortedDictionary<string, JsonNode?> Variables(Cluster cluster, SchedulerOptions options, ImmutableSortedDictionary<string, string> settings) =>
        ImmutableSortedDictionary<string, JsonNode?>.Empty
            .Add("kubernetes_apiserver_args", KubernetesSettings.Flags(settings, "kube-apiserver"))
            .Add("kubernetes_controller_args", KubernetesSettings.Flags(settings, "kube-controller-manager"))
            .Add("kubernetes_scheduler_args", KubernetesSettings.Flags(settings, "kube-scheduler"))
            .Add("kubernetes_scheduler_config", KubernetesSettings.Configuration(settings))
            .Add("kubernetes_kube_proxy", settings[KubernetesSettings.Proxy] == "on")
            .Add("kubernetes_dns", settings[KubernetesSettings.Dns] == "on")
            .Add("kubernetes_kubeconfig", NodeLayout.Kubeconfig)
            .Add("kubernetes_audit_log", NodeLayout.AuditLog)
            .Add("kubernetes_client_qps", int.Parse(settings[KubernetesSettings.ClientRate], CultureInfo.InvariantCulture))
            .Add("kubernetes_emulated", options.Emulated ?? 0)
            .Add("kubernetes_emulated_processors", options.ProcessorsPerNode ?? cluster.Workers.Select(w => w.Processors).DefaultIfEmpty(1).Min())
            .Add("kubernetes_emulated_memory", cluster.Workers.Select(w => UsableMemory(w.Memory)).DefaultIfEmpty(1024).Min() * MiB)
            .Add("kubernetes_ready_timeout", cluster.ReadyTimeout(180, emulated: 600) + ((options.Emulated ?? 0) / 10));

    /// <summary>The command of a kind of clients; the file of access is root's, and so are they.</summary>
    public static ImmutableArray<string>? Client(ClientKind kind) => kind switch
    {
        ClientKind.Queue => ["kubectl", "--kubeconfig=" + NodeLayout.Kubeconfig, "get", "pods", "--all-namespaces"],
        ClientKind.Nodes => ["kubectl", "--kubeconfig=" + NodeLayout.Kubeconfig, "get", "nodes"],
        ClientKind.History => ["kubectl", "--kubeconfig=" + NodeLayout.Kubeconfig, "get", "events", "--all-namespaces"],
        // The server answers with what it has, and ends the watch after a second.
        ClientKind.Job => ["kubectl", "--kubeconfig=" + NodeLayout.Kubeconfig, "get", "--raw", "/api/v1/pods?watch=true&timeoutSeconds=1&resourceVersion=0"],
        _ => null,
    };

    /// <summary>Options of the agent's driver.</summary>
    public static ImmutableSortedDictionary<string, string> AgentOptions(SchedulerOptions options) =>
        options.Emulated is null ? ImmutableSortedDictionary<string, string>.Empty : ImmutableSortedDictionary<string, string>.Empty.Add("emulated", "true");

    /// <summary>Ansible variables of one node.</summary>
    public static ImmutableSortedDictionary<string, JsonNode?> Variables(Node node, SchedulerOptions options) =>
        node.Role == NodeRole.Head
            ? ImmutableSortedDictionary<string, JsonNode?>.Empty
            : ImmutableSortedDictionary<string, JsonNode?>.Empty
                .Add("kubernetes_processors", options.ProcessorsPerNode ?? node.Processors)
                .Add("kubernetes_memory", UsableMemory(node.Memory));

    /// <summary>Memory of a node that jobs may have, in MiB: a tenth, and at least 64 MiB, stays with the system.</summary>
    private static long UsableMemory(long memory) => (memory / MiB) - Math.Max(memory / MiB / 10, 64);
}
