using Regatta.Experiments.Configuration;
using Regatta.Runs;

namespace Regatta.Tests.Experiments;

/// <summary>When repetitions end before all that were planned are run.</summary>
public sealed class EarlyEndTests : TwoPointRunTests
{
    [Fact]
    public async Task Repetitions_end_when_the_interval_is_narrow_and_a_resumed_run_ends_at_the_same_place()
    {
        using var run = Create(out var plan, 8, end: new EarlyEnd { Metric = "wait-mean", Precision = 0.05, Fewest = 3 });
        var lane = new RecordingLane(Time);

        var outcome = await RunAsync(run, plan, lane);

        Assert.Equal(plan.Trials.Take(6).Select(t => t.Id), lane.Ran);
        Assert.Equal(6, outcome.Finished);
        var journal = JournalOf(run);
        Assert.Equal((JournalKind.Enough, plan.Trials[6].Id), (journal[^2].Kind, journal[^2].Subject));
        Assert.Equal(
            "wait-mean: a: narrow enough: the interval's half-width is 0 % of the mean after 3 runs, and 5 % was asked for; "
            + "b: narrow enough: the interval's half-width is 0 % of the mean after 3 runs, and 5 % was asked for", journal[^2].Text);
        Assert.Equal(JournalKind.Finished, journal[^1].Kind);

        var second = new RecordingLane(Time);
        Assert.Equal(6, (await RunAsync(run, plan, second)).Finished);
        Assert.Empty(second.Ran);
    }

    [Fact]
    public async Task A_block_that_was_begun_is_run_whole_and_failed_trials_do_not_count()
    {
        using var run = Create(out var plan, 8, end: new EarlyEnd { Metric = "wait-mean", Precision = 0.05, Fewest = 3 });
        var fails = plan.Trials[2].Id;
        var lane = new RecordingLane(Time) { Before = id => { if (id == fails) throw new DiagnosticException(Diagnostic.Error("node-lost", "worker2 is gone")); } };

        var outcome = await RunAsync(run, plan, lane);

        // One point has two records after three blocks, so a fourth is run.
        Assert.Equal(7, outcome.Finished);
        Assert.DoesNotContain(JournalOf(run), e => e.Kind == JournalKind.Finished);
        var second = new RecordingLane(Time);
        Assert.Equal(8, (await RunAsync(run, plan, second)).Finished);
        Assert.Equal([fails], second.Ran);
    }

    [Fact]
    public async Task Repetitions_end_when_the_budget_is_spent_over_all_sittings()
    {
        using var run = Create(out var plan, 8, end: new EarlyEnd { Metric = "wait-mean", Fewest = 3, Budget = TimeSpan.FromMinutes(50) });
        using var interruption = new CancellationTokenSource();
        var first = new RecordingLane(Time)
        {
            Before = id =>
            {
                if (id == plan.Trials[2].Id) interruption.Cancel();
                else Time.Advance(TimeSpan.FromMinutes(15));
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(run, plan, first, interruption.Token));

        // 30 minutes are spent; the second block takes the time to an hour, and no third is begun.
        var second = new RecordingLane(Time) { Before = _ => Time.Advance(TimeSpan.FromMinutes(15)) };
        Assert.Equal(4, (await RunAsync(run, plan, second)).Finished);
        Assert.Contains("the time budget is spent", JournalOf(run)[^2].Text!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wall_clock_that_jumps_between_sittings_changes_nothing_of_the_budget()
    {
        using var run = Create(out var plan, 8, end: new EarlyEnd { Metric = "wait-mean", Fewest = 3, Budget = TimeSpan.FromMinutes(50) });
        var clock = new JumpingTime();
        var first = new RecordingLane(clock) { Before = id => { if (id == plan.Trials[1].Id) clock.Ahead = TimeSpan.FromDays(365); } };
        using var interruption = new CancellationTokenSource();
        var stopping = new RecordingLane(clock) { Before = id => { first.Before(id); if (id == plan.Trials[3].Id) interruption.Cancel(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(run, plan, stopping, interruption.Token, time: clock));

        var second = new RecordingLane(Time);
        Assert.Equal(16, (await RunAsync(run, plan, second)).Finished);
    }

    [Fact]
    public async Task Points_that_run_in_turn_end_each_by_itself()
    {
        using var run = Create(out var plan, 6, TrialOrder.Sequential, new EarlyEnd { Metric = "wait-mean", Precision = 0.05, Fewest = 3 });
        var lane = new RecordingLane(Time);

        await RunAsync(run, plan, lane);

        Assert.Equal(["a/1", "a/2", "a/3", "b/1", "b/2", "b/3"], lane.Ran);
    }

    /// <summary>A wall clock that can be set, beside one that only goes on.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
