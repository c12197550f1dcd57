using CsCheck;
using Regatta.Analysis;
using Regatta.Simulation;
using Regatta.Workloads;
using Xunit;

namespace Regatta.Tests.Analysis;

public sealed class FairStartsTests
{
    [Fact]
    public void A_job_that_a_later_one_delayed_missed_its_fair_start()
    {
        // Job 1 holds two of four processors until 10. Job 2 wants all four and could start at 10; job 3 came later, went first, and held it up until 12.
        var trial = Trials.Of(Trials.Job(1, 2, 0, 0, 10), Trials.Job(2, 4, 1, 12, 16), Trials.Job(3, 2, 2, 2, 12));

        var fair = FairStarts.Of(trial, ReferencePolicy.Fcfs);

        Assert.Equal([Trials.At(0), Trials.At(10), Trials.At(16)], fair.Fair);
        var metrics = TrialMetrics.Compute(trial with { Record = Trials.Record("fifo") });
        Assert.Equal(1 / 3.0, metrics["fair-start-misses"]!.Value, 1e-12);
        Assert.Equal(2 / 3.0, metrics["fair-start-delay"]!.Value, 1e-12);
        Assert.Equal(0, TrialMetrics.Compute(trial, MeasureSettings.Default with { FairStartTolerance = TimeSpan.FromSeconds(3) })["fair-start-misses"]);
        Assert.Null(TrialMetrics.Compute(trial, MeasureSettings.Default with { FairStartWork = 5 })["fair-start-misses"]);
        Assert.Equal(6, FairStarts.Work(trial));
    }

    [Fact]
    public void Jobs_that_never_started_have_none() =>
        Assert.Equal([JobTableMissing], FairStarts.Of(Trials.Of(Trials.Job(1, 1, 0, 0, 1) with { Start = null, Finish = null, State = JobState.Cancelled })).Fair);

    [Fact]
    public void First_come_first_served_is_fair_to_everybody() =>
        Gen.Select(Gen.Int[0, 60], Gen.Int[1, 4], Gen.Int[0, 30]).Array[1, 30].Sample(rows =>
        {
            var jobs = rows.Select((row, i) => new Job
            {
                Id = i + 1,
                Submit = TimeSpan.FromSeconds(row.Item1),
                Processors = row.Item2,
                RunTime = TimeSpan.FromSeconds(row.Item3),
            });
            var schedule = ReferenceScheduler.Run(Regatta.Simulation.JobTable.Of([.. jobs]), new MachineSize(4), new ReferenceOptions { Policy = ReferencePolicy.Fcfs });
            var trial = Trials.Of(schedule.Records(Trials.Origin));

            Assert.True(trial.Jobs.Start.SequenceEqual(FairStarts.Of(trial, ReferencePolicy.Fcfs).Fair));
        });

    private const long JobTableMissing = Regatta.Analysis.JobTable.Missing;
}
