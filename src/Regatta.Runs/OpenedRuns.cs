using Regatta.Runs.Archives;

namespace Regatta.Runs;

/// <summary>A run that was opened.</summary>
/// <param name="Path">Its directory; of a run in an archive, where it was unpacked.</param>
/// <param name="Unpacked">The archive; null for a run directory.</param>
public sealed record OpenedRun(string Path, UnpackedArchive? Unpacked = null)
{
    /// <summary>The archive that it is from; null for a run directory.</summary>
    public ArchiveReference? Archive => Unpacked?.Reference;

    /// <summary>Its id.</summary>
    public string Id => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));

    /// <summary>The file of the jobs of a trial; null when the archive does not have them, or it is a run directory.</summary>
    public string? WorkloadOf(PlannedTrial trial) => Unpacked?.Content.WorkloadOf(Id, trial) is { } file ? System.IO.Path.Combine(Unpacked.Directory, file) : null;

    /// <summary>Reads it.</summary>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    public async Task<RecordedRun> ReadAsync(CancellationToken cancellation)
    {
        var run = await RecordedRun.ReadAsync(Path, cancellation);
        return Unpacked is not { } archive ? run : run with
        {
            Archive = archive.Reference,
            Archives = [new ArchivedAs(archive.Reference.Name, archive.Reference.Sha256) { HoldsSeveral = archive.Content.Runs.Length > 1 }],
        };
    }
}

/// <summary>Runs that commands about results read: directories as they are, archives unpacked for as long as this lasts. The one way to open a run.</summary>
public sealed class OpenedRuns : IDisposable
{
    private readonly string? _scratch;

    private OpenedRuns(IReadOnlyList<OpenedRun> runs, string? scratch)
    {
        Runs = runs;
        _scratch = scratch;
    }

    /// <summary>The runs, in the order in which they were named; those of an archive in its order.</summary>
    public IReadOnlyList<OpenedRun> Runs { get; }

    /// <summary>Opens what <paramref name="names"/> mean: archives by their files, other runs as <see cref="RunCollection.Find"/> does.</summary>
    /// <param name="collection">Where runs are looked for.</param>
    /// <param name="names">The names.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DiagnosticException">There is no such run, an archive is not the one that was written, or a run of an archive is named twice.</exception>
    public static OpenedRuns Open(RunCollection collection, IEnumerable<string> names, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(collection);
        var runs = new List<OpenedRun>();
        string? scratch = null;
        try
        {
            foreach (var name in names)
            {
                if (!UnpackedArchive.IsArchive(name))
                {
                    runs.Add(new OpenedRun(collection.Find(name)));
                    continue;
                }

                scratch ??= Directory.CreateTempSubdirectory("regatta-archive-").FullName;
                var place = Directory.CreateDirectory(Path.Combine(scratch, string.Create(CultureInfo.InvariantCulture, $"{runs.Count}"))).FullName;
                var archive = UnpackedArchive.Of(name, place, null, cancellation);
                if (!archive.Faults.IsEmpty) throw new DiagnosticException([.. archive.Faults]);
                runs.AddRange(archive.Runs.Select(run => new OpenedRun(run, archive)));
            }

            if (runs.GroupBy(r => r.Id, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1 && g.Any(r => r.Archive is not null)) is { } twice) throw Twice(twice);
            return new OpenedRuns(runs, scratch);
        }
        catch
        {
            if (scratch is not null) Directory.Delete(scratch, recursive: true);
            throw;
        }
    }

    /// <summary>Removes what was unpacked.</summary>
    public void Dispose()
    {
        if (_scratch is not null && Directory.Exists(_scratch)) Directory.Delete(_scratch, recursive: true);
    }

    private static DiagnosticException Twice(IGrouping<string, OpenedRun> runs) => new(Diagnostic.Error("archive-run-twice", $"the run {runs.Key} is named twice") with
    {
        Detail = string.Join('\n', runs.Select(r => r.Archive is { } archive ? $"{archive.Name}, sha256 {archive.Sha256}" : r.Path)),
        Help = "a run cannot be compared with itself: leave one of them out",
    });
}
