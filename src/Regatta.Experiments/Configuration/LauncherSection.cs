using Regatta.Config;

namespace Regatta.Experiments.Configuration;

/// <summary>What runs the trials.</summary>
public enum LauncherName
{
    /// <summary>This machine.</summary>
    Local,

    /// <summary>A Slurm cluster that the user may submit to.</summary>
    Slurm,

    /// <summary>Hosts that the user may log in to.</summary>
    Ssh,

    /// <summary>A Kubernetes cluster in which the user may make Jobs.</summary>
    Kubernetes,

    /// <summary>A Flux instance that the program runs in.</summary>
    Flux,
}

/// <summary>Which trials stay together.</summary>
public enum LauncherKeep
{
    /// <summary>None: each task holds the next trials of the plan.</summary>
    Nothing,

    /// <summary>Those of a block: a task is a block, on one node.</summary>
    Block,

    /// <summary>Those of a point: a task is a point, on one node, so that nothing tells what a point does from what its node does.</summary>
    Point,
}

/// <summary>Where trials run.</summary>
[ConfigSchema("Where trials run. docs/launchers.md has a page for each.")]
public sealed record LauncherSection
{
    /// <summary>What runs them.</summary>
    [ConfigKey("What runs the trials: local is this machine, slurm a cluster that takes job arrays, ssh a list of hosts, kubernetes a cluster that takes Jobs, flux the Flux instance that the program runs in. slurm, kubernetes and flux run simulated trials only.")]
    public LauncherName Name { get; init; }

    /// <summary>Simulated trials at once.</summary>
    [ConfigKey("How many simulated trials run at once on this machine; null for as many as there are processors. Trials on machines run one at a time whatever it says, since they would measure each other.", Minimum = 1, Maximum = 1024, Example = "1")]
    public int? Parallel { get; init; }

    /// <summary>Trials in virtual time at once.</summary>
    [ConfigKey("How many trials in virtual time run at once on this machine, each on a cluster of its own. Their clocks stand while the host is busy, so that they do not disturb each other; each wants a processor, and memory for its emulated nodes.", Minimum = 1, Maximum = 64, Example = "2")]
    public int Virtual { get; init; } = 1;

    /// <summary>Trials of a task.</summary>
    [ConfigKey("How many trials a task of another machine runs, one after the other: a queue takes longer to start a task than a small trial takes.", Minimum = 1, Maximum = 100000)]
    public int Trials { get; init; } = 1;

    /// <summary>Which trials stay together.</summary>
    [ConfigKey("Which trials stay on one node: block makes each block of the plan one task, whatever trials says; point each point, which the plan otherwise refuses where it comes about, since a difference of points may then be one of nodes.")]
    public LauncherKeep Keep { get; init; }

    /// <summary>What only Slurm has.</summary>
    [ConfigKey("What only the launcher slurm has.")]
    public SlurmLauncherSection Slurm { get; init; } = new();

    /// <summary>What only SSH has.</summary>
    [ConfigKey("What only the launcher ssh has.")]
    public SshLauncherSection Ssh { get; init; } = new();

    /// <summary>What only Kubernetes has.</summary>
    [ConfigKey("What only the launcher kubernetes has.")]
    public KubernetesLauncherSection Kubernetes { get; init; } = new();

    /// <summary>What only Flux has.</summary>
    [ConfigKey("What only the launcher flux has.")]
    public FluxLauncherSection Flux { get; init; } = new();

    /// <summary>Simulated trials that run at once on this machine.</summary>
    [NotConfigured]
    public int SimulatedAtOnce => Parallel ?? Environment.ProcessorCount;
}

/// <summary>What trials ask Slurm for.</summary>
[ConfigSchema("What trials ask Slurm for. null leaves a thing to the site's defaults.")]
public sealed record SlurmLauncherSection
{
    /// <summary>Partition.</summary>
    [ConfigKey("Partition that tasks are submitted to.")]
    public string? Partition { get; init; }

    /// <summary>Account.</summary>
    [ConfigKey("Account that pays.")]
    public string? Account { get; init; }

    /// <summary>QOS.</summary>
    [ConfigKey("Quality of service.")]
    public string? Qos { get; init; }

    /// <summary>Time limit.</summary>
    [ConfigKey("Time limit of a task, all its trials together.", Minimum = 60)]
    public TimeSpan Time { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Memory.</summary>
    [ConfigKey("Memory of a task.", Minimum = 268435456, Example = "2GiB")]
    public ByteSize Memory { get; init; } = ByteSize.FromGiB(1);

    /// <summary>Processors.</summary>
    [ConfigKey("Processors of a task.", Minimum = 1)]
    public int Processors { get; init; } = 1;

    /// <summary>Constraint.</summary>
    [ConfigKey("Features that a node must have, by Slurm's own notation.")]
    public string? Constraint { get; init; }

    /// <summary>Tasks at once.</summary>
    [ConfigKey("Most tasks of one array that run at once; null for no limit.", Minimum = 1, Example = "200")]
    public int? Throttle { get; init; }

    /// <summary>Further lines.</summary>
    [ConfigKey("Further options of sbatch, as one would write them after #SBATCH, such as --exclude=n7.")]
    public IReadOnlyList<string> Extra { get; init; } = [];

    /// <summary>Shell lines.</summary>
    [ConfigKey("Lines of shell that a task runs before its trials, such as module load or export TMPDIR=/scratch.")]
    public IReadOnlyList<string> Before { get; init; } = [];
}

/// <summary>A host that trials run on.</summary>
[ConfigSchema("A host that trials run on.")]
public sealed record LauncherHostSection
{
    /// <summary>Address or name to connect to.</summary>
    [ConfigKey("Address or name to connect to, as ssh takes it; the user's ssh_config counts.")]
    public required string Address { get; init; }

    /// <summary>Name in records.</summary>
    [ConfigKey("Name in the trials' records and in the report; null for the address.")]
    public string? Name { get; init; }

    /// <summary>SSH port.</summary>
    [ConfigKey("SSH port; null as ssh decides.", Minimum = 1, Maximum = 65535)]
    public int? Port { get; init; }

    /// <summary>SSH user.</summary>
    [ConfigKey("SSH user; null as ssh decides.")]
    public string? User { get; init; }

    /// <summary>Tasks at once.</summary>
    [ConfigKey("Tasks of simulated trials that the host runs at once; of those on machines it runs one, and nothing beside it.", Minimum = 1, Maximum = 1024)]
    public int Parallel { get; init; } = 1;

    /// <summary>The name in records.</summary>
    [NotConfigured]
    public string Label => Name ?? Address;
}

/// <summary>The hosts that trials run on over SSH.</summary>
[ConfigSchema("The hosts that trials run on over SSH.")]
public sealed record SshLauncherSection
{
    /// <summary>The hosts.</summary>
    [ConfigKey("The hosts. One that does not answer any more is left out, and its trials go to the others.", Example = "[{address: n1, parallel: 8}, {address: n2, parallel: 8}]")]
    public IReadOnlyList<LauncherHostSection> Hosts { get; init; } = [];

    /// <summary>Private key.</summary>
    [ConfigKey("Private key that the hosts accept; null as ssh decides.")]
    public string? Identity { get; init; }

    /// <summary>Whether hosts are mended.</summary>
    [ConfigKey("Whether what a host lacks for trials on machines is installed and set there, by 'regatta doctor --fix' of the program that is carried there, after saying so; it needs root there.")]
    public bool Fix { get; init; }

    /// <summary>Where the program and results lie on the hosts.</summary>
    [ConfigKey("Directory on the hosts that the program and the trials under way lie in, from the home directory unless it begins with '/'.")]
    public string Directory { get; init; } = ".cache/regatta";
}
