using Regatta.Config;

namespace Regatta.Experiments.Configuration;

/// <summary>Nodes of a site that are alike.</summary>
[ConfigSchema("Nodes of a site that are alike.")]
public sealed record SiteNodesSection
{
    /// <summary>Short name.</summary>
    [ConfigKey("Short name, which partitions use.")]
    public required string Name { get; init; }

    /// <summary>How many the cluster has.</summary>
    [ConfigKey("How many of them stand for the site's.", Minimum = 1)]
    public required int Count { get; init; }

    /// <summary>How many the site has.</summary>
    [ConfigKey("How many the site has.", Minimum = 1)]
    public required int Of { get; init; }

    /// <summary>Processors of each.</summary>
    [ConfigKey("Processors of each.", Minimum = 1)]
    public required int Processors { get; init; }

    /// <summary>Memory of each.</summary>
    [ConfigKey("Memory of each; null where slurm.conf does not say.")]
    public ByteSize? Memory { get; init; }

    /// <summary>Features.</summary>
    [ConfigKey("Features.")]
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>Devices of each.</summary>
    [ConfigKey("Devices of each, such as gpu:a100:4.")]
    public string? Gres { get; init; }

    /// <summary>Weight.</summary>
    [ConfigKey("Slurm's weight: nodes of lower weight are taken first.", Minimum = 1)]
    public int Weight { get; init; } = 1;
}

/// <summary>A partition of a site.</summary>
[ConfigSchema("A partition of a site.")]
public sealed record SitePartitionSection
{
    /// <summary>Kinds of nodes.</summary>
    [ConfigKey("Names of the kinds of nodes in it.")]
    public required IReadOnlyList<string> Nodes { get; init; }

    /// <summary>Settings.</summary>
    [ConfigKey("Its settings, by the names of slurm.conf.")]
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}

/// <summary>A quality of service of a site.</summary>
[ConfigSchema("A quality of service of a site.")]
public sealed record SiteQosSection
{
    /// <summary>Settings.</summary>
    [ConfigKey("Its settings, by the names of sacctmgr dump.")]
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}

/// <summary>When the jobs of a site were recorded.</summary>
[ConfigSchema("When the jobs of a site were recorded.")]
public sealed record SiteCalendarSection
{
    /// <summary>Time zero of the trace.</summary>
    [ConfigKey("Time zero of the trace, in seconds since 1970-01-01 UTC.")]
    public required long Start { get; init; }

    /// <summary>Last submission.</summary>
    [ConfigKey("The last submission, in seconds since 1970-01-01 UTC.")]
    public required long End { get; init; }

    /// <summary>Zone of the site.</summary>
    [ConfigKey("Time zone of the site; null where nobody said.")]
    public string? Zone { get; init; }
}

/// <summary>A site whose policy and jobs were imported.</summary>
[ConfigSchema("A site whose policy and jobs were imported by 'regatta site import'. docs/sites.md says what uses which part.")]
public sealed record SiteSection
{
    /// <summary>Name.</summary>
    [ConfigKey("Name of the site.")]
    public required string Name { get; init; }

    /// <summary>Nodes.</summary>
    [ConfigKey("The kinds of nodes.")]
    public required IReadOnlyList<SiteNodesSection> Nodes { get; init; }

    /// <summary>Partitions.</summary>
    [ConfigKey("The partitions by name.")]
    public required IReadOnlyDictionary<string, SitePartitionSection> Partitions { get; init; }

    /// <summary>Qualities of service.</summary>
    [ConfigKey("The qualities of service by name.")]
    public IReadOnlyDictionary<string, SiteQosSection> Qos { get; init; } = new Dictionary<string, SiteQosSection>();

    /// <summary>Settings that are not used.</summary>
    [ConfigKey("Settings of slurm.conf that need an accounting database.")]
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Accounts and users.</summary>
    [ConfigKey("File of accounts and users under pseudonyms, in the form of sacctmgr dump.")]
    public required string Associations { get; init; }

    /// <summary>Calendar.</summary>
    [ConfigKey("When the jobs were recorded.")]
    public required SiteCalendarSection Calendar { get; init; }
}
