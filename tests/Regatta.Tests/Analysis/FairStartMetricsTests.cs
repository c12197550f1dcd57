using Regatta.Analysis;

namespace Regatta.Tests.Analysis;

public sealed class FairStartMetricsTests
{
    // Job 1 holds two of four processors until 10. Job 2 wants all four and could start at 10; job 3 came later, went first, and held it up until 12.
    private static readonly Trial Overtaken = Trials.Of(Trials.Job(1, 2, 0, 0, 10), Trials.Job(2, 4, 1, 12, 16), Trials.Job(3, 2, 2, 2, 12));

    [Fact]
    public void A_job_that_a_later_one_delayed_missed_its_fair_start()
    {
        var metrics = TrialMetrics.Compute(Overtaken);

        Assert.Equal(1 / 3.0, metrics["fair-start-misses"]!.Value, 1e-12);
        Assert.Equal(2 / 3.0, metrics["fair-start-delay"]!.Value, 1e-12);
    }

    [Fact]
    public void A_tolerance_leaves_room_for_a_scheduler_that_takes_time() =>
        Assert.Equal(0, TrialMetrics.Compute(Overtaken, MeasureSettings.Default with { FairStartTolerance = TimeSpan.FromSeconds(3) })["fair-start-misses"]);

    [Fact]
    public void A_cut_leaves_out_jobs_but_not_what_they_did()
    {
        var metrics = TrialMetrics.Compute(Overtaken, MeasureSettings.Default with { WarmUp = TimeSpan.FromSeconds(1), CoolDown = TimeSpan.FromSeconds(1) });

        Assert.Equal(1, metrics["fair-start-misses"]);
    }

    [Fact]
    public void Long_queues_are_sampled_and_too_little_work_gives_none()
    {
        // A burst of 200 jobs, one after another: on average each met 100.
        var burst = Trials.Of(Enumerable.Range(1, 200).Select(i => Trials.Job(i, 4, 0, i, i + 1)));

        Assert.Equal(0, TrialMetrics.Compute(burst, MeasureSettings.Default with { FairStartWork = 5_000, FairStartTolerance = TimeSpan.FromSeconds(2) })["fair-start-misses"]);
        Assert.Null(TrialMetrics.Compute(burst, MeasureSettings.Default with { FairStartWork = 1_000 })["fair-start-misses"]);
        Assert.Null(TrialMetrics.Compute(burst, MeasureSettings.Default with { FairStartWork = 0 })["fair-start-misses"]);
    }
}
