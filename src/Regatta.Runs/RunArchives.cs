using Regatta.Runs.Archives;

namespace Regatta.Runs;

/// <summary>An archive that a run is in.</summary>
/// <param name="Name">Name of its file.</param>
/// <param name="Sha256">sha256 of the file, hexadecimal; null for the archive that holds this very page, which cannot name its own hash.</param>
public sealed record ArchivedAs(string Name, string? Sha256)
{
    /// <summary>Where the file was written, as a path from the run directory; null where that is not known.</summary>
    public string? Path { get; init; }

    /// <summary>Whether it holds other runs besides.</summary>
    public bool HoldsSeveral { get; init; }
}

/// <summary>What <c>archives.json</c> of a run directory holds: the archives that the run was written into, the newest last.</summary>
public sealed record RunArchives
{
    /// <summary>Version of the contract that is written, and the newest that can be read.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Name of the file.</summary>
    public const string FileName = "archives.json";

    /// <summary>Version of this contract.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The archives.</summary>
    public required ImmutableArray<ArchivedAs> Archives { get; init; }

    /// <summary>The archives that a run directory remembers, the newest last.</summary>
    /// <exception cref="DiagnosticException">The file cannot be read, or is of a newer version.</exception>
    public static ImmutableArray<ArchivedAs> Of(string run) =>
        RunFile.ReadJson(System.IO.Path.Combine(run, FileName), RunJson.Default.RunArchives, CurrentVersion) is { Archives: { IsDefault: false } archives } ? archives : [];

    /// <summary>Makes a run directory remember an archive.</summary>
    /// <param name="run">The directory.</param>
    /// <param name="file">The archive's file.</param>
    /// <param name="archive">The archive.</param>
    /// <param name="several">Whether it holds other runs besides.</param>
    /// <exception cref="DiagnosticException">What it remembers cannot be read.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Remember(string run, string file, ArchiveReference archive, bool several)
    {
        ArgumentNullException.ThrowIfNull(archive);
        var path = System.IO.Path.GetRelativePath(System.IO.Path.GetFullPath(run), System.IO.Path.GetFullPath(file));
        var added = new ArchivedAs(archive.Name, archive.Sha256) { Path = path, HoldsSeveral = several };
        // The same file written again takes the place of the one before.
        var archives = Of(run).Where(a => a.Sha256 != added.Sha256 && a.Path != added.Path).Append(added);
        RunFile.WriteJson(System.IO.Path.Combine(run, FileName), new RunArchives { Archives = [.. archives] }, RunJson.Default.RunArchives);
    }
}
