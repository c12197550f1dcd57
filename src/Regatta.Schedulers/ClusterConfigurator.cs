using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Regatta.Ansible;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Workloads;

namespace Regatta.Schedulers;

/// <summary>How a cluster is to be configured.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Scheduler">The scheduler.</param>
/// <param name="Options">Its profile and settings.</param>
/// <param name="LogDirectory">Where the inventory, the events (<c>*-events.jsonl</c>) and the log of the playbook are written.</param>
public sealed record ConfigurationRequest(Cluster Cluster, IScheduler Scheduler, SchedulerOptions Options, string LogDirectory)
{
    /// <summary>The agent's native binary, copied to every node; null leaves the nodes without.</summary>
    public string? AgentBinary { get; init; }

    /// <summary>Directory with the virtual clock, for what runs in virtual time.</summary>
    public string? Clock { get; init; }
}

/// <summary>Makes the nodes of a cluster run jobs under a scheduler, by the playbooks alone.</summary>
/// <param name="playbooks">The playbooks' directory.</param>
/// <param name="runner">Runs playbooks.</param>
public sealed class ClusterConfigurator(string playbooks, PlaybookRunner runner)
{
    // What each task of an upgrade reports, with the node and the daemon behind it.
    private const string UpgradeValue = "upgrade ";

    /// <summary>Configures the nodes and the scheduler; returns when a job has run on every node. A second time it changes nothing.</summary>
    /// <exception cref="DiagnosticException">The options are wrong, a task failed, or the scheduler did not become ready.</exception>
    public Task<ConfiguredCluster> ConfigureAsync(ConfigurationRequest request, IActivityMonitor monitor, CancellationToken cancellation) =>
        ApplyAsync(request, "configure", monitor, cancellation);

    /// <summary>
    /// A clean slate for the next trial: every job ended, the scheduler's state and logs removed, its settings those of the request, and a job run on
    /// every node. The cluster must have been configured before.
    /// </summary>
    /// <exception cref="DiagnosticException">The options are wrong, a task failed, or the scheduler did not become ready.</exception>
    public Task<ConfiguredCluster> ResetAsync(ConfigurationRequest request, IActivityMonitor monitor, CancellationToken cancellation) =>
        ApplyAsync(request, "reset", monitor, cancellation);

    /// <summary>What <see cref="ConfigureAsync"/> would change; changes nothing and runs no job.</summary>
    /// <exception cref="DiagnosticException">The options are wrong, or the nodes cannot be looked at.</exception>
    public async Task<ImmutableArray<PlaybookChange>> CheckAsync(ConfigurationRequest request, IActivityMonitor monitor, CancellationToken cancellation)
    {
        return (await runner.RunAsync(RunOf(Versioned(request), "configure") with { Check = true, Stage = "check" }, monitor, cancellation)).Changes;
    }

    /// <summary>
    /// Replaces the scheduler's daemons by those of the image that the nodes have beside their own: the head's first, then one worker after the other, while jobs run
    /// and are submitted. The cluster must have been configured before.
    /// </summary>
    /// <returns>The daemons, in the order in which they were replaced; at least one.</returns>
    /// <exception cref="DiagnosticException">A daemon did not come back, or is still of the former version.</exception>
    public async Task<ImmutableArray<UpgradeStep>> UpgradeAsync(ConfigurationRequest request, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var result = await runner.RunAsync(RunOf(Versioned(request), "upgrade"), monitor, cancellation);
        ImmutableArray<UpgradeStep> steps =
        [
            .. result.Values.Where(v => v.Key.StartsWith(UpgradeValue, StringComparison.Ordinal))
                .Select(v => v.Value!.Deserialize(UpgradeJson.Default.UpgradeStep)!).OrderBy(s => s.Began),
        ];
        return steps.IsEmpty
            ? throw new DiagnosticException(Diagnostic.Error("upgrade-nothing", $"the upgrade of {request.Cluster.Name} replaced no daemon") with { Help = "its log is among those of the trial: upgrade.log" })
            : steps;
    }

    private async Task<ConfiguredCluster> ApplyAsync(ConfigurationRequest request, string stage, IActivityMonitor monitor, CancellationToken cancellation)
    {
        request = Versioned(request);
        var result = await runner.RunAsync(RunOf(request, stage), monitor, cancellation);

        var (scheduler, options) = (request.Scheduler, request.Options);
        var report = RoleReport.Read(scheduler.Role, result.Values);
        new ClusterConfiguration(scheduler.Name, options.Profile, options.Settings, options.ProcessorsPerNode, report.Version) { Without = options.Without, MultiUser = options.MultiUser, Restart = options.Restart, Emulated = options.Emulated, Virtual = options.Virtual }.Save(request.Cluster);
        var settings = scheduler.Traits(options).Texts().SetItem(Trait.CgroupEnforcement.Name(), report.Enforcement);
        foreach (var (key, value) in report.Settings) settings = settings.SetItem($"{scheduler.Name}.{key}", value);
        return new ConfiguredCluster(report.Version, settings, scheduler.Capacity(request.Cluster, options), result.Changes, result.Elapsed) { Untested = scheduler.Untested(report.Version) };
    }

    /// <summary>With the version that the nodes' image tells: settings may depend on it.</summary>
    private static ConfigurationRequest Versioned(ConfigurationRequest request) =>
        ClusterImage.Of(request.Cluster) is { } image ? request with { Options = request.Options with { Version = request.Scheduler.VersionIn(ImageContents.Of(image)) } } : request;

    /// <summary>A scheduler has two playbooks: <c>configure-ROLE.yml</c> and <c>reset-ROLE.yml</c>.</summary>
    private PlaybookRun RunOf(ConfigurationRequest request, string stage) =>
        new(playbooks, $"{stage}-{request.Scheduler.Role}.yml", InventoryOf(request), request.LogDirectory) { Stage = stage };

    /// <summary>The inventory that the playbooks get.</summary>
    public static Inventory InventoryOf(ConfigurationRequest request)
    {
        var cluster = request.Cluster;
        // What an image holds that has none of the schedulers by their packages is for those to know who made it.
        if (ClusterImage.Of(cluster) is { } image && KnownSchedulers.OfImage(image) is { } held && !request.Scheduler.IsIn(image))
        {
            throw new DiagnosticException(Diagnostic.Error("cluster-image", $"the nodes of {cluster.Name} have the image '{image.Name}', which holds {held.Name} and not {request.Scheduler.Name}") with
            {
                Help = $"regatta cluster up --image {request.Scheduler.Image} makes such nodes",
            });
        }

        // Machines that exist are as large as they are.
        if (cluster.Machines != MachineKind.Ssh && request.Scheduler.CheckHead(cluster.Head.Memory, request.Options) is { } small) throw new DiagnosticException(small);
        var variables = request.Scheduler.Variables(cluster, request.Options)
            .SetItem("node_cluster", cluster.Name)
            .SetItem("node_user", NodeLayout.JobUser)
            .SetItem("node_user_id", NodeLayout.JobUserId)
            .SetItem("node_state", NodeLayout.State)
            .SetItem("node_stamps", NodeLayout.Stamps)
            .SetItem("node_agent", NodeLayout.Agent)
            .SetItem("node_agent_binary", request.AgentBinary is { } agent ? Path.GetFullPath(agent) : "")
            .SetItems(request.Options.Virtual is not null && request.Clock is { } clock ? [KeyValuePair.Create("clock_files", (JsonNode?)Path.GetFullPath(clock))] : [])
            .SetItem("node_agent_checksum", request.AgentBinary is { } binary ? Checksum(binary) : "");
        return new Inventory
        {
            SshConfig = Path.GetFullPath(cluster.SshConfig),
            Variables = variables,
            Hosts = [.. cluster.Nodes.Select(node => HostOf(node, request))],
        };
    }

    private static string Checksum(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static InventoryHost HostOf(Node node, ConfigurationRequest request)
    {
        var variables = request.Scheduler.Variables(node, request.Options).SetItem("node_address", node.Address.ToString());
        if (node.User != "root") variables = variables.SetItem("ansible_become", (JsonNode)true);
        return new InventoryHost(node.Name, node.Role == NodeRole.Head ? "heads" : "workers") { Variables = variables };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(UpgradeStep))]
internal sealed partial class UpgradeJson : JsonSerializerContext;
