using Regatta.Analysis;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Reports.Model;

/// <summary>Makes the model of a report out of one run, or of several that are compared.</summary>
public static class ReportBuilder
{
    // Curves of more trials than these make a page that nobody reads.
    private const int MostInside = 40;

    /// <summary>Builds the model.</summary>
    /// <param name="runs">The runs, at least one; the first point of the first is what others are measured against unless the settings name one.</param>
    /// <param name="settings">How; null for what the runs ask for themselves.</param>
    /// <exception cref="DiagnosticException">No run has a trial, or the settings name a metric or point that is not there.</exception>
    public static ReportModel Build(IReadOnlyList<RecordedRun> runs, ReportSettings? settings = null)
    {
        settings ??= ReportSettings.For(runs);
        var trials = RacedTrial.Of(runs, settings.Measure);
        if (trials.Count == 0)
        {
            throw new DiagnosticException(Diagnostic.Error("report-no-trial", $"no trial is finished in {string.Join(", ", runs.Select(r => r.Id))}") with
            {
                Help = $"'regatta resume {runs[0].Path}' goes on with the run",
            });
        }

        var races = Races.Of(PointOrder(runs, trials), trials, settings);
        var points = races.SelectMany(r => r.View.Points).ToImmutableArray();
        var whole = Races.Whole(races);
        var verdict = VerdictWords.Over([.. races.Select(r => r.View)], [.. races.Select(r => r.Comparison)]);
        var rows = trials.Select(Row).ToImmutableArray();
        var time = VirtualTimeView.Of(trials);
        var (gantt, leftOut) = ChartBuilder.Gantt(points, trials, settings.MostGanttJobs);
        return new ReportModel
        {
            Title = Title(runs, races),
            Subtitle = Subtitle(runs, trials),
            Runs = [.. runs.Select(r => r.Id)],
            Settings = settings,
            Verdict = verdict with { Sentences = [.. verdict.Sentences, .. VerdictSentences.On(trials, runs), .. time?.Sentences ?? []] },
            Glance = Glance(trials),
            Provenance = Provenance(runs, trials),
            Fairness = FairnessViews.Of(points, whole, trials),
            Points = points,
            Races = [.. races.Select(r => r.View)],
            Trials = rows,
            VirtualTime = time,
            Clients = ClientView.Of(rows),
            Inside = [.. trials.Where(t => t.Inside is not null).OrderBy(t => t.Measured.Record.Repetition).ThenBy(t => points.IndexOf(t.Measured.Record.Point)).Take(MostInside).Select(InsideOf)],
            Gantt = gantt,
            GanttLeftOut = leftOut,
            Conclusions = [.. whole.Diagnostics.Concat(runs.SelectMany(r => r.Faults)).Concat(LeftOut(runs)).Concat(Missing(runs)).Concat(Validated(races, trials)).Concat(Emulation.Notes(trials)).DistinctBy(d => (d.Code, d.Summary, d.Detail)).OrderByDescending(d => d.Severity)],
            Checklist = Checklists.Of(whole, trials, runs, settings),
            Reproduce = Again(runs),
            Archives = [.. runs.SelectMany(r => r.Archives.Select(a => new ReportedArchive(r.Id, a.Name, a.Sha256) { Path = a.Path, HoldsSeveral = a.HoldsSeveral }))],
            Experiments = [.. runs.Where(r => r.Experiment is not null).Select(r => new Fact(r.Id, r.Experiment!))],
        };
    }

    // One command for each run: an archive holds the jobs, and a run directory makes them again.
    private static ImmutableArray<string> Again(IReadOnlyList<RecordedRun> runs) =>
    [
        .. runs.Select(r => r.Archives.LastOrDefault() is { } archive
            ? $"regatta rerun {Quoted(archive.Name)}{(archive.HoldsSeveral ? $" --run {r.Id}" : "")}"
            : $"regatta rerun runs/{r.Id}"),
    ];

    // In the order of the plan, since that is what the user wrote; points that no plan names come in the order of their trials.
    private static ImmutableArray<string> PointOrder(IReadOnlyList<RecordedRun> runs, IReadOnlyList<RacedTrial> trials) =>
    [
        .. runs.SelectMany(r => r.Points.Select(p => trials.FirstOrDefault(t => t.Run == r && t.OriginalPoint == p.Name)?.Measured.Record.Point))
            .Concat(trials.Select(t => t.Measured.Record.Point)).OfType<string>().Distinct(StringComparer.Ordinal),
    ];

    private static string Title(IReadOnlyList<RecordedRun> runs, IReadOnlyList<Race> races)
    {
        var names = string.Join(", ", runs.Select(r => r.Name).Distinct(StringComparer.Ordinal));
        if (races.Count > 1) return $"{names}: {Quantity.Count(races.Sum(r => r.View.Points.Length), "point")} on {races.Count} workloads";
        var points = races[0].View.Points;
        return points.Length switch
        {
            1 => $"{names}: {points[0]}",
            2 => $"{names}: {points[0]} against {points[1]}",
            <= 4 => $"{names}: {string.Join(", ", points[..^1])} and {points[^1]}",
            _ => $"{names}: {Quantity.Count(points.Length, "point")}",
        };
    }

    private static string Subtitle(IReadOnlyList<RecordedRun> runs, IReadOnlyList<RacedTrial> trials)
    {
        var records = trials.Select(t => t.Measured.Record).ToList();
        var started = DateTimeOffset.FromUnixTimeMilliseconds(records.Min(r => r.Started) / 1000).UtcDateTime;
        string All(Func<TrialRecord, string> of) => string.Join(", ", records.Select(of).Distinct(StringComparer.Ordinal));
        var parts = new List<string>
        {
            started.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture) + " UTC",
            $"workload {All(r => r.Workload)}",
            $"{All(r => Quantity.Count(r.Processors, "processor"))} on {All(r => Quantity.Count(r.Workers.Length, "worker"))} ({All(r => r.Machines.Name())})",
        };
        if (runs.Count == 1) parts.Add(runs[0].Id);
        return string.Join(" · ", parts);
    }

    private static ImmutableArray<Fact> Glance(IReadOnlyList<RacedTrial> trials)
    {
        var valid = trials.Count(t => t.Standing != TrialStanding.Invalid);
        var jobs = trials.Sum(t => (long)t.Trial.Jobs.Count);
        var seconds = trials.Sum(t => (t.Measured.Record.Ended - t.Measured.Record.Started) / 1e6);
        return
        [
            new Fact(valid == trials.Count ? "trials, all of them valid" : $"trials, {trials.Count - valid} of them not compared", Quantity.Digits(trials.Count)),
            new Fact("jobs in all trials", jobs.ToString("#,0", CultureInfo.InvariantCulture)),
            new Fact("measured, the trials one after another", Quantity.Seconds(seconds)),
        ];
    }

    private static ImmutableArray<FactGroup> Provenance(IReadOnlyList<RecordedRun> runs, IReadOnlyList<RacedTrial> trials)
    {
        var groups = ImmutableArray.CreateBuilder<FactGroup>();
        foreach (var run in runs)
        {
            var prefix = runs.Count > 1 ? run.Id + ": " : "";
            foreach (var archive in run.Archives) groups.Add(new FactGroup(prefix + "Archive", [new Fact("File", archive.Name), new Fact("sha256", archive.Sha256 ?? "that of the file that holds this page")]));
            if (run.Provenance is { } provenance)
                groups.AddRange(ProvenanceFacts.Of(provenance).Select(g => g with { Title = prefix + g.Title }));
            groups.Add(Measured(prefix + "Trials", [.. trials.Where(t => t.Run == run)], run));
        }

        return groups.ToImmutable();
    }

    private static FactGroup Measured(string title, List<RacedTrial> trials, RecordedRun run)
    {
        var records = trials.Select(t => t.Measured.Record).ToList();
        string All(Func<TrialRecord, string?> of) => string.Join(", ", records.Select(of).OfType<string>().Distinct(StringComparer.Ordinal).DefaultIfEmpty("not recorded"));
        var facts = ImmutableArray.CreateBuilder<Fact>();
        facts.Add(new Fact("Scheduler", All(r => r.SchedulerVersion is { } v ? $"{r.Scheduler} {v}" : r.Scheduler)));
        facts.Add(new Fact("Profiles", All(r => r.Profile)));
        facts.Add(new Fact("Machines", All(r => r.Machines.Name())));
        if (records.Any(r => r.Host is not null)) facts.Add(new Fact("Hosts that trials ran on", All(r => r.Host ?? "that of the run")));
        facts.Add(new Fact("Image", All(r => r.Image)));
        facts.Add(new Fact("State of the cluster before a trial", All(r => r.ClusterState)));
        facts.Add(new Fact("Workload", All(r => r.Workload)));
        facts.Add(new Fact("Seeds of the workload", All(r => r.Seed.ToString(CultureInfo.InvariantCulture))));
        if (run.Seed is { } seed) facts.Add(new Fact("Seed of the order", seed.ToString(CultureInfo.InvariantCulture)));
        var offsets = records.SelectMany(r => r.ClocksBefore.Concat(r.ClocksAfter)).Select(c => Math.Abs(c.Offset)).DefaultIfEmpty(-1).Max();
        if (offsets >= 0) facts.Add(new Fact("Largest clock offset", Quantity.Seconds(offsets / 1e6)));
        if (trials.Select(t => t.Audit.LatenessP99).OfType<double>().DefaultIfEmpty(-1).Max() is >= 0 and var late)
            facts.Add(new Fact("Lateness of the client, 99th percentile, worst trial", Quantity.Seconds(late / 1e6)));
        if (records.Where(r => r.Harness is not null).Select(r => r.Harness!.CpuSeconds).DefaultIfEmpty(-1).Max() is >= 0 and var cpu)
            facts.Add(new Fact("CPU of the harness, worst trial", Quantity.Seconds(cpu)));
        return new FactGroup(title, facts.ToImmutable());
    }

    private static InsideView InsideOf(RacedTrial trial) =>
        new(trial.Measured.Record.Point, trial.Measured.Record.Repetition, (trial.Measured.Record.Ended - trial.Measured.Record.Started) / 1e6, trial.Inside!.Series, trial.Inside.Words)
        {
            Faults = [.. ChartBuilder.Marks(trial.Measured.Record)],
        };

    private static TrialRow Row(RacedTrial trial) =>
        new(trial.Run.Id, trial.Measured.Record, trial.Measured.Metrics, trial.Standing, [.. trial.Remarks]) { Excerpts = trial.Excerpts, Logs = trial.Logs };

    private static string Quoted(string word) =>
        word.All(c => char.IsAsciiLetterOrDigit(c) || "-_=./:@,+%".Contains(c, StringComparison.Ordinal)) ? word : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    // The checks that stand before a run, held against what was really submitted, on the clocks that were really there.
    private static IEnumerable<Diagnostic> Validated(IReadOnlyList<Race> races, IReadOnlyList<RacedTrial> trials)
    {
        var found = Validators.Clocks(trials.SelectMany(t => t.Measured.Record.ClocksBefore));
        foreach (var (view, comparison) in races)
        {
            found = found.Concat(Validators.Repetitions(view.Points.Length, comparison.Points.Select(p => p.Valid).DefaultIfEmpty(0).Min(), comparison.Settings));
            foreach (var point in Repeats.Identical(comparison))
            {
                found = found.Append(Diagnostic.Warning("repetitions-identical", $"all {point.Valid} repetitions of {point.Point} gave the same numbers to the last digit") with
                {
                    Detail = "They are one run, repeated: intervals and tests over them say nothing.",
                    Help = "give each repetition jobs of its own: another seed, or shaken submit times",
                });
            }
        }

        foreach (var trial in trials.Where(t => t.Trial.Jobs.Count is > 1 and <= Ideal.MostJobs).DistinctBy(t => (t.Measured.Record.Workload, t.Measured.Record.Processors)))
        {
            var planned = SubmittedJobs.Of(trial.Trial);
            found = found.Concat(Validators.Times(planned)).Concat(Validators.Load(planned, trial.Measured.Record.Processors));
        }
        return found;
    }

    private static IEnumerable<Diagnostic> LeftOut(IReadOnlyList<RecordedRun> runs) =>
        runs.SelectMany(r => r.LeftOut.Select(p => Diagnostic.Warning("point-left-out", $"{p.Name} could not run on this host and is not compared") with { Detail = p.Reason }));

    private static IEnumerable<Diagnostic> Missing(IReadOnlyList<RecordedRun> runs) =>
        runs.SelectMany(r => r.Missing.Select(m => Diagnostic.Warning("trial-missing", $"{m.Point}, repetition {m.Repetition}, left no record") with
        {
            Detail = m.Reason ?? "it was not begun",
            Help = $"regatta resume runs/{r.Id}",
        }));
}
