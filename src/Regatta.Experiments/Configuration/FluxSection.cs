using Regatta.Config;

namespace Regatta.Experiments.Configuration;

/// <summary>What only Flux has.</summary>
[ConfigSchema("What only Flux has.")]
public sealed record FluxSection
{
    /// <summary>Jobs of a user of their own.</summary>
    [ConfigKey("Submits jobs as a user of their own instead of the one that Flux runs as: munge signs them, and the IMP starts them.")]
    public bool MultiUser { get; init; }
}
