using Regatta.Config;

namespace Regatta.Experiments.Configuration;

/// <summary>What runs the trials.</summary>
public enum LauncherName
{
    /// <summary>This machine.</summary>
    Local,
}

/// <summary>Where trials run.</summary>
[ConfigSchema("Where trials run. docs/launchers.md has a page for each.")]
public sealed record LauncherSection
{
    /// <summary>What runs them.</summary>
    [ConfigKey("What runs the trials: local is this machine.")]
    public LauncherName Name { get; init; }

    /// <summary>Simulated trials at once.</summary>
    [ConfigKey("How many simulated trials run at once on this machine; null for as many as there are processors. Trials on machines run one at a time whatever it says, since they would measure each other.", Minimum = 1, Maximum = 1024, Example = "1")]
    public int? Parallel { get; init; }

    /// <summary>Simulated trials that run at once on this machine.</summary>
    [NotConfigured]
    public int SimulatedAtOnce => Parallel ?? Environment.ProcessorCount;
}
