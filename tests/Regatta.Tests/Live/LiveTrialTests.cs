using Regatta.Live.Following;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Tests.Live;

public sealed class LiveTrialTests
{
    private const long Zero = 1_767_272_400_000_000;

    private static TrialUnderWay Schedule => new()
    {
        Processors = 4, Workers = ["w1", "w2"], NodeProcessors = ImmutableSortedDictionary<string, int>.Empty, LatenessBound = 10_000,
        Job = [7, 8, 9], Size = [2, 2, 1], User = [3, -1, -1], Submit = [1_000_000, 2_000_000, 3_000_000], RunTime = [5_000_000, 5_000_000, 5_000_000],
    };

    [Fact]
    public void Follows_a_job_from_its_submission_to_its_end()
    {
        var trial = new LiveTrial(Schedule);
        Assert.Null(trial.TakeUpdate(Zero));
        trial.Take(At(7, JobEventKind.Sent, 1.001) with { Planned = Zero + 1_000_000 });
        trial.Take(At(7, JobEventKind.Accepted, 1.010));
        trial.Take(At(7, JobEventKind.Eligible, 1.010));
        var waits = trial.TakeUpdate(Zero + 1_100_000)!;
        Assert.Equal(Zero, trial.Origin);
        Assert.Equal((1, 1, 1, 0), (waits.Counts.Sent, waits.Counts.Accepted, waits.Counts.Waiting, waits.Counts.Running));
        Assert.Equal(new LiveLateness(1, 1000, 1000, 1000), waits.Lateness);

        trial.Take(At(7, JobEventKind.Decided, 1.5) with { Nodes = "w[1-2]" });
        var runs = trial.TakeUpdate(Zero + 1_600_000)!;
        Assert.Equal((0, 1), (runs.Counts.Waiting, runs.Counts.Running));
        var box = Assert.Single(runs.Started);
        Assert.Equal((7L, 1.001, 1.5, 2, 3, 5.0), (box.Job, box.Submit, box.Start, box.Size, box.User, box.RunTime));
        Assert.Equal([0, 1, 2, 1], box.Lanes);

        // The epilog frees the nodes before the scheduler tells how the job ended.
        trial.Take(At(7, JobEventKind.Released, 6.5));
        trial.Take(At(7, JobEventKind.Ended, 6.6) with { State = JobState.Failed });
        var over = trial.TakeUpdate(Zero + 6_700_000)!;
        Assert.Equal([new EndedBox(0, 6.5, 0), new EndedBox(0, 6.5, (int)JobState.Failed)], over.Ended);
        Assert.Equal((0, 1), (over.Counts.Running, over.Counts.Ended));
        Assert.Equal([KeyValuePair.Create(JobState.Failed, 1)], over.Counts.Bad);
        Assert.Empty(over.Started);
    }

    [Fact]
    public void A_job_that_is_put_back_runs_again_as_another_box()
    {
        var trial = new LiveTrial(Schedule);
        Sent(trial, 8, 2);
        trial.Take(At(8, JobEventKind.Decided, 2.1) with { Nodes = "w1" });
        trial.Take(At(8, JobEventKind.Requeued, 3));
        trial.Take(At(8, JobEventKind.Decided, 4) with { Nodes = "w2" });

        var update = trial.TakeUpdate(Zero + 5_000_000)!;

        Assert.Equal([2.1, 4], update.Started.Select(s => s.Start));
        Assert.Equal([new EndedBox(0, 3, 0)], update.Ended);
        Assert.Equal((1, 0, 1), (update.Counts.Running, update.Counts.Waiting, update.Counts.Requeued));
    }

    [Fact]
    public void A_job_that_is_rejected_or_cancelled_before_it_ran_has_no_box()
    {
        var trial = new LiveTrial(Schedule);
        Sent(trial, 7, 1);
        trial.Take(At(7, JobEventKind.Rejected, 1.1));
        Sent(trial, 8, 2);
        trial.Take(At(8, JobEventKind.Eligible, 2.1));
        trial.Take(At(8, JobEventKind.Ended, 2.2) with { State = JobState.Cancelled });

        var update = trial.TakeUpdate(Zero + 3_000_000)!;

        Assert.Empty(update.Started);
        Assert.Equal((2, 0, 0), (update.Counts.Ended, update.Counts.Waiting, update.Counts.Running));
        Assert.Equal([JobState.Cancelled, JobState.Rejected], update.Counts.Bad.Keys);
    }

    [Fact]
    public void Kubernetes_second_decision_and_jobs_of_others_change_nothing()
    {
        var trial = new LiveTrial(Schedule);
        Sent(trial, 9, 3);
        trial.Take(At(9, JobEventKind.Decided, 3.1) with { Nodes = "w1" });
        trial.Take(At(9, JobEventKind.Decided, 3.1) with { Nodes = "w1,w2" });
        trial.Take(At(4711, JobEventKind.Decided, 3.2) with { Nodes = "w1" });

        var update = trial.TakeUpdate(Zero + 3_200_000)!;

        Assert.Single(update.Started);
        Assert.Equal([3.1], update.Started.Select(s => s.Start));
    }

    [Fact]
    public void Nothing_is_said_twice()
    {
        var trial = new LiveTrial(Schedule);
        Sent(trial, 7, 1);
        Assert.NotNull(trial.TakeUpdate(Zero + 1_200_000));
        Assert.Null(trial.TakeUpdate(Zero + 1_210_000));
        // Time goes by, and with it a span of the series.
        Assert.Empty(trial.TakeUpdate(Zero + 1_800_000)!.Started);
    }

    private static void Sent(LiveTrial trial, long job, double time) => trial.Take(At(job, JobEventKind.Sent, time) with { Planned = Zero + (long)(time * 1e6) });

    private static JobEvent At(long job, JobEventKind kind, double time) => new(job, kind, Zero + (long)Math.Round(time * 1e6), "test");
}
