using Regatta.Config;
using Regatta.Experiments.Configuration.WorkloadKinds;

namespace Regatta.Experiments.Configuration;

/// <summary>An experiment, composed: the whole of <c>conf/</c> as one value.</summary>
[ConfigSchema("An experiment: what is compared, on which machines, with which jobs, and how often.")]
public sealed record Experiment
{
    /// <summary>Name; part of the run directory's name.</summary>
    [ConfigKey("Name of the experiment; part of the run directory's name.", Example = "quickstart")]
    public required string Name { get; init; }

    /// <summary>What it is for, in a line.</summary>
    [ConfigKey("What it is for, in a line.")]
    public string Description { get; init; } = "";

    /// <summary>Seed of the order of trials and of what is random in the workload.</summary>
    [ConfigKey("Seed of the order of trials and of what is random in the workload.")]
    public long Seed { get; init; } = 1;

    /// <summary>What is compared: a name and the overrides that make the point out of the experiment. Empty: the experiment itself is the only point. Where the command line sets all that the points differ in, they are left out.</summary>
    [ConfigKey("What is compared: a name for each point, and the overrides that make it out of the experiment. Empty: the experiment itself is the only point. Where the command line sets all that the points differ in, they are left out.")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Points { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The scheduler.</summary>
    [ConfigKey("The scheduler.")]
    public required SchedulerSection Scheduler { get; init; }

    /// <summary>The cluster.</summary>
    [ConfigKey("The cluster.")]
    public required ClusterSection Cluster { get; init; }

    /// <summary>How its machines are had.</summary>
    [ConfigKey("How its machines are had.")]
    public required MachinesSection Machines { get; init; }

    /// <summary>The workload.</summary>
    [ConfigKey("The workload.")]
    public required WorkloadSection Workload { get; init; }

    /// <summary>The site that is replayed; null for none.</summary>
    [ConfigKey("The site that is replayed, as 'regatta site import' wrote it; null for none.")]
    public SiteSection? Site { get; init; }

    /// <summary>Faults that are brought about on purpose.</summary>
    [ConfigKey("Faults that are brought about on purpose while each trial runs.")]
    public FaultsSection Faults { get; init; } = new();

    /// <summary>Clients that call beside the workload.</summary>
    [ConfigKey("Clients that call the scheduler beside the workload, as its users do.")]
    public ClientsSection Clients { get; init; } = new();

    /// <summary>Where its trials run.</summary>
    [ConfigKey("Where its trials run.")]
    public LauncherSection Launcher { get; init; } = new();

    /// <summary>What is measured and how often.</summary>
    [ConfigKey("What is measured and how often.")]
    public required MeasureSection Measure { get; init; }
}
