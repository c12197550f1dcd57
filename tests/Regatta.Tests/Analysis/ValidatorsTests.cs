using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

public sealed class ValidatorsTests
{
    [Theory]
    [InlineData(2, "warning[too-few-repetitions]: 2 repetitions of each point cannot give a verdict at p < 0.05: the smallest possible p is 0.5\n  help: at least 6 repetitions can show one difference; 8 can after the correction over 4 tests")]
    [InlineData(6, "hint[few-repetitions]: after the correction over 4 tests, 6 repetitions can hardly give a verdict at p < 0.05\n  help: take 8 repetitions, or judge fewer metrics or pairs")]
    [InlineData(8, null)]
    public void Too_few_repetitions_are_told_before_the_run(int repetitions, string? text) =>
        Assert.Equal(text, Validators.Repetitions(2, repetitions, ComparisonSettings.Default).SingleOrDefault(d => d.Code != "interval-coverage")?.ToString());

    [Fact]
    public void Repetitions_are_recommended_by_the_coverage_of_their_intervals()
    {
        Assert.Equal(
            "hint[interval-coverage]: a 95 % interval of 5 repetitions may cover less than it says: by simulation, 95 % for normal runs, 88 % for exponential ones, 81 % for log-normal ones (sigma 1) and 76 % where one run in four meets another state\n"
            + "  help: 7 repetitions reach 90 % for exponential runs, 30 for the worst that was simulated",
            Validators.Repetitions(1, 5, ComparisonSettings.Default).Single().ToString());
        Assert.Empty(Validators.Repetitions(1, 10, ComparisonSettings.Default));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    public void No_fewer_repetitions_are_recommended_than_there_are(int repetitions) =>
        Assert.Equal("30 repetitions reach 90 % for the worst that was simulated", Validators.Repetitions(1, repetitions, ComparisonSettings.Default).Single().Help);

    [Fact]
    public void One_point_needs_no_verdict() => Assert.Empty(Validators.Repetitions(1, 1, ComparisonSettings.Default));

    [Fact]
    public void A_workload_that_never_queues_is_told() =>
        Assert.Equal(
            "warning[never-queues]: no job of the workload has to wait: at most 3 of 4 processors are wanted at once, so every policy gives the same schedule\n"
            + "  help: compress its times, scale its load, or take a smaller machine",
            Validators.Load(SubmittedJobs.Of([Job(0, 3, 10), Job(10, 3, 10), Job(20, 1, 10)]), 4).Single().ToString());

    [Fact]
    public void A_load_over_a_few_seconds_is_not_told_when_no_job_waits() =>
        Assert.Equal("never-queues", Validators.Load(SubmittedJobs.Of([Job(0, 2, 60), Job(3, 2, 60)]), 8).Single().Code);

    [Fact]
    public void Jobs_that_run_into_their_limits_are_told()
    {
        Assert.Equal(
            "warning[jobs-over-limit]: 1 of 2 jobs run longer than their time limit: they are ended there and count as timed out\n"
            + "  help: workload.estimates=at-least lifts the limits of such jobs to their run times, workload.estimates=cut ends them well at the limit",
            Validators.Times(SubmittedJobs.Of([Job(0, 1, 10) with { RequestedTime = TimeSpan.FromSeconds(9) }, Job(0, 1, 10) with { RequestedTime = TimeSpan.FromSeconds(10) }])).Single().ToString());
        Assert.Empty(Validators.Times(SubmittedJobs.Of([Job(0, 1, 10)])));
    }

    [Fact]
    public void A_workload_that_starts_with_a_long_wait_is_told()
    {
        Assert.Equal(
            "warning[late-start]: the first job is submitted 2h after the start: nothing runs until then\n  help: workload.window=7200.. lets the workload begin with it",
            Validators.Times(SubmittedJobs.Of([Job(7300, 1, 10), Job(7200, 1, 10)])).Single().ToString());
        Assert.Empty(Validators.Times(SubmittedJobs.Of([Job(300, 1, 10)])));
    }

    [Fact]
    public void A_load_above_one_is_told() =>
        Assert.StartsWith(
            "warning[load-above-one]: the offered load is 2: more work arrives than the machine can do, and waits grow with the length of the workload",
            Validators.Load(SubmittedJobs.Of([Job(0, 4, 20), Job(10, 4, 20), Job(20, 4, 20)]), 4).Single().ToString());

    [Fact]
    public void A_single_burst_is_told() =>
        Assert.Equal("one-burst", Validators.Load(SubmittedJobs.Of([Job(0, 4, 10), Job(0, 4, 10)]), 4).Single().Code);

    [Fact]
    public void Nothing_is_told_of_the_load_of_a_closed_loop() =>
        Assert.Empty(Validators.Load(SubmittedJobs.Of([Job(0, 1, 10), Job(0, 1, 10) with { Dependencies = [new(1, DependencyKind.After, TimeSpan.FromSeconds(5))] }]), 4));

    [Fact]
    public void A_workload_that_queues_below_full_load_is_fine() =>
        Assert.Empty(Validators.Load(SubmittedJobs.Of([Job(0, 4, 10), Job(5, 4, 10), Job(100, 1, 10)]), 4));

    [Fact]
    public void A_distorted_mix_of_sizes_is_told()
    {
        Assert.Equal(
            "the machine is too small for the mix of sizes: 2 of 3 jobs are more than 25 % off, and the sum of sizes changes by +48.1 %",
            SizeMix.Check([(0.25, 1), (0.45, 1), (2, 2)])!.Summary);
        Assert.Null(SizeMix.Check([(1, 1), (10.1, 10), (2, 2)]));
        Assert.Null(SizeMix.Check([]));
    }

    [Fact]
    public void Clocks_that_are_off_or_unknown_are_told() =>
        Assert.Equal(
            [
                "warning[clock-not-synchronised]: the clock of w1 is -7.5 ms off the head's, give or take 0.2 ms\n  help: synchronise the nodes' clocks (chrony), or the stages of jobs cannot be told apart that finely",
                "warning[clock-not-known]: the clock of w2 is known to 8 ms only\n  help: the network to the node is slow or busy; measure again before trusting short stages",
            ],
            Validators.Clocks([new("w1", -7_500, 200), new("w2", 9_000, 8_000), new("w3", 4_000, 100)]).Select(d => d.ToString()));

    [Fact]
    public void The_jobs_of_a_trial_are_checked_as_those_of_its_workload()
    {
        Job[] jobs = [Job(0, 3, 10), Job(400, 3, 10) with { RequestedTime = TimeSpan.FromSeconds(9) }, Job(410, 3, 30), Job(420, 1, 10)];
        var record = new TrialRecord
        {
            Point = "a", Repetition = 1, Block = 1, Order = 1, Scheduler = "reference", Profile = "easy", Workload = "w", Processors = 4, Machines = MachineKind.Simulation, ClusterState = "fresh", Started = 5_000_000, Ended = 1,
        };
        var rows = jobs.Select((job, i) => new JobRecord
        {
            Job = i + 1, Processors = job.Processors, RunTime = Micros.From(job.RunTime), RequestedTime = job.RequestedTime is { } limit ? Micros.From(limit) : null,
            Planned = i == 3 ? null : 5_000_000 + Micros.From(job.Submit), Sent = 5_000_000 + Micros.From(job.Submit), State = JobState.Completed,
        });
        var (ofJobs, ofTrial) = (SubmittedJobs.Of(jobs), SubmittedJobs.Of(new Trial(record, JobTable.From(rows))));

        Assert.Equal(Validators.Times(ofJobs).Concat(Validators.Load(ofJobs, 4)), Validators.Times(ofTrial).Concat(Validators.Load(ofTrial, 4)));
        Assert.Equal(1, ofTrial.OverLimit);
    }

    private static Job Job(double submit, int processors, double runTime) =>
        new() { Id = 1, Submit = TimeSpan.FromSeconds(submit), Processors = processors, RunTime = TimeSpan.FromSeconds(runTime) };
}
