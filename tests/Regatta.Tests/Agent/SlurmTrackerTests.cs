using Regatta.Agent.Drivers;
using Regatta.Agent.Drivers.Slurm;
using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>What becomes of jobs, told by recorded logs of slurmctld.</summary>
public sealed class SlurmTrackerTests
{
    /// <summary>The twelve jobs of the mixed recordings, in the order in which they were submitted; the array has four tasks.</summary>
    private const int Ok = 0, Fails = 1, Crashes = 2, Array = 3, Depends = 4, NeverStarts = 5, CancelledRunning = 6, CancelledPending = 7, Requeued = 8, Begins = 9, Two = 10, All = 11;

    private readonly List<JobEvent> _events = [];
    private readonly List<ReplayFault> _faults = [];

    [Theory]
    [InlineData("ctld-verbose-mixed.log", 1)]
    [InlineData("ctld-debug-mixed.log", 31)]
    [InlineData("ctld-debug2-mixed.log", 46)]
    public void Follows_every_kind_of_end(string recording, int first)
    {
        var tracker = Follow(recording, Jobs(12), first);
        tracker.Conclude();
        var rows = Rows(12);
        Assert.Equal((JobState.Completed, 0), (rows[Ok].State, rows[Ok].ExitCode));
        Assert.Equal((JobState.Failed, 3), (rows[Fails].State, rows[Fails].ExitCode));
        Assert.Equal((JobState.Failed, 139), (rows[Crashes].State, rows[Crashes].ExitCode));
        Assert.Equal((JobState.Completed, "n1"), (rows[Array].State, rows[Array].NodeList));
        Assert.Equal(JobState.Completed, rows[Depends].State);
        Assert.Equal((JobState.Unfinished, (long?)null), (rows[NeverStarts].State, rows[NeverStarts].Decided));
        Assert.Equal((JobState.Cancelled, "n2"), (rows[CancelledRunning].State, rows[CancelledRunning].NodeList));
        Assert.Equal((JobState.Cancelled, (long?)null), (rows[CancelledPending].State, rows[CancelledPending].Decided));
        Assert.Equal((JobState.Cancelled, 1, (long?)null), (rows[Requeued].State, rows[Requeued].Requeues, rows[Requeued].Decided));
        Assert.Equal(JobState.Completed, rows[Begins].State);
        Assert.Equal((2, "n2,n3"), (rows[Two].Nodes, rows[Two].NodeList));
        Assert.Equal(4, rows[All].Nodes);
        Assert.All(rows.Where(r => r.Decided is not null), r => Assert.True(r.Eligible <= r.Decided && r.Decided <= r.Released));
        Assert.All(_events.Where(e => e.Kind == JobEventKind.Ended), e => Assert.Equal("slurmctld.log", e.Source));
    }

    [Fact]
    public void Asks_slurm_how_a_killed_job_ended_where_the_log_does_not_say()
    {
        var tracker = Follow("ctld-info-mixed.log", Jobs(12), 16);
        var asked = tracker.ToAsk(Last + 1_000_000);
        Assert.Equal([CancelledRunning + 1, CancelledPending + 1, Requeued + 1], asked.Select(a => a.Job).Order());

        foreach (var (job, id) in asked)
            Assert.False(tracker.Told(job, id, new SlurmJob { JobId = id, JobState = "CANCELLED", EndTime = 1 }, Last + 2_000_000));
        var end = _events.Single(e => e.Kind == JobEventKind.Ended && e.Job == CancelledRunning + 1);
        // The log has the time to the millisecond, slurmrestd to the second.
        Assert.Equal((JobState.Cancelled, "slurmctld.log", Stamp("2026-11-24T01:14:07.287")), (end.State, end.Source, end.Time));
    }

    [Fact]
    public void Takes_slurms_word_only_when_the_log_stays_silent()
    {
        var tracker = Tracker(Jobs(1));
        tracker.Register(1, 7);
        tracker.Read(SlurmLogLine.Parse("[2026-11-24T01:14:04.727] _slurm_rpc_submit_batch_job: JobId=7 InitPrio=1 usec=254")!.Value);
        var told = new SlurmJob { JobId = 7, JobState = "FAILED", ExitCode = 768, EndTime = 1_795_482_999 };
        tracker.Told(1, 7, told, Last);
        Assert.DoesNotContain(_events, e => e.Kind == JobEventKind.Ended);

        tracker.Told(1, 7, told, Last + 1_000_000);
        var end = _events.Single(e => e.Kind == JobEventKind.Ended);
        Assert.Equal((JobState.Failed, 3, "slurmrestd", 1_795_482_999_000_000), (end.State, end.ExitCode, end.Source, end.Time));
    }

    [Fact]
    public void Cancels_what_waits_for_a_job_that_failed()
    {
        var tracker = Tracker([Job(1), Job(2) with { Dependencies = [new JobDependency(1, DependencyKind.AfterOk)] }]);
        tracker.Register(1, 1);
        tracker.Register(2, 2);
        foreach (var line in new[] { "_job_complete: JobId=1 WEXITSTATUS 3", "_job_complete: JobId=1 done" })
            tracker.Read(SlurmLogLine.Parse($"[2026-11-24T01:14:04.727] {line}")!.Value);
        Assert.Equal((2, 2), Assert.Single(tracker.ToAsk(Last)));
        Assert.True(tracker.Told(2, 2, new SlurmJob { JobId = 2, JobState = "PENDING", StateReason = "DependencyNeverSatisfied" }, Last));
    }

    [Fact]
    public void A_lost_node_fails_one_job_and_sends_another_back()
    {
        Follow("fault-slurmd-killed.log", Jobs(2), 4016);
        var rows = Rows(2);
        Assert.Equal((JobState.Unfinished, 1, (long?)null), (rows[0].State, rows[0].Requeues, rows[0].Decided));
        Assert.Equal((JobState.NodeFailed, "n2"), (rows[1].State, rows[1].NodeList));
        Assert.Equal("n2", _events.Single(e => e.State == JobState.NodeFailed).Node);
        Assert.Equal(["slurmctld set the node n2 down: it does not respond", "the node n2 responds again"], _faults.Select(f => f.Text));
    }

    [Fact]
    public void A_node_that_the_controller_drains_by_itself_is_told()
    {
        // A controller that was killed gives the ids of jobs out again that it had forgotten; the node that still runs the first of an id refuses the second.
        var tracker = Tracker([]);
        tracker.Read(SlurmLogLine.Parse("[2026-11-30T16:00:29.017] drain_nodes: node worker2 state set to DRAIN")!.Value);

        var fault = Assert.Single(_faults);
        Assert.Equal(("worker2", "slurmctld drained the node worker2 of its own accord: no further job starts there"), (fault.Node, fault.Text));
    }

    [Fact]
    public void A_killed_controller_loses_the_jobs_that_it_had_just_taken()
    {
        Follow("fault-slurmctld-killed.log", Jobs(4), 4018);
        Assert.All(Rows(4), r => Assert.Equal(JobState.Lost, r.State));
        Assert.Equal("slurmctld was started again", _faults[0].Text);
        Assert.All(_events.Where(e => e.Kind == JobEventKind.Ended), e => Assert.Equal("slurmctld was started again without it", e.Detail));
    }

    [Theory]
    [InlineData(null, "slurmctld was started again")]
    [InlineData("26.05.5", "slurmctld was started again")]
    [InlineData("24.11.5", "slurmctld was started again as version 26.05.5")]
    public void A_controller_that_comes_back_as_another_version_says_so(string? before, string text)
    {
        var tracker = Tracker(Jobs(1));
        tracker.Release = before;

        tracker.Read(SlurmLogLine.Parse("[2026-11-28T23:49:53.280] slurmctld version 26.05.5 started on cluster regatta(2995)")!.Value);

        Assert.Equal(("26.05.5", text, ReplayFault.Restarted), (tracker.Release, _faults[0].Text, _faults[0].Code));
    }

    [Fact]
    public void An_id_given_out_twice_is_two_jobs()
    {
        // 4019 was taken, forgotten by a killed slurmctld, and given to another job that ran into its limit.
        var tracker = Tracker(Jobs(2));
        var given = false;
        foreach (var line in Lines("timeout.log"))
        {
            tracker.Read(line);
            if (!given) tracker.Register(1, 4019);
            // Slurm's answer overtakes the log.
            if (!given) tracker.Register(2, 4019);
            given = true;
        }

        var rows = Rows(2);
        Assert.Equal((JobState.Lost, (long?)null), (rows[0].State, rows[0].Decided));
        Assert.Equal((JobState.TimedOut, "n1"), (rows[1].State, rows[1].NodeList));
        Assert.Equal(Stamp("2026-11-24T01:30:29.983"), _events.Single(e => e.State == JobState.TimedOut).Time);
    }

    [Fact]
    public void A_node_with_a_wrong_key_sends_its_jobs_back()
    {
        var tracker = Tracker(Jobs(1));
        tracker.Register(1, 4018);
        foreach (var line in Lines("fault-wrong-munge-key-ctld.log")) tracker.Read(line);
        var row = Assert.Single(Rows(1));
        // The exit code 0 of the launch that failed is not taken for an end.
        Assert.Equal((JobState.Unfinished, 1), (row.State, row.Requeues));
        Assert.Contains("slurmctld set the node n4 down: it does not respond", _faults.Select(f => f.Text));
    }

    [Fact]
    public void Release_is_the_last_nodes_epilog()
    {
        var tracker = Follow("ctld-debug2-one-job-epilog-prologslurmctld.log", Jobs(1), 1);
        Assert.True(tracker.Settled);
        tracker.Conclude();
        var released = _events.Single(e => e.Kind == JobEventKind.Released);
        Assert.Equal(("slurmctld.log", Stamp("2026-11-24T01:31:32.539")), (released.Source, released.Time));
        Assert.Equal("epilog", tracker.ReleaseSource);
    }

    [Fact]
    public void Without_epilog_lines_the_end_stands_for_the_release_and_says_so()
    {
        var tracker = Follow("ctld-info-mixed.log", Jobs(12), 16);
        Assert.Equal("none", tracker.ReleaseSource);
        tracker.Conclude();
        Assert.Equal("end", tracker.ReleaseSource);
        Assert.All(_events.Where(e => e.Kind == JobEventKind.Released), e => Assert.Equal("slurmctld.log/end", e.Source));
        Assert.Equal(8, _events.Count(e => e.Kind == JobEventKind.Released));
    }

    [Fact]
    public void The_log_may_run_ahead_of_the_answer()
    {
        var early = Tracker(Jobs(12));
        foreach (var line in Lines("ctld-verbose-mixed.log")) early.Read(line);
        Assert.Empty(_events);
        for (var i = 0; i < 12; i++) early.Register(i + 1, 1 + i);
        var ahead = Rows(12);

        _events.Clear();
        Follow("ctld-verbose-mixed.log", Jobs(12), 1);
        Assert.Equal(Rows(12), ahead);
    }

    [Theory]
    [InlineData("ctld-24.11-preempt-requeue.log", 1)]
    [InlineData("ctld-24.11-preempt-cancel.log", 0)]
    public void Who_is_preempted_and_for_whom_is_told(string recording, int requeues)
    {
        Follow(recording, Jobs(10), 2);
        // The ids are from 2 on: jobs 2 and 3 of the log are the first and the second.
        Assert.Equal(
            [(1, 7L), (2, 7L), (3, 8L), (4, 8L), (5, 10L), (6, 10L)],
            _events.Where(e => e.Kind == JobEventKind.Preempted).OrderBy(e => e.Job).Select(e => (e.Job, e.By!.Value)));
        var rows = Rows(10);
        Assert.All(rows.Take(6), r => Assert.Equal((requeues, requeues > 0 ? JobState.Completed : JobState.Cancelled), (r.Requeues, r.State)));

        // Jobs of two processors made room for jobs of four, on nodes of four.
        var done = Preemptions.Of([.. rows.Select(r => r with { Processors = r.Job < 7 ? 2 : 4 })], _events)!;
        Assert.Equal((6, 0), (done.Victims, done.Needless));
        Assert.Equal(3, done.Starts.Length);
        Assert.All(done.Starts, s => Assert.InRange(s, 1, 1_000_000));
    }

    private static long Last => Stamp("2026-11-24T01:14:20.000");

    private static long Stamp(string text) => SlurmLogLine.Parse($"[{text}] Requeuing JobId=1")!.Value.Time;

    private static Job Job(long id) => new() { Id = id, Submit = TimeSpan.Zero, Processors = 1, RunTime = TimeSpan.FromMinutes(10) };

    private static Job[] Jobs(int count) => [.. Enumerable.Range(1, count).Select(i => Job(i))];

    private static IEnumerable<SlurmLogLine> Lines(string recording) =>
        File.ReadLines(SlurmLogLineTests.Recording(recording)).Select(SlurmLogLine.Parse).OfType<SlurmLogLine>();

    private IReadOnlyList<JobRecord> Rows(int count) => JobRecords.From(Jobs(count), _events);

    private SlurmTracker Tracker(Job[] jobs) => new(jobs.ToDictionary(j => j.Id), Keep);

    /// <summary>Follows a recording whose jobs have the ids from <paramref name="first"/> on.</summary>
    private SlurmTracker Follow(string recording, Job[] jobs, int first)
    {
        var tracker = Tracker(jobs);
        foreach (var job in jobs) tracker.Register(job.Id, first + job.Id - 1);
        foreach (var line in Lines(recording)) tracker.Read(line);
        return tracker;
    }

    private void Keep(Observation observation)
    {
        if (observation.Event is { } happened) _events.Add(happened);
        if (observation.Fault is { } fault) _faults.Add(fault);
    }
}
