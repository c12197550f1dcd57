using Regatta.Config;
using Regatta.Schedulers;

namespace Regatta.Experiments.Configuration;

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

/// <summary>GPUs of one model.</summary>
[ConfigSchema("GPUs of one model.")]
public sealed record GpuSection
{
    /// <summary>The nodes that have them, by number.</summary>
    [ConfigKey("The nodes that have them by number, from 1 on: all, or ranges such as 1-2,4.", Example = "1-512")]
    public string Nodes { get; init; } = "all";

    /// <summary>How many each has.</summary>
    [ConfigKey("How many each of these nodes has.", Minimum = 1, Maximum = 64)]
    public int Count { get; init; } = 1;
}

/// <summary>When a new cluster is made.</summary>
public enum ClusterReuse
{
    /// <summary>One cluster for all trials; the scheduler starts from a clean slate for each. Clusters of different schedulers stand side by side.</summary>
    Reset,

    /// <summary>A new cluster for each trial, removed after it: there is never more than one.</summary>
    Fresh,
}

/// <summary>The time that a cluster runs in.</summary>
public enum ClusterTime
{
    /// <summary>Real time.</summary>
    Real,

    /// <summary>Virtual time, on emulated nodes.</summary>
    Virtual,
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

    /// <summary>The time that it runs in.</summary>
    [ConfigKey("The time that it runs in: real, or virtual, in which the scheduler, its emulated nodes and its jobs go by one clock that jumps to the next moment that one of them waits for. docs/virtual-time.md says what that is worth.")]
    public ClusterTime Time { get; init; }

    /// <summary>Most virtual seconds for a real one while all wait; 0 for no limit.</summary>
    [ConfigKey("Most virtual seconds for each real one while everything waits; 0 for no limit.", Minimum = 0, Maximum = 1000000, Example = "100")]
    public int TimeSpeed { get; init; }

    /// <summary>Virtual seconds for each one in which the scheduler computes.</summary>
    [ConfigKey("Virtual seconds that are charged for each second that the scheduler computes.", Minimum = 0.01, Maximum = 100, Example = "0.5")]
    public double TimeCharge { get; init; } = 1;

    /// <summary>What is charged is a multiple of this; zero for what was measured.</summary>
    [ConfigKey("The clock stands while something computes, and then goes on by what the scheduler took of a processor, to the nearest multiple of this, so that two runs of one plan come out alike; a scheduler that computes ten times as long is waited for no longer. 0s charges what all of the twin takes, meanwhile.", Minimum = 0, Example = "0s")]
    public TimeSpan TimeQuantum { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Lets a version run in virtual time that was not tried in it.</summary>
    [ConfigKey("Lets a version of the scheduler run in virtual time that was not tried in it.")]
    public bool TimeUntested { get; init; }

    /// <summary>Shape of the head.</summary>
    [ConfigKey("Shape of the head.")]
    public required NodeSection Head { get; init; }

    /// <summary>Shape of each worker.</summary>
    [ConfigKey("Shape of each worker. Containers may offer more processors than the host has.")]
    public required NodeSection Worker { get; init; }

    /// <summary>GPUs of the workers, by model.</summary>
    [ConfigKey("GPUs of the workers, or of the emulated nodes in their place, by model. There need be none: jobs hold devices that Regatta makes (Slurm). docs/gpus.md says more.", Example = "{a100: {nodes: 1-512, count: 8}}")]
    public IReadOnlyDictionary<string, GpuSection> Gpus { get; init; } = new Dictionary<string, GpuSection>();

    /// <summary>When a new cluster is made.</summary>
    [ConfigKey("When a new cluster is made: reset keeps one for all trials, beside those of other schedulers; fresh makes one for each trial and removes it after, so that there is never more than one.")]
    public ClusterReuse Reuse { get; init; }

    /// <summary>Leaves the cluster up after the run, to look into it.</summary>
    [ConfigKey("Leaves the cluster up after the run, to look into it.")]
    public bool Keep { get; init; }
}
