using System.Text.Json;
using System.Text.Json.Nodes;

namespace Regatta.Runs;

/// <summary>What a run's results depend on besides its experiment, as <c>provenance.json</c> holds it.</summary>
public sealed record Provenance
{
    /// <summary>Version of the contract that is written, and the newest that can be read.</summary>
    public const int CurrentVersion = 2;

    /// <summary>Version of this contract; 0 in files of the first programs, which do not say it.</summary>
    public int Version { get; init; }

    /// <summary>The program.</summary>
    public ProgramFacts? Regatta { get; init; }

    /// <summary>When the run, or its latest sitting, began: ISO 8601, UTC.</summary>
    public string? Started { get; init; }

    /// <summary>The host.</summary>
    public HostDescription? Host { get; init; }

    /// <summary>Versions of the tools that clusters are made with, as the tools print them, by name; empty for simulations.</summary>
    public ImmutableSortedDictionary<string, string>? Tools { get; init; }

    /// <summary>Seed of the order of trials, and of the workloads that name none.</summary>
    public long? Seed { get; init; }

    /// <summary>The images that nodes were booted from, by name.</summary>
    public ImmutableSortedDictionary<string, ImageFacts>? Images { get; init; }

    /// <summary>Every cluster that trials ran on, by name.</summary>
    public ImmutableSortedDictionary<string, ClusterFacts>? Clusters { get; init; }

    /// <summary>Versions of the schedulers as they say themselves, by name.</summary>
    public ImmutableSortedDictionary<string, string>? Schedulers { get; init; }

    /// <summary>What virtual time was worth on this host when it was last held against real time, one sentence by scheduler and version, such as <c>slurm 24.11.5</c>; null where it was not.</summary>
    public ImmutableSortedDictionary<string, string>? VirtualTime { get; init; }

    /// <summary>These facts with the images, clusters and schedulers of other ones added.</summary>
    public Provenance With(Provenance other) => this with
    {
        Images = Union(Images, other.Images),
        Clusters = Union(Clusters, other.Clusters),
        Schedulers = Union(Schedulers, other.Schedulers),
        VirtualTime = Union(VirtualTime, other.VirtualTime),
    };

    private static ImmutableSortedDictionary<string, T>? Union<T>(ImmutableSortedDictionary<string, T>? some, ImmutableSortedDictionary<string, T>? more) =>
        some is null ? more : more is null ? some : some.SetItems(more);

    /// <summary>The facts by their names, without the version of the contract, for those who show all there is.</summary>
    public JsonObject ToJson()
    {
        var facts = (JsonObject)JsonSerializer.SerializeToNode(this, RunJson.Default.Provenance)!;
        facts.Remove("version");
        return facts;
    }
}

/// <summary>The program.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Commit">Git commit of its source, with <c>-dirty</c> where that was changed; null outside a checkout.</param>
public sealed record ProgramFacts(string? Version, string? Commit = null);

/// <summary>The host that a run was made on.</summary>
public sealed record HostDescription
{
    /// <summary>Operating system.</summary>
    public string? Os { get; init; }

    /// <summary>Release of the kernel.</summary>
    public string? Kernel { get; init; }

    /// <summary>Model of the processors.</summary>
    public string? Cpu { get; init; }

    /// <summary>Processors that the program may use.</summary>
    public int? Cores { get; init; }

    /// <summary>Memory, as the kernel prints it (<c>24689108 kB</c>).</summary>
    public string? Memory { get; init; }

    /// <summary>The kernel's clock source.</summary>
    public string? ClockSource { get; init; }

    /// <summary>Load averages at the start, as the kernel prints them.</summary>
    public string? Load { get; init; }

    /// <summary>Runtime of the program.</summary>
    public string? Runtime { get; init; }
}

/// <summary>An image.</summary>
public sealed record ImageFacts
{
    /// <summary>sha256 of its root file system.</summary>
    public string? Hash { get; init; }

    /// <summary>sha256 of its lock file.</summary>
    public string? LockHash { get; init; }

    /// <summary>How many packages it has.</summary>
    public int? Packages { get; init; }

    /// <summary>Software that is not in its distribution; null for none.</summary>
    public ImmutableArray<PayloadFacts>? Payloads { get; init; }
}

/// <summary>Software of an image that is not in its distribution.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Prefix">Where it is installed.</param>
/// <param name="Sha256">Hash of its archive.</param>
public sealed record PayloadFacts(string Name, string? Version, string? Prefix, string? Sha256);

/// <summary>A cluster.</summary>
/// <param name="Driver">Driver of its machines, such as <c>lxc</c>.</param>
/// <param name="Scheduler">The scheduler that it was made for.</param>
/// <param name="Nodes">Its nodes.</param>
public sealed record ClusterFacts(string Driver, string? Scheduler, ImmutableArray<NodeFacts> Nodes);

/// <summary>A node.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">What it is for, such as <c>worker</c>.</param>
/// <param name="Processors">Its processors.</param>
/// <param name="Memory">Its memory in bytes; null when it is not known.</param>
public sealed record NodeFacts(string Name, string Role, int Processors, long? Memory = null);
