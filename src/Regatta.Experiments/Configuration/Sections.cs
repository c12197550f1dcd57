using Regatta.Analysis;
using Regatta.Config;
using Regatta.Experiments.Planning;
using Regatta.Machines;
using Regatta.Schedulers;

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

    /// <summary>Jobs of a user of their own.</summary>
    [ConfigKey("Submits jobs as a user of their own instead of the one that the scheduler runs as, where that makes a difference (flux: munge and the IMP).")]
    public bool MultiUser { get; init; }

    /// <summary>Image of its nodes: a name of the project's flake, or a flake reference.</summary>
    [ConfigKey("Image of its nodes: a name of the project's flake, or a flake reference.")]
    public string? Image { get; init; }

    /// <summary>Policy of the reference scheduler.</summary>
    [ConfigKey("Policy of the reference scheduler.")]
    public string Policy { get; init; } = "easy";

    /// <summary>What the reference scheduler allocates.</summary>
    [ConfigKey("What the reference scheduler allocates.")]
    public ReferenceAllocation Allocation { get; init; }

    /// <summary>True for the simulated reference scheduler.</summary>
    [NotConfigured]
    public bool IsReference => Name == "reference";
}

/// <summary>Shape of a node.</summary>
[ConfigSchema("Shape of a node.")]
public sealed record NodeSection
{
    /// <summary>Virtual processors.</summary>
    [ConfigKey("Virtual processors.", Minimum = 1, Maximum = 4096)]
    public required int Processors { get; init; }

    /// <summary>Memory in bytes.</summary>
    [ConfigKey("Memory in bytes.", Minimum = 268435456, Example = "1GiB")]
    public required ByteSize Memory { get; init; }
}

/// <summary>When a new cluster is made.</summary>
public enum ClusterReuse
{
    /// <summary>One cluster for all trials; the scheduler starts from a clean slate for each. Clusters of different schedulers stand side by side.</summary>
    Reset,

    /// <summary>A new cluster for each trial, removed after it: there is never more than one.</summary>
    Fresh,
}

/// <summary>The cluster of a point.</summary>
[ConfigSchema("The cluster of a point.")]
public sealed record ClusterSection
{
    /// <summary>Worker nodes.</summary>
    [ConfigKey("Worker nodes.", Minimum = 1, Maximum = 10000)]
    public required int Workers { get; init; }

    /// <summary>Emulated nodes; null for none.</summary>
    [ConfigKey("Emulated nodes, each with the processors of a worker, in place of the workers: docs/emulation.md says how, and what that leaves out.", Minimum = 1, Maximum = SchedulerOptions.MostEmulated, Example = "1024")]
    public int? Emulated { get; init; }

    /// <summary>Shape of the head.</summary>
    [ConfigKey("Shape of the head.")]
    public required NodeSection Head { get; init; }

    /// <summary>Shape of each worker.</summary>
    [ConfigKey("Shape of each worker. Containers may offer more processors than the host has.")]
    public required NodeSection Worker { get; init; }

    /// <summary>When a new cluster is made.</summary>
    [ConfigKey("When a new cluster is made: reset keeps one for all trials, beside those of other schedulers; fresh makes one for each trial and removes it after, so that there is never more than one.")]
    public ClusterReuse Reuse { get; init; }

    /// <summary>Leaves the cluster up after the run, to look into it.</summary>
    [ConfigKey("Leaves the cluster up after the run, to look into it.")]
    public bool Keep { get; init; }
}

/// <summary>A machine that exists.</summary>
[ConfigSchema("A machine that exists.")]
public sealed record HostSection
{
    /// <summary>Host name in the cluster.</summary>
    [ConfigKey("Host name in the cluster.")]
    public required string Name { get; init; }

    /// <summary>Head or worker.</summary>
    [ConfigKey("Head or worker.")]
    public required NodeRole Role { get; init; }

    /// <summary>Address or name to connect to.</summary>
    [ConfigKey("Address or name to connect to.")]
    public required string Address { get; init; }

    /// <summary>SSH port.</summary>
    [ConfigKey("SSH port.", Minimum = 1, Maximum = 65535)]
    public int Port { get; init; } = 22;

    /// <summary>SSH user.</summary>
    [ConfigKey("SSH user.")]
    public string User { get; init; } = "root";

    /// <summary>Public host key; the user's known_hosts is asked where it is null.</summary>
    [ConfigKey("Public host key; the user's known_hosts is asked where it is null.")]
    public string? HostKey { get; init; }
}

/// <summary>How machines are had.</summary>
[ConfigSchema("How machines are had.")]
public sealed record MachinesSection
{
    /// <summary>The driver.</summary>
    [ConfigKey("The driver.")]
    public MachineDriver Driver { get; init; }

    /// <summary>libvirt connection of QEMU machines.</summary>
    [ConfigKey("libvirt connection of QEMU machines.")]
    public string? LibvirtUri { get; init; }

    /// <summary>How long a node may take until it answers.</summary>
    [ConfigKey("How long a node may take until it answers.", Minimum = 1)]
    public TimeSpan BootTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Machines that exist.</summary>
    [ConfigKey("Machines that exist.")]
    public IReadOnlyList<HostSection> Hosts { get; init; } = [];

    /// <summary>Private key that existing machines accept.</summary>
    [ConfigKey("Private key that existing machines accept.")]
    public string? Identity { get; init; }
}

/// <summary>What is measured.</summary>
[ConfigSchema("What is measured and how often.")]
public sealed record MeasureSection
{
    /// <summary>Repetitions of each point.</summary>
    [ConfigKey("Repetitions of each point; the most of them where precision or budget end them earlier.", Minimum = 1, Maximum = 10000)]
    public int Repetitions { get; init; } = 5;

    /// <summary>Precision that ends the repetitions.</summary>
    [ConfigKey("Ends the repetitions as soon as half of the interval's width is at most this share of the mean of precision_metric at every point; null runs them all.", Minimum = 0, Above = true, Example = "0.05")]
    public double? Precision { get; init; }

    /// <summary>The metric whose interval counts.</summary>
    [ConfigKey("The metric whose interval precision is about, such as makespan.", Example = "makespan")]
    public string PrecisionMetric { get; init; } = "wait-mean";

    /// <summary>Fewest repetitions.</summary>
    [ConfigKey("Fewest valid repetitions of each point before precision may end them: intervals of few runs are narrow by luck.", Minimum = 3, Maximum = 10000)]
    public int Fewest { get; init; } = 5;

    /// <summary>Time that ends the repetitions.</summary>
    [ConfigKey("Begins no further block of trials when all of them together have taken this long; null sets no limit.", Minimum = 0, Above = true, Example = "2h")]
    public TimeSpan? Budget { get; init; }

    /// <summary>The metrics that the verdict is about, names of the catalogue; all tests together are one family of Holm's correction.</summary>
    [ConfigKey("The metrics that the verdict is about. Each further one makes the correction for several tests stricter, so that more repetitions are needed.", Example = "wait-mean")]
    public IReadOnlyList<string> Judge { get; init; } = ComparisonSettings.Default.Judged;

    /// <summary>Order of trials.</summary>
    [ConfigKey("Order of trials.")]
    public TrialOrder Order { get; init; }

    /// <summary>Gives each block a workload seed of its own, so that repetitions differ in their jobs (generated workloads only).</summary>
    [ConfigKey("Gives each block a workload seed of its own, so that repetitions differ in their jobs (generated workloads only).")]
    public bool Vary { get; init; }

    /// <summary>Input shaking.</summary>
    [ConfigKey("Shakes the submit times of each block anew by up to this much either way, so that an effect which hangs on the exact times does not persist (Tsafrir, Ouaknine, Feitelson 2007).", Minimum = 0, Example = "1s")]
    public TimeSpan Shake { get; init; }

    /// <summary>Jobs submitted before this, from the start, are left out of the metrics.</summary>
    [ConfigKey("Jobs submitted before this, from the start, are left out of the metrics.", Minimum = 0)]
    public TimeSpan Warmup { get; init; }

    /// <summary>Jobs submitted in the last part of this length are left out of the metrics.</summary>
    [ConfigKey("Jobs submitted in the last part of this length are left out of the metrics.", Minimum = 0)]
    public TimeSpan Cooldown { get; init; }

    /// <summary>Threshold of the bounded slowdown.</summary>
    [ConfigKey("Threshold of the bounded slowdown.", Minimum = 0, Above = true)]
    public TimeSpan Tau { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bound on the lateness' 99th percentile, beyond which the client was the limit.</summary>
    [ConfigKey("Bound on the lateness' 99th percentile, beyond which the client was the limit.", Minimum = 0, Above = true)]
    public TimeSpan Lateness { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How long jobs may take to end after the last submission plus the expected makespan.</summary>
    [ConfigKey("How long jobs may take to end after the last submission plus the expected makespan.", Minimum = 0)]
    public TimeSpan Drain { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>Where trials run.</summary>
[ConfigSchema("Where trials run.")]
public sealed record LauncherSection
{
    /// <summary><c>local</c>: this machine.</summary>
    [ConfigKey("local: this machine.")]
    public string Name { get; init; } = "local";
}
