using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

/// <summary>What preemption took, and what for.</summary>
public sealed class PreemptionsTests
{
    [Fact]
    public void What_was_worked_is_lost_and_who_frees_what_nobody_takes_was_preempted_in_vain()
    {
        // Two processors each; 1 and 2 work on a, 3 on b; 9 wants two processors and starts on a alone.
        var done = Of(
            [Job(1, 2), Job(2, 2), Job(3, 2), Job(9, 2)],
            [
                Decided(1, 0, "a"), Started(1, 1), Decided(2, 0, "a"), Decided(3, 0, "b"), Started(3, 5),
                Preempted(1, 11, 9), Preempted(2, 11, 9), Preempted(3, 12, 9), Decided(9, 14, "a"), Started(9, 15),
            ])!;
        Assert.Equal((3, 2), (done.Victims, done.Needless));
        // 2 has no stamp of its payload: it counts from when it was given its nodes.
        Assert.Equal((2 * 10) + (2 * 11) + (2 * 7), done.WorkLost, 9);
        Assert.Equal([4_000_000], done.Starts);
    }

    [Fact]
    public void Who_takes_the_nodes_need_not_be_whom_they_were_freed_for()
    {
        var done = Of(
            [Job(1, 4), Job(2, 4), Job(8, 4), Job(9, 4)],
            [Decided(1, 0, "a"), Decided(2, 0, "b"), Preempted(1, 10, 8), Preempted(2, 10, 9), Decided(8, 11, "b"), Decided(9, 12, "a")])!;
        Assert.Equal((2, 0), (done.Victims, done.Needless));
    }

    [Fact]
    public void One_run_is_lost_once_and_each_run_anew()
    {
        var done = Of(
            [Job(1, 1), Job(9, 1)],
            [Decided(1, 0, "a"), Started(1, 0), Preempted(1, 10, 9), Preempted(1, 11, 9), Decided(9, 12, "a"), Decided(1, 20, "a"), Started(1, 20), Preempted(1, 25, 9)])!;
        Assert.Equal((2, 1, 15.0), (done.Victims, done.Needless, done.WorkLost));
    }

    [Fact]
    public void Whose_winner_never_starts_was_preempted_in_vain_and_without_preemption_there_is_nothing_to_tell()
    {
        var done = Of([Job(1, 1), Job(9, 1)], [Decided(1, 0, "a"), Preempted(1, 10, 9), Preempted(1, 10, null)])!;
        Assert.Equal((1, 1), (done.Victims, done.Needless));
        Assert.Empty(done.Starts);
        Assert.Null(Of([Job(1, 1)], [Decided(1, 0, "a"), Started(1, 1)]));
    }

    [Fact]
    public void They_are_metrics_of_the_trial()
    {
        var record = Trials.Record() with { Preemptions = new Preemptions { Victims = 3, Needless = 1, WorkLost = 12.5, Starts = [1_000_000, 3_000_000] } };
        var metrics = TrialMetrics.Compute(new Trial(record, JobTable.From([Trials.Job(1, 1, 0, 1, 2)])));
        Assert.Equal((3, 1, 12.5, 2), (metrics["preemption-victims"], metrics["preemption-needless"], metrics["preemption-work-lost"], metrics["preemption-start"]));
        Assert.Null(TrialMetrics.Compute(Trials.Of(Trials.Job(1, 1, 0, 1, 2)))["preemption-victims"]);
    }

    private static Preemptions? Of(JobRecord[] jobs, JobEvent[] events) => Preemptions.Of(jobs, events);

    private static JobRecord Job(long number, int processors) => Trials.Job(number, processors, 0, 0, 1);

    private static JobEvent Decided(long job, double at, string nodes) => new(job, JobEventKind.Decided, Trials.At(at), "slurmctld.log") { Nodes = nodes };

    private static JobEvent Started(long job, double at) => new(job, JobEventKind.Started, Trials.At(at), "payload");

    private static JobEvent Preempted(long job, double at, long? by) => new(job, JobEventKind.Preempted, Trials.At(at), "slurmctld.log") { By = by };
}
