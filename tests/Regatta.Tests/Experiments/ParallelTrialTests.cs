using System.Collections.Concurrent;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Planning;
using Regatta.Experiments.Running;
using Regatta.Runs;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments;

/// <summary>Simulated trials that share the processors.</summary>
public sealed class ParallelTrialTests : TwoPointRunTests
{
    [Fact]
    public async Task Several_lanes_write_what_one_writes_byte_for_byte()
    {
        var (one, plan) = await SimulateAsync(lanes: 1);
        var (four, _) = await SimulateAsync(lanes: 4);

        Assert.Equal(40 * 4, one.Count);
        Assert.Equal(one, four);
        Assert.Equal(40, plan.Trials.Length);
    }

    [Fact]
    public async Task Every_trial_stands_in_the_journal_once_with_the_hash_of_its_record()
    {
        using var run = Create(out var plan, 20);
        await SimulateAsync(run, plan, 4);

        var journal = JournalOf(run);
        Assert.Equal(plan.Trials.Select(t => t.Id).Order(StringComparer.Ordinal), journal.Where(e => e is { Kind: JournalKind.TrialFinished, Sha256: not null, Took: not null }).Select(e => e.Subject!).Order(StringComparer.Ordinal));
        Assert.Equal(JournalKind.Finished, journal[^1].Kind);
        Assert.Empty((await RecordedRun.ReadAsync(run.Path, Cancellation)).Faults);
    }

    [Fact]
    public async Task A_trial_that_fails_does_not_stop_the_other_lanes()
    {
        using var run = Create(out var plan, 20);
        var lane = new SimulatedLane(MachineSize.Of(2, 4), new ReferenceOptions(), Time, new CompiledWorkloads());
        using var journal = run.OpenJournal(Time);
        var runner = new TrialRunner(_ => lane, (_, trial) => trial.Id == "b/7" ? throw new DiagnosticException(Diagnostic.Error("workload-file", "it is gone")) : Jobs, Time);

        var outcome = await new ExperimentRunner(runner, Time, 4).RunAsync(run, plan, journal, SilentMonitor.Instance, Cancellation);

        Assert.Equal(39, outcome.Finished);
        Assert.Equal("b/7", Assert.Single(outcome.Failed).Trial.Id);
    }

    [Fact]
    public async Task What_a_program_that_died_left_whole_is_written_down_and_what_it_left_in_part_is_run_again()
    {
        var plan = await LeaveTwoUnwrittenAsync("a/1", "b/2");
        using var run = RunDirectory.Open(Directory.GetDirectories(Scratch).Single());
        // Of one, a crash of the machine lost the end.
        var cut = Path.Combine(run.Path, "trials", "b", "2", "jobs.parquet");
        await File.WriteAllBytesAsync(cut, (await File.ReadAllBytesAsync(cut, Cancellation))[..100], Cancellation);

        Assert.Equal(1, await UnwrittenTrials.SettleAsync(run, plan, Time, Cancellation));

        Assert.Contains(JournalOf(run), e => e is { Kind: JournalKind.TrialFinished, Subject: "a/1", Text: "found in place", Sha256: not null });
        Assert.True(run.Has(plan.Trials.Single(t => t.Id == "a/1")));
        Assert.False(run.Has(plan.Trials.Single(t => t.Id == "b/2")));
    }

    [Theory]
    [InlineData(null, "a/1 b/1 a/2 b/2")]
    [InlineData("wait-mean", "a/1 b/1|a/2 b/2")]
    public void Trials_that_need_not_wait_for_each_other_make_a_stretch(string? precision, string stretches)
    {
        using var run = Create(out var plan, order: TrialOrder.Blocks, end: precision is null ? null : new EarlyEnd { Metric = precision, Precision = 0.1, Fewest = 3 });

        Assert.Equal(stretches, string.Join('|', TrialStretch.Of(plan).Select(s => string.Join(' ', s.Trials.Select(t => t.Id)))));
    }

    [Fact]
    public void Trials_on_machines_run_alone()
    {
        using var run = Create(out var plan, order: TrialOrder.Blocks);
        var mixed = plan with { Points = [plan.Points[0] with { Machines = MachineKind.Lxc }, plan.Points[1]] };

        Assert.Equal("a/1|b/1|a/2|b/2", string.Join('|', TrialStretch.Of(mixed).Select(s => string.Join(' ', s.Trials.Select(t => t.Id)))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Trials_in_virtual_time_run_at_once_as_far_as_that_is_asked_for(int most)
    {
        using var run = Create(out var plan, 6, order: TrialOrder.Blocks);
        plan = plan with { Points = [.. plan.Points.Select(p => p with { Machines = MachineKind.Lxc, Real = TimeSpan.FromMinutes(1) })] };
        var lanes = new List<MeetingLane>();
        await using var pool = new LanePool(most, () =>
        {
            lanes.Add(new MeetingLane(new SimulatedLane(MachineSize.Of(2, 4), new ReferenceOptions(), Time, new CompiledWorkloads()), most));
            return lanes[^1];
        });
        using var journal = run.OpenJournal(Time);

        var outcome = await new ExperimentRunner(new TrialRunner(_ => pool, (_, _) => Jobs, Time), Time, 1, most).RunAsync(run, plan, journal, SilentMonitor.Instance, Cancellation);

        Assert.Equal((12, 0), (outcome.Finished, outcome.Failed.Count));
        Assert.Equal(most, lanes.Count);
        Assert.Equal(12, lanes.Sum(l => l.Trials));
        Assert.All(lanes, l => Assert.Equal(1, l.MostAtOnce));
        Assert.Equal("a/1 b/1 a/2 b/2 a/3 b/3", string.Join(' ', Assert.Single(TrialStretch.Of(plan)).Trials.Take(6).Select(t => t.Id)));
    }

    // A lane whose first trial waits until as many as there may be are under way.
    private sealed class MeetingLane(ITrialLane inner, int most) : ITrialLane
    {
        private static readonly ConcurrentDictionary<int, CountdownEvent> Meetings = new();
        private int _now;

        public int Trials { get; private set; }

        public int MostAtOnce { get; private set; }

        public async Task<LaneTrial> RunAsync(PlannedTrial trial, PlanPoint point, IReadOnlyList<Job> jobs, string draft, IActivityMonitor monitor, CancellationToken cancellation)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _now));
            if (Trials++ == 0)
            {
                var meeting = Meetings.GetOrAdd(most, static n => new CountdownEvent(n));
                meeting.Signal();
                await Task.Run(() => meeting.Wait(cancellation), cancellation);
            }

            Directory.CreateDirectory(Path.Combine(draft, TrialDirectory.Logs));
            var ended = await inner.RunAsync(trial, point, jobs, draft, monitor, cancellation);
            Interlocked.Decrement(ref _now);
            return ended;
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private async Task<(Dictionary<string, string> Files, Plan Plan)> SimulateAsync(int lanes)
    {
        using var run = Create(out var plan, 20);
        await SimulateAsync(run, plan, lanes);
        return (Directory.EnumerateFiles(Path.Combine(run.Path, "trials"), "*", SearchOption.AllDirectories)
            .ToDictionary(f => Path.GetRelativePath(run.Path, f), f => Convert.ToHexString(File.ReadAllBytes(f)), StringComparer.Ordinal), plan);
    }

    private async Task SimulateAsync(RunDirectory run, Plan plan, int lanes)
    {
        using var journal = run.OpenJournal(Time);
        var compiled = new CompiledWorkloads();
        var trials = new TrialRunner(point => new SimulatedLane(MachineSize.Of(2, 4), new ReferenceOptions { WholeNodes = point.Name == "b" }, Time, compiled), (_, _) => Jobs, Time);
        await new ExperimentRunner(trials, Time, lanes).RunAsync(run, plan, journal, SilentMonitor.Instance, Cancellation);
    }

    private async Task<Plan> LeaveTwoUnwrittenAsync(params string[] unwritten)
    {
        using var run = Create(out var plan);
        await SimulateAsync(run, plan, 2);
        var journal = Path.Combine(run.Path, Journal.FileName);
        var kept = File.ReadAllLines(journal).Where(l => !(l.Contains("TrialFinished", StringComparison.Ordinal) && unwritten.Any(u => l.Contains(u, StringComparison.Ordinal)))).ToList();
        await File.WriteAllLinesAsync(journal, kept, Cancellation);
        return plan;
    }
}
