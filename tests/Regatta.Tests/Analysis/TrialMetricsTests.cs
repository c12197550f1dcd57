using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

/// <summary>Metrics of trials that are small enough to work out by hand, on a machine of four processors.</summary>
public sealed class TrialMetricsTests
{
    // 0    10   20   30   40
    // 1111111111          job 1: 2 processors, 0 to 20
    //      3333           job 3: 2 processors, sent at 5, 10 to 20
    //           222222222 job 2: 4 processors, sent at 0, 20 to 40
    private static readonly Trial Three = Trials.Of(
        Trials.Job(1, 2, 0, 0, 20, user: 1),
        Trials.Job(2, 4, 0, 20, 40, user: 2),
        Trials.Job(3, 2, 5, 10, 20, user: 2));

    [Theory]
    [InlineData("jobs", 3)]
    [InlineData("wait-mean", 25 / 3.0)]
    [InlineData("wait-p50", 5)]
    [InlineData("wait-p90", 5 + (0.8 * 15))]
    [InlineData("wait-max", 20)]
    [InlineData("turnaround-mean", (20 + 40 + 15) / 3.0)]
    [InlineData("slowdown-mean", (1 + 2 + 1.5) / 3)]
    [InlineData("slowdown-weighted-mean", ((40 * 1) + (80 * 2) + (20 * 1.5)) / 140)]
    [InlineData("bounded-slowdown-mean", (1 + 2 + 1.5) / 3)]
    [InlineData("per-processor-bounded-slowdown-max", 1)]
    [InlineData("utilisation", (40 + 80 + 20) / (4 * 40.0))]
    // 0-5: 2 idle, 4 wanted; 5-10: 2 idle, 6 wanted; 10-20: 0 idle; 20-40: 0 idle.
    [InlineData("loss-of-capacity", 20 / 160.0)]
    // 0-5: job 2 does not fit; 5-10: job 3 fits into the 2 idle.
    [InlineData("loss-of-capacity-fitting", 10 / 160.0)]
    [InlineData("queue-length", (20 + 5) / 40.0)]
    [InlineData("makespan", 40)]
    [InlineData("makespan-lower-bound", 35)]
    [InlineData("makespan-ratio", 40 / 35.0)]
    [InlineData("fairness-jain", (2.75 * 2.75) / (2 * (1 + (1.75 * 1.75))))]
    public void Are_as_worked_out_by_hand(string metric, double value) =>
        Assert.Equal(value, TrialMetrics.Compute(Three)[metric]!.Value, 1e-12);

    [Fact]
    public void Stamps_that_lie_ages_apart_are_a_fault_of_the_records()
    {
        const long Ages = 4_000_000_000_000_000_000;
        var trial = Trials.Of(Enumerable.Range(1, 3).Select(i => new JobRecord { Job = i, Processors = i, Sent = -Ages, Start = -Ages, Finish = Ages, State = JobState.Completed }));

        var measured = Assert.Throws<DiagnosticException>(() => TrialMetrics.Compute(trial));

        Assert.Equal("the stamps of the trial are 253505 years apart, which with 3 sizes of jobs is more than can be measured", measured.Diagnostics[0].Summary);
        Assert.Equal("trial-too-long", measured.Diagnostics[0].Code);
        // The audit only compares times.
        Assert.Equal(6, TrialAudit.Of(trial).PeakProcessors);
    }

    [Fact]
    public void Stages_are_told_apart()
    {
        var job = Trials.Job(1, 1, 10, 15, 25) with
        {
            Planned = Trials.At(9.996),
            Accepted = Trials.At(10.02),
            Eligible = Trials.At(12),
            Decided = Trials.At(14.5),
            Released = Trials.At(25.25),
        };
        var metrics = TrialMetrics.Compute(Trials.Of(job));

        Assert.Equal(0.004, metrics["lateness-p99"]!.Value, 1e-9);
        Assert.Equal(0.02, metrics["accept-mean"]!.Value, 1e-9);
        Assert.Equal(2.5, metrics["queue-p50"]!.Value, 1e-9);
        Assert.Equal(0.5, metrics["launch-p90"]!.Value, 1e-9);
        Assert.Equal(0.25, metrics["release-max"]!.Value, 1e-9);
        // It waits from when it is eligible: 3 of the 15 s between submission and finish.
        Assert.Equal(3 / 15.0, metrics["queue-length"]!.Value, 1e-9);
    }

    [Theory]
    [InlineData(5, 5.5, 1, 2.1, 1.05)]
    [InlineData(1, 12, 10, 1.3, 1)]
    [InlineData(1, 39, 10, 4, 2)]
    [InlineData(0, 0.5, 10, 1, 1)]
    public void Short_jobs_are_held_to_tau(double run, double wait, double tau, double slowdown, double perProcessor)
    {
        var settings = MeasureSettings.Default with { Tau = TimeSpan.FromSeconds(tau) };
        var metrics = TrialMetrics.Compute(Trials.Of(Trials.Job(1, 2, 0, wait, wait + run)), settings);

        Assert.Equal(slowdown, metrics["bounded-slowdown-mean"]!.Value, 1e-9);
        Assert.Equal(perProcessor, metrics["per-processor-bounded-slowdown-mean"]!.Value, 1e-9);
        Assert.Equal(run == 0, metrics["slowdown-mean"] is null);
    }

    [Fact]
    public void Rates_are_means_and_samples_of_whole_seconds()
    {
        // Started: seconds 0 to 4 hold 3, 1, 0, 0 and 2; the first and the last start are 4.5 s apart, so that the last, broken second is no sample.
        double[] starts = [0, 0.1, 0.9, 1, 4, 4.5];
        var metrics = TrialMetrics.Compute(Trials.Of(starts.Select((s, i) => Trials.Job(i + 1, 1, 0, s, 10))));

        Assert.Equal(5 / 4.5, metrics["started-rate"]!.Value, 1e-12);
        Assert.Equal(0.5, metrics["started-rate-p50"]!.Value, 1e-12);
        Assert.Equal(3 - (0.3 * 2), metrics["started-rate-p90"]!.Value, 1e-12);
        // All were submitted and released at one instant, over which there is no rate.
        Assert.Null(metrics["submitted-rate"]);
        Assert.Null(metrics["released-rate"]);
    }

    [Fact]
    public void Costs_faults_and_losses_are_counted()
    {
        var record = Trials.Record() with
        {
            ControlPlane = [new("head", "slurmctld", 3, 100), new("w1", "slurmd", 1, 50)],
            Harness = new(0.5, 10),
            Faults = [new(Trials.At(5), "w1", "lost"), new(Trials.At(50), null, "nothing started after it")],
        };
        var metrics = TrialMetrics.Compute(new(record, JobTable.From(
        [
            Trials.Job(1, 1, 0, 1, 6) with { State = JobState.NodeFailed },
            Trials.Job(2, 1, 0, 7.5, 9) with { Requeues = 2 },
            Trials.Job(3, 1, 0, 8, 9) with { State = JobState.Lost, Start = null, Finish = null },
            Trials.Job(4, 1, 0, 8, 9),
        ])));

        Assert.Equal(2.5, metrics["recovery-time"]);
        Assert.Equal(2, metrics["jobs-lost"]);
        Assert.Equal(2, metrics["jobs-requeued"]);
        Assert.Equal(2, metrics["jobs-not-completed"]);
        Assert.Equal(4, metrics["control-plane-cpu"]);
        Assert.Equal(1_000, metrics["control-plane-cpu-per-1000-jobs"]);
        Assert.Equal(150, metrics["control-plane-rss"]);
        Assert.Equal(0.5, metrics["harness-cpu"]);
        Assert.Equal(1, metrics.States[JobState.Lost]);
    }

    [Fact]
    public void Passes_over_the_queue_are_counted_where_the_scheduler_does()
    {
        var metrics = TrialMetrics.Compute(new(
            Trials.Record() with { Passes = [new("main", 4, 0.02, 1000), new("backfill", 0, 0, 0), new("main", 9, 9, 9), new("other", 1, 1, 1)] },
            JobTable.From([Trials.Job(1, 1, 0, 1, 6)])));

        Assert.Equal((4, 0.005, 0.00002), (metrics["main-passes"]!.Value, metrics["main-pass-mean"]!.Value, Math.Round(metrics["main-pass-per-job"]!.Value, 9)));
        Assert.Equal((0, null, null), (metrics["backfill-passes"], metrics["backfill-pass-mean"], metrics["backfill-pass-per-job"]));
        Assert.Null(metrics["backfilled-share"]);
        Assert.Null(TrialMetrics.Compute(new(Trials.Record(), JobTable.From([Trials.Job(1, 1, 0, 1, 6)])))["main-passes"]);
    }

    [Fact]
    public void The_share_that_backfill_started_is_of_all_jobs_that_were_sent()
    {
        var record = Trials.Record() with { Passes = [new("main", 4, 0.02, 1000), new("backfill", 2, 0.01, 8) { Started = 1 }] };

        Assert.Equal(0.5, TrialMetrics.Compute(new(record, JobTable.From([Trials.Job(1, 1, 0, 1, 6), Trials.Job(2, 1, 0, 1, 6)])))["backfilled-share"]);
    }

    [Fact]
    public void Esp_efficiency_is_the_absolute_minimum_time_over_the_elapsed_time()
    {
        // 4 * 10 + 2 * 5 + 2 * 5 = 60 processor seconds on 4 processors take 15 s at least; they took 20.
        var jobs = JobTable.From([Trials.Job(1, 4, 0, 1, 11), Trials.Job(2, 2, 0, 11, 16), Trials.Job(3, 2, 0, 15, 20)]);

        Assert.Equal(15 / 20.0, TrialMetrics.Compute(new(Trials.Record() with { Workload = "esp-light" }, jobs))["esp-efficiency"]!.Value, 1e-12);
        Assert.Null(TrialMetrics.Compute(new(Trials.Record(), jobs))["esp-efficiency"]);
        Assert.Equal(new LaunchPoint(2, 5), LaunchPoint.Of(new(Trials.Record(), jobs)));
    }

    [Fact]
    public void Failed_jobs_count_where_their_stamps_allow()
    {
        var metrics = TrialMetrics.Compute(Trials.Of(
            Trials.Job(1, 1, 0, 4, 8),
            Trials.Job(2, 1, 0, 6, 8) with { State = JobState.TimedOut, Finish = null },
            Trials.Job(3, 1, 0, 0, 8) with { State = JobState.Rejected, Eligible = null, Accepted = null, Decided = null, Start = null, Finish = null, Released = null }));

        Assert.Equal(5, metrics["wait-mean"]);
        Assert.Equal(8, metrics["turnaround-mean"]);
        Assert.Equal((4 + 2) / (4 * 8.0), metrics["utilisation"]);
        Assert.Equal((4 + 6) / 8.0, metrics["queue-length"]);
    }

    [Fact]
    public void An_empty_trial_has_no_metrics_but_counts()
    {
        var metrics = TrialMetrics.Compute(Trials.Of());

        Assert.Equal(["jobs", "jobs-completed", "jobs-lost", "jobs-not-completed", "jobs-requeued"], metrics.Values.Keys);
        Assert.Empty(TrialSeries.Of(Trials.Of()).Utilisation.Values);
        Assert.Empty(JobGroups.ByUser(Trials.Of()));
        Assert.Empty(JobColumns.Sorted("wait", Trials.Of()));
    }

    [Fact]
    public void Waits_for_a_picture_come_sorted() => Assert.Equal([0, 5, 20], JobColumns.Sorted("wait", Three));

    [Fact]
    public void Groups_are_named_in_words()
    {
        var jobs = new[] { 1, 4, 32, 64, 128 }.Select((q, i) => Trials.Job(i, q, 0, 0, new[] { 5, 30, 120, 3000, 9000 }[i], user: i - 1) with { State = i == 0 ? JobState.TimedOut : JobState.Completed });
        var trial = new Trial(Trials.Record(processors: 128), JobTable.From(jobs));

        Assert.Equal(["1 to 4 processors", "17 to 64 processors", "over 64 processors"], JobGroups.BySize(trial).Select(g => g.Name).Where(n => n != "5 to 16 processors"));
        Assert.Equal(["up to 10 s", "up to 1 min", "up to 10 min", "up to 1 h", "over 1 h"], JobGroups.ByRunTime(trial).Select(g => g.Name));
        Assert.Equal(["unknown", "0", "1", "2", "3"], JobGroups.ByUser(trial).Select(g => g.Name));
        Assert.Equal(["completed", "timed-out"], JobGroups.ByState(trial).Select(g => g.Name));
        Assert.Equal("1 to 4 processors, up to 10 s", JobGroups.BySizeAndRunTime(trial)[0].Name);
    }

    [Fact]
    public void Series_show_every_step()
    {
        var series = TrialSeries.Of(Three);

        Assert.Equal([0, 5, 10, 20], series.Utilisation.Times);
        Assert.Equal([0.5, 0.5, 1, 1], series.Utilisation.Values);
        Assert.Equal([1, 2, 1, 0], series.QueueLength.Values);
        Assert.Equal([4, 6, 4, 0], series.QueuedProcessors.Values);
        Assert.Equal(40, series.Started.PerSecond.Length);
        Assert.Equal(2, series.Submitted.PerSecond[0]);
        Assert.Equal((1, 1), (series.Started.Span, series.Started.PerSecond[10]));
    }
}
