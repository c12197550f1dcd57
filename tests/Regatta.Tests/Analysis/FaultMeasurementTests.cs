using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

/// <summary>What faults on purpose did to jobs, by the stamps of their payloads.</summary>
public sealed class FaultMeasurementTests
{
    private static readonly InjectedFault Killed = new("controller", "slurmctld killed on head", "head", Trials.At(20), Trials.At(20)) { Healed = Trials.At(21.5) };

    [Fact]
    public void The_first_start_after_a_fault_is_counted_from_it()
    {
        var fault = Of([Trials.Job(1, 1, 1, 5, 9), Trials.Job(2, 1, 1, 23, 27)], Run(1, 5, 9), Run(2, 23, 27)).Faults.Single();

        Assert.Equal(3_000_000, fault.FirstStart);
        // One start before tells nothing of a rate.
        Assert.Null(fault.FullThroughput);
    }

    [Fact]
    public void Throughput_is_full_when_nine_tenths_of_the_starts_of_the_window_before_come_again()
    {
        // Ten in the ten seconds before, one every five seconds until 40 s, then one a second.
        double[] starts = [.. Enumerable.Range(0, 10).Select(i => 10.5 + i), 25, 30, 35, .. Enumerable.Range(0, 12).Select(i => 40.0 + i)];
        var fault = Of([], [.. starts.Index().Select(s => Run(s.Index + 1, s.Item, s.Item + 1))]).Faults.Single();

        Assert.Equal(5_000_000, fault.FirstStart);
        Assert.Equal(20_000_000, fault.FullThroughput);
    }

    [Fact]
    public void Without_a_start_after_it_neither_time_is_known()
    {
        var fault = Of([], Run(1, 5, 9)).Faults.Single();

        Assert.Null(fault.FirstStart);
        Assert.Null(fault.FullThroughput);
    }

    [Fact]
    public void What_is_called_completed_without_the_payload_having_done_its_work_is_counted()
    {
        JobRecord[] jobs = [Trials.Job(1, 1, 1, 5, 9), Trials.Job(2, 1, 1, 5, 9), Trials.Job(3, 1, 1, 5, 9), Trials.Job(4, 1, 1, 5, 9)];
        // The second never began, the third never ended, the fourth ended by a signal.
        var effects = Of(jobs, Run(1, 5, 9), [Stamp(3, JobEventKind.Started, 5)], Run(4, 5, 9, code: 143)).Effects;

        Assert.Equal((3, 3), (effects.FalselyCompleted, effects.Lost));
    }

    [Fact]
    public void A_job_of_one_processor_has_one_member_however_many_pods_were_made_for_it()
    {
        // An evicted pod, and the one in its place: nobody told that the job was put back.
        var effects = Of([Trials.Job(1, 1, 1, 5, 9)], [.. Run(1, 5, 7, code: 143).Select(s => s with { Member = "a" }), .. Run(1, 8, 12).Select(s => s with { Member = "b" })]).Effects;

        Assert.Equal((0, 0, 1, 2.0), (effects.FalselyCompleted, effects.Lost, effects.RunTwice, effects.WorkLost));
    }

    [Fact]
    public void What_is_called_lost_though_its_payload_did_its_work_is_another_kind()
    {
        var effects = Of([Trials.Job(1, 1, 1, 5, 9) with { State = JobState.Lost }, Trials.Job(2, 1, 1, 5, 9) with { State = JobState.NodeFailed }], Run(1, 5, 9)).Effects;

        Assert.Equal((1, 1, 0), (effects.FalselyFailed, effects.Lost, effects.FalselyCompleted));
    }

    [Fact]
    public void A_job_that_was_not_taken_is_not_lost() =>
        Assert.Equal((0, 1), Of([Trials.Job(1, 1, 1, 5, 9) with { State = JobState.Rejected, Accepted = null }]).Effects is var e ? (e.Lost, e.Rejected) : default);

    [Fact]
    public void A_job_that_was_put_back_and_ran_again_is_not_run_twice_and_its_first_run_is_lost_work()
    {
        var effects = Of([Trials.Job(1, 3, 1, 30, 34) with { Requeues = 1 }], [Stamp(1, JobEventKind.Started, 5), new JobEvent(1, JobEventKind.Requeued, Trials.At(7), "slurmctld.log"), .. Run(1, 30, 34)]).Effects;

        Assert.Equal((0, 1, 0), (effects.RunTwice, effects.Requeued, effects.Lost));
        // Two seconds on three processors.
        Assert.Equal(6, effects.WorkLost, 6);
    }

    [Theory]
    // Nobody put it back.
    [InlineData(0, 143)]
    // It had been put back, and yet did all of its work twice.
    [InlineData(1, 0)]
    public void A_job_that_ran_more_often_than_was_told_or_twice_to_the_end_is_run_twice(int requeues, int code) =>
        Assert.Equal(1, Of([Trials.Job(1, 1, 1, 30, 34) with { Requeues = requeues }], Run(1, 5, 9, code), Run(1, 30, 34)).Effects.RunTwice);

    [Fact]
    public void Members_of_a_job_are_parts_of_one_run()
    {
        JobEvent[] stamps = [.. Run(1, 5, 9, member: "a"), .. Run(1, 5, 9, member: "b")];
        Assert.Equal((0, 0, 0), Of([Trials.Job(1, 2, 1, 5, 9)], stamps).Effects is var whole ? (whole.Lost, whole.RunTwice, whole.FalselyCompleted) : default);

        // One of the two was lost with its node, and another took its place.
        JobEvent[] replaced = [.. Run(1, 5, 9, member: "a"), Stamp(1, JobEventKind.Started, 5, member: "b"), new JobEvent(1, JobEventKind.Requeued, Trials.At(7), "observed"), .. Run(1, 8, 12, member: "c")];
        var effects = Of([Trials.Job(1, 2, 1, 5, 12) with { Requeues = 1 }], replaced).Effects;
        Assert.Equal((0, 0, 0), (effects.Lost, effects.RunTwice, effects.FalselyCompleted));
        Assert.Equal(2, effects.WorkLost, 6);
    }

    [Fact]
    public void What_ran_on_a_node_that_was_switched_off_ended_with_it_however_late_that_was_told()
    {
        var off = Killed with { Text = "worker1 switched off", Node = "worker1", Off = true };
        JobEvent Given(long job, string nodes) => new(job, JobEventKind.Decided, Trials.At(16), "slurmctld.log") { Nodes = nodes };
        JobRecord[] jobs = [Trials.Job(1, 2, 1, 17, 50) with { State = JobState.Unfinished }, Trials.Job(2, 1, 1, 18, 50) with { State = JobState.Unfinished }];
        JobEvent[] events = [Given(1, "worker[1-2]"), Stamp(1, JobEventKind.Started, 17), Given(2, "worker2"), Stamp(2, JobEventKind.Started, 18)];
        double Lost(InjectedFault fault) => FaultMeasurement.Of([fault], [], jobs, events, [], Trials.At(60)).Effects.WorkLost;

        // Two processors for three seconds, and one until the replay ended.
        Assert.Equal((2 * 3) + 42, Lost(off), 6);
        Assert.Equal((2 * 43) + 42, Lost(off with { Off = false }), 6);
        Assert.Equal((2 * 43) + 42, Lost(off with { Node = "worker11" }), 6);
    }

    [Fact]
    public void Times_without_submissions_are_added_up()
    {
        var injection = FaultMeasurement.Of(
            [Killed], [], [Trials.Job(1, 1, 20.5, 23, 24) with { Accepted = Trials.At(22) }], [],
            [new(Trials.At(20.2), null, "gone") { Code = ReplayFault.Away }, new(Trials.At(21.7), null, "there") { Code = ReplayFault.Back }], Trials.At(60));

        Assert.Equal((1_500_000, 1), (injection.Effects.Refused, injection.Effects.Delayed));
    }

    [Fact]
    public void What_the_scheduler_tells_of_belongs_to_the_faults_until_two_minutes_after_they_were_healed()
    {
        var injection = Of([]);

        Assert.False(injection.Explains(Trials.At(19.9)));
        Assert.True(injection.Explains(Trials.At(20.1)));
        Assert.True(injection.Explains(Trials.At(140)));
        Assert.False(injection.Explains(Trials.At(142)));
        Assert.True((injection with { Faults = [Killed with { Healed = null }] }).Explains(Trials.At(100_000)));
    }

    [Fact]
    public void Trials_with_faults_are_judged_by_what_came_of_them_and_not_by_what_they_did()
    {
        var record = Trials.Record() with { Injection = Of([Trials.Job(1, 1, 1, 5, 9)]) };
        JobRecord[] jobs = [Trials.Job(1, 1, 1, 5, 9) with { Finish = null }, Trials.Job(2, 1, 1, 5, 9) with { State = JobState.NodeFailed }, Trials.Job(3, 1, 1, 5, 9) with { State = JobState.Unfinished }];
        var audit = TrialAudit.Of(new Trial(record, JobTable.From(jobs)), [1, 2, 3]);

        Assert.Equal(TrialVerdict.Valid, audit.Verdict);
        foreach (var code in (string[])["injected", "falsely-completed", "missing-stamps", "node-lost", "unfinished-jobs"]) Assert.Contains(audit.Findings, f => f.Code == code);
        Assert.Contains("1 job completed whose payload did not do its work", audit.Findings.Single(f => f.Code == "falsely-completed").Text, StringComparison.Ordinal);
        // The same without faults on purpose.
        Assert.Equal(TrialVerdict.Invalid, TrialAudit.Of(new Trial(record with { Injection = null }, JobTable.From(jobs)), [1, 2, 3]).Verdict);
    }

    [Fact]
    public void Stamps_that_contradict_each_other_after_a_fault_are_what_it_did_and_before_it_they_are_not()
    {
        var injection = Of([]);
        // A scheduler that was killed before it had written down that it decided tells of it when it decides again.
        var after = Trials.Job(1, 1, 15, 19, 29) with { Decided = Trials.At(22) };
        var before = Trials.Job(2, 1, 1, 5, 9) with { Decided = Trials.At(6) };
        TrialAudit Audit(FaultInjection? meant, params JobRecord[] jobs) => TrialAudit.Of(new Trial(Trials.Record() with { Injection = meant }, JobTable.From(jobs)));

        var audit = Audit(injection, after);
        Assert.Equal(TrialVerdict.Valid, audit.Verdict);
        Assert.Equal("1 job (1): started before it was decided, by up to 3000 ms: after a fault that was meant, a scheduler may tell of what it had forgotten, or a clock be wrong.", audit.Findings.Single(f => f.Code == "negative-stage").Text);
        Assert.Equal(TrialVerdict.Invalid, Audit(null, after).Verdict);
        var both = Audit(injection, after, before).Findings.Where(f => f.Code == "negative-stage").ToList();
        Assert.Equal([(AuditWeight.Invalidates, 2L), (AuditWeight.Note, 1L)], both.Select(f => (f.Weight, f.Examples.Single())));
    }

    [Theory]
    [InlineData("fault-missed")]
    [InlineData("fault-failed")]
    [InlineData("fault-late")]
    public void Faults_that_did_not_come_about_as_planned_make_the_trial_invalid(string code)
    {
        var injection = Of([]);
        injection = code switch
        {
            "fault-missed" => injection with { Faults = [], Missed = ["controller"] },
            "fault-failed" => injection with { Faults = [Killed with { Failure = "the fault controller on head could not be healed" }] },
            _ => injection with { Faults = [Killed with { Began = Trials.At(5000) }] },
        };
        var audit = TrialAudit.Of(new Trial(Trials.Record() with { Injection = injection }, JobTable.From([Trials.Job(1, 1, 1, 5, 9)])), [1]);

        Assert.Equal(code, audit.Findings.Single(f => f.Weight == AuditWeight.Invalidates).Code);
    }

    [Fact]
    public async Task The_record_keeps_what_was_measured_and_metrics_come_of_it()
    {
        var record = Trials.Record() with { Injection = Of([Trials.Job(1, 1, 1, 5, 9), Trials.Job(2, 1, 1, 23, 27)], Run(1, 5, 9), Run(2, 23, 27)) };
        using var file = new MemoryStream();
        await TrialJson.WriteAsync(file, record, TestContext.Current.CancellationToken);
        file.Position = 0;
        var read = await TrialJson.ReadRecordAsync(file, "trial.json", TestContext.Current.CancellationToken);

        Assert.Equal(record.Injection!.Faults, read.Injection!.Faults);
        Assert.Equal(record.Injection.Effects, read.Injection.Effects);
        var metrics = TrialMetrics.Compute(new Trial(read, JobTable.From([Trials.Job(1, 1, 1, 5, 9)])));
        Assert.Equal((3, 0, null), (metrics["fault-first-start"], metrics["fault-falsely-completed"], metrics["fault-full-throughput"]));
        Assert.Null(TrialMetrics.Compute(Trials.Of(Trials.Job(1, 1, 1, 5, 9)))["fault-jobs-lost"]);
    }

    [Fact]
    public void A_summary_of_sampling_that_went_well_is_read_again()
    {
        var summary = new ReplaySummary { Trial = "t", Outcome = ReplayOutcome.Drained, Started = 1, Ended = 2, Sampling = new SamplingSummary(5, 1, 0.25) };

        Assert.Equal(summary.Sampling, ReplayJson.ReadSummary(ReplayJson.Line(summary), "summary.json").Sampling);
    }

    private static FaultInjection Of(IReadOnlyList<JobRecord> jobs, params JobEvent[][] events) => FaultMeasurement.Of([Killed], [], jobs, [.. events.SelectMany(e => e)], [], Trials.At(60));

    private static JobEvent[] Run(long job, double from, double to, int code = 0, string? member = null) =>
        [Stamp(job, JobEventKind.Started, from, member), Stamp(job, JobEventKind.Finished, to, member) with { ExitCode = code }];

    private static JobEvent Stamp(long job, JobEventKind kind, double at, string? member = null) => new(job, kind, Trials.At(at), "payload") { Member = member };
}
