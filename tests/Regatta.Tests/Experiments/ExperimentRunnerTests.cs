using Regatta.Analysis;
using Regatta.Experiments.Configuration;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments;

/// <summary>Which trials a run has, in which order, and what it records of them.</summary>
public sealed class ExperimentRunnerTests : TwoPointRunTests
{
    [Fact]
    public async Task Runs_every_trial_in_the_order_of_the_plan_and_leaves_whole_records()
    {
        using var run = Create(out var plan);
        var lane = new RecordingLane(Time);

        var outcome = await RunAsync(run, plan, lane);

        Assert.Equal(4, outcome.Finished);
        Assert.Empty(outcome.Failed);
        Assert.Equal(plan.Trials.Select(t => t.Id), lane.Ran);
        foreach (var trial in plan.Trials)
        {
            var directory = Path.Combine(run.Path, trial.Directory);
            await using var file = File.OpenRead(Path.Combine(directory, "jobs.parquet"));
            var jobs = await JobTable.ReadAsync(file, "jobs.parquet", Cancellation);
            Assert.Equal(12, jobs.Count);
            await using var auditFile = File.OpenRead(Path.Combine(directory, "audit.json"));
            var audit = await TrialJson.ReadAuditAsync(auditFile, "audit.json", Cancellation);
            Assert.Equal(TrialVerdict.Valid, audit.Verdict);
            // Each of the eight events of a job, and each on a line of its own.
            Assert.Equal(12 * 8, File.ReadAllLines(Path.Combine(directory, "events.jsonl")).Length);
        }

        Assert.Equal(JournalKind.Finished, JournalOf(run)[^1].Kind);
        // What was written is what is read: hashes of the files in the record, that of the record in the journal.
        var read = await RecordedRun.ReadAsync(run.Path, Cancellation);
        Assert.Empty(read.Faults);
        Assert.All(read.Trials, t => Assert.Equal(["audit.json", "events.jsonl", "jobs.parquet"], t.Trial.Record.Files.Keys));
        Assert.All(read.Trials, t => Assert.Equal(12, t.Trial.Record.Jobs));
        await File.AppendAllTextAsync(Path.Combine(run.Path, plan.Trials[0].Directory, "trial.json"), " ", Cancellation);
        await Assert.ThrowsAsync<DiagnosticException>(() => RecordedRun.ReadAsync(run.Path, Cancellation));
    }

    [Fact]
    public async Task Goes_on_with_what_is_missing_after_an_interruption()
    {
        using var run = Create(out var plan);
        using var interruption = new CancellationTokenSource();
        var first = new RecordingLane(Time) { Before = id => { if (id == plan.Trials[2].Id) interruption.Cancel(); } };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(run, plan, first, interruption.Token));

        var journal = JournalOf(run);
        Assert.Equal(JournalKind.Interrupted, journal[^1].Kind);
        var kept = File.GetLastWriteTimeUtc(Path.Combine(run.Path, plan.Trials[0].Directory, "jobs.parquet"));

        var second = new RecordingLane(Time);
        var outcome = await RunAsync(run, plan, second);

        Assert.Equal(plan.Trials.Skip(2).Select(t => t.Id), second.Ran);
        Assert.Equal(4, outcome.Finished);
        Assert.Equal(kept, File.GetLastWriteTimeUtc(Path.Combine(run.Path, plan.Trials[0].Directory, "jobs.parquet")));
    }

    [Fact]
    public async Task A_trial_that_fails_does_not_stop_the_others()
    {
        using var run = Create(out var plan);
        var lane = new RecordingLane(Time)
        {
            Before = id =>
            {
                if (id == plan.Trials[1].Id) throw new DiagnosticException(Diagnostic.Error("node-lost", "worker2 is gone"));
            },
        };

        var outcome = await RunAsync(run, plan, lane);

        Assert.Equal(3, outcome.Finished);
        Assert.Equal(plan.Trials[1], Assert.Single(outcome.Failed).Trial);
        var journal = JournalOf(run);
        Assert.Contains(journal, e => e is { Kind: JournalKind.TrialFailed, Text: "worker2 is gone" } && e.Subject == plan.Trials[1].Id);
        Assert.DoesNotContain(journal, e => e.Kind == JournalKind.Finished);
    }

    [Fact]
    public async Task A_trial_that_the_client_limited_is_repeated_once_and_what_repeating_does_not_help_is_not_tried_again()
    {
        using var run = Create(out var plan, 3, TrialOrder.Sequential);
        // The first trial of a is limited once, all of b are.
        var lane = new RecordingLane(Time) { Late = (id, attempt) => (id == "a/1" && attempt == 1) || id.StartsWith('b') };

        var outcome = await RunAsync(run, plan, lane);

        Assert.Equal(["a/1", "a/1", "a/2", "a/3", "b/1", "b/1", "b/2", "b/3"], lane.Ran);
        Assert.Equal(6, outcome.Finished);
        var read = await RecordedRun.ReadAsync(run.Path, Cancellation);
        Assert.Empty(read.Faults);
        Assert.Equal(
            ["a/1 Valid", "a/2 Valid", "a/3 Valid", "b/1 ClientLimited", "b/2 ClientLimited", "b/3 ClientLimited"],
            read.Trials.Select(t => $"{t.Trial.Record.Point}/{t.Trial.Record.Repetition} {t.Audit.Verdict}"));
        const string reason = "The client, not the scheduler, was the limit: 99 % of the jobs were sent within 500 ms of their time, and the bound is 10 ms.";
        Assert.Equal(["The trial is a repetition: a first one was set aside. " + reason], read.Trials[0].Trial.Record.Notes);
        Assert.Empty(read.Trials[1].Trial.Record.Notes);
        Assert.Equal(
            [("a/1", reason), ("b/1", reason)],
            JournalOf(run).Where(e => e.Kind == JournalKind.TrialRepeated).Select(e => (e.Subject, e.Text)));
    }

    [Fact]
    public async Task A_repetition_that_fails_does_not_cost_what_was_measured_first()
    {
        using var run = Create(out var plan, 1, TrialOrder.Sequential);
        var attempts = 0;
        var lane = new RecordingLane(Time)
        {
            Late = (id, _) => id == "a/1",
            Before = id =>
            {
                if (id == "a/1" && ++attempts == 2) throw new DiagnosticException(Diagnostic.Error("node-lost", "worker2 is gone"));
            },
        };

        var outcome = await RunAsync(run, plan, lane);

        Assert.Equal((2, 0), (outcome.Finished, outcome.Failed.Count));
        var read = await RecordedRun.ReadAsync(run.Path, Cancellation);
        Assert.Empty(read.Faults);
        Assert.Equal(["ClientLimited", "Valid"], read.Trials.Select(t => t.Audit.Verdict.ToString()));
        Assert.Equal("The trial was repeated since the client was its limit, and the repetition failed: worker2 is gone. This is the first one.", Assert.Single(read.Trials[0].Trial.Record.Notes));
        var trials = Path.Combine(run.Path, "trials", "a");
        Assert.Equal(["1"], Directory.EnumerateFileSystemEntries(trials).Select(Path.GetFileName));
        Assert.True(File.Exists(Path.Combine(trials, "1", TrialFiles.Events)));
        Assert.True(Directory.Exists(Path.Combine(trials, "1", "logs", "failed-1")));
    }

    [Fact]
    public async Task The_time_that_is_left_follows_how_long_trials_take()
    {
        using var run = Create(out var plan, 3, TrialOrder.Sequential, machines: MachineKind.Lxc);
        var monitor = new CollectingMonitor();
        // The first one makes the cluster, which tells nothing of the others.
        var lane = new RecordingLane(Time) { Before = id => Time.Advance(id == "a/1" ? TimeSpan.FromHours(1) : 2 * ExpectedTime.Of([plan.Trials[0]], plan.Points)) };
        await RunAsync(run, plan, lane, monitor: monitor);

        var one = ExpectedTime.Of([plan.Trials[0]], plan.Points);
        Assert.Equal(
            new[] { 6.0, 5, 2 * 4, 2 * 3, 2 * 2, 2 }.Select((trials, i) => $"begins, {i + 1} of 6; about {Durations.Rounded(trials * one)} left"),
            monitor.Activities.Where(a => a.Stage == "trial" && a.Text.StartsWith("begins", StringComparison.Ordinal)).Select(a => a.Text));
    }

    private sealed class CollectingMonitor : IActivityMonitor
    {
        public List<Activity> Activities { get; } = [];

        public void Report(Activity activity) => Activities.Add(activity);
    }
}
