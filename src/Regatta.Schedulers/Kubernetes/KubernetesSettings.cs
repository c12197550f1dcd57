using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using Regatta.Workloads;

namespace Regatta.Schedulers.Kubernetes;

/// <summary>
/// Settings by their owner and name: a component's command-line flag (<c>kube-controller-manager.node-monitor-grace-period</c>), a field of its configuration
/// (<c>KubeSchedulerConfiguration.podMaxBackoffSeconds</c>), or what Regatta gives to several of them (<c>clients.qps</c>).
/// </summary>
internal static class KubernetesSettings
{
    /// <summary>The rate of the API clients inside the cluster.</summary>
    public const string ClientRate = "clients.qps";

    /// <summary>Whether services have addresses: <c>on</c> or <c>off</c>.</summary>
    public const string Proxy = "services.kube-proxy";

    /// <summary>Whether services and pods have names: <c>on</c> or <c>off</c>; needs <see cref="Proxy"/>.</summary>
    public const string Dns = "services.dns";

    /// <summary>Prefix of the scheduler's configuration.</summary>
    public const string SchedulerConfiguration = "KubeSchedulerConfiguration";

    /// <summary>Feature gates of the API server, of the scheduler, and the versions of APIs that are served besides the stable ones.</summary>
    public const string ServerGates = "kube-apiserver.feature-gates", SchedulerGates = "kube-scheduler.feature-gates", ServerApis = "kube-apiserver.runtime-config";

    private const string GangGate = "GenericWorkload=true";

    /// <summary>The gate by which an idle scheduler takes what waits out of its back-off; on by default from 1.33 on.</summary>
    public const string PopsAtOnce = "SchedulerPopFromBackoffQ";

    /// <summary>The longest wait of what did not fit, in seconds.</summary>
    public const string MostBackoff = "KubeSchedulerConfiguration.podMaxBackoffSeconds";

    /// <summary>Components whose flags can be set.</summary>
    public static ImmutableArray<string> Components { get; } = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];

    private static readonly FrozenSet<string> Made =
    [
        "kube-apiserver.audit-log-path", "kube-apiserver.audit-policy-file", "kube-apiserver.etcd-servers", "kube-apiserver.advertise-address", "kube-apiserver.secure-port",
        "kube-apiserver.service-cluster-ip-range", "kube-controller-manager.kubeconfig", "kube-controller-manager.cluster-cidr", "kube-controller-manager.kube-api-qps",
        "kube-controller-manager.kube-api-burst", "kube-controller-manager.allocate-node-cidrs", "kube-scheduler.kubeconfig", "kube-scheduler.config", "KubeSchedulerConfiguration.clientConnection",
        "KubeSchedulerConfiguration.apiVersion", "KubeSchedulerConfiguration.kind",
    ];

    /// <summary>What is wrong with settings that a user gave.</summary>
    /// <param name="scheduler">The scheduler, for the words.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="owners">Owners that there are.</param>
    public static IEnumerable<Diagnostic> Check(string scheduler, IReadOnlyDictionary<string, string> settings, ImmutableArray<string> owners)
    {
        foreach (var (key, value) in settings)
        {
            var dot = key.IndexOf('.', StringComparison.Ordinal);
            var (owner, name) = dot < 0 ? (key, "") : (key[..dot], key[(dot + 1)..]);
            if (Made.Contains(key))
                yield return Diagnostic.Error("kubernetes-setting-made", $"{key} is made from the cluster and cannot be set");
            else if (!owners.Contains(owner))
                yield return Diagnostic.Error("kubernetes-setting-unknown", $"{scheduler} has no component '{owner}' to set") with { Help = Suggestion.Help(owner, [.. owners]) };
            else if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
                yield return Diagnostic.Error("kubernetes-setting-key", $"'{key}' names no setting of {owner}") with { Help = $"such as {(owner == SchedulerConfiguration ? "KubeSchedulerConfiguration.podMaxBackoffSeconds" : "kube-controller-manager.node-monitor-grace-period")}" };
            else if (value.Length == 0 || value.Any(char.IsControl))
                yield return Diagnostic.Error("kubernetes-setting-value", $"{key} cannot be '{value.ReplaceLineEndings("\\n")}'") with { Help = "a value is one line" };
            else if (owner == "services" && key is not (Proxy or Dns))
                yield return Diagnostic.Error("kubernetes-setting-unknown", $"there is no setting '{key}'") with { Help = Suggestion.Help(key, [Proxy, Dns]) };
            else if (owner == "services" && value is not ("on" or "off"))
                yield return Diagnostic.Error("kubernetes-setting-value", $"{key} cannot be '{value}'") with { Help = "it is on or off" };
            else if (key == Dns && value == "on" && settings.GetValueOrDefault(Proxy) != "on")
                yield return Diagnostic.Error("kubernetes-dns-alone", $"{Dns} needs {Proxy}: names lead to addresses of services") with { Help = $"set {Proxy} to on as well" };
            else if (key == ClientRate && !(int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var rate) && rate > 0))
                yield return Diagnostic.Error("kubernetes-setting-value", $"{key} cannot be '{value}'") with { Help = "requests a second, at least 1" };
        }
    }

    /// <summary>When gangs that did not fit are tried again; null where the settings let no gang be placed whole.</summary>
    public static GangRetry? Gangs(IReadOnlyDictionary<string, string> settings) =>
        Has(settings, ServerGates, g => g == GangGate) && Has(settings, SchedulerGates, g => g == GangGate) && Has(settings, ServerApis, a => a.StartsWith("scheduling.k8s.io/", StringComparison.Ordinal) && a.EndsWith("=true", StringComparison.Ordinal))
            ? new GangRetry(!Has(settings, SchedulerGates, g => g == PopsAtOnce + "=false"), settings.GetValueOrDefault(MostBackoff, "10"))
            : null;

    /// <summary>The flags of a component: flag to text, without the dashes.</summary>
    public static JsonObject Flags(IReadOnlyDictionary<string, string> settings, string component) =>
        new(settings.Where(s => s.Key.StartsWith(component + ".", StringComparison.Ordinal)).Select(s => KeyValuePair.Create(s.Key[(component.Length + 1)..], (JsonNode?)s.Value)));

    /// <summary>The fields of the scheduler's configuration; values that are JSON are taken as such.</summary>
    public static JsonObject Configuration(IReadOnlyDictionary<string, string> settings) =>
        new(settings.Where(s => s.Key.StartsWith(SchedulerConfiguration + ".", StringComparison.Ordinal)).Select(s => KeyValuePair.Create(s.Key[(SchedulerConfiguration.Length + 1)..], Literal(s.Value))));

    private static bool Has(IReadOnlyDictionary<string, string> settings, string key, Func<string, bool> wanted) => settings.TryGetValue(key, out var list) && list.Split(',').Any(wanted);

    private static JsonNode? Literal(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
