using CsCheck;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Tests.Simulation;

public sealed class FairStartsTests
{
    private static Schedule Run(ReferencePolicy policy, IReadOnlyList<Job> jobs) =>
        ReferenceScheduler.Run(QueuedJobs.Of(jobs), new MachineSize(9), new ReferenceOptions { Policy = policy });

    /// <summary>The definition itself: simulate again, from the start, without the jobs that come later.</summary>
    [Theory]
    [InlineData(ReferencePolicy.Fcfs)]
    [InlineData(ReferencePolicy.Easy)]
    [InlineData(ReferencePolicy.Sjf)]
    [InlineData(ReferencePolicy.SjfEasy)]
    public void A_fair_start_is_the_start_without_later_arrivals(ReferencePolicy policy) =>
        RandomWorkloads.Plain(30, 9).Sample(jobs =>
        {
            // Run times above zero: a job of no time has come and gone within the instant in which another arrives.
            jobs = [.. jobs.Select(job => job with { RunTime = job.RunTime + TimeSpan.FromSeconds(1), RequestedTime = job.RequestedTime + TimeSpan.FromSeconds(1) })];
            var schedule = Run(policy, jobs);
            var fair = FairStarts.Of(schedule);
            Assert.Equal(jobs.Length, fair.Count);
            for (var row = 0; row < fair.Count; row++)
            {
                var alone = Run(policy, [.. schedule.Jobs.Jobs!.Take(row + 1)]);
                Assert.Equal(alone.Starts[row], fair[row].Fair);
                Assert.Equal(schedule.Starts[row], fair[row].Start);
            }
        }, iter: 300);

    [Fact]
    public void First_come_first_served_treats_nobody_unfairly() =>
        RandomWorkloads.Plain(30, 9).Sample(jobs => FairStarts.Of(Run(ReferencePolicy.Fcfs, jobs)).All(fair => fair.Miss <= 0), iter: 300);

    [Fact]
    public void Conservative_with_exact_estimates_treats_nobody_unfairly() =>
        RandomWorkloads.Plain(30, 9).Sample(jobs =>
        {
            jobs = [.. jobs.Select(job => job with { RunTime = job.RunTime + TimeSpan.FromSeconds(1), RequestedTime = null })];
            return FairStarts.Of(Run(ReferencePolicy.Conservative, jobs)).All(fair => fair.Miss <= 0);
        }, iter: 300);

    [Fact]
    public void Backfilling_may_and_the_miss_is_what_it_cost()
    {
        Job Job(long id, double submit, int processors, double run) => new() { Id = id, Submit = TimeSpan.FromSeconds(submit), Processors = processors, RunTime = TimeSpan.FromSeconds(run) };
        Job[] jobs = [Job(1, 0, 3, 10), Job(2, 1, 2, 10), Job(3, 2, 4, 5), Job(4, 3, 1, 30)];
        var machine = new MachineSize(4);
        var options = new ReferenceOptions { Policy = ReferencePolicy.Easy };
        var schedule = ReferenceScheduler.Run(QueuedJobs.Of(jobs), machine, options);
        Assert.Equal([0, 0, 13_000_000, 0], FairStarts.Of(schedule).Select(fair => fair.Miss));
        Assert.Equal(FairStarts.Of(schedule), FairStarts.Of(schedule.Records(5_000_000), machine, options).Select(fair =>
            fair with { Submit = fair.Submit - 5_000_000, Start = fair.Start - 5_000_000, Fair = fair.Fair - 5_000_000 }));
        Assert.Equal([1L, 3], FairStarts.Of(schedule, most: 2).Select(fair => fair.Job));
    }
}
