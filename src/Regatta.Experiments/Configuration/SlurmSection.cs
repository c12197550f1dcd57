using Regatta.Config;

namespace Regatta.Experiments.Configuration;

/// <summary>What only Slurm has.</summary>
[ConfigSchema("What only Slurm has.")]
public sealed record SlurmSection
{
    /// <summary>Daemons that fail are started again.</summary>
    [ConfigKey("Lets systemd start slurmctld and slurmd again, a second after they failed, as sites do. false leaves them down. The other schedulers' units always restart.")]
    public bool Restart { get; init; } = true;

    /// <summary>Jobs are accounted in a database.</summary>
    [ConfigKey("Runs MariaDB and slurmdbd on the head: jobs are accounted, run as their users, and accounts, limits and qualities of service decide. The image is then one that holds slurmdbd.")]
    public bool Accounting { get; init; }

    /// <summary>Accounts by name.</summary>
    [ConfigKey("Accounts by name, with shares, users and limits. Without any, and without a site, all jobs are those of one user.")]
    public IReadOnlyDictionary<string, SlurmAccountSection> Accounts { get; init; } = new Dictionary<string, SlurmAccountSection>();

    /// <summary>Qualities of service by name.</summary>
    [ConfigKey("Qualities of service by name; normal is always there.")]
    public IReadOnlyDictionary<string, SlurmQosSection> Qos { get; init; } = new Dictionary<string, SlurmQosSection>();

    /// <summary>Partitions by name.</summary>
    [ConfigKey("Partitions by name; without any, one partition main has all nodes, and what jobs say of partitions is left out.")]
    public IReadOnlyDictionary<string, SlurmPartitionSection> Partitions { get; init; } = new Dictionary<string, SlurmPartitionSection>();

    /// <summary>Reservations by name.</summary>
    [ConfigKey("Reservations and maintenance windows by name, made when a trial starts.")]
    public IReadOnlyDictionary<string, SlurmReservationSection> Reservations { get; init; } = new Dictionary<string, SlurmReservationSection>();

    /// <summary>Version that its daemons are upgraded to while each trial runs; null for none.</summary>
    [ConfigKey("Version, or the first numbers of it, that the daemons are upgraded to while jobs of each trial run and are submitted: first slurmctld, then slurmrestd, then one node after the other. Only steps that Slurm allows, on containers. null for none.", Example = "26.05")]
    public string? Upgrade { get; init; }

    /// <summary>Image of the project that the newer version is taken of.</summary>
    [ConfigKey("Image of the project that the newer version is taken of; null for the one that holds it.", Example = "slurm@sid")]
    public string? UpgradeImage { get; init; }

    /// <summary>How long after the first submission the upgrade begins.</summary>
    [ConfigKey("How long after the first submission the upgrade begins.", Minimum = 0)]
    public TimeSpan UpgradeAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The whole version that is upgraded to, as the image's lock tells it.</summary>
    [NotConfigured]
    public string? UpgradeVersion { get; init; }
}
