using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Regatta.Runs;

/// <summary>
/// A run directory: <c>runs/&lt;utc&gt;-&lt;name&gt;-&lt;hash&gt;/</c>. It appears whole or not at all, is never reused,
/// and is written into by one process at a time.
/// </summary>
public sealed partial class RunDirectory : IDisposable
{
    private const string PlanFile = "plan.json";
    private const string ProvenanceFile = "provenance.json";
    private const string LockFile = ".lock";
    private const string Logs = "logs";

    // A draft that nobody has claimed yet is left alone for this long: its maker may be about to.
    private static readonly TimeSpan Unclaimed = TimeSpan.FromHours(1);

    private readonly FileStream _claim;

    private RunDirectory(string path, FileStream claim)
    {
        Path = path;
        _claim = claim;
    }

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>Last part of the path; the run's id.</summary>
    public string Id => System.IO.Path.GetFileName(Path);

    /// <summary>Makes a new run directory below <paramref name="runs"/> and claims it.</summary>
    /// <exception cref="DiagnosticException">It cannot be written.</exception>
    public static RunDirectory Create(string runs, RunContent content, DateTimeOffset now)
    {
        var hash = Hash(content);
        var stamp = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        try
        {
            Directory.CreateDirectory(runs);
            RemoveAbandonedDrafts(runs, now);
            for (var attempt = 1; ; attempt++)
            {
                var id = $"{stamp}-{content.Plan.Name}-{hash}" + (attempt == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{attempt}"));
                var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(runs, id));
                if (Directory.Exists(path)) continue;
                var draft = System.IO.Path.Combine(runs, "." + id + "." + Guid.NewGuid().ToString("N")[..8]);
                if (Appear(draft, path, content) is { } claim) return new RunDirectory(path, claim);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(
                Diagnostic.Error("run-directory", $"the run directory below '{runs}' cannot be written") with
                {
                    Detail = exception.Message,
                    Help = "name another place with --runs DIRECTORY",
                },
                exception);
        }
    }

    // What a program that was killed while it made a run directory left. Runs themselves are never touched.
    private static void RemoveAbandonedDrafts(string runs, DateTimeOffset now)
    {
        foreach (var draft in Directory.EnumerateDirectories(runs, ".*").Where(d => DraftName().IsMatch(System.IO.Path.GetFileName(d))))
        {
            try
            {
                var file = System.IO.Path.Combine(draft, LockFile);
                if (File.Exists(file)) new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
                else if (now - Directory.GetLastWriteTimeUtc(draft) < Unclaimed) continue;
                Directory.Delete(draft, recursive: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Another process has it, or another user owns it: theirs to remove.
            }
        }
    }

    [GeneratedRegex(@"\A\.\d{8}T\d{6}Z-.+\.[0-9a-f]{8}\z")]
    private static partial Regex DraftName();

    // The claim on the directory; null when another process took its name between the look and now. Nothing is left behind where it cannot be written whole.
    private static FileStream? Appear(string draft, string path, RunContent content)
    {
        FileStream? claim = null;
        try
        {
            Directory.CreateDirectory(draft);
            claim = Claim(draft);
            WriteContent(draft, content);
            Directory.Move(draft, path);
            return claim;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            claim?.Dispose();
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
            if (Directory.Exists(path)) return null;
            throw;
        }
    }

    /// <summary>Writes what is in a run directory from its first moment on.</summary>
    internal static void WriteContent(string directory, RunContent content)
    {
        File.WriteAllText(System.IO.Path.Combine(directory, "experiment.yaml"), content.Experiment);
        File.WriteAllText(System.IO.Path.Combine(directory, "overrides.yaml"), OverridesYaml(content.Overrides));
        RunFile.WriteJson(System.IO.Path.Combine(directory, PlanFile), content.Plan, RunJson.Default.Plan);
    }

    /// <summary>Opens a run directory to go on with it, and claims it.</summary>
    /// <exception cref="DiagnosticException">It is none, or another process works in it.</exception>
    public static RunDirectory Open(string path)
    {
        RequireRun(path);
        return new RunDirectory(System.IO.Path.GetFullPath(path), Claim(System.IO.Path.GetFullPath(path)));
    }

    /// <summary>What a run's results depend on besides its experiment; null when it was not written.</summary>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    public static Provenance? ReadProvenance(string path) =>
        RunFile.ReadJson(System.IO.Path.Combine(path, ProvenanceFile), RunJson.Default.Provenance, Provenance.CurrentVersion);

    /// <summary>The experiment that a run was made of (YAML, composed and resolved); null when it is missing.</summary>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    public static string? ReadExperiment(string path) => RunFile.ReadText(System.IO.Path.Combine(path, "experiment.yaml"));

    /// <summary>The overrides that a run was started with; empty when they are missing.</summary>
    /// <exception cref="DiagnosticException">They cannot be read.</exception>
    public static ImmutableArray<string> ReadOverrides(string path)
    {
        var file = System.IO.Path.Combine(path, "overrides.yaml");
        if (RunFile.ReadText(file) is not { } text || text.Trim() == "[]") return [];
        var overrides = ImmutableArray.CreateBuilder<string>();
        foreach (var (index, line) in text.Split('\n').Index().Where(l => l.Item.Length > 0))
        {
            try
            {
                if (!line.StartsWith("- ", StringComparison.Ordinal)) throw new JsonException("the line is no element of a list: - \"override\"");
                overrides.Add(JsonSerializer.Deserialize(line.AsSpan(2), RunJsonLines.Default.String) ?? throw new JsonException("it holds null"));
            }
            catch (JsonException exception)
            {
                throw RunFile.Unreadable(file, exception.Message, index + 1, exception);
            }
        }

        return overrides.ToImmutable();
    }

    /// <summary>Opens the journal.</summary>
    public Journal OpenJournal(TimeProvider time) => new(System.IO.Path.Combine(Path, Journal.FileName), time);

    /// <summary>What the journal says so far.</summary>
    /// <exception cref="DiagnosticException">A line of it cannot be read.</exception>
    public IReadOnlyList<JournalEntry> ReadJournal() => Journal.Read(System.IO.Path.Combine(Path, Journal.FileName));

    /// <summary>True when the files of a trial are in place.</summary>
    public bool Has(PlannedTrial trial) => File.Exists(System.IO.Path.Combine(Path, trial.Directory, TrialFiles.Record));

    /// <summary>An empty directory to prepare a trial's files in; <see cref="Keep"/> puts it in its place. What an earlier, broken attempt left is removed.</summary>
    public string Draft(PlannedTrial trial)
    {
        var draft = DraftOf(trial);
        if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
        Directory.CreateDirectory(draft);
        return draft;
    }

    /// <summary>
    /// Puts a prepared trial in its place, at once, with the logs of attempts that failed before. What else lies there without being a trial is kept beside it
    /// under a name that is not read.
    /// </summary>
    public void Keep(PlannedTrial trial, string draft)
    {
        var place = System.IO.Path.Combine(Path, trial.Directory);
        if (!Has(trial)) TakeFailedAttempts(place, draft);
        if (Directory.Exists(place) && !Has(trial))
            Directory.Move(place, System.IO.Path.Combine(System.IO.Path.GetDirectoryName(place)!, string.Create(CultureInfo.InvariantCulture, $".{trial.Repetition}.{Guid.NewGuid().ToString("N")[..8]}.incomplete")));
        Directory.Move(draft, place);
    }

    /// <summary>Keeps the logs of a trial that gave no record, and removes what else it left.</summary>
    public void KeepFailed(PlannedTrial trial)
    {
        var draft = DraftOf(trial);
        if (!Directory.Exists(draft)) return;
        // Where nothing was logged, that it was tried is kept.
        KeepLogs(trial, Directory.CreateDirectory(System.IO.Path.Combine(draft, Logs)).FullName);
        Directory.Delete(draft, recursive: true);
    }

    /// <summary>Keeps logs of an attempt at a trial that does not count, as <c>logs/failed-N</c> in its place.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="logs">Their directory, which is moved.</param>
    public void KeepLogs(PlannedTrial trial, string logs)
    {
        var place = System.IO.Path.Combine(Path, trial.Directory);
        var kept = Directory.CreateDirectory(System.IO.Path.Combine(place, Logs)).FullName;
        Directory.Move(logs, System.IO.Path.Combine(kept, string.Create(CultureInfo.InvariantCulture, $"failed-{FailedAttempts(place).Count + 1}")));
    }

    /// <summary>Writes <c>provenance.json</c> of a run, or of a trial that was run by itself.</summary>
    /// <param name="path">Its directory.</param>
    /// <param name="provenance">What it holds.</param>
    public static void WriteProvenance(string path, Provenance provenance) => RunFile.WriteJson(System.IO.Path.Combine(path, ProvenanceFile), provenance with { Version = Provenance.CurrentVersion }, RunJson.Default.Provenance);

    /// <summary>Gives the directory free.</summary>
    public void Dispose() => _claim.Dispose();

    private string DraftOf(PlannedTrial trial) => DraftOf(Path, trial);

    private static List<string> FailedAttempts(string place)
    {
        var logs = System.IO.Path.Combine(place, Logs);
        return Directory.Exists(logs) ? [.. Directory.EnumerateDirectories(logs, "failed-*")] : [];
    }

    private static void TakeFailedAttempts(string place, string draft)
    {
        if (FailedAttempts(place) is not { Count: > 0 } attempts) return;
        var kept = Directory.CreateDirectory(System.IO.Path.Combine(draft, Logs)).FullName;
        foreach (var attempt in attempts) Directory.Move(attempt, System.IO.Path.Combine(kept, System.IO.Path.GetFileName(attempt)));
        foreach (var empty in new[] { System.IO.Path.Combine(place, Logs), place })
        {
            if (!Directory.EnumerateFileSystemEntries(empty).Any()) Directory.Delete(empty);
        }
    }

    private static string Hash(RunContent content)
    {
        var text = content.Experiment + "\0" + JsonSerializer.Serialize(content.Plan, RunJson.Default.Plan);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
    }

    private static FileStream Claim(string path)
    {
        var file = System.IO.Path.Combine(path, LockFile);
        FileStream claim;
        try
        {
            // FileShare.None takes an advisory lock that ends with the process, however it ends.
            claim = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (File.Exists(file))
        {
            throw new DiagnosticException(
                Diagnostic.Error("run-in-use", $"run directory '{path}' is in use by another process") with
                {
                    Detail = exception.Message,
                    Help = "wait until it has ended, or end it with Ctrl-C, then go on with: regatta resume " + path,
                },
                exception);
        }

        claim.SetLength(0);
        claim.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
        claim.Flush();
        return claim;
    }

    /// <summary>True when a directory is one of a run: it has a plan.</summary>
    public static bool IsRun(string path) => File.Exists(System.IO.Path.Combine(path, PlanFile));

    private static void RequireRun(string path)
    {
        if (IsRun(path)) return;
        var siblings = Directory.Exists(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)))
            ? Directory.GetDirectories(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!).Select(System.IO.Path.GetFileName).OfType<string>().Where(n => n[0] != '.').ToList()
            : [];
        throw new DiagnosticException(Diagnostic.Error("not-a-run", $"'{path}' is not a run directory: it has no plan.json") with
        {
            Help = Suggestion.Nearest(System.IO.Path.GetFileName(path), siblings) is { } near
                ? $"did you mean '{System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path) ?? "", near)}'?"
                : "name a directory that 'regatta run' made, such as runs/20260101T120000Z-quickstart-1a2b3c4d",
        });
    }

    // A JSON string is a double-quoted YAML scalar as well, and keeps every character.
    private static string OverridesYaml(IReadOnlyList<string> overrides) =>
        overrides.Count == 0 ? "[]\n" : string.Concat(overrides.Select(o => "- " + JsonSerializer.Serialize(o, RunJsonLines.Default.String) + "\n"));
}
