using Regatta.Analysis;
using Regatta.Runs;

namespace Regatta.Reports.Model;

/// <summary>A trial with all that is known of it, under the name that its point has in the report.</summary>
/// <param name="Run">The run that it is of.</param>
/// <param name="OriginalPoint">The point's name in its own run.</param>
/// <param name="Trial">The trial, its point renamed.</param>
/// <param name="Measured">Its metrics and audit.</param>
/// <param name="Ideal">The same jobs without overhead; null where there is no such simulation.</param>
internal sealed record RacedTrial(RecordedRun Run, string OriginalPoint, Trial Trial, MeasuredTrial Measured, ReferenceOverlay? Ideal)
{
    /// <summary>How many jobs may be simulated for the fair starts of all trials of a report together.</summary>
    private const long FairStartWork = 50_000_000;

    /// <summary>Its scheduler from inside; null where that was not sampled.</summary>
    public TrialInside? Inside { get; init; }

    /// <summary>What its logs say around its faults, where it is invalid.</summary>
    public ImmutableArray<LogExcerpt> Excerpts { get; init; } = [];

    /// <summary>Where its logs are, seen from the run's report; null for none.</summary>
    public string? Logs { get; init; }

    public TrialAudit Audit => Measured.Audit;

    public TrialStanding Standing =>
        Audit.Verdict != TrialVerdict.Valid ? TrialStanding.Invalid
        : Trial.Record.Faults.Length > 0 || Audit.Findings.Length > 0 ? TrialStanding.Marked
        : TrialStanding.Valid;

    public IEnumerable<TrialRemark> Remarks =>
        Audit.Findings.Select(f => new TrialRemark(f.Code, f.Text))
            .Concat(Trial.Record.Faults.Select(f => new TrialRemark("fault", $"fault after {Quantity.Seconds((f.Time - Trial.Record.Started) / 1e6)}{(f.Node is null ? "" : " on " + f.Node)}: {f.Text}")));

    /// <summary>The trials of all runs. A point that several runs have is told apart by the run; blocks of different runs are different blocks.</summary>
    public static IReadOnlyList<RacedTrial> Of(IReadOnlyList<RecordedRun> runs, MeasureSettings settings)
    {
        var shared = runs.SelectMany(r => r.Trials.Select(t => t.Trial.Record.Point).Distinct(StringComparer.Ordinal))
            .GroupBy(p => p, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
        var labels = Labels(runs);
        // Of thousands of trials a sample of each one's jobs tells as much.
        settings = settings with { FairStartWork = Math.Min(settings.FairStartWork, FairStartWork / Math.Max(1, runs.Sum(r => (long)r.Trials.Length))) };
        var recorded = runs.SelectMany((run, i) => run.Trials.Select(trial => (Run: i, Trial: trial))).ToList();
        var trials = new RacedTrial[recorded.Count];
        Parallel.For(0, recorded.Count, at =>
        {
            var (run, known) = recorded[at];
            var record = known.Trial.Record;
            var name = shared.Contains(record.Point) ? $"{record.Point} ({labels[run]})" : record.Point;
            // Blocks bind what ran side by side; runs of different days did not, whatever their blocks are numbered.
            var trial = known.Trial with { Record = record with { Point = name, Block = record.Block + (run * 1_000_000) } };
            var measured = MeasuredTrial.Of(trial, settings, known.Audit);
            var ideal = known.Audit.Verdict == TrialVerdict.Valid ? Model.Ideal.Of(trial, settings) : null;
            trials[at] = new RacedTrial(runs[run], record.Point, trial, measured, ideal) { Inside = known.Inside, Excerpts = known.Excerpts, Logs = LogsOf(runs[run], known) };
        });
        return trials;
    }

    // An archive is no directory that a link could lead to.
    private static string? LogsOf(RecordedRun run, RecordedTrial trial) =>
        run.Archive is null && new DirectoryInfo(Path.Combine(trial.Directory, "logs")) is { Exists: true } logs && logs.EnumerateFileSystemInfos().Any() ? string.Join('/', Path.GetRelativePath(run.Path, trial.Directory).Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString)) + "/logs/" : null;

    // What tells the runs apart in the fewest letters: the experiment's name, else the time, else the whole id.
    private static string[] Labels(IReadOnlyList<RecordedRun> runs)
    {
        Func<RecordedRun, string>[] ways = [r => r.Name, r => r.Id.Split('-')[0], r => r.Id, r => r.Path];
        foreach (var way in ways)
        {
            var labels = runs.Select(way).ToArray();
            if (labels.Distinct(StringComparer.Ordinal).Count() == runs.Count) return labels;
        }

        return [.. Enumerable.Range(1, runs.Count).Select(i => $"run {i}")];
    }
}
