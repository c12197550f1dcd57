using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Flux;

/// <summary>Options of the Flux driver.</summary>
internal sealed record FluxOptions
{
    private static readonly Dictionary<string, Func<FluxOptions, string, FluxOptions>> Setters = new(StringComparer.Ordinal)
    {
        ["uri"] = (o, value) => o with { Uri = value },
        ["prefix"] = (o, value) => o with { Prefix = value },
        ["user"] = (o, value) => o with { User = value },
        ["queue"] = (o, value) => o with { Queue = value },
        ["simulate"] = (o, value) => o with { Simulate = Flag("simulate", value) },
        ["payload"] = (o, value) => o with { Payload = o.Payload with { Agent = value } },
        ["stamps"] = (o, value) => o with { Payload = o.Payload with { Stamps = value } },
        ["directory"] = (o, value) => o with { Directory = value },
        ["output"] = (o, value) => o with { Output = value },
    };

    /// <summary>Socket of the leader's broker.</summary>
    public string Uri { get; init; } = "local:///run/flux/local";

    /// <summary>Where Flux is installed; its library is looked for below.</summary>
    public string Prefix { get; init; } = "/opt/flux";

    /// <summary>User that jobs are submitted as; null for the owner of the instance, who needs neither munge nor the IMP.</summary>
    public string? User { get; init; }

    /// <summary>Queue that jobs go to; null where there are no named queues.</summary>
    public string? Queue { get; init; }

    /// <summary>Flux only pretends to run the jobs, for their run time: what emulated nodes need.</summary>
    public bool Simulate { get; init; }

    /// <summary>What jobs run.</summary>
    public JobPayload Payload { get; init; } = JobPayload.Default;

    /// <summary>Working directory of the jobs.</summary>
    public string Directory { get; init; } = "/";

    /// <summary>File that standard output and error of the jobs go to.</summary>
    public string Output { get; init; } = "/dev/null";

    /// <summary>The options of a header.</summary>
    /// <exception cref="DiagnosticException">One is not known or cannot be.</exception>
    public static FluxOptions Read(ReplayHeader header) => DriverOptions.Read(header, new FluxOptions(), Setters);

    private static bool Flag(string name, string value) => value switch
    {
        "true" => true,
        "false" => false,
        _ => throw DriverOptions.Fault($"the option '{name}' cannot be '{value}'", "it is true or false"),
    };
}
