using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>Options of the drivers <c>kubernetes</c> and <c>volcano</c>.</summary>
internal sealed record KubernetesOptions
{
    private static readonly Dictionary<string, Func<KubernetesOptions, string, KubernetesOptions>> Setters = new(StringComparer.Ordinal)
    {
        ["kubeconfig"] = (o, value) => o with { Kubeconfig = value },
        ["audit"] = (o, value) => o with { Audit = value },
        ["namespace"] = (o, value) => o with { Namespace = Label("namespace", value) },
        ["image"] = (o, value) => o with { Image = value },
        ["payload"] = (o, value) => o with { Payload = o.Payload with { Agent = Absolute("payload", value) } },
        ["stamps"] = (o, value) => o with { Payload = o.Payload with { Stamps = Absolute("stamps", value) } },
        ["connections"] = (o, value) => o with { Connections = Count("connections", value) },
        ["emulated"] = (o, value) => o with { Emulated = Flag("emulated", value) },
    };

    private static readonly Dictionary<string, Func<KubernetesOptions, string, KubernetesOptions>> KubernetesSetters =
        new(Setters, StringComparer.Ordinal) { ["gangs"] = (o, value) => o with { Gangs = Flag("gangs", value) } };

    private static readonly Dictionary<string, Func<KubernetesOptions, string, KubernetesOptions>> VolcanosSetters =
        new(Setters, StringComparer.Ordinal) { ["queue"] = (o, value) => o with { Queue = Label("queue", value) } };

    /// <summary>Where the API server is, and who one is.</summary>
    public string Kubeconfig { get; init; } = NodeLayout.Kubeconfig;

    /// <summary>The API server's audit log; without it creation and binding are stamped when a watch tells of them.</summary>
    public string Audit { get; init; } = NodeLayout.AuditLog;

    /// <summary>Namespace that jobs go to.</summary>
    public string Namespace { get; init; } = "regatta";

    /// <summary>Image of the pods; it needs a C library, and the agent is mounted into it.</summary>
    public string Image { get; init; } = "localhost/regatta/payload:1";

    /// <summary>What the pods run.</summary>
    public JobPayload Payload { get; init; } = JobPayload.Default;

    /// <summary>Volcano's queue that jobs go to.</summary>
    public string Queue { get; init; } = "default";

    /// <summary>Connections to the API server that requests share.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>Jobs run on emulated nodes; their payloads stamp into the file on the head.</summary>
    public bool Emulated { get; init; }

    /// <summary>Jobs of several pods are gangs, which kube-scheduler places whole (a PodGroup each).</summary>
    public bool Gangs { get; init; }

    /// <summary>The options of a header.</summary>
    /// <exception cref="DiagnosticException">One is not known or cannot be.</exception>
    public static KubernetesOptions Read(ReplayHeader header) => DriverOptions.Read(header, new KubernetesOptions(), header.Scheduler == "volcano" ? VolcanosSetters : KubernetesSetters);

    private static string Absolute(string name, string value) =>
        value.StartsWith('/') && Path.GetDirectoryName(value) is { Length: > 1 } ? value : throw DriverOptions.Fault($"the option '{name}' cannot be '{value}'", "an absolute path of a file below a directory, since that is mounted into pods");

    private static string Label(string name, string value) =>
        value.Length <= 63 && value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && value[0] != '-' && value[^1] != '-'
            ? value : throw DriverOptions.Fault($"the option '{name}' cannot be '{value}'", "small letters, digits and '-' (RFC 1123)");

    private static int Count(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 64 ? count : throw DriverOptions.Fault($"the option '{name}' cannot be '{value}'", "1 to 64");

    private static bool Flag(string name, string value) => value switch
    {
        "true" => true,
        "false" => false,
        _ => throw DriverOptions.Fault($"the option '{name}' cannot be '{value}'", "it is true or false"),
    };
}
