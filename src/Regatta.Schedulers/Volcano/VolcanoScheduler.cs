using System.Text;
using System.Text.Json.Nodes;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Workloads;
using Regatta.Schedulers.Kubernetes;

namespace Regatta.Schedulers.Volcano;

/// <summary>Volcano on Kubernetes: each job is a gang in a queue.</summary>
public sealed class VolcanoScheduler : IScheduler
{
    private static readonly ImmutableArray<string> Components = ["vc-scheduler", "vc-controller-manager", "vc-webhook-manager"];
    private static readonly ImmutableArray<string> Owners = [.. KubernetesSettings.Components, .. Components, "clients", "services", "volcano"];
    private static readonly ImmutableArray<string> Own = [VolcanoProfiles.Actions, VolcanoProfiles.Plugins, VolcanoProfiles.Webhooks];

    /// <inheritdoc/>
    public string Name => "volcano";

    /// <inheritdoc/>
    public string Role => "volcano";

    /// <inheritdoc/>
    public string Image => "kubernetes";

    /// <inheritdoc/>
    public bool IsIn(ImageManifest image) => new KubernetesScheduler().IsIn(image);

    /// <inheritdoc/>
    public string? VersionIn(ImageContents image) => image.PayloadVersion("volcano");

    /// <inheritdoc/>
    public ImmutableArray<SchedulerProfile> Profiles => VolcanoProfiles.All;

    /// <inheritdoc/>
    public ImmutableArray<SchedulerSetting> CommonSettings => VolcanoProfiles.Common;

    /// <inheritdoc/>
    public ImmutableArray<string> Logs(NodeRole role) => role == NodeRole.Head ? [NodeLayout.AuditLog] : [];

    /// <inheritdoc/>
    public ImmutableArray<SchedulerDaemon> Daemons(SchedulerOptions options)
    {
        var daemons = KubernetesCluster.Daemons
            .Add(new(DaemonRole.Scheduler, NodeRole.Head, "vc-scheduler", "vc-scheduler")).Add(new(DaemonRole.Manager, NodeRole.Head, "vc-controller-m", "vc-controller-manager"));
        return Settings(options)[VolcanoProfiles.Webhooks] == "on" ? daemons.Add(new(DaemonRole.Webhook, NodeRole.Head, "vc-webhook-mana", "vc-webhook-manager")) : daemons;
    }

    /// <inheritdoc/>
    public (string Drain, string Resume)? Drain(string node, bool evict) => KubernetesCluster.Drain(node, evict);

    /// <inheritdoc/>
    public IEnumerable<Diagnostic> Check(SchedulerOptions options)
    {
        foreach (var fault in KubernetesCluster.Check(this, options, Owners)) yield return fault;
        foreach (var key in options.Settings.Keys.Where(k => k.StartsWith("volcano.", StringComparison.Ordinal) && !Own.Contains(k)))
            yield return Diagnostic.Error("volcano-setting-unknown", $"there is no setting '{key}'") with { Help = Suggestion.Help(key, [.. Own]) };
        if (options.Settings.TryGetValue(VolcanoProfiles.Webhooks, out var webhooks) && webhooks is not ("on" or "off"))
            yield return Diagnostic.Error("volcano-webhooks", $"{VolcanoProfiles.Webhooks} cannot be '{webhooks}'") with { Help = "it is on or off" };
        foreach (var key in new[] { VolcanoProfiles.Actions, VolcanoProfiles.Plugins })
        {
            if (options.Settings.TryGetValue(key, out var list) && Lists(list).Any(t => t.Any(n => n.Length == 0 || !n.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))))
                yield return Diagnostic.Error("volcano-list", $"{key} cannot be '{list}'") with { Help = $"names divided by commas{(key == VolcanoProfiles.Plugins ? ", tiers by semicolons" : "")}" };
        }
    }

    /// <inheritdoc/>
    public long HeadMemory(SchedulerOptions options) => KubernetesCluster.HeadMemory(options);

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, string> Settings(SchedulerOptions options) => KubernetesCluster.Settings(this, options, []);

    /// <inheritdoc/>
    public SchedulerTraits Traits(SchedulerOptions options)
    {
        var settings = Settings(options);
        // What the user set decides, not what the profile meant.
        return KubernetesCluster.Traits(this, options) with
        {
            Admission = settings[VolcanoProfiles.Webhooks] == "on" ? Admission.Webhooks : Admission.ApiServerPlugins,
            Gang = Lists(settings[VolcanoProfiles.Plugins]).Any(t => t.Contains("gang")) ? Gang.WholeJob : Gang.PodByPod,
        };
    }

    /// <inheritdoc/>
    public Capacity Capacity(IEnumerable<(int Processors, long Memory)> workers, SchedulerOptions options) => KubernetesCluster.Capacity(workers, options);

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, JsonNode?> Variables(Cluster cluster, SchedulerOptions options)
    {
        var settings = Settings(options);
        return KubernetesCluster.Variables(cluster, options, settings)
            .Add("volcano_webhooks", settings[VolcanoProfiles.Webhooks] == "on")
            .Add("volcano_scheduler_conf", Conf(settings))
            .Add("volcano_scheduler_args", KubernetesSettings.Flags(settings, "vc-scheduler"))
            .Add("volcano_controller_args", KubernetesSettings.Flags(settings, "vc-controller-manager"))
            .Add("volcano_webhook_args", KubernetesSettings.Flags(settings, "vc-webhook-manager"));
    }

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, JsonNode?> Variables(Node node, SchedulerOptions options) => KubernetesCluster.Variables(node, options);

    /// <inheritdoc/>
    public ImmutableArray<string>? Client(ClientKind kind, SchedulerOptions options) => KubernetesCluster.Client(kind);

    /// <inheritdoc/>
    public string? ClientUser(SchedulerOptions options) => null;

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, string> AgentOptions(Cluster cluster, SchedulerOptions options) => KubernetesCluster.AgentOptions(options);

    /// <summary>The scheduler's configuration file.</summary>
    internal static string Conf(IReadOnlyDictionary<string, string> settings)
    {
        var text = new StringBuilder($"actions: \"{string.Join(", ", Lists(settings[VolcanoProfiles.Actions])[0])}\"\ntiers:\n");
        foreach (var tier in Lists(settings[VolcanoProfiles.Plugins]))
        {
            text.Append("- plugins:\n");
            foreach (var plugin in tier) text.Append("  - name: ").Append(plugin).Append('\n');
        }

        return text.ToString();
    }

    private static string[][] Lists(string text) => [.. text.Split(';').Select(t => t.Split(',', StringSplitOptions.TrimEntries))];
}
