using Regatta.Machines;

namespace Regatta.Tests.Machines;

public sealed class ClusterSpecCheckTests
{
    [Fact]
    public void A_head_and_a_worker_are_a_cluster() =>
        Assert.Empty(ClusterSpecCheck.Check(MachinesFixture.Spec(MachinesFixture.Head, MachinesFixture.Worker)));

    [Fact]
    public void A_cluster_of_no_workers_is_refused() =>
        Assert.Equal(
            """
            error[cluster-workers]: a cluster without workers can run no job
              help: ask for at least one worker: cluster.workers=1
            """,
            Assert.Single(ClusterSpecCheck.Check(MachinesFixture.Spec(MachinesFixture.Head))).ToString());

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var spec = MachinesFixture.Spec(
            MachinesFixture.Worker with { Name = "Node_1", Processors = 0 },
            MachinesFixture.Worker with { Memory = 1 << 20 },
            MachinesFixture.Worker) with { Name = "no spaces" };
        Assert.Equal(
            ["cluster-name", "cluster-head", "node-twice", "node-name", "node-processors", "node-memory"],
            ClusterSpecCheck.Check(spec).Select(d => d.Code));
    }

    [Fact]
    public void A_network_has_room_for_240_nodes()
    {
        var workers = Enumerable.Range(1, 240).Select(i => MachinesFixture.Worker with { Name = $"w{i}" });
        Assert.Equal("cluster-size", Assert.Single(ClusterSpecCheck.Check(MachinesFixture.Spec([MachinesFixture.Head, .. workers]))).Code);
        Assert.Empty(ClusterSpecCheck.Check(MachinesFixture.Spec([MachinesFixture.Head, .. workers.Take(239)])));
        Assert.Equal("10.213.42.249", MachinesFixture.Claim.NodeAddress(239).ToString());
    }

    [Fact]
    public void A_machine_that_exists_needs_a_host() =>
        Assert.Equal(
            ["node-host", "node-host"],
            ClusterSpecCheck.Check(MachinesFixture.Spec(MachinesFixture.Head, MachinesFixture.Worker) with { Driver = MachineDriver.Ssh }).Select(d => d.Code));

    [Theory]
    [InlineData("-n1", "root", "the address of node 'head' cannot be '-n1'")]
    [InlineData("n 1", "root", "the address of node 'head' cannot be 'n 1'")]
    [InlineData("root@-n1", "root", "the address of node 'head' cannot be 'root@-n1'")]
    [InlineData("n1", "-v", "the user of node 'head' cannot be '-v'")]
    [InlineData("n1", "ro\not", "the user of node 'head' cannot be 'ro?ot'")]
    public void What_ssh_would_read_as_more_than_an_address_is_refused(string address, string user, string text)
    {
        var spec = MachinesFixture.Spec(MachinesFixture.Head with { Host = address, User = user }, MachinesFixture.Worker with { Host = "n2" }) with { Driver = MachineDriver.Ssh };
        Assert.StartsWith($"error[ssh-address]: {text}\n", Assert.Single(ClusterSpecCheck.Check(spec)).ToString(), StringComparison.Ordinal);
    }
}
