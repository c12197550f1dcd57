using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Regatta.Diagnostics;
using Regatta.Experiments.Planning;

namespace Regatta.Experiments.Runs;

/// <summary>What is in a run directory from its first moment on.</summary>
/// <param name="Experiment">The composed and resolved experiment, YAML.</param>
/// <param name="Overrides">The overrides that were given, as typed.</param>
/// <param name="Plan">The plan.</param>
public sealed record RunContent(string Experiment, IReadOnlyList<string> Overrides, Plan Plan);

/// <summary>
/// A run directory: <c>runs/&lt;utc&gt;-&lt;name&gt;-&lt;hash&gt;/</c>. It appears whole or not at all, is never reused,
/// and is written into by one process at a time.
/// </summary>
public sealed class RunDirectory : IDisposable
{
    private readonly FileStream? claim;

    private RunDirectory(string path, FileStream? claim)
    {
        Path = path;
        this.claim = claim;
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
            for (var attempt = 1; ; attempt++)
            {
                var id = $"{stamp}-{content.Plan.Name}-{hash}" + (attempt == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{attempt}"));
                var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(runs, id));
                if (Directory.Exists(path)) continue;
                var draft = System.IO.Path.Combine(runs, "." + id + "." + Guid.NewGuid().ToString("N")[..8]);
                Directory.CreateDirectory(draft);
                File.WriteAllText(System.IO.Path.Combine(draft, "experiment.yaml"), content.Experiment);
                File.WriteAllText(System.IO.Path.Combine(draft, "overrides.yaml"), OverridesYaml(content.Overrides));
                File.WriteAllText(System.IO.Path.Combine(draft, "plan.json"), JsonSerializer.Serialize(content.Plan, RunJson.Default.Plan) + "\n");
                var claim = Claim(draft);
                try
                {
                    // Fails when another process took the name between the look and now.
                    Directory.Move(draft, path);
                }
                catch (IOException) when (Directory.Exists(path))
                {
                    claim.Dispose();
                    Directory.Delete(draft, recursive: true);
                    continue;
                }

                return new RunDirectory(path, claim);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(
                Diagnostic.Error("run-directory", $"the run directory below '{runs}' cannot be written") with
                {
                    Detail = exception.Message,
                    Help = "name another place with --runs DIRECTORY",
                    ExitCode = ExitCode.Host,
                },
                exception);
        }
    }

    /// <summary>Opens a run directory to go on with it, and claims it.</summary>
    /// <exception cref="DiagnosticException">It is none, or another process works in it.</exception>
    public static RunDirectory Open(string path)
    {
        RequireRun(path);
        return new RunDirectory(System.IO.Path.GetFullPath(path), Claim(System.IO.Path.GetFullPath(path)));
    }

    /// <summary>The plan of a run.</summary>
    /// <exception cref="DiagnosticException">There is none, or it cannot be read.</exception>
    public static Plan ReadPlan(string path)
    {
        RequireRun(path);
        var file = System.IO.Path.Combine(path, "plan.json");
        try
        {
            var plan = JsonSerializer.Deserialize(File.ReadAllText(file), RunJson.Default.Plan) ?? throw new JsonException("it holds null");
            if (plan.Version != 1) throw new JsonException(string.Create(CultureInfo.InvariantCulture, $"its version is {plan.Version}, and this program knows version 1"));
            return plan;
        }
        catch (JsonException exception)
        {
            throw new DiagnosticException(Diagnostic.Error("plan-unreadable", "the plan of the run cannot be read") with
            {
                Where = new SourceRange(file, (int)(exception.LineNumber ?? -1) + 1),
                Detail = exception.Message,
                ExitCode = ExitCode.Failed,
            });
        }
    }

    /// <summary>The experiment that the run was made of (YAML, composed and resolved).</summary>
    public string ReadExperiment() => File.ReadAllText(System.IO.Path.Combine(Path, "experiment.yaml"));

    /// <summary>The overrides that the run was started with.</summary>
    public IReadOnlyList<string> ReadOverrides() => ParseOverrides(File.ReadAllText(System.IO.Path.Combine(Path, "overrides.yaml")));

    /// <summary>Opens the journal.</summary>
    public Journal OpenJournal(TimeProvider time) => new(System.IO.Path.Combine(Path, "journal.jsonl"), time);

    /// <summary>True when the files of a trial are in place.</summary>
    public bool Has(PlannedTrial trial) => File.Exists(System.IO.Path.Combine(Path, trial.Directory, "trial.json"));

    /// <summary>A directory to prepare a trial's files in; <see cref="Keep"/> puts it in its place. What an earlier, broken attempt left is removed.</summary>
    public string Draft(PlannedTrial trial)
    {
        var draft = System.IO.Path.Combine(Path, "trials", trial.Point, string.Create(CultureInfo.InvariantCulture, $".{trial.Repetition}.draft"));
        if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
        Directory.CreateDirectory(System.IO.Path.Combine(draft, "logs"));
        return draft;
    }

    /// <summary>Puts a prepared trial in its place, at once.</summary>
    public void Keep(PlannedTrial trial, string draft) => Directory.Move(draft, System.IO.Path.Combine(Path, trial.Directory));

    /// <summary>Writes a JSON file of the run through a temporary name.</summary>
    public void WriteJson(string name, JsonObject value)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(value, RunJson.Default.JsonObject) + "\n");
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Gives the directory free.</summary>
    public void Dispose() => claim?.Dispose();

    private static string Hash(RunContent content)
    {
        var text = content.Experiment + "\0" + JsonSerializer.Serialize(content.Plan, RunJson.Default.Plan);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
    }

    private static FileStream Claim(string path)
    {
        var file = System.IO.Path.Combine(path, ".lock");
        try
        {
            // FileShare.None takes an advisory lock that ends with the process, however it ends.
            var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            stream.SetLength(0);
            stream.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
            stream.Flush();
            return stream;
        }
        catch (IOException exception) when (File.Exists(file))
        {
            throw new DiagnosticException(
                Diagnostic.Error("run-in-use", $"another process works in '{path}'") with
                {
                    Detail = exception.Message,
                    Help = "wait until it has ended, or end it with Ctrl-C, then go on with: regatta resume " + path,
                    ExitCode = ExitCode.Failed,
                },
                exception);
        }
    }

    private static void RequireRun(string path)
    {
        if (File.Exists(System.IO.Path.Combine(path, "plan.json"))) return;
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

    private static List<string> ParseOverrides(string text) =>
        [.. text.Split('\n').Where(l => l.StartsWith("- ", StringComparison.Ordinal)).Select(l => JsonSerializer.Deserialize(l[2..], RunJsonLines.Default.String)!)];
}
