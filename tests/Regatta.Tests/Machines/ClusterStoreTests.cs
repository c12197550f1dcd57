using System.Net;
using Regatta.Diagnostics;
using Regatta.Host;
using Regatta.Machines;
using Regatta.Workloads;
using Xunit;

namespace Regatta.Tests.Machines;

public sealed class ClusterStoreTests : ScratchTests
{
    private readonly StateDirectory state;
    private readonly ClusterStore store;

    public ClusterStoreTests()
    {
        state = new StateDirectory(Scratch) { Runtime = Path.Combine(Scratch, "run", "x") };
        state.Create();
        store = new ClusterStore(state);
    }

    [Fact]
    public void A_cluster_is_owned_kept_or_abandoned()
    {
        store.Write(MachinesFixture.Claim);
        Assert.Equal(ClusterState.Abandoned, store.Find("lab")!.State);
        using (store.Lock("lab"))
        {
            Assert.Equal((ClusterState.Owned, Environment.ProcessId), (store.Find("lab")!.State, store.Find("lab")!.Owner));
        }

        store.Write(MachinesFixture.Claim with { Kept = true });
        Assert.Equal(ClusterState.Kept, store.Find("lab")!.State);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(store.Directory("lab")));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        store.Write(MachinesFixture.Claim);
        var cluster = new Cluster
        {
            Name = "lab",
            RunId = "run-7",
            Machines = MachineKind.Lxc,
            Directory = store.Directory("lab"),
            Nodes = [new Node("head", NodeRole.Head, IPAddress.Parse("10.213.42.10"), 22, "root", "ssh-ed25519 AAAA", 1, 1L << 30)],
        };
        ClusterStore.Write(cluster);
        var read = store.Require("lab");
        Assert.Equal(cluster.Nodes.AsEnumerable(), read.Nodes);
        Assert.Equal(cluster with { Nodes = read.Nodes }, read);
        Assert.Equal(MachinesFixture.Claim, store.Find("lab")!.Claim);
    }

    [Fact]
    public void A_name_that_is_not_there_is_answered_with_the_nearest()
    {
        store.Write(MachinesFixture.Claim);
        var thrown = Assert.Throws<DiagnosticException>(() => store.Require("lap"));
        Assert.Equal("error[cluster-unknown]: there is no cluster 'lap'\n  help: did you mean 'lab'?", thrown.Diagnostics[0].ToString());
    }

    [Fact]
    public void A_cluster_that_never_came_up_is_told_so()
    {
        store.Write(MachinesFixture.Claim);
        var thrown = Assert.Throws<DiagnosticException>(() => store.Require("lab"));
        Assert.Equal("error[cluster-not-up]: the cluster 'lab' is not up\n  help: regatta reap", thrown.Diagnostics[0].ToString());
    }

    [Fact]
    public void A_file_that_is_broken_is_named()
    {
        store.Write(MachinesFixture.Claim);
        var path = Path.Combine(store.Directory("lab"), "claim.json");
        File.WriteAllText(path, "{");
        var thrown = Assert.Throws<DiagnosticException>(() => store.Find("lab"));
        Assert.StartsWith($"error[cluster-file]: '{path}' cannot be read: ", thrown.Diagnostics[0].ToString(), StringComparison.Ordinal);
    }
}
