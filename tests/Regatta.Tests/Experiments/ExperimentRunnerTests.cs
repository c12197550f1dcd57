using Microsoft.Extensions.Time.Testing;
using Regatta.Analysis;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Planning;
using Regatta.Experiments.Running;
using Regatta.Runs;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments;

public sealed class ExperimentRunnerTests : IDisposable
{
    private static readonly Job[] Jobs =
    [
        .. Enumerable.Range(1, 12).Select(i => new Job
        {
            Id = i, Submit = TimeSpan.FromSeconds(i), Processors = 1 + (i % 4), RunTime = TimeSpan.FromSeconds(5), RequestedTime = TimeSpan.FromSeconds(8),
        }),
    ];

    private readonly string _runs = Path.Combine(Path.GetTempPath(), "regatta-runs-" + Guid.NewGuid().ToString("N")[..8]);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public void Dispose()
    {
        if (Directory.Exists(_runs)) Directory.Delete(_runs, recursive: true);
    }

    [Fact]
    public async Task Runs_every_trial_in_the_order_of_the_plan_and_leaves_whole_records()
    {
        using var run = Create(out var plan);
        var lane = new RecordingLane(_time);

        var outcome = await RunAsync(run, plan, lane, TestContext.Current.CancellationToken);

        Assert.Equal(4, outcome.Finished);
        Assert.Empty(outcome.Failed);
        Assert.Equal(plan.Trials.Select(t => t.Id), lane.Ran);
        foreach (var trial in plan.Trials)
        {
            var directory = Path.Combine(run.Path, trial.Directory);
            await using var file = File.OpenRead(Path.Combine(directory, "jobs.parquet"));
            var jobs = await Regatta.Analysis.JobTable.ReadAsync(file, "jobs.parquet", TestContext.Current.CancellationToken);
            Assert.Equal(12, jobs.Count);
            await using var auditFile = File.OpenRead(Path.Combine(directory, "audit.json"));
            var audit = await TrialJson.ReadAuditAsync(auditFile, "audit.json", TestContext.Current.CancellationToken);
            Assert.Equal(TrialVerdict.Valid, audit.Verdict);
            // Each of the eight events of a job, and each on a line of its own.
            Assert.Equal(12 * 8, File.ReadAllLines(Path.Combine(directory, "events.jsonl")).Length);
        }

        Assert.Equal(JournalKind.Finished, Journal.Read(Path.Combine(run.Path, "journal.jsonl"))[^1].Kind);
        // What was written is what is read: hashes of the files in the record, that of the record in the journal.
        var read = await RecordedRun.ReadAsync(run.Path, TestContext.Current.CancellationToken);
        Assert.Empty(read.Faults);
        Assert.All(read.Trials, t => Assert.Equal(["audit.json", "events.jsonl", "jobs.parquet"], t.Trial.Record.Files.Keys));
        Assert.All(read.Trials, t => Assert.Equal(12, t.Trial.Record.Jobs));
        await File.AppendAllTextAsync(Path.Combine(run.Path, plan.Trials[0].Directory, "trial.json"), " ", TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<DiagnosticException>(() => RecordedRun.ReadAsync(run.Path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Goes_on_with_what_is_missing_after_an_interruption()
    {
        using var run = Create(out var plan);
        using var interruption = new CancellationTokenSource();
        var first = new RecordingLane(_time) { Before = id => { if (id == plan.Trials[2].Id) interruption.Cancel(); } };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(run, plan, first, interruption.Token));

        var journal = Journal.Read(Path.Combine(run.Path, "journal.jsonl"));
        Assert.Equal(JournalKind.Interrupted, journal[^1].Kind);
        var kept = File.GetLastWriteTimeUtc(Path.Combine(run.Path, plan.Trials[0].Directory, "jobs.parquet"));

        var second = new RecordingLane(_time);
        var outcome = await RunAsync(run, plan, second, TestContext.Current.CancellationToken);

        Assert.Equal(plan.Trials.Skip(2).Select(t => t.Id), second.Ran);
        Assert.Equal(4, outcome.Finished);
        Assert.Equal(kept, File.GetLastWriteTimeUtc(Path.Combine(run.Path, plan.Trials[0].Directory, "jobs.parquet")));
    }

    [Fact]
    public async Task A_trial_that_fails_does_not_stop_the_others()
    {
        using var run = Create(out var plan);
        var lane = new RecordingLane(_time)
        {
            Before = id =>
            {
                if (id == plan.Trials[1].Id) throw new DiagnosticException(Diagnostic.Error("node-lost", "worker2 is gone"));
            },
        };

        var outcome = await RunAsync(run, plan, lane, TestContext.Current.CancellationToken);

        Assert.Equal(3, outcome.Finished);
        Assert.Equal(plan.Trials[1], Assert.Single(outcome.Failed).Trial);
        var journal = Journal.Read(Path.Combine(run.Path, "journal.jsonl"));
        Assert.Contains(journal, e => e is { Kind: JournalKind.TrialFailed, Text: "worker2 is gone" } && e.Subject == plan.Trials[1].Id);
        Assert.DoesNotContain(journal, e => e.Kind == JournalKind.Finished);
    }

    [Fact]
    public async Task Repetitions_end_when_the_interval_is_narrow_and_a_resumed_run_ends_at_the_same_place()
    {
        using var run = Create(out var plan, 8, end: new EarlyEnd { Metric = "wait-mean", Precision = 0.05, Fewest = 3 });
        var lane = new RecordingLane(_time);

        var outcome = await RunAsync(run, plan, lane, TestContext.Current.CancellationToken);

        Assert.Equal(plan.Trials.Take(6).Select(t => t.Id), lane.Ran);
        Assert.Equal(6, outcome.Finished);
        var journal = Journal.Read(Path.Combine(run.Path, "journal.jsonl"));
        Assert.Equal((JournalKind.Enough, plan.Trials[6].Id), (journal[^2].Kind, journal[^2].Subject));
        Assert.Equal(
            "wait-mean: a: narrow enough: the interval's half-width is 0 % of the mean after 3 runs, and 5 % was asked for; "
            + "b: narrow enough: the interval's half-width is 0 % of the mean after 3 runs, and 5 % was asked for", journal[^2].Text);
        Assert.Equal(JournalKind.Finished, journal[^1].Kind);

        var second = new RecordingLane(_time);
        Assert.Equal(6, (await RunAsync(run, plan, second, TestContext.Current.CancellationToken)).Finished);
        Assert.Empty(second.Ran);
    }

    [Fact]
    public async Task A_block_that_was_begun_is_run_whole_and_failed_trials_do_not_count()
    {
        using var run = Create(out var plan, 8, end: new EarlyEnd { Metric = "wait-mean", Precision = 0.05, Fewest = 3 });
        var fails = plan.Trials[2].Id;
        var lane = new RecordingLane(_time) { Before = id => { if (id == fails) throw new DiagnosticException(Diagnostic.Error("node-lost", "worker2 is gone")); } };

        var outcome = await RunAsync(run, plan, lane, TestContext.Current.CancellationToken);

        // One point has two records after three blocks, so a fourth is run.
        Assert.Equal(7, outcome.Finished);
        Assert.DoesNotContain(Journal.Read(Path.Combine(run.Path, "journal.jsonl")), e => e.Kind == JournalKind.Finished);
        var second = new RecordingLane(_time);
        Assert.Equal(8, (await RunAsync(run, plan, second, TestContext.Current.CancellationToken)).Finished);
        Assert.Equal([fails], second.Ran);
    }

    [Fact]
    public async Task Repetitions_end_when_the_budget_is_spent_over_all_sittings()
    {
        using var run = Create(out var plan, 8, end: new EarlyEnd { Metric = "wait-mean", Fewest = 3, Budget = TimeSpan.FromMinutes(50) });
        using var interruption = new CancellationTokenSource();
        var first = new RecordingLane(_time)
        {
            Before = id =>
            {
                if (id == plan.Trials[2].Id) interruption.Cancel();
                else _time.Advance(TimeSpan.FromMinutes(15));
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(run, plan, first, interruption.Token));

        // 30 minutes are spent; the second block takes the time to an hour, and no third is begun.
        var second = new RecordingLane(_time) { Before = _ => _time.Advance(TimeSpan.FromMinutes(15)) };
        Assert.Equal(4, (await RunAsync(run, plan, second, TestContext.Current.CancellationToken)).Finished);
        Assert.Contains("the time budget is spent", Journal.Read(Path.Combine(run.Path, "journal.jsonl"))[^2].Text!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wall_clock_that_jumps_between_sittings_changes_nothing_of_the_budget()
    {
        using var run = Create(out var plan, 8, end: new EarlyEnd { Metric = "wait-mean", Fewest = 3, Budget = TimeSpan.FromMinutes(50) });
        var clock = new JumpingTime();
        var first = new RecordingLane(clock) { Before = id => { if (id == plan.Trials[1].Id) clock.Ahead = TimeSpan.FromDays(365); } };
        using var interruption = new CancellationTokenSource();
        var stopping = new RecordingLane(clock) { Before = id => { first.Before(id); if (id == plan.Trials[3].Id) interruption.Cancel(); } };
        using (var journal = run.OpenJournal(clock))
        {
            var runner = new ExperimentRunner(new TrialRunner(_ => stopping, (_, _) => Jobs, clock), clock);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runner.RunAsync(run, plan, journal, SilentMonitor.Instance, interruption.Token));
        }

        var second = new RecordingLane(_time);
        Assert.Equal(16, (await RunAsync(run, plan, second, TestContext.Current.CancellationToken)).Finished);
    }

    [Fact]
    public async Task A_trial_that_the_client_limited_is_repeated_once_and_what_repeating_does_not_help_is_not_tried_again()
    {
        using var run = Create(out var plan, 3, TrialOrder.Sequential);
        // The first trial of a is limited once, all of b are.
        var lane = new RecordingLane(_time) { Late = (id, attempt) => (id == "a/1" && attempt == 1) || id.StartsWith('b') };

        var outcome = await RunAsync(run, plan, lane, TestContext.Current.CancellationToken);

        Assert.Equal(["a/1", "a/1", "a/2", "a/3", "b/1", "b/1", "b/2", "b/3"], lane.Ran);
        Assert.Equal(6, outcome.Finished);
        var read = await RecordedRun.ReadAsync(run.Path, TestContext.Current.CancellationToken);
        Assert.Empty(read.Faults);
        Assert.Equal(
            ["a/1 Valid", "a/2 Valid", "a/3 Valid", "b/1 ClientLimited", "b/2 ClientLimited", "b/3 ClientLimited"],
            read.Trials.Select(t => $"{t.Trial.Record.Point}/{t.Trial.Record.Repetition} {t.Audit.Verdict}"));
        const string reason = "The client, not the scheduler, was the limit: 99 % of the jobs were sent within 500 ms of their time, and the bound is 10 ms.";
        Assert.Equal(["The trial is a repetition: a first one was set aside. " + reason], read.Trials[0].Trial.Record.Notes);
        Assert.Empty(read.Trials[1].Trial.Record.Notes);
        Assert.Equal(
            [("a/1", reason), ("b/1", reason)],
            Journal.Read(Path.Combine(run.Path, "journal.jsonl")).Where(e => e.Kind == JournalKind.TrialRepeated).Select(e => (e.Subject, e.Text)));
    }

    [Fact]
    public async Task The_time_that_is_left_follows_how_long_trials_take()
    {
        using var run = Create(out var plan, 3, TrialOrder.Sequential, machines: MachineKind.Lxc);
        var monitor = new CollectingMonitor();
        // The first one makes the cluster, which tells nothing of the others.
        var lane = new RecordingLane(_time) { Before = id => _time.Advance(id == "a/1" ? TimeSpan.FromHours(1) : 2 * Planner.Expected([plan.Trials[0]], plan.Points)) };
        using (var journal = run.OpenJournal(_time))
            await new ExperimentRunner(new TrialRunner(_ => lane, (_, _) => Jobs, _time), _time).RunAsync(run, plan, journal, monitor, TestContext.Current.CancellationToken);

        var one = Planner.Expected([plan.Trials[0]], plan.Points);
        Assert.Equal(
            new[] { 6.0, 5, 2 * 4, 2 * 3, 2 * 2, 2 }.Select((trials, i) => $"begins, {i + 1} of 6; about {Durations.Rounded(trials * one)} left"),
            monitor.Activities.Where(a => a.Stage == "trial" && a.Text.StartsWith("begins", StringComparison.Ordinal)).Select(a => a.Text));
    }

    [Fact]
    public async Task Points_that_run_in_turn_end_each_by_itself()
    {
        using var run = Create(out var plan, 6, TrialOrder.Sequential, new EarlyEnd { Metric = "wait-mean", Precision = 0.05, Fewest = 3 });
        var lane = new RecordingLane(_time);

        await RunAsync(run, plan, lane, TestContext.Current.CancellationToken);

        Assert.Equal(["a/1", "a/2", "a/3", "b/1", "b/2", "b/3"], lane.Ran);
    }

    private Task<RunOutcome> RunAsync(RunDirectory run, Plan plan, RecordingLane lane, CancellationToken cancellation)
    {
        var journal = run.OpenJournal(_time);
        var runner = new ExperimentRunner(new TrialRunner(_ => lane, (_, _) => Jobs, _time), _time);
        return Finish(runner.RunAsync(run, plan, journal, SilentMonitor.Instance, cancellation), journal);

        static async Task<RunOutcome> Finish(Task<RunOutcome> running, Journal journal)
        {
            using (journal) return await running;
        }
    }

    private RunDirectory Create(out Plan plan, int repetitions = 2, TrialOrder order = TrialOrder.Shuffled, EarlyEnd? end = null, MachineKind machines = MachineKind.Simulation)
    {
        plan = new Plan
        {
            Name = "test",
            Seed = 1,
            Points = [.. new[] { "a", "b" }.Select(name => new PlanPoint
            {
                Name = name, Overrides = [], Scheduler = "reference", Profile = "easy", Machines = machines, Processors = 8, Workers = 2, Workload = "twelve",
                Jobs = 12, LastSubmission = TimeSpan.FromSeconds(12), Expected = TimeSpan.FromSeconds(30),
            })],
            Trials = TrialLayout.Lay(["a", "b"], repetitions, order, 1, vary: false),
            EarlyEnd = end,
        };
        return RunDirectory.Create(_runs, new RunContent("name: test\n", [], plan), _time.GetUtcNow());
    }

    /// <summary>A wall clock that can be set, beside one that only goes on.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }

    private sealed class CollectingMonitor : IActivityMonitor
    {
        public List<Activity> Activities { get; } = [];

        public void Report(Activity activity) => Activities.Add(activity);
    }

    private sealed class RecordingLane(TimeProvider time) : ITrialLane
    {
        private readonly SimulatedLane _lane = new(MachineSize.Of(2, 4), new ReferenceOptions(), time);

        public List<string> Ran { get; } = [];

        public Action<string> Before { get; init; } = _ => { };

        /// <summary>Whether the client is half a second late in an attempt, which counts from 1.</summary>
        public Func<string, int, bool> Late { get; init; } = (_, _) => false;

        public async Task<LaneTrial> RunAsync(PlannedTrial trial, PlanPoint point, IReadOnlyList<Job> jobs, string draft, IActivityMonitor monitor, CancellationToken cancellation)
        {
            Before(trial.Id);
            cancellation.ThrowIfCancellationRequested();
            Ran.Add(trial.Id);
            var outcome = await _lane.RunAsync(trial, point, jobs, draft, monitor, cancellation);
            return Late(trial.Id, Ran.Count(r => r == trial.Id))
                ? new LaneTrial(outcome.Record with { Machines = MachineKind.Lxc }, [.. outcome.Jobs.Select(j => j with { Planned = j.Planned - 500_000 })])
                : outcome;
        }

        public ValueTask DisposeAsync() => _lane.DisposeAsync();
    }
}
