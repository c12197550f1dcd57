using CsCheck;
using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

public sealed class TrialAuditTests
{
    [Fact]
    public void A_start_against_the_schedulers_own_priorities_is_named()
    {
        var order = new StartOrderCheck(4, 20, 1) { Passed = [new PassedOver(7, Trials.At(3), 100, 5, 900)] };
        var trial = Trials.Of(Trials.Job(1, 1, 0, 1, 2));
        var found = Assert.Single(TrialAudit.Of(trial with { Record = trial.Record with { StartOrder = order } }).Findings, f => f.Code == "started-out-of-order");
        Assert.Equal((AuditWeight.Note, 1), (found.Weight, found.Jobs));
        Assert.StartsWith("1 of 20 starts in the order of priorities passed over a job", found.Text, StringComparison.Ordinal);
        Assert.EndsWith("job 7 (priority 100) before job 5 (priority 900).", found.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(TrialAudit.Of(trial with { Record = trial.Record with { StartOrder = new StartOrderCheck(4, 20, 0) } }).Findings, f => f.Code == "started-out-of-order");
    }

    private static readonly JobRecord Job = Trials.Job(1, 2, 0, 1, 2);
    private static readonly JobRecord Other = Trials.Job(2, 2, 0, 1, 2);

    [Fact]
    public void A_clean_trial_is_valid_and_has_nothing_to_say()
    {
        var audit = TrialAudit.Of(Trials.Of(Job, Other), [1, 2]);

        Assert.Equal(TrialVerdict.Valid, audit.Verdict);
        Assert.Empty(audit.Findings);
        Assert.Equal(0, audit.LatenessP99);
        Assert.Equal(4, audit.PeakProcessors);
    }

    public static TheoryData<string, JobRecord, string> Broken => new()
    {
        { "negative-stage", Job with { Accepted = Job.Sent - 2_000 }, "1 job (1): accepted before it was sent, by up to 2 ms, which the clocks' offsets do not explain." },
        { "negative-stage", Job with { Eligible = Job.Decided + 5_000, Accepted = null }, "1 job (1): decided before it was eligible, by up to 5 ms, which the clocks' offsets do not explain." },
        { "negative-stage", Job with { Decided = Job.Start + 1_001 }, "1 job (1): started before it was decided, by up to 1.001 ms, which the clocks' offsets do not explain." },
        { "negative-stage", Job with { Released = Job.Finish - 1_500 }, "1 job (1): released before it finished, by up to 1.5 ms, which the clocks' offsets do not explain." },
        { "double-jobs", Other with { Job = 2 }, "1 job (2) stand in more than one row." },
        { "missing-decisions", Job with { Decided = null }, "1 job (1) completed without the scheduler telling when it gave them nodes." },
        { "missing-stamps", Job with { Start = null }, "1 job (1) completed without a submit, start or finish stamp." },
        { "unfinished-jobs", Job with { State = JobState.Unfinished, Finish = null, Released = null }, "1 job (1) had not ended when the trial did." },
        { "node-lost", Job with { State = JobState.NodeFailed }, "1 job (1) ended because a node was lost." },
        { "unsent-jobs", Job with { State = JobState.Rejected, Sent = null, Accepted = null }, "1 job (1) were never sent." },
        { "overcommitted", Job with { Processors = 3 }, "5 processors were busy at once on a machine of 4, 1.001 s after the start." },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_makes_a_trial_invalid_is_said(string code, JobRecord broken, string text)
    {
        var audit = TrialAudit.Of(Trials.Of(broken, Other));

        Assert.Equal(TrialVerdict.Invalid, audit.Verdict);
        var finding = Assert.Single(audit.Findings, f => f.Code == code && f.Weight == AuditWeight.Invalidates);
        Assert.Equal(text, finding.Text);
        Assert.Equal([finding.Text], audit.Reasons.Where(r => r == text));
    }

    [Fact]
    public void A_stamp_of_real_time_in_a_trial_of_virtual_time_makes_it_invalid()
    {
        var clock = new ClockReport { RealStarted = Trials.Origin - 3_600_000_000, RealEnded = Trials.Origin - 3_590_000_000, Virtual = 1_000_000_000, Jumped = 990_000_000, Jumps = 100, Busy = 5_000_000, Waiting = 5_000_000, Woken = 200 };
        var trial = Trials.Of(Job, Other);
        var whole = trial with { Record = trial.Record with { Clock = clock } };
        // An hour of virtual time had passed before the trial: a job that stamps by another clock is that far behind.
        var escaped = Trials.Of(Job with { Start = clock.RealStarted + 1_000_000, Finish = clock.RealStarted + 2_000_000 }, Other);
        var audit = TrialAudit.Of(escaped with { Record = escaped.Record with { Clock = clock } });

        Assert.Equal(TrialVerdict.Valid, TrialAudit.Of(whole).Verdict);
        Assert.Contains(TrialAudit.Of(whole).Findings, f => f.Code == "virtual-time" && f.Text.StartsWith("Virtual time: 1000 s in 10.0 s, 100.0 times as fast", StringComparison.Ordinal));
        var went = trial with { Record = trial.Record with { Clock = clock with { WentOn = 2 } } };
        Assert.Contains(TrialAudit.Of(went).Findings, f => f.Text.EndsWith("in which all waited; 2 times the clock went on while something computed, which comes out otherwise in another run.", StringComparison.Ordinal));
        Assert.Equal(TrialVerdict.Invalid, audit.Verdict);
        Assert.Equal(
            ["1 job (1): started up to 3599 s outside of the trial's virtual time, by a clock that is another.", "1 job (1): finished up to 3598 s outside of the trial's virtual time, by a clock that is another."],
            audit.Findings.Where(f => f.Code == "clock-escaped").Select(f => f.Text));
        // In real time nobody asks.
        Assert.DoesNotContain(TrialAudit.Of(escaped).Findings, f => f.Code == "clock-escaped");
    }

    [Fact]
    public void What_was_mended_without_a_loss_is_a_note_and_leaves_the_trial_valid()
    {
        var trial = Trials.Of(Job, Other);
        var audit = TrialAudit.Of(trial with { Record = trial.Record with { Mended = [new TrialFault(trial.Record.Started + 1_500_000, "head", "the connection was cut and made again: exit code 137") { Code = "connection-mended" }] } });

        Assert.Equal(TrialVerdict.Valid, audit.Verdict);
        var finding = Assert.Single(audit.Findings);
        Assert.Equal((AuditWeight.Note, "connection-mended"), (finding.Weight, finding.Code));
        Assert.Equal("Without a loss on head, 1.5 s after the start: the connection was cut and made again: exit code 137.", finding.Text);
    }

    [Fact]
    public void Stamps_that_contradict_each_other_make_a_trial_invalid()
    {
        var trial = Trials.Of(Job, Other);
        var audit = TrialAudit.Of(trial with { Record = trial.Record with { Faults = [new TrialFault(trial.Record.Started, null, "stamps contradict each other: job 1 started 2 times in one run") { Code = "contradicting-stamps" }] } });

        Assert.Equal(TrialVerdict.Invalid, audit.Verdict);
        Assert.Equal("contradicting-stamps", Assert.Single(audit.Findings).Code);
    }

    [Theory]
    [InlineData(0.5, 0.02, null)]
    [InlineData(0.93, 0, "Work waited for a processor in 93 % of the time on w2, and the bound is 50 %: the machine had other work, or too few processors, and times may be longer for it.")]
    [InlineData(null, 0.051, "The machine below took 5.1 % of the processors' time from w2, and the bound is 2 %: times may be longer for it.")]
    public void A_starved_host_is_told_with_the_bound(double? waiting, double stolen, string? text)
    {
        var trial = Trials.Of(Job, Other);
        var audit = TrialAudit.Of(trial with { Record = trial.Record with { Pressure = [new NodePressure("w1", 0.1, 0), new NodePressure("w2", waiting, stolen)] } });

        Assert.Equal(TrialVerdict.Valid, audit.Verdict);
        Assert.Equal(text, audit.Findings.SingleOrDefault()?.Text);
    }

    [Fact]
    public void Missing_and_unknown_jobs_are_counted_against_the_workload()
    {
        var audit = TrialAudit.Of(Trials.Of(Job, Other), [2, 3, 4, 5, 6, 7, 8]);

        Assert.Equal(
            ["6 jobs (3, 4, 5, 6, 7, …) of the workload have no row.", "1 job (1) are not in the workload."],
            audit.Findings.Select(f => f.Text));
        Assert.Equal(6, audit.Findings[0].Jobs);
    }

    [Fact]
    public void The_number_of_jobs_is_held_against_the_record()
    {
        var trial = Trials.Of(Job) with { Record = Trials.Record() with { Jobs = 60 } };

        Assert.Equal("The workload has 60 jobs, the trial 1.", TrialAudit.Of(trial).Findings.Single().Text);
    }

    [Fact]
    public void A_negative_stage_that_the_clocks_explain_is_no_fault()
    {
        var jobs = new[] { Job with { NodeList = "w1", Decided = Job.Start + 4_000 }, Other with { NodeList = "w2" } };
        var record = Trials.Record() with { Workers = ["w1", "w2"], ClocksBefore = [new("w1", -3_200, 100), new("w2", 0, 100)], ClocksAfter = [new("w1", -2_900, 100), new("w2", 0, 100)] };

        Assert.Equal(TrialVerdict.Valid, TrialAudit.Of(new(record, JobTable.From(jobs))).Verdict);

        // On the node whose clock is right, the same stage has no excuse.
        var swapped = jobs.Select(j => j with { NodeList = j.NodeList == "w1" ? "w2" : "w1" });
        Assert.Equal(TrialVerdict.Invalid, TrialAudit.Of(new(record, JobTable.From(swapped))).Verdict);
    }

    [Fact]
    public void A_clock_that_moved_makes_the_trial_invalid()
    {
        var record = Trials.Record() with { Workers = ["w1", "w2"], ClocksBefore = [new("w1", 100, 50)], ClocksAfter = [new("w1", -5_000, 50)] };
        var audit = TrialAudit.Of(new(record, JobTable.From([Job])));

        Assert.Equal(TrialVerdict.Invalid, audit.Verdict);
        Assert.Equal(5_100, audit.LargestOffsetChange);
        Assert.Equal(
            ["The clock of w1 moved by 5.1 ms against the head's over the trial; at most 5 ms are allowed.", "The clock offset of w2 was not measured before the trial."],
            audit.Findings.Select(f => f.Text));
    }

    [Fact]
    public void A_late_client_is_the_limit()
    {
        var jobs = Enumerable.Range(1, 200).Select(i => Trials.Job(i, 1, i, i + 0.1, i + 0.2) with { Planned = Trials.At(i) - (i % 20 == 0 ? 30_000 : 0) });
        var audit = TrialAudit.Of(Trials.Of(jobs));

        Assert.Equal(TrialVerdict.ClientLimited, audit.Verdict);
        Assert.Equal("The client, not the scheduler, was the limit: 99 % of the jobs were sent within 30 ms of their time, and the bound is 10 ms.", audit.Reasons.Single());
    }

    [Fact]
    public void A_node_that_is_overcommitted_is_named_although_the_machine_is_not()
    {
        var record = Trials.Record() with { Workers = ["w1", "w2"], Machines = MachineKind.Simulation };
        var jobs = new[] { Job with { NodeList = "w1" }, Other with { NodeList = "w[1-1]", Start = Job.Start + 250_000 } };

        Assert.Equal(
            "At least 4 processors were busy at once on w1, which has 2, 1.251 s after the start.",
            TrialAudit.Of(new(record, JobTable.From(jobs))).Findings.Single().Text);

        // A job over both nodes leaves room on each that another may use.
        var spread = new[] { Job with { NodeList = "w[1-2]", Processors = 3 }, Other with { NodeList = "w2", Processors = 1 } };
        Assert.Empty(TrialAudit.Of(new(record, JobTable.From(spread))).Findings);
    }

    [Fact]
    public void Faults_are_told_and_invalidate()
    {
        var record = Trials.Record() with { Faults = [new(Trials.At(7.5), "w1", "the node stopped answering.")] };
        var trial = new Trial(record, JobTable.From([Job]));

        Assert.Equal(TrialVerdict.Invalid, TrialAudit.Of(trial).Verdict);
        Assert.Equal("Fault on w1, 7.5 s after the start: the node stopped answering.", TrialAudit.Of(trial).Findings.Single().Text);
    }

    [Fact]
    public void Jobs_back_to_back_never_overcommit() =>
        Gen.Int[1, 4].Array[1, 30].Sample(sizes =>
        {
            var jobs = sizes.Select((q, i) => Trials.Job(i + 1, q, 0, i, i + 1));
            Assert.True(TrialAudit.Of(Trials.Of(jobs)).PeakProcessors <= 4);
        });

    [Theory]
    [InlineData("w1", "w1")]
    [InlineData("w[1-3]", "w1 w2 w3")]
    [InlineData("w[08-10],head", "w08 w09 w10 head")]
    [InlineData("a[1,3-4]-x,b", "a1-x a3-x a4-x b")]
    [InlineData("r[1-2]n[08,10]-x", "r1n08-x r1n10-x r2n08-x r2n10-x")]
    [InlineData("a[1-2]b[1-2]c[1-2],d", "a1b1c1 a1b1c2 a1b2c1 a1b2c2 a2b1c1 a2b1c2 a2b2c1 a2b2c2 d")]
    [InlineData("w[1-2][3-4]", "w13 w14 w23 w24")]
    [InlineData("w[1-", "")]
    [InlineData("w1]", "")]
    [InlineData("r[1-2]n[1-", "")]
    [InlineData("r[1-1000]n[1-1000]", "")]
    [InlineData("w1,,w2", "")]
    [InlineData("w[x]", "")]
    [InlineData("", "")]
    [InlineData("w[2147483646-2147483647]", "w2147483646 w2147483647")]
    [InlineData("a]b[1-2]", "a]b1 a]b2")]
    [InlineData("w[1-2,3-]", "")]
    [InlineData("w[1-2-3]", "")]
    [InlineData("w[0009-0010]", "w0009 w0010")]
    public void Host_lists_are_expanded(string list, string names) =>
        Assert.Equal(names, string.Join(' ', HostList.Expand(list)));
}
