using Regatta.Config;

namespace Regatta.Experiments.Configuration;

/// <summary>What trials ask Flux for.</summary>
[ConfigSchema("What trials ask Flux for. null leaves a thing to the instance's defaults.")]
public sealed record FluxLauncherSection
{
    /// <summary>Queue.</summary>
    [ConfigKey("Queue that tasks are submitted to.")]
    public string? Queue { get; init; }

    /// <summary>Bank.</summary>
    [ConfigKey("Bank that pays, where the instance has accounting (flux-accounting).")]
    public string? Bank { get; init; }

    /// <summary>Time limit.</summary>
    [ConfigKey("Time limit of a task, all its trials together.", Minimum = 60)]
    public TimeSpan Time { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Processors.</summary>
    [ConfigKey("Cores of a task. Flux gives out no memory: who needs more of it asks for more cores.", Minimum = 1)]
    public int Processors { get; init; } = 1;

    /// <summary>Requirements.</summary>
    [ConfigKey("Properties that a node must have, by Flux's own notation, such as fast or -host:n7.")]
    public string? Requires { get; init; }

    /// <summary>Further options.</summary>
    [ConfigKey("Further options of flux submit, such as --urgency=10.")]
    public IReadOnlyList<string> Extra { get; init; } = [];

    /// <summary>Shell lines.</summary>
    [ConfigKey("Lines of shell that a task runs before its trials, such as module load or export TMPDIR=/scratch.")]
    public IReadOnlyList<string> Before { get; init; } = [];
}
