using Regatta.Experiments.Composing;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Planning;
using Regatta.Experiments.Running;
using Regatta.Host;
using Regatta.Images;

namespace Regatta.Tests.Experiments;

/// <summary>An upgrade while trials run, from the words of a user to the plan.</summary>
public sealed class SlurmUpgradePlanTests
{
    [Fact]
    public void The_experiment_of_an_upgrade_has_the_newer_image_beside_the_older_one_and_new_clusters()
    {
        var prepared = Prepare("slurm-upgrade");
        var experiments = prepared.Plan.Points.ToDictionary(p => p.Name, p => prepared.Points[p.Name].Experiment);

        Assert.Equal(["alone", "upgraded"], experiments.Keys);
        Assert.All(experiments.Values, e => Assert.Equal(("slurm@trixie", ClusterReuse.Fresh), (RunSession.ImageOf(e)!.Name, e.Reuse())));
        Assert.Null(RunSession.BesideOf(experiments["alone"]));
        Assert.Equal(new ImageSpec("slurm@sid"), RunSession.BesideOf(experiments["upgraded"]));
        Assert.Equal(("24.11.5", "26.05.5"), (experiments["upgraded"].Options().Version, experiments["upgraded"].Options().Upgrade));
        Assert.NotEqual(LaneKey.Of(experiments["alone"]), LaneKey.Of(experiments["upgraded"]));
        // What is recorded says which image it was, so that a run that is resumed does not choose again.
        Assert.Equal("slurm@sid", ExperimentComposer.Read(prepared.Plan.Points[1].Experiment, "plan.json").Scheduler.Slurm.UpgradeImage);
    }

    [Fact]
    public void A_cluster_that_was_upgraded_is_not_used_again() =>
        Assert.Equal(ClusterReuse.Fresh, Compose("quickstart", "~points", "machines=lxc", "cluster.reuse=reset", "scheduler.slurm.upgrade=26.05").Points.Single().Experiment.Reuse());

    [Theory]
    [InlineData("22.05", "24.11")]
    [InlineData("22.05", "26.05")]
    [InlineData("26.05", "24.11")]
    [InlineData("24.11", "24.11")]
    public void A_step_that_slurm_forbids_is_refused_before_anything_starts(string from, string to) =>
        Assert.Equal("slurm-upgrade-step", Fault("quickstart", "~points", "machines=lxc", $"scheduler.version={from}", $"scheduler.slurm.upgrade={to}").Code);

    [Theory]
    [InlineData("machines=qemu", "Slurm can be upgraded while a trial runs on containers only", "machines=lxc, or leave scheduler.slurm.upgrade out")]
    [InlineData("cluster.emulated=16", "the jobs of emulated nodes would end with the daemons that are upgraded", "cluster.emulated=null, or leave scheduler.slurm.upgrade out")]
    public void Where_daemons_cannot_be_replaced_an_upgrade_is_refused(string word, string summary, string help)
    {
        var fault = Fault("quickstart", "~points", word, "scheduler.slurm.upgrade=26.05");

        Assert.Equal(("slurm-upgrade-machines", summary, help), (fault.Code, fault.Summary, fault.Help));
    }

    [Fact]
    public void A_newer_version_that_no_image_holds_is_refused() =>
        Assert.Equal("scheduler-version-unknown", Assert.Throws<DiagnosticException>(() => Compose("quickstart", "~points", "scheduler.slurm.upgrade=25.11")).Diagnostics.Single().Code);

    private static Diagnostic Fault(params string[] words) => Assert.Throws<DiagnosticException>(() => Prepare(words)).Diagnostics.Single();

    private static ComposedExperiment Compose(params string[] words) =>
        new ExperimentComposer(new Installation(Repository.Root), Path.GetTempPath()).Compose(ExperimentComposer.Overrides(words));

    private static PreparedExperiment Prepare(params string[] words)
    {
        var composed = Compose(words);
        return new Planner(new WorkloadLoader(new Installation(Repository.Root), Repository.Root).Load).Prepare(composed.Experiment, composed.Points);
    }
}
