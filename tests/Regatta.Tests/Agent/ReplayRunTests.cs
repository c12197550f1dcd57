using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using Regatta.Agent.Drivers;
using Regatta.Agent.Replaying;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>When jobs are sent, on a clock that moves only when it is told to.</summary>
public sealed class ReplayRunTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero));
    private readonly ConcurrentQueue<JobEvent> _events = new();

    [Fact]
    public async Task Sends_each_job_at_its_time_whatever_became_of_the_others()
    {
        var driver = new ScriptedDriver(_time);
        var summary = await RunAsync(driver, [Job(1, 0), Job(2, 3), Job(3, 3), Job(4, 10)], endAt: 20);
        Assert.Equal([(1, 0.0), (2, 3.0), (3, 3.0), (4, 10.0)], driver.Sent);
        Assert.Equal(new LatenessSummary(4, 0, 0, 0), summary.Lateness);
        Assert.Equal(ReplayOutcome.Drained, summary.Outcome);
        Assert.Equal(4, summary.States[JobState.Completed]);
        Assert.All(_events.Where(e => e.Kind == JobEventKind.Sent), e => Assert.Equal(e.Planned, e.Time));
    }

    [Fact]
    public async Task Begins_beside_the_beats_of_the_scheduler_where_that_is_asked_for()
    {
        var driver = new ScriptedDriver(_time) { Daemons = [("client", true), (File.ReadAllText("/proc/self/comm").TrimEnd('\n'), false)] };

        await RunAsync(driver, [Job(1, 0)], endAt: 2, Header(1) with { Beat = TimeSpan.FromMinutes(1) });

        // Half a second after a whole one, whenever the process began.
        Assert.Equal(500_000, _events.Single(e => e.Kind == JobEventKind.Sent).Planned % 1_000_000);
    }

    [Fact]
    public async Task Beats_of_a_scheduler_that_does_not_run_are_told()
    {
        var driver = new ScriptedDriver(_time) { Daemons = [("no-such-daemon", false)] };

        var fault = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(driver, [Job(1, 0)], endAt: 2, Header(1) with { Beat = TimeSpan.FromMinutes(1) }));

        Assert.Equal(("replay-beat", "no no-such-daemon runs whose beats the replay could keep a distance to"), (fault.Diagnostics[0].Code, fault.Diagnostics[0].Summary));
    }

    [Fact]
    public async Task Think_time_runs_from_the_end_of_the_job_before()
    {
        var driver = new ScriptedDriver(_time);
        await RunAsync(driver, [Job(1, 0), Job(2, 1) with { Dependencies = [new JobDependency(1, DependencyKind.After, 5 * Second)] }], endAt: 7);
        // Job 1 ends at 7 s, so job 2 is sent no earlier than at 12 s, and not at its own 1 s.
        var sent = _events.Single(e => e is { Job: 2, Kind: JobEventKind.Sent });
        Assert.True(sent.Planned - driver.Origin >= 12_000_000);
        Assert.True(sent.Time >= sent.Planned);
    }

    [Fact]
    public async Task A_dependency_is_the_schedulers_while_the_job_before_runs()
    {
        var driver = new ScriptedDriver(_time);
        await RunAsync(driver, [Job(1, 0), Job(2, 1) with { Dependencies = [new JobDependency(1, DependencyKind.AfterOk)] }], endAt: 7);
        Assert.Equal([("id1", DependencyKind.AfterOk)], driver.After[2]);
        Assert.Equal([(1, 0.0), (2, 1.0)], driver.Sent);
    }

    [Fact]
    public async Task A_job_that_ended_is_not_named_to_the_scheduler_any_more()
    {
        var driver = new ScriptedDriver(_time);
        await RunAsync(driver, [Job(1, 0), Job(2, 9) with { Dependencies = [new JobDependency(1, DependencyKind.AfterOk)] }], endAt: 7);
        Assert.Empty(driver.After[2]);
    }

    [Fact]
    public async Task A_job_that_waits_for_a_failed_one_is_never_sent()
    {
        var driver = new ScriptedDriver(_time) { EndsAs = JobState.Failed };
        var summary = await RunAsync(driver, [Job(1, 0), Job(2, 9) with { Dependencies = [new JobDependency(1, DependencyKind.AfterOk)] }], endAt: 7);
        Assert.Equal([(1, 0.0)], driver.Sent);
        Assert.Equal(1, summary.States[JobState.Rejected]);
        Assert.Equal("never sent: job 1, which it waits for, ended as Failed", _events.Single(e => e.Kind == JobEventKind.Rejected).Detail);
    }

    [Fact]
    public async Task What_has_not_ended_when_the_time_to_drain_has_passed_stays_unfinished()
    {
        var driver = new ScriptedDriver(_time);
        var summary = await RunAsync(driver, [Job(1, 0), Job(2, 4)], endAt: 1_000);
        Assert.Equal(ReplayOutcome.DrainTimeout, summary.Outcome);
        Assert.Equal([1, 2], summary.Unfinished);
        // 4 s to the last submission and 60 s to drain.
        Assert.True(summary.Ended - summary.Started >= 64_000_000);
        Assert.Empty(driver.Cancelled);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(4_000)]
    public async Task A_time_to_drain_may_be_longer_than_a_timer_takes(int days)
    {
        var driver = new ScriptedDriver(_time);
        var summary = await RunAsync(driver, [Job(1, 0)], endAt: 5, Header(1) with { DrainTimeout = TimeSpan.FromDays(days) });
        Assert.Equal(ReplayOutcome.Drained, summary.Outcome);
    }

    [Fact]
    public async Task Cancelling_cancels_what_was_taken_and_sends_no_more()
    {
        var driver = new ScriptedDriver(_time);
        using var cancel = new CancellationTokenSource();
        var run = Start(driver, [Job(1, 0), Job(2, 50)], endAt: 1_000, cancel.Token);
        await AdvanceUntilAsync(driver, () => driver.Sent.Count == 1, run);
        await cancel.CancelAsync();
        await AdvanceUntilAsync(driver, () => run.IsCompleted, run);
        var summary = await run;
        Assert.Equal(ReplayOutcome.Cancelled, summary.Outcome);
        Assert.Equal([1], driver.Cancelled);
        Assert.Equal([2], summary.Unfinished);
        Assert.Equal(1, summary.States[JobState.Cancelled]);
    }

    [Fact]
    public async Task A_job_whose_submission_is_under_way_is_cancelled_once_it_is_answered()
    {
        var answers = new TaskCompletionSource();
        var driver = new ScriptedDriver(_time) { Answers = answers.Task };
        using var cancel = new CancellationTokenSource();
        var run = Start(driver, [Job(1, 0)], endAt: 1_000, cancel.Token);
        await AdvanceUntilAsync(driver, () => driver.Sent.Count == 1, run);
        await cancel.CancelAsync();
        Assert.Empty(driver.Cancelled);
        answers.SetResult();
        await AdvanceUntilAsync(driver, () => run.IsCompleted, run);
        var summary = await run;
        Assert.Equal(ReplayOutcome.Cancelled, summary.Outcome);
        Assert.Equal([1], driver.Cancelled);
        Assert.Empty(summary.Faults);
    }

    [Fact]
    public async Task A_submission_that_is_never_answered_is_told_when_the_replay_is_cancelled()
    {
        var driver = new ScriptedDriver(_time) { Answers = new TaskCompletionSource().Task };
        using var cancel = new CancellationTokenSource();
        var run = Start(driver, [Job(1, 0)], endAt: 1_000, cancel.Token);
        await AdvanceUntilAsync(driver, () => driver.Sent.Count == 1, run);
        await cancel.CancelAsync();
        await AdvanceUntilAsync(driver, () => run.IsCompleted, run);
        var summary = await run;
        Assert.Empty(driver.Cancelled);
        Assert.Equal("jobs that were sent had no answer 10 s after the replay was cancelled, and may be left in the queue", Assert.Single(summary.Faults).Text);
    }

    [Fact]
    public async Task A_record_that_cannot_be_written_ends_the_replay_and_its_jobs()
    {
        var driver = new ScriptedDriver(_time);
        var broken = new TaskCompletionSource();
        var run = new ReplayRun(Header(2), [Job(1, 0), Job(2, 50)], driver, _events.Enqueue, broken.Task, _time).RunAsync(CancellationToken.None);
        driver.EndAt = 1_000;
        await AdvanceUntilAsync(driver, () => driver.Sent.Count == 1, run);
        broken.SetException(new IOException("No space left on device"));
        await AdvanceUntilAsync(driver, () => run.IsCompleted, run);
        Assert.Equal("No space left on device", (await Assert.ThrowsAsync<IOException>(() => run)).Message);
        Assert.Equal([1], driver.Cancelled);
    }

    private static Job Job(long id, double submit) => new() { Id = id, Submit = TimeSpan.FromSeconds(submit), Processors = 1, RunTime = Second };

    private static ReplayHeader Header(int jobs) => new() { Trial = "t", Scheduler = "scripted", Jobs = jobs, StartDelay = Second, DrainTimeout = TimeSpan.FromMinutes(1) };

    private async Task<ReplaySummary> RunAsync(ScriptedDriver driver, Job[] jobs, double endAt, ReplayHeader? header = null)
    {
        var run = Start(driver, jobs, endAt, CancellationToken.None, header);
        await AdvanceUntilAsync(driver, () => run.IsCompleted, run);
        return await run;
    }

    private Task<ReplaySummary> Start(ScriptedDriver driver, Job[] jobs, double endAt, CancellationToken cancel, ReplayHeader? header = null)
    {
        driver.EndAt = endAt;
        return new ReplayRun(header ?? Header(jobs.Length), jobs, driver, _events.Enqueue, new TaskCompletionSource().Task, _time).RunAsync(cancel);
    }

    /// <summary>Moves the clock, and lets what is due happen before it moves on.</summary>
    private async Task AdvanceUntilAsync(ScriptedDriver driver, Func<bool> reached, Task run)
    {
        for (var i = 0; !reached() && !run.IsCompleted; i++)
        {
            Assert.True(i < 1_000_000, "the replay does not come to an end");
            _time.Advance(TimeSpan.FromMilliseconds(10));
            do await Task.Yield();
            while (!driver.AllTaken && !run.IsCompleted);
        }
    }

    /// <summary>A scheduler that takes every job at once and ends all that it took at one moment, or a second after a later submission.</summary>
    private sealed class ScriptedDriver(FakeTimeProvider time) : ISchedulerDriver
    {
        private readonly Channel<Observation> _observed = Channel.CreateUnbounded<Observation>();
        private readonly Lock _lock = new();
        private readonly List<(long, double)> _sent = [];
        private readonly List<ITimer> _timers = [];

        private int _posted, _taken;

        /// <summary>All that was observed has been dealt with.</summary>
        public bool AllTaken => Volatile.Read(ref _taken) == Volatile.Read(ref _posted);

        public double EndAt { get; set; }

        public JobState EndsAs { get; init; } = JobState.Completed;

        /// <summary>What answers to submissions wait for.</summary>
        public Task Answers { get; init; } = Task.CompletedTask;

        /// <summary>Start of the workload, UTC microseconds.</summary>
        public long Origin { get; private set; }

        public IReadOnlyList<(long Job, double Second)> Sent
        {
            get
            {
                lock (_lock) return [.. _sent.Order()];
            }
        }

        public Dictionary<long, IReadOnlyList<(string, DependencyKind)>> After { get; } = [];

        public List<long> Cancelled { get; } = [];

        public IReadOnlyList<(string Process, bool Client)> Daemons { get; init; } = [];

        public string ReleaseSource => "none";

        public bool Settled => true;

        public Task OpenAsync(IReadOnlyList<Job> jobs, CancellationToken cancellation)
        {
            Origin = Now + 1_000_000;
            return Task.CompletedTask;
        }

        public async Task<Answer> SubmitAsync(Submission submission, Action<long> sent, CancellationToken cancellation)
        {
            var now = Now;
            var second = (now - Origin) / 1e6;
            lock (_lock) _sent.Add((submission.Job.Id, second));
            After[submission.Job.Id] = submission.After;
            sent(now);
            var left = TimeSpan.FromSeconds(Math.Max(EndAt - second, 1));
            // The fake clock forgets timers that nobody holds.
            lock (_lock) _timers.Add(time.CreateTimer(_ => End(submission.Job.Id, EndsAs), null, left, Timeout.InfiniteTimeSpan));
            await Answers.WaitAsync(cancellation);
            return new Answer(now, string.Create(CultureInfo.InvariantCulture, $"id{submission.Job.Id}"), null);
        }

        public async IAsyncEnumerable<Observation> ObserveAsync([EnumeratorCancellation] CancellationToken cancellation)
        {
            await foreach (var observation in _observed.Reader.ReadAllAsync(cancellation))
            {
                yield return observation;
                Interlocked.Increment(ref _taken);
            }
        }

        public IReadOnlyList<Observation> Conclude() => [];

        public Task CancelAsync(IReadOnlyCollection<long> jobs, CancellationToken cancellation)
        {
            Cancelled.AddRange(jobs);
            foreach (var job in jobs) End(job, JobState.Cancelled);
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private long Now => (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / 10;

        private void End(long job, JobState state)
        {
            Interlocked.Increment(ref _posted);
            _observed.Writer.TryWrite(new JobEvent(job, JobEventKind.Ended, Now, "scripted") { State = state });
        }
    }
}
