using System.Globalization;
using Regatta.Diagnostics;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>Options of the drivers <c>kubernetes</c> and <c>volcano</c>.</summary>
internal sealed record KubernetesOptions
{
    private static readonly string[] Known = ["kubeconfig", "audit", "namespace", "image", "payload", "stamps", "queue", "connections", "emulated"];

    /// <summary>Where the API server is, and who one is.</summary>
    public string Kubeconfig { get; init; } = "/var/lib/regatta/kubeconfig";

    /// <summary>The API server's audit log; without it creation and binding are stamped when a watch tells of them.</summary>
    public string Audit { get; init; } = "/var/log/kubernetes/audit.log";

    /// <summary>Namespace that jobs go to.</summary>
    public string Namespace { get; init; } = "regatta";

    /// <summary>Image of the pods; it needs a C library, and the agent is mounted into it.</summary>
    public string Image { get; init; } = "localhost/regatta/payload:1";

    /// <summary>The agent on the workers.</summary>
    public string Payload { get; init; } = "/usr/local/lib/regatta/regatta-agent";

    /// <summary>File on each worker that payloads append their stamps to.</summary>
    public string Stamps { get; init; } = "/var/lib/regatta/stamps/stamps.jsonl";

    /// <summary>Volcano's queue that jobs go to.</summary>
    public string Queue { get; init; } = "default";

    /// <summary>Connections to the API server that requests share.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>Jobs run on emulated nodes; their payloads stamp into the file on the head.</summary>
    public bool Emulated { get; init; }

    /// <summary>The options of a header.</summary>
    /// <exception cref="DiagnosticException">One is not known or cannot be.</exception>
    public static KubernetesOptions Read(ReplayHeader header)
    {
        var options = new KubernetesOptions();
        foreach (var (name, value) in header.Options)
        {
            if (value.Length == 0 || value.Any(char.IsControl)) throw Fault($"the option '{name}' cannot be '{value}'", "a value has no control character");
            options = name switch
            {
                "kubeconfig" => options with { Kubeconfig = value },
                "audit" => options with { Audit = value },
                "namespace" => options with { Namespace = Label(name, value) },
                "image" => options with { Image = value },
                "payload" => options with { Payload = Absolute(name, value) },
                "stamps" => options with { Stamps = Absolute(name, value) },
                "queue" when header.Scheduler == "volcano" => options with { Queue = Label(name, value) },
                "connections" => options with
                {
                    Connections = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 64 ? count : throw Fault($"the option '{name}' cannot be '{value}'", "1 to 64"),
                },
                "emulated" => options with { Emulated = value is "true" or "false" ? value == "true" : throw Fault($"the option '{name}' cannot be '{value}'", "it is true or false") },
                _ => throw Fault($"the {header.Scheduler} driver has no option '{name}'", Suggestion.Help(name, [.. Known.Where(k => k != "queue" || header.Scheduler == "volcano")])),
            };
        }

        return options;
    }

    private static string Absolute(string name, string value) =>
        value.StartsWith('/') && Path.GetDirectoryName(value) is { Length: > 1 } ? value : throw Fault($"the option '{name}' cannot be '{value}'", "an absolute path of a file below a directory, since that is mounted into pods");

    private static string Label(string name, string value) =>
        value.Length <= 63 && value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && value[0] != '-' && value[^1] != '-'
            ? value : throw Fault($"the option '{name}' cannot be '{value}'", "small letters, digits and '-' (RFC 1123)");

    private static DiagnosticException Fault(string text, string help) => new(Diagnostic.Error("replay-option", text) with { Help = help });
}
