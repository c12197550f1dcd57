using Regatta.Experiments.Composing;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Running;
using Regatta.Host;

namespace Regatta.Tests.Experiments;

/// <summary>Which points share a cluster.</summary>
public sealed class LaneKeyTests
{
    private const string Hosts = "machines.driver=ssh machines.hosts=[{name:head,role:head,address:10.0.0.1},{name:w1,role:worker,address:10.0.0.2},{name:w2,role:worker,address:10.0.0.3}]";

    [Theory]
    [InlineData("scheduler.profile=fifo")]
    [InlineData("+scheduler.settings.MinJobAge=5")]
    [InlineData("measure.drain=1h")]
    [InlineData("workload=lublin")]
    public void What_is_configuration_alone_shares_a_cluster(string other) => Assert.Equal(KeyOf(), KeyOf(other));

    [Theory]
    [InlineData("cluster.keep=true")]
    [InlineData("cluster.reuse=fresh")]
    [InlineData("cluster.workers=3")]
    [InlineData("cluster.emulated=16")]
    [InlineData("cluster.head.memory=3GiB")]
    [InlineData("cluster.worker.processors=2")]
    [InlineData("machines.boot_timeout=10min")]
    [InlineData("machines.driver=lxc")]
    [InlineData("machines.libvirt_uri=qemu+ssh://other/system")]
    [InlineData("scheduler=flux")]
    [InlineData("scheduler.image=mine")]
    [InlineData("scheduler=reference")]
    public void Points_that_need_other_machines_do_not_share_a_cluster(string other) => Assert.NotEqual(KeyOf(), KeyOf(other));

    [Fact]
    public void Machines_that_exist_are_told_apart_by_all_that_reaches_them()
    {
        var hosts = Hosts.Split(' ');
        Assert.Equal(KeyOf(hosts), KeyOf(hosts));
        Assert.NotEqual(KeyOf(hosts), KeyOf([.. hosts, "machines.identity=/keys/other"]));
        Assert.NotEqual(KeyOf(hosts), KeyOf([.. hosts.Select(h => h.Replace("10.0.0.3", "10.0.0.4", StringComparison.Ordinal))]));
        Assert.NotEqual(KeyOf(hosts), KeyOf([.. hosts.Select(h => h.Replace("address:10.0.0.3", "address:10.0.0.3,port:2222", StringComparison.Ordinal))]));
    }

    [Fact]
    public void Simulations_are_told_apart_by_policy_and_machine()
    {
        Assert.Equal(KeyOf("scheduler=reference"), KeyOf("scheduler=reference", "scheduler.policy=easy"));
        Assert.NotEqual(KeyOf("scheduler=reference"), KeyOf("scheduler=reference", "scheduler.policy=fcfs"));
        Assert.NotEqual(KeyOf("scheduler=reference"), KeyOf("scheduler=reference", "scheduler.allocation=nodes"));
        Assert.NotEqual(KeyOf("scheduler=reference"), KeyOf("scheduler=reference", "cluster.workers=3"));
    }

    private static LaneKey KeyOf(params string[] overrides) => LaneKey.Of(Compose(overrides));

    private static Experiment Compose(string[] overrides) =>
        new ExperimentComposer(Installation.OfProcess(), Repository.Root).Compose(["experiment=quickstart", "~points", .. overrides]).Points[0].Experiment;
}
