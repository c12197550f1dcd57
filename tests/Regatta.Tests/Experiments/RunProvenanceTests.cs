using System.Net;
using Regatta.Experiments.Running;
using Regatta.Machines;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments;

public sealed class RunProvenanceTests : ScratchTests
{
    [Fact]
    public void Every_cluster_of_every_sitting_is_kept()
    {
        var content = new RunContent("name: x\n", [], new Plan { Name = "x", Seed = 1, Points = [], Trials = [] });
        using var run = RunDirectory.Create(Scratch, content, DateTimeOffset.UnixEpoch);
        var first = new RunProvenance(run.Path, new Provenance { Seed = 1, Started = "first" });
        first.Add(Cluster("r1a2b3c-1", MachineKind.Lxc), "slurm", null);
        first.Add(Cluster("r1a2b3c-2", MachineKind.QemuKvm), "flux", null);
        first.Add("slurm", "22.05.8");

        var second = new RunProvenance(run.Path, new Provenance { Seed = 1, Started = "second" });
        second.Add("flux", "0.66.0");

        var read = RunDirectory.ReadProvenance(run.Path)!;
        Assert.Equal((Provenance.CurrentVersion, "second"), (read.Version, read.Started));
        Assert.Equal([("r1a2b3c-1", "lxc", "slurm"), ("r1a2b3c-2", "qemu-kvm", "flux")], read.Clusters!.Select(c => (c.Key, c.Value.Driver, c.Value.Scheduler!)));
        Assert.Equal([new NodeFacts("head", "head", 2, 1L << 30)], read.Clusters!["r1a2b3c-2"].Nodes);
        Assert.Equal([new("flux", "0.66.0"), new("slurm", "22.05.8")], read.Schedulers!);
    }

    private static Cluster Cluster(string name, MachineKind machines) => new()
    {
        Name = name,
        RunId = "run",
        Machines = machines,
        Directory = "/nowhere",
        Nodes = [new Node("head", NodeRole.Head, IPAddress.Loopback, 22, "root", "ssh-ed25519 AAAA", 2, 1L << 30)],
    };
}
