using System.Collections.Concurrent;
using Regatta.Analysis;
using Regatta.Runs.Archives;

namespace Regatta.Runs;

/// <summary>A trial as its directory holds it.</summary>
/// <param name="Directory">Its directory.</param>
/// <param name="Trial">The trial and its jobs.</param>
/// <param name="Audit">What the audit found.</param>
public sealed record RecordedTrial(string Directory, Trial Trial, TrialAudit Audit)
{
    /// <summary>What its logs say around its faults, where it is invalid.</summary>
    public ImmutableArray<LogExcerpt> Excerpts { get; init; } = [];

    /// <summary>Its scheduler from inside; null where that was not sampled, or cannot be read.</summary>
    public TrialInside? Inside { get; init; }
}

/// <summary>A trial of the plan that left no record.</summary>
/// <param name="Point">The point.</param>
/// <param name="Repetition">Its repetition, from 1.</param>
/// <param name="Reason">What the journal says of it; null when it was not begun.</param>
public sealed record MissingTrial(string Point, int Repetition, string? Reason);

/// <summary>What a run directory holds, read for a report. The directory may be of a run that still goes on or was interrupted.</summary>
public sealed record RecordedRun
{
    /// <summary>The directory.</summary>
    public required string Path { get; init; }

    /// <summary>Its last part, the run's id.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the experiment.</summary>
    public required string Name { get; init; }

    /// <summary>Seed of the order of trials.</summary>
    public long? Seed { get; init; }

    /// <summary>What <c>provenance.json</c> holds; null when it is missing.</summary>
    public Provenance? Provenance { get; init; }

    /// <summary>The composed experiment, YAML; null when it is missing.</summary>
    public string? Experiment { get; init; }

    /// <summary>Trials in the order in which they ran.</summary>
    public required ImmutableArray<RecordedTrial> Trials { get; init; }

    /// <summary>Planned trials that left no record.</summary>
    public ImmutableArray<MissingTrial> Missing { get; init; } = [];

    /// <summary>Points of the experiment that could not run on its host.</summary>
    public ImmutableArray<PointLeftOut> LeftOut { get; init; } = [];

    /// <summary>What the run compares, in the order of the plan.</summary>
    public ImmutableArray<PlanPoint> Points { get; init; } = [];

    /// <summary>The overrides that it was started with, as typed.</summary>
    public ImmutableArray<string> Overrides { get; init; } = [];

    /// <summary>How its trials are measured, as its plan says.</summary>
    public MeasureSettings Measure { get; init; } = MeasureSettings.Default;

    /// <summary>The metrics that its verdict is about, as its plan says.</summary>
    public ImmutableArray<string> Judged { get; init; } = ComparisonSettings.Default.Judged;

    /// <summary>What is wrong with its files and does not hide a trial: a trial that was not audited, a line of the journal that cannot be read.</summary>
    public ImmutableArray<Diagnostic> Faults { get; init; } = [];

    /// <summary>The archive that it was read from; null for a run directory.</summary>
    public ArchiveReference? Archive { get; init; }

    /// <summary>The archives that it is in, the newest last; of a run that was read from an archive that one.</summary>
    public ImmutableArray<ArchivedAs> Archives { get; init; } = [];

    /// <summary>Reads a run directory.</summary>
    /// <exception cref="DiagnosticException">It is no run directory, a file in it cannot be read, or a trial is not the one that its place and the plan say.</exception>
    public static Task<RecordedRun> ReadAsync(string path, CancellationToken cancellation) => ReadAsync(path, null, cancellation);

    /// <summary>Reads a run directory.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="known">Tables of jobs that are at hand; null for none.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="DiagnosticException">It is no run directory, a file in it cannot be read, or a trial is not the one that its place and the plan say.</exception>
    public static async Task<RecordedRun> ReadAsync(string path, KnownTables? known, CancellationToken cancellation)
    {
        var directory = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        var plan = RunDirectory.ReadPlan(path);
        var journal = Journal.Examine(System.IO.Path.Combine(directory, Journal.FileName));
        var faults = journal.Faults.ToBuilder();
        var trials = ImmutableArray.CreateBuilder<RecordedTrial>();
        var heads = await RunTrials.ReadAsync(directory, plan, journal, cancellation);
        var unread = new ConcurrentQueue<Diagnostic>();
        trials.AddRange(await RunTrials.EachAsync(heads, async (head, stop) =>
        {
            var trial = new Trial(head.Record, known?.Of(head) ?? await TrialFiles.ReadJobsAsync(head, stop));
            var audit = head.Audit ?? TrialAudit.Of(trial);
            return new RecordedTrial(head.Directory, trial, audit)
            {
                Inside = await InsideAsync(head, unread, stop),
                Excerpts = audit.Verdict == TrialVerdict.Invalid ? LogFiles.Excerpts(head.Directory, head.Record) : [],
            };
        }, cancellation));
        faults.AddRange(unread);
        faults.AddRange(journal.Entries.Where(e => e.Kind == JournalKind.HostLeftOut).Select(LeftOutHost).Distinct());
        faults.AddRange(heads.Where(h => h.Audit is null).Select(NotAudited));

        return new RecordedRun
        {
            Path = directory,
            Id = System.IO.Path.GetFileName(directory),
            Name = plan.Name,
            Seed = plan.Seed,
            Provenance = RunDirectory.ReadProvenance(directory),
            Experiment = RunDirectory.ReadExperiment(directory),
            Overrides = RunDirectory.ReadOverrides(directory),
            Measure = plan.Measure?.ToSettings() ?? MeasureSettings.Default,
            Judged = plan.Measure?.Judged ?? ComparisonSettings.Default.Judged,
            Trials = [.. trials.OrderBy(t => t.Trial.Record.Order).ThenBy(t => t.Trial.Record.Point, StringComparer.Ordinal)],
            Missing = [.. MissingOf(plan, [.. trials.Select(t => t.Trial.Record)], journal.Last)],
            LeftOut = plan.LeftOut,
            Archives = RunArchives.Of(directory),
            Points = plan.Points,
            Faults = faults.ToImmutable(),
        };
    }

    private static Diagnostic LeftOutHost(JournalEntry entry) => Diagnostic.Warning("host-left-out", $"the host {entry.Subject} was left out while the run went on: {entry.Text}") with
    {
        Detail = "its trials went to the other hosts; what it had measured before is in the run", Help = "look whether what is compared still shares hosts: the trials' table names them",
    };

    /// <summary>What was sampled in a trial; a table that cannot be read hides no trial.</summary>
    private static async Task<TrialInside?> InsideAsync(TrialHead head, ConcurrentQueue<Diagnostic> unread, CancellationToken cancellation)
    {
        var path = System.IO.Path.Combine(head.Directory, SampleTable.FileName);
        if (!File.Exists(path)) return null;
        try
        {
            TrialFiles.Check(head.Directory, head.Record, SampleTable.FileName);
            await using var file = File.OpenRead(path);
            return TrialInside.Of(await SampleTable.ReadAsync(file, path, cancellation), head.Record);
        }
        catch (DiagnosticException exception)
        {
            foreach (var fault in exception.Diagnostics) unread.Enqueue(fault with { Severity = Severity.Warning });
            return null;
        }
    }

    private static Diagnostic NotAudited(TrialHead head) => Diagnostic.Warning("trial-not-audited", $"the trial {head.Record.Point}/{head.Record.Repetition} has no {TrialFiles.Audit}") with
    {
        Where = new SourceRange(head.Directory),
        Detail = "it was audited while it was read, without knowing which jobs were to run",
        Help = TrialFiles.Repeat,
    };

    private static IEnumerable<MissingTrial> MissingOf(Plan plan, IReadOnlyList<TrialRecord> trials, IReadOnlyDictionary<string, JournalEntry> last)
    {
        var there = trials.Select(t => (t.Point, t.Repetition)).ToHashSet();
        var enough = plan.Trials.Where(t => last.GetValueOrDefault(t.Id)?.Kind == JournalKind.Enough).Select(t => t.Repetition).DefaultIfEmpty(int.MaxValue).Min();
        foreach (var trial in plan.Trials.Where(t => !there.Contains((t.Point, t.Repetition))))
        {
            var entry = last.GetValueOrDefault(trial.Id);
            // What an adaptive run did not need is not missing.
            if (trial.Repetition >= enough && entry?.Kind is null or JournalKind.Enough) continue;
            yield return new MissingTrial(trial.Point, trial.Repetition, entry?.Kind switch
            {
                JournalKind.TrialFailed => entry.Text ?? "it failed",
                JournalKind.TrialStarted or JournalKind.TrialRepeated => "it was begun and not finished",
                _ => null,
            });
        }
    }
}
