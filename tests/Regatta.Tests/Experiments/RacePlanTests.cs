using Regatta.Experiments.Composing;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Planning;
using Regatta.Host;
using Regatta.Runs;

namespace Regatta.Tests.Experiments;

/// <summary>Plans of the shipped experiments over several schedulers and on emulated nodes.</summary>
public sealed class RacePlanTests
{
    [Fact]
    public void Every_block_of_the_race_holds_every_workload_on_both_schedulers()
    {
        var plan = Prepare("slurm-vs-flux").Plan;
        Assert.Equal(["lublin-short", "esp-light", "fan"], plan.Points.Select(p => p.Workload).Distinct());
        foreach (var workload in plan.Points.GroupBy(p => p.Workload))
        {
            Assert.Equal(["slurm", "flux"], workload.Select(p => p.Scheduler));
            // The same seeded jobs on machines of the same shape.
            Assert.Single(workload.Select(p => (p.Jobs, p.Processors, p.Workers, p.LastSubmission)).Distinct());
        }

        Assert.All(plan.Trials.GroupBy(t => t.Block), block => Assert.Equal(plan.Points.Select(p => p.Name).Order(StringComparer.Ordinal), block.Select(t => t.Point).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("slurm-vs-flux", 1)]
    [InlineData("slurm-versions", 2, "scheduler.version=22.05,24.11,26.05")]
    public void Repetitions_are_held_against_the_pairs_that_are_compared(string experiment, int pairs, params string[] overrides)
    {
        var prepared = Prepare([experiment, "measure.repetitions=6", "measure.judge=[makespan,wait-mean]", .. overrides]);
        Assert.Equal(3 * (pairs + 1), prepared.Plan.Points.Length);
        Assert.Contains($"over {pairs * 2} tests", Assert.Single(prepared.Notes, n => n.Code == "few-repetitions").Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_schedulers_get_the_same_jobs()
    {
        var prepared = Prepare("slurm-vs-flux");
        foreach (var workload in prepared.Plan.Points.GroupBy(p => p.Workload))
        {
            var jobs = workload.Select(p => prepared.Jobs(p, prepared.Plan.Trials.First(t => t.Point == p.Name))).ToList();
            Assert.Equal(jobs[0].Select(j => (j.Id, j.Submit, j.Processors, j.RunTime, j.RequestedTime)), jobs[1].Select(j => (j.Id, j.Submit, j.Processors, j.RunTime, j.RequestedTime)));
        }
    }

    [Fact]
    public void Points_that_cannot_run_are_left_out_of_the_plan_and_named_in_it()
    {
        var prepared = Prepare("slurm-vs-flux");

        var left = prepared.LeavingOut([new("flux-esp", "no image"), new("slurm-fan", "no image")]);

        Assert.Equal(["slurm-lublin", "flux-lublin", "slurm-esp", "flux-fan"], left.Plan.Points.Select(p => p.Name));
        Assert.Equal([new("flux-esp", "no image"), new("slurm-fan", "no image")], left.Plan.LeftOut);
        Assert.Equal(Enumerable.Range(1, left.Plan.Trials.Length), left.Plan.Trials.Select(t => t.Order));
        Assert.Equal(
            prepared.Plan.Trials.Where(t => t.Point is not ("flux-esp" or "slurm-fan")).Select(t => (t.Point, t.Repetition, t.Block, t.Seed)),
            left.Plan.Trials.Select(t => (t.Point, t.Repetition, t.Block, t.Seed)));
        Assert.True(left.Plan.Expected < prepared.Plan.Expected);
        Assert.Throws<ArgumentException>(() => prepared.LeavingOut([.. prepared.Plan.Points.Select(p => new PointLeftOut(p.Name, "no image"))]));
    }

    [Fact]
    public void A_head_that_cannot_hold_a_schedulers_daemons_is_told_with_the_plan()
    {
        Assert.Equal(8, Prepare("all-schedulers").Plan.Points.Length);
        var faults = Assert.Throws<DiagnosticException>(() => Prepare("all-schedulers", "cluster.head.memory=1GiB")).Diagnostics;
        Assert.Equal(
            ["the head has 1024 MiB of memory, and kubernetes needs 2048 MiB there", "the head has 1024 MiB of memory, and volcano needs 2048 MiB there"],
            faults.Select(f => f.Summary).Distinct());
    }

    [Theory]
    [InlineData("slurm")]
    [InlineData("flux")]
    [InlineData("reference")]
    public void Emulated_nodes_count_in_the_plan_and_in_the_sizes_of_jobs(string scheduler)
    {
        var point = Assert.Single(Prepare("reference", $"scheduler={scheduler}", "cluster.emulated=64", "workload=fan").Plan.Points);
        Assert.Equal((64, 256, 25 * 256), (point.Workers, point.Processors, point.Jobs));
    }

    [Fact]
    public void No_emulated_node_is_not_a_number_of_them()
    {
        var thrown = Assert.Throws<DiagnosticException>(() => Prepare("scale", "cluster.emulated=0"));
        Assert.Contains("cluster.emulated", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fidelity_run_compares_real_and_emulated_nodes_of_the_same_number()
    {
        var prepared = Prepare("emulation-fidelity", "scheduler=flux");
        Assert.Equal(["real", "emulated"], prepared.Plan.Points.Select(p => p.Name));
        Assert.Equal([null, 2], prepared.Plan.Points.Select(p => prepared.Points[p.Name].Experiment.Cluster.Emulated));
        Assert.Single(prepared.Plan.Points.Select(p => (p.Workers, p.Processors)).Distinct());
        Assert.All(prepared.Plan.Points, p => Assert.Equal(ClusterReuse.Fresh, prepared.Points[p.Name].Experiment.Cluster.Reuse));
    }

    private static PreparedExperiment Prepare(params string[] words)
    {
        var installation = new Installation(Repository.Root);
        var composed = new ExperimentComposer(installation, Repository.Root).Compose(ExperimentComposer.Overrides(words));
        return new Planner(new WorkloadLoader(installation, Repository.Root).Load).Prepare(composed.Experiment, composed.Points);
    }
}
