using Regatta.Config;

namespace Regatta.Experiments.Configuration;

/// <summary>Where trials run.</summary>
[ConfigSchema("Where trials run.")]
public sealed record LauncherSection
{
    /// <summary><c>local</c>: this machine.</summary>
    [ConfigKey("local: this machine.")]
    public string Name { get; init; } = "local";
}
