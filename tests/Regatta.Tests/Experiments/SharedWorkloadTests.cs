using Regatta.Experiments.Composing;
using Regatta.Experiments.Planning;
using Regatta.Host;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments;

/// <summary>Workloads that points share.</summary>
public sealed class SharedWorkloadTests
{
    [Fact]
    public void Points_that_replay_the_same_jobs_share_one_list()
    {
        var (points, load) = Points("policies", "scheduler.policy=fcfs,easy", "measure.vary=true", "workload=lublin", "workload.jobs=50");
        var made = 0;
        var shared = new SharedWorkloads((point, seed) => Counted(load(point, seed), ref made));

        Assert.Same(shared.Of(points[0], 7).Jobs, shared.Of(points[1], 7).Jobs);
        Assert.NotSame(shared.Of(points[0], 7).Jobs, shared.Of(points[0], 8).Jobs);
        Assert.Equal(2, made);
    }

    [Theory]
    [InlineData("workload.jobs=50,51")]
    [InlineData("cluster.workers=2,3")]
    public void Points_whose_jobs_differ_have_their_own(string axis)
    {
        var (points, load) = Points("reference", axis, "workload=lublin");
        var shared = new SharedWorkloads(load);

        Assert.NotSame(shared.Of(points[0], 1).Jobs, shared.Of(points[1], 1).Jobs);
        Assert.Equal(load(points[1], 1).Jobs, shared.Of(points[1], 1).Jobs);
    }

    [Fact]
    public void A_seed_that_changes_nothing_makes_no_other_list()
    {
        var (points, load) = Points("reference", "workload=lublin", "workload.jobs=50");
        var shared = new SharedWorkloads(load);

        Assert.Same(shared.Of(points[0], 1).Jobs, shared.Of(points[0], 2).Jobs);
    }

    [Fact]
    public void The_schedule_of_the_plan_is_that_of_the_trial_once()
    {
        var (points, load) = Points("reference", "workload=lublin", "workload.jobs=200");
        var jobs = new SharedWorkloads(load).Of(points[0], 1).Jobs;
        var compiled = new CompiledWorkloads();
        var (machine, options) = (MachineSize.Of(8, 4), new ReferenceOptions());

        var planned = compiled.Plan(jobs, "w", machine, options);
        var other = compiled.Run(jobs, "w", machine, options with { Policy = ReferencePolicy.Fcfs }, default);
        var first = compiled.Run(jobs, "w", machine, new ReferenceOptions(), default);
        var again = compiled.Run(jobs, "w", machine, options, default);

        Assert.Same(planned, first);
        Assert.NotSame(planned, other);
        Assert.NotSame(planned, again);
        Assert.Equal(planned.Starts, again.Starts);
    }

    [Fact]
    public void Jobs_that_were_let_go_are_made_again()
    {
        var (points, load) = Points("reference", "workload=lublin", "workload.jobs=50");
        var shared = new SharedWorkloads(load);
        var before = shared.Of(points[0], 1).Jobs;

        Assert.Equal(50, shared.LetGo());

        Assert.NotSame(before, shared.Of(points[0], 1).Jobs);
        Assert.Equal(before, shared.Of(points[0], 1).Jobs);
    }

    private static (IReadOnlyList<ComposedPoint> Points, Func<ComposedPoint, long, Workload> Load) Points(params string[] words)
    {
        var installation = new Installation(Repository.Root);
        var composed = new ExperimentComposer(installation, Path.GetTempPath()).Compose(ExperimentComposer.Overrides(words));
        return (composed.Points, new WorkloadLoader(installation, Path.GetTempPath()).Load);
    }

    private static T Counted<T>(T value, ref int count)
    {
        count++;
        return value;
    }
}
