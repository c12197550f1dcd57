using CsCheck;
using Regatta.Analysis;
using Regatta.Simulation;
using Regatta.Workloads;
using JobTable = Regatta.Analysis.JobTable;

namespace Regatta.Tests.Analysis;

public sealed class ReferenceOverlayTests
{
    // A scheduler that takes half a second to decide: job 2 needs all four processors and waits for job 1; job 3 would fit beside job 1.
    private static readonly JobRecord[] Jobs =
    [
        Trials.Job(1, 2, 0, 0.5, 10.5),
        Trials.Job(2, 4, 1, 11, 16),
        Trials.Job(3, 2, 2, 16.5, 20.5),
    ];

    [Fact]
    public void First_come_first_served_is_what_was_measured_less_the_overhead()
    {
        var overlay = ReferenceOverlay.Of(Trials.Of(Jobs));

        Assert.Equal(ReferencePolicy.Fcfs, overlay.Policy);
        Assert.Equal([Trials.At(0), Trials.At(10), Trials.At(15)], overlay.Reference.Jobs.Start.ToArray());
        Assert.Equal([(1, 0, 0.5), (2, 9, 10), (3, 13, 14.5)], overlay.Waits(Trials.Of(Jobs)));
        Assert.Equal(1.5 / 19, overlay.Distances["makespan"].Difference / overlay.Distances["makespan"].Reference, 1e-12);
        Assert.Equal(20.5 / 19, overlay.Distances["makespan"].Ratio!.Value, 1e-12);
    }

    [Fact]
    public void Backfill_lets_the_third_job_go_first()
    {
        var trial = Trials.Of(Jobs) with { Record = Trials.Record() with { Settings = ImmutableSortedDictionary<string, string>.Empty.Add("backfill", "yes") } };
        var overlay = ReferenceOverlay.Of(trial);

        Assert.Equal(ReferencePolicy.Easy, overlay.Policy);
        Assert.Equal([Trials.At(0), Trials.At(10), Trials.At(2)], overlay.Reference.Jobs.Start.ToArray());
        Assert.Equal(3, overlay.Distances["wait-mean"].Reference, 1e-12);
    }

    [Fact]
    public void Jobs_that_never_started_are_left_out_on_both_sides()
    {
        var cancelled = Trials.Job(4, 1, 3, 5, 5) with { State = JobState.Cancelled, Start = null, Decided = null, Finish = null };
        var overlay = ReferenceOverlay.Of(Trials.Of([.. Jobs, cancelled]));

        Assert.Equal(1, overlay.LeftOut);
        Assert.Equal(JobTable.Missing, overlay.Reference.Jobs.Start[3]);
        Assert.Equal(ReferenceOverlay.Of(Trials.Of(Jobs)).Distances["loss-of-capacity"], overlay.Distances["loss-of-capacity"]);
    }

    [Fact]
    public void A_trial_without_starts_has_an_empty_overlay()
    {
        var overlay = ReferenceOverlay.Of(Trials.Of());

        Assert.Equal(0, overlay.LeftOut);
        Assert.False(overlay.Distances.ContainsKey("makespan"));
    }

    [Theory]
    [InlineData("fifo", "none", ReferencePolicy.Fcfs)]
    [InlineData("backfill", "easy", ReferencePolicy.Easy)]
    [InlineData("throughput", "conservative", ReferencePolicy.Conservative)]
    [InlineData("fcfs", null, ReferencePolicy.Fcfs)]
    [InlineData("sjf", "no", ReferencePolicy.Sjf)]
    [InlineData("sjf-easy", "yes", ReferencePolicy.SjfEasy)]
    [InlineData("conservative", "yes", ReferencePolicy.Conservative)]
    [InlineData("mine", null, ReferencePolicy.Easy)]
    public void The_policy_follows_the_trial(string profile, string? backfill, ReferencePolicy policy)
    {
        var record = Trials.Record(profile);
        if (backfill is not null) record = record with { Settings = ImmutableSortedDictionary<string, string>.Empty.Add("backfill", backfill) };

        Assert.Equal(policy, NearestReference.Policy(record));
    }

    [Fact]
    public void The_reference_overlaid_on_itself_has_no_distance() =>
        Gen.Select(Gen.Int[0, 100], Gen.Int[1, 4], Gen.Int[0, 30], Gen.Int[1, 30]).Array[1, 40].Select(Gen.Enum<ReferencePolicy>()).Sample((rows, policy) =>
        {
            var jobs = rows.Select((row, i) => new Job
            {
                Id = i + 1,
                Submit = TimeSpan.FromSeconds(row.Item1),
                Processors = row.Item2,
                RunTime = TimeSpan.FromSeconds(row.Item3),
                RequestedTime = TimeSpan.FromSeconds(row.Item3 + row.Item4),
            });
            var schedule = ReferenceScheduler.Run(QueuedJobs.Of([.. jobs]), new MachineSize(4), new ReferenceOptions { Policy = policy });
            var trial = Trials.Of(schedule.Records(Trials.Origin));

            var overlay = ReferenceOverlay.Of(trial, policy);

            Assert.Equal(TrialVerdict.Valid, TrialAudit.Of(trial).Verdict);
            Assert.True(trial.Jobs.Start.SequenceEqual(overlay.Reference.Jobs.Start));
            Assert.All(overlay.Distances, d => Assert.Equal(0, d.Value.Difference, 1e-9));
        });
}
