using System.Net;
using Regatta.Host;
using Regatta.Machines;
using Regatta.Workloads;

namespace Regatta.Tests.Machines;

public sealed class ClusterStoreTests : ScratchTests
{
    private readonly StateDirectory _state;
    private readonly ClusterStore _store;

    public ClusterStoreTests()
    {
        _state = new StateDirectory(Scratch) { Runtime = Path.Combine(Scratch, "run", "x") };
        _state.Create();
        _store = new ClusterStore(_state);
    }

    [Fact]
    public void A_cluster_is_owned_kept_or_abandoned()
    {
        _store.Write(MachinesFixture.Claim);
        Assert.Equal(ClusterState.Abandoned, _store.Find("lab")!.State);
        using (_store.Lock("lab"))
        {
            Assert.Equal((ClusterState.Owned, Environment.ProcessId), (_store.Find("lab")!.State, _store.Find("lab")!.Owner));
        }

        _store.Write(MachinesFixture.Claim with { Kept = true });
        Assert.Equal(ClusterState.Kept, _store.Find("lab")!.State);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_store.Directory("lab")));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        _store.Write(MachinesFixture.Claim);
        var cluster = new Cluster
        {
            Name = "lab",
            RunId = "run-7",
            Machines = MachineKind.Lxc,
            Directory = _store.Directory("lab"),
            Nodes = [new Node("head", NodeRole.Head, IPAddress.Parse("10.213.42.10"), 22, "root", "ssh-ed25519 AAAA", 1, 1L << 30)],
        };
        ClusterStore.Write(cluster);
        var read = _store.Require("lab");
        Assert.Equal(cluster.Nodes.AsEnumerable(), read.Nodes);
        Assert.Equal(cluster with { Nodes = read.Nodes }, read);
        Assert.Equal(MachinesFixture.Claim, _store.Find("lab")!.Claim);
    }

    [Fact]
    public void A_name_that_is_not_there_is_answered_with_the_nearest()
    {
        _store.Write(MachinesFixture.Claim);
        var thrown = Assert.Throws<DiagnosticException>(() => _store.Require("lap"));
        Assert.Equal("error[cluster-unknown]: there is no cluster 'lap'\n  help: did you mean 'lab'?", thrown.Diagnostics[0].ToString());
    }

    [Fact]
    public void A_cluster_that_never_came_up_is_told_so()
    {
        _store.Write(MachinesFixture.Claim);
        var thrown = Assert.Throws<DiagnosticException>(() => _store.Require("lab"));
        Assert.Equal("error[cluster-not-up]: the cluster 'lab' is not up\n  help: regatta reap", thrown.Diagnostics[0].ToString());
    }

    [Fact]
    public void A_file_that_is_broken_is_named()
    {
        _store.Write(MachinesFixture.Claim);
        var path = Path.Combine(_store.Directory("lab"), "claim.json");
        File.WriteAllText(path, "{");
        var thrown = Assert.Throws<DiagnosticException>(() => _store.Find("lab"));
        Assert.StartsWith($"error[cluster-file]: '{path}' cannot be read: ", thrown.Diagnostics[0].ToString(), StringComparison.Ordinal);
    }
}
