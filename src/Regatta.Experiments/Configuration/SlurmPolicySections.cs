using Regatta.Config;

namespace Regatta.Experiments.Configuration;

/// <summary>An account of Slurm's accounting database.</summary>
[ConfigSchema("An account of Slurm's accounting database.")]
public sealed record SlurmAccountSection
{
    /// <summary>The account above it.</summary>
    [ConfigKey("The account above it; root is above all.")]
    public string Parent { get; init; } = "root";

    /// <summary>Its share among its siblings.</summary>
    [ConfigKey("Its share of what its parent may use, beside those of its siblings.", Minimum = 0)]
    public int Share { get; init; } = 1;

    /// <summary>Its users with the share of each.</summary>
    [ConfigKey("Its users, with the share of each. The nodes get them with the same numbers everywhere.")]
    public IReadOnlyDictionary<string, int> Users { get; init; } = new Dictionary<string, int>();

    /// <summary>Its limits and qualities of service.</summary>
    [ConfigKey("Its limits and qualities of service by the names of sacctmgr, such as GrpTRES, MaxJobs, QOS and DefaultQOS.")]
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}

/// <summary>A quality of service of Slurm's accounting database.</summary>
[ConfigSchema("A quality of service of Slurm's accounting database.")]
public sealed record SlurmQosSection
{
    /// <summary>Its priority.</summary>
    [ConfigKey("Its priority, which PriorityWeightQOS scales by the largest of all.", Minimum = 0)]
    public long Priority { get; init; }

    /// <summary>Qualities of service whose jobs its own may preempt.</summary>
    [ConfigKey("Qualities of service whose jobs its own may preempt, under PreemptType=preempt/qos.")]
    public IReadOnlyList<string> Preempt { get; init; } = [];

    /// <summary>What becomes of its jobs when they are preempted.</summary>
    [ConfigKey("What becomes of its jobs when they are preempted: cancel, requeue or suspend; null for PreemptMode of scheduler.settings.")]
    public string? PreemptMode { get; init; }

    /// <summary>Its limits and flags.</summary>
    [ConfigKey("Its limits and flags by the names of sacctmgr, such as MaxJobsPerUser, UsageFactor and Flags.")]
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}

/// <summary>A partition of Slurm.</summary>
[ConfigSchema("A partition of Slurm.")]
public sealed record SlurmPartitionSection
{
    /// <summary>Its nodes by number.</summary>
    [ConfigKey("Its nodes by number, from 1 on: all, or ranges such as 1-2,4.", Example = "1-2")]
    public string Nodes { get; init; } = "all";

    /// <summary>Its settings.</summary>
    [ConfigKey("Its settings by the names of slurm.conf, such as PriorityTier, PriorityJobFactor, AllowQos, OverSubscribe, PreemptMode and MaxTime. The first partition is the default, unless another has Default=YES.")]
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}

/// <summary>A reservation of nodes.</summary>
[ConfigSchema("A reservation of nodes, such as a maintenance window.")]
public sealed record SlurmReservationSection
{
    /// <summary>When it begins.</summary>
    [ConfigKey("When it begins, counted from the start of the trial.", Minimum = 0)]
    public TimeSpan Start { get; init; }

    /// <summary>How long it lasts.</summary>
    [ConfigKey("How long it lasts, in whole minutes.")]
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Its nodes by number.</summary>
    [ConfigKey("Its nodes by number, from 1 on: all, or ranges such as 1-2,4.", Example = "1-2")]
    public string Nodes { get; init; } = "all";

    /// <summary>Who may use it.</summary>
    [ConfigKey("Users who may run jobs in it; nobody but root where neither they nor accounts are named.")]
    public IReadOnlyList<string> Users { get; init; } = [];

    /// <summary>Which accounts may use it.</summary>
    [ConfigKey("Accounts whose users may run jobs in it.")]
    public IReadOnlyList<string> Accounts { get; init; } = [];

    /// <summary>Its flags.</summary>
    [ConfigKey("Flags by the names of scontrol.", Example = "MAINT")]
    public IReadOnlyList<string> Flags { get; init; } = [];
}
