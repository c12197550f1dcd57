using System.Text.Json;
using System.Text.Json.Serialization;
using Regatta.Ansible;
using Regatta.Machines;
using Regatta.Workloads;

namespace Regatta.Schedulers;

/// <summary>What a cluster was last configured as; kept as <c>configuration.json</c> in its directory.</summary>
/// <param name="Scheduler">The scheduler.</param>
/// <param name="Profile">The profile.</param>
/// <param name="Settings">Single settings that the user gave.</param>
/// <param name="ProcessorsPerNode">Schedulable processors of every worker, where they were given.</param>
/// <param name="Version">The scheduler's version, as it says itself.</param>
public sealed record ClusterConfiguration(
    string Scheduler,
    string Profile,
    ImmutableSortedDictionary<string, string> Settings,
    int? ProcessorsPerNode,
    string Version)
{
    /// <summary>Jobs are submitted as a user of their own.</summary>
    public bool MultiUser { get; init; }

    /// <summary>Daemons that fail are started again.</summary>
    public bool Restart { get; init; } = true;

    /// <summary>Settings of the profile that are left to the scheduler's own defaults; null, as older programs wrote it, for none.</summary>
    public ImmutableSortedSet<string>? Without { get; init; }

    /// <summary>Emulated nodes in the workers' place; null for the workers themselves.</summary>
    public int? Emulated { get; init; }

    /// <summary>The virtual time that it runs in; null for real time.</summary>
    public VirtualTime? Virtual { get; init; }

    /// <summary>The options that it was configured with.</summary>
    [JsonIgnore]
    public SchedulerOptions Options => new(Profile) { Settings = Settings, Without = Without ?? [], ProcessorsPerNode = ProcessorsPerNode, MultiUser = MultiUser, Restart = Restart, Emulated = Emulated, Virtual = Virtual };

    /// <summary>What a cluster was last configured as; null when it never was.</summary>
    public static ClusterConfiguration? Of(Cluster cluster)
    {
        var file = FileOf(cluster);
        return File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllText(file), ConfigurationJson.Default.ClusterConfiguration) : null;
    }

    internal void Save(Cluster cluster)
    {
        var file = FileOf(cluster);
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(this, ConfigurationJson.Default.ClusterConfiguration) + "\n");
        File.Move(file + ".new", file, overwrite: true);
    }

    private static string FileOf(Cluster cluster) => Path.Combine(cluster.Directory, "configuration.json");
}

/// <summary>A cluster on which a job ran on every node.</summary>
/// <param name="Version">The scheduler's version, as it says itself.</param>
/// <param name="Settings">For the record of a trial: the scheduler's own settings as they read back (<c>slurm.SchedulerType</c>) and what matters in a comparison (<c>backfill</c>).</param>
/// <param name="Capacity">What it can run at once.</param>
/// <param name="Changes">What was changed on the way.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record ConfiguredCluster(
    string Version,
    ImmutableSortedDictionary<string, string> Settings,
    Capacity Capacity,
    ImmutableArray<PlaybookChange> Changes,
    TimeSpan Elapsed)
{
    /// <summary>Says that the scheduler's version was not tested; null when it was.</summary>
    public Diagnostic? Untested { get; init; }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ClusterConfiguration))]
internal sealed partial class ConfigurationJson : JsonSerializerContext;
