using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Regatta.Analysis;
using Regatta.Diagnostics;

namespace Regatta.Reports.Runs;

/// <summary>A trial as its directory holds it.</summary>
/// <param name="Directory">Its directory.</param>
/// <param name="Trial">The trial and its jobs.</param>
/// <param name="Audit">What the audit found.</param>
public sealed record RecordedTrial(string Directory, Trial Trial, TrialAudit Audit);

/// <summary>A trial of the plan that left no record.</summary>
/// <param name="Point">The point.</param>
/// <param name="Repetition">Its repetition, from 1.</param>
/// <param name="Reason">What the journal says of it; null when it was not begun.</param>
public sealed record MissingTrial(string Point, int Repetition, string? Reason);

/// <summary>A point of the experiment that could not run on its host.</summary>
/// <param name="Point">The point.</param>
/// <param name="Reason">What was missing.</param>
public sealed record LeftOutPoint(string Point, string Reason);

/// <summary>What a run directory holds, read for a report. The directory may be of a run that still goes on or was interrupted.</summary>
public sealed record RecordedRun
{
    /// <summary>The directory.</summary>
    public required string Path { get; init; }

    /// <summary>Its last part, the run's id.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the experiment.</summary>
    public required string Name { get; init; }

    /// <summary>Seed of the order of trials; null when the plan has none.</summary>
    public long? Seed { get; init; }

    /// <summary>What <c>provenance.json</c> holds; null when it is missing.</summary>
    public JsonObject? Provenance { get; init; }

    /// <summary>The composed experiment, YAML; null when it is missing.</summary>
    public string? Experiment { get; init; }

    /// <summary>Trials in the order in which they ran.</summary>
    public required ImmutableArray<RecordedTrial> Trials { get; init; }

    /// <summary>Planned trials that left no record.</summary>
    public ImmutableArray<MissingTrial> Missing { get; init; } = [];

    /// <summary>Points of the experiment that could not run.</summary>
    public ImmutableArray<LeftOutPoint> LeftOut { get; init; } = [];

    /// <summary>Order of the points in the plan; empty when there is no plan.</summary>
    public ImmutableArray<string> PlannedPoints { get; init; } = [];

    /// <summary>The overrides that it was started with, as typed.</summary>
    public ImmutableArray<string> Overrides { get; init; } = [];

    /// <summary>How its trials are measured, as its experiment says.</summary>
    public MeasureSettings Measure { get; init; } = MeasureSettings.Default;

    /// <summary>What its points differ in by intention, as its plan says.</summary>
    public ImmutableArray<string> Factors { get; init; } = ["scheduler", "profile"];

    /// <summary>Reads a run directory.</summary>
    /// <exception cref="DiagnosticException">It is no run directory, or a file in it cannot be read.</exception>
    public static async Task<RecordedRun> ReadAsync(string path, CancellationToken cancellation)
    {
        var directory = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        Require(path, directory);
        var plan = await ReadObjectAsync(System.IO.Path.Combine(directory, "plan.json"), cancellation).ConfigureAwait(false);
        var file = System.IO.Path.Combine(directory, "experiment.yaml");
        var experiment = File.Exists(file) ? await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false) : null;
        var trials = new List<RecordedTrial>();
        foreach (var trial in TrialDirectories(directory)) trials.Add(await ReadTrialAsync(trial, cancellation).ConfigureAwait(false));
        var id = System.IO.Path.GetFileName(directory);
        return new RecordedRun
        {
            Path = directory,
            Id = id,
            Name = Text(plan?["name"]) ?? id,
            Seed = plan?["seed"] is JsonValue seed && seed.TryGetValue<long>(out var number) ? number : null,
            Provenance = await ReadObjectAsync(System.IO.Path.Combine(directory, "provenance.json"), cancellation).ConfigureAwait(false),
            Experiment = experiment,
            Overrides = ReadOverrides(System.IO.Path.Combine(directory, "overrides.yaml")),
            Measure = RunMeasure.Of(experiment, file),
            Factors = RunMeasure.Factors(plan),
            Trials = [.. trials.OrderBy(t => t.Trial.Record.Order).ThenBy(t => t.Trial.Record.Point, StringComparer.Ordinal)],
            Missing = [.. MissingOf(plan, trials, Failures(System.IO.Path.Combine(directory, "journal.jsonl")))],
            LeftOut = plan?["leftOut"] is JsonArray left ? [.. left.Where(p => Text(p?["name"]) is not null).Select(p => new LeftOutPoint(Text(p?["name"])!, Text(p?["reason"]) ?? "the plan does not say why"))] : [],
            PlannedPoints = plan?["points"] is JsonArray points ? [.. points.Select(p => Text(p?["name"])).OfType<string>()] : [],
        };
    }

    /// <summary>The trials' directories of a run, by point and repetition.</summary>
    public static IEnumerable<string> TrialDirectories(string run)
    {
        var root = System.IO.Path.Combine(run, "trials");
        if (!Directory.Exists(root)) return [];
        return Directory.EnumerateFiles(root, "trial.json", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 })
            .Select(f => System.IO.Path.GetDirectoryName(f)!)
            .Where(d => !System.IO.Path.GetFileName(d).StartsWith('.'))
            .Order(StringComparer.Ordinal);
    }

    private static async Task<RecordedTrial> ReadTrialAsync(string directory, CancellationToken cancellation)
    {
        var file = System.IO.Path.Combine(directory, "trial.json");
        TrialRecord record;
        await using (var stream = File.OpenRead(file)) record = await TrialJson.ReadRecordAsync(stream, file, cancellation).ConfigureAwait(false);
        file = System.IO.Path.Combine(directory, "jobs.parquet");
        if (!File.Exists(file))
        {
            throw new DiagnosticException(Diagnostic.Error("report-no-jobs", $"the trial {record.Point}/{record.Repetition} has no jobs.parquet") with
            {
                Where = new SourceRange(file),
                Help = "remove the trial's directory and run 'regatta resume' on the run to repeat it",
            });
        }

        JobTable jobs;
        await using (var stream = File.OpenRead(file)) jobs = await JobTable.ReadAsync(stream, file, cancellation).ConfigureAwait(false);
        var trial = new Trial(record, jobs);
        file = System.IO.Path.Combine(directory, "audit.json");
        if (!File.Exists(file)) return new RecordedTrial(directory, trial, TrialAudit.Of(trial));
        await using (var stream = File.OpenRead(file))
            return new RecordedTrial(directory, trial, await TrialJson.ReadAuditAsync(stream, file, cancellation).ConfigureAwait(false));
    }

    private static void Require(string given, string directory)
    {
        if (File.Exists(System.IO.Path.Combine(directory, "plan.json")) || Directory.Exists(System.IO.Path.Combine(directory, "trials"))) return;
        var parent = System.IO.Path.GetDirectoryName(directory);
        var siblings = parent is not null && Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent).Select(d => System.IO.Path.GetFileName(d)).Where(n => !n.StartsWith('.')).ToList()
            : [];
        throw new DiagnosticException(Diagnostic.Error("not-a-run", $"'{given}' is not a run directory: it has neither plan.json nor trials/") with
        {
            Help = Suggestion.Nearest(System.IO.Path.GetFileName(directory), siblings) is { } near
                ? $"did you mean '{System.IO.Path.Combine(System.IO.Path.GetDirectoryName(given) ?? "", near)}'?"
                : "name a directory that 'regatta run' made, such as runs/20260101T120000Z-quickstart-1a2b3c4d",
        });
    }

    private static async Task<JsonObject?> ReadObjectAsync(string file, CancellationToken cancellation)
    {
        if (!File.Exists(file)) return null;
        try
        {
            await using var stream = File.OpenRead(file);
            return await JsonNode.ParseAsync(stream, cancellationToken: cancellation).ConfigureAwait(false) as JsonObject
                ?? throw new JsonException("it holds no JSON object");
        }
        catch (JsonException exception)
        {
            throw new DiagnosticException(
                Diagnostic.Error("run-file", $"{System.IO.Path.GetFileName(file)} of the run cannot be read") with
                {
                    Where = exception.LineNumber is { } line ? new SourceRange(file, (int)line + 1, (int)(exception.BytePositionInLine ?? 0) + 1) : new SourceRange(file),
                    Detail = exception.Message,
                },
                exception);
        }
    }

    // A list of double-quoted scalars, one a line, which are JSON strings as well. What was written by hand otherwise is left out: it is only shown.
    private static ImmutableArray<string> ReadOverrides(string file)
    {
        if (!File.Exists(file)) return [];
        var overrides = ImmutableArray.CreateBuilder<string>();
        foreach (var line in File.ReadLines(file).Where(l => l.StartsWith("- \"", StringComparison.Ordinal)))
        {
            try
            {
                if (Text(JsonNode.Parse(line[2..])) is { } text) overrides.Add(text);
            }
            catch (JsonException)
            {
                return [];
            }
        }

        return overrides.ToImmutable();
    }

    private static IEnumerable<MissingTrial> MissingOf(JsonObject? plan, List<RecordedTrial> trials, Dictionary<string, string> failures)
    {
        if (plan?["trials"] is not JsonArray planned) yield break;
        var there = trials.Select(t => (t.Trial.Record.Point, t.Trial.Record.Repetition)).ToHashSet();
        foreach (var trial in planned)
        {
            if (Text(trial?["point"]) is not { } point || trial?["repetition"] is not JsonValue value || !value.TryGetValue<int>(out var repetition)) continue;
            if (there.Contains((point, repetition))) continue;
            yield return new MissingTrial(point, repetition, failures.GetValueOrDefault(string.Create(CultureInfo.InvariantCulture, $"{point}/{repetition}")));
        }
    }

    // The last word of the journal on each trial, as "point/repetition"; a half-written last line is passed over.
    private static Dictionary<string, string> Failures(string journal)
    {
        var failures = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(journal)) return failures;
        foreach (var line in File.ReadLines(journal))
        {
            JsonNode? entry;
            try
            {
                entry = JsonNode.Parse(line);
            }
            catch (JsonException)
            {
                // The journal is for going on with a run; a report is made of the trials, and a line cut off by a crash hides none of them.
                continue;
            }

            if (Text(entry?["subject"]) is not { } subject) continue;
            if (string.Equals(Text(entry?["kind"]), "TrialFailed", StringComparison.OrdinalIgnoreCase)) failures[subject] = Text(entry?["text"]) ?? "it failed";
            else if (string.Equals(Text(entry?["kind"]), "TrialStarted", StringComparison.OrdinalIgnoreCase)) failures[subject] = "it was begun and not finished";
        }

        return failures;
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
