using System.Text;
using Regatta.Reports;
using Regatta.Reports.Html;
using Regatta.Reports.Model;
using Regatta.Runs;
using Regatta.Runs.Archives;
using Regatta.Workloads;

namespace Regatta.Archives.Writing;

/// <summary>What is put into an archive besides the run directories.</summary>
public sealed record ArchiveRequest
{
    /// <summary>The jobs of a trial of a run, by the run's directory; null when they cannot be made again.</summary>
    public required Func<string, PlannedTrial, IReadOnlyList<Job>?> Jobs { get; init; }

    /// <summary>Lock files: name of the image and the file.</summary>
    public ImmutableArray<(string Image, string File)> Locks { get; init; } = [];

    /// <summary>The images whose inputs go along.</summary>
    public ImmutableArray<string> Images { get; init; } = [];

    /// <summary>The inputs of images by their names in the archive.</summary>
    public ImmutableSortedDictionary<string, ArchiveSource> Inputs { get; init; } = ImmutableSortedDictionary<string, ArchiveSource>.Empty;

    /// <summary>Licence and author.</summary>
    public ArchiveTerms Terms { get; init; } = new(null, null, null);

    /// <summary>Whether the logs of trials go along.</summary>
    public bool Logs { get; init; } = true;

    /// <summary>Whether names in the runs were replaced.</summary>
    public bool Pseudonyms { get; init; }
}

/// <summary>Writes runs into one file that holds all that is needed to check them, and to run them again.</summary>
public static class RunArchiver
{
    private static readonly JsonLinesFormat Lines = new();

    /// <summary>Writes an archive.</summary>
    /// <param name="runs">The run directories, at least one, no id twice.</param>
    /// <param name="output">The file.</param>
    /// <param name="request">What else goes in.</param>
    /// <param name="monitor">Hears of each step.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The archive, and what it says that it holds.</returns>
    /// <exception cref="DiagnosticException">A run cannot be read or has no trial, or the file cannot be written.</exception>
    public static async Task<(ArchiveReference Reference, ArchiveContent Content)> WriteAsync(
        IReadOnlyList<string> runs, string output, ArchiveRequest request, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var files = new Dictionary<string, ArchiveSource>(StringComparer.Ordinal);
        var recorded = new List<RecordedRun>();
        var workloads = ImmutableArray.CreateBuilder<ArchivedWorkload>();
        foreach (var path in runs)
        {
            var run = await RecordedRun.ReadAsync(path, cancellation);
            recorded.Add(run);
            monitor.Report(new Activity("archive", run.Id, "gathers its files"));
            AddFiles(files, run, request.Logs);
            // The report that stands in the run may be of other settings, or of an earlier program.
            var inside = new ArchivedAs(run.Id + ".zip", null) { HoldsSeveral = runs.Count > 1 };
            files[$"runs/{run.Id}/report/index.html"] = ArchiveSource.Of(HtmlReport.Render(ReportBuilder.Build([run with { Archives = [inside] }])), new UTF8Encoding(false));
            AddWorkloads(files, workloads, run, request.Jobs);
        }

        var locks = request.Locks.Select(l => (l.Image, Source: ArchiveSource.Of(l.File))).Select(l => (Lock: new ArchivedLock(l.Image, $"locks/{l.Source.Sha256}.lock.json"), l.Source)).ToList();
        foreach (var (entry, source) in locks) files[entry.File] = source;
        foreach (var (name, source) in request.Inputs) files[name] = source;
        var content = new ArchiveContent
        {
            Program = new ProgramFacts(ReportNumbers.ProgramVersion),
            Runs = [.. recorded.Select(r => new ArchivedRun(r.Id, r.Name))],
            Workloads = workloads.ToImmutable(),
            Locks = [.. locks.Select(l => l.Lock)],
            Images = request.Images,
            Pseudonyms = request.Pseudonyms,
        };
        files[ArchiveContent.FileName] = ArchiveSource.Of(ArchiveWriter.Bytes(content));
        var described = new SortedDictionary<string, ArchiveSource>(files, StringComparer.Ordinal);
        files[CrateMetadata.FileName] = ArchiveSource.Of(new CrateMetadata(recorded, content, request.Terms).Document(described), Encoding.UTF8);
        monitor.Report(new Activity("archive", Path.GetFileName(output), $"writes {files.Count} files"));
        var reference = ArchiveWriter.Write(output, files, cancellation);
        monitor.Report(new Activity("archive", reference.Name, output, ActivityState.Done));
        return (reference, content);
    }

    // The run directory as it is: without its claim, what is being written, and the report, which is made anew.
    private static void AddFiles(Dictionary<string, ArchiveSource> files, RecordedRun run, bool logs)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, ReturnSpecialDirectories = false };
        foreach (var file in Directory.EnumerateFiles(run.Path, "*", options))
        {
            var name = Path.GetRelativePath(run.Path, file);
            var parts = name.Split('/');
            if (parts.Any(p => p.StartsWith('.')) || parts[0] == "report" || name == RunArchives.FileName || name.EndsWith(".new", StringComparison.Ordinal)) continue;
            if (!logs && parts.Length > 3 && parts[0] == "trials" && parts[3] == "logs") continue;
            files[$"runs/{run.Id}/{name}"] = ArchiveSource.Of(file);
        }
    }

    private static void AddWorkloads(Dictionary<string, ArchiveSource> files, ImmutableArray<ArchivedWorkload>.Builder workloads, RecordedRun run, Func<string, PlannedTrial, IReadOnlyList<Job>?> jobs)
    {
        foreach (var trial in RunDirectory.ReadPlan(run.Path).Trials.DistinctBy(t => (t.Point, t.Seed)))
        {
            if (!run.Trials.Any(t => t.Trial.Record.Point == trial.Point && t.Trial.Record.Seed == trial.Seed) || jobs(run.Path, trial) is not { } replayed) continue;
            using var text = new MemoryStream();
            Lines.Write(new Workload { Name = trial.Point, Jobs = [.. replayed] }, text, CancellationToken.None);
            var source = ArchiveSource.Of(text.ToArray());
            var name = $"workloads/{source.Sha256}.jsonl";
            files.TryAdd(name, source);
            workloads.Add(new ArchivedWorkload(run.Id, trial.Point, trial.Seed, name));
        }
    }
}
