using Regatta.Config;

namespace Regatta.Experiments.Configuration;

/// <summary>What the reference scheduler allocates.</summary>
public enum ReferenceAllocation
{
    /// <summary>Processors, wherever they lie.</summary>
    Processors,

    /// <summary>Whole nodes.</summary>
    Nodes,
}

/// <summary>The scheduler of a point.</summary>
[ConfigSchema("The scheduler of a point.")]
public sealed record SchedulerSection
{
    /// <summary>Which one: <c>slurm</c>, <c>flux</c>, <c>kubernetes</c>, <c>volcano</c> or <c>reference</c>.</summary>
    [ConfigKey("Which one: slurm, flux, kubernetes, volcano or reference.")]
    public required string Name { get; init; }

    /// <summary>Named profile, mapped to the scheduler's own settings.</summary>
    [ConfigKey("Named profile, mapped to the scheduler's own settings.")]
    public string Profile { get; init; } = "backfill";

    /// <summary>Settings of the scheduler that change the profile's, by their own names; null leaves one to the scheduler's own default.</summary>
    [ConfigKey("Settings of the scheduler that change the profile's, by their own names. Slurm's comma lists change option by option: bf_interval=5 sets one, -bf_window takes one of the profile's out, -* takes all out. null leaves a setting of the profile to Slurm's own default.")]
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>What only Slurm has.</summary>
    [ConfigKey("What only Slurm has.")]
    public SlurmSection Slurm { get; init; } = new();

    /// <summary>What only Flux has.</summary>
    [ConfigKey("What only Flux has.")]
    public FluxSection Flux { get; init; } = new();

    /// <summary>Its version, or the first numbers of it: the image of the project that holds it is taken. Null for the version of the image that is named.</summary>
    [ConfigKey("Its version, or the first numbers of it, such as 24.11: the image that holds it is taken; 'regatta image list' shows which there are. null for the version of scheduler.image.", Example = "22.05,24.11,26.05")]
    public string? Version { get; init; }

    /// <summary>Image of its nodes: a name of the project's flake, or a flake reference.</summary>
    [ConfigKey("Image of its nodes: a name of the project's flake, or a flake reference.")]
    public string? Image { get; init; }

    /// <summary>Policy of the reference scheduler.</summary>
    [ConfigKey("Policy of the reference scheduler.")]
    public string Policy { get; init; } = "easy";

    /// <summary>What the reference scheduler allocates.</summary>
    [ConfigKey("What the reference scheduler allocates.")]
    public ReferenceAllocation Allocation { get; init; }

    /// <summary>The whole version in its image, such as <c>24.11.5</c>; null where its lock does not tell.</summary>
    [NotConfigured]
    public string? ImageVersion { get; init; }

    /// <summary>True for the simulated reference scheduler.</summary>
    [NotConfigured]
    public bool IsReference => Name == "reference";
}
