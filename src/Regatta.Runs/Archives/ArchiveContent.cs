namespace Regatta.Runs.Archives;

/// <summary>What an archive holds, as its <c>regatta-archive.json</c> says. Every file of it stands with its sha256 in <c>manifest-sha256.txt</c>.</summary>
public sealed record ArchiveContent
{
    /// <summary>Version of the contract that is written, and the newest that can be read.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Name of the file.</summary>
    public const string FileName = "regatta-archive.json";

    /// <summary>Name of the list of hashes: lines as <c>sha256sum</c> writes and checks them.</summary>
    public const string Manifest = "manifest-sha256.txt";

    /// <summary>Directory of the inputs of images.</summary>
    public const string ImageFolder = "images";

    /// <summary>Version of this contract.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The program that made the archive.</summary>
    public required ProgramFacts Program { get; init; }

    /// <summary>The runs, in the order in which they were named.</summary>
    public required ImmutableArray<ArchivedRun> Runs { get; init; }

    /// <summary>The jobs of the trials: one entry for each point and seed. Points that replay the same jobs share a file.</summary>
    public required ImmutableArray<ArchivedWorkload> Workloads { get; init; }

    /// <summary>The lock files of the images that nodes were booted from.</summary>
    public required ImmutableArray<ArchivedLock> Locks { get; init; }

    /// <summary>The images whose inputs it holds below <see cref="ImageFolder"/>, by name; older archives do not say.</summary>
    public ImmutableArray<string> Images { get; init; } = [];

    /// <summary>Whether names of people and places were replaced.</summary>
    public bool Pseudonyms { get; init; }

    /// <summary>The file of the jobs of a trial; null when the archive does not have them.</summary>
    /// <param name="run">The run's id.</param>
    /// <param name="trial">The trial.</param>
    public string? WorkloadOf(string run, PlannedTrial trial) => Workloads.FirstOrDefault(w => w.Run == run && w.Point == trial.Point && w.Seed == trial.Seed)?.File;
}

/// <summary>A run of an archive.</summary>
/// <param name="Id">Its id; its directory is <c>runs/ID</c>.</param>
/// <param name="Name">Name of the experiment.</param>
public sealed record ArchivedRun(string Id, string Name);

/// <summary>The jobs of the trials of a point with one seed.</summary>
/// <param name="Run">The run's id.</param>
/// <param name="Point">The point.</param>
/// <param name="Seed">The seed.</param>
/// <param name="File">The file, <c>workloads/SHA256.jsonl</c>.</param>
public sealed record ArchivedWorkload(string Run, string Point, long Seed, string File);

/// <summary>The lock file of an image.</summary>
/// <param name="Image">The image's name.</param>
/// <param name="File">The file, <c>locks/SHA256.lock.json</c>.</param>
public sealed record ArchivedLock(string Image, string File);

/// <summary>The archive that a run was read from.</summary>
/// <param name="Name">Name of the file, without its directory.</param>
/// <param name="Sha256">sha256 of the file, hexadecimal.</param>
public sealed record ArchiveReference(string Name, string Sha256);
