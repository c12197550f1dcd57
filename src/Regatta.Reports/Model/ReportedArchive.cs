using Regatta.Runs;

namespace Regatta.Reports.Model;

/// <summary>An archive that a run of a report is in.</summary>
/// <param name="Run">The run's id.</param>
/// <param name="Name">Name of the file.</param>
/// <param name="Sha256">sha256 of the file, hexadecimal; null for the archive that holds the page.</param>
public sealed record ReportedArchive(string Run, string Name, string? Sha256)
{
    /// <summary>The file as a path from the run directory; null where that is not known.</summary>
    public string? Path { get; init; }

    /// <summary>Whether it holds other runs besides.</summary>
    public bool HoldsSeveral { get; init; }

    /// <summary>As the run has it.</summary>
    public ArchivedAs ToArchivedAs() => new(Name, Sha256) { Path = Path, HoldsSeveral = HoldsSeveral };
}
