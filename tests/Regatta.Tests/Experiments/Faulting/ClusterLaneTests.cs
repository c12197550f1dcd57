using System.Net;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Running;
using Regatta.Host;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Machines.Faults;
using Regatta.Runs;
using Regatta.Schedulers;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments.Faulting;

/// <summary>Machines on which a fault was not healed are not what the next trial was promised.</summary>
public sealed class ClusterLaneTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("regatta-lane-").FullName;
    private readonly RunDirectory _run;
    private readonly Journal _journal;
    private readonly Machinery _machines;
    private int _begun;

    public ClusterLaneTests()
    {
        _machines = new Machinery(Path.Combine(_folder, "cluster"));
        _run = RunDirectory.Create(Path.Combine(_folder, "runs"), new RunContent("name: test\n", [], new Plan { Name = "test", Seed = 1, Points = [], Trials = [] }), DateTimeOffset.UnixEpoch);
        _journal = _run.OpenJournal(TimeProvider.System);
        Directory.CreateDirectory(Path.Combine(_folder, "agent"));
        File.WriteAllText(Path.Combine(_folder, "agent", "regatta-agent"), "");
    }

    private string Mended => Path.Combine(_folder, "mended");

    [Fact]
    public async Task A_cluster_whose_fault_was_not_healed_is_not_used_again_and_the_next_trial_gets_a_new_one()
    {
        await using var lane = Lane(MachineDriver.Lxc);
        Assert.Equal("broken", await FailAsync(lane));
        Assert.Empty(_machines.Down);

        Assert.Equal("broken", await FailAsync(lane));

        Assert.Equal([1, 2], _machines.Up);
        Assert.Equal([1], _machines.Down);
    }

    [Fact]
    public async Task Machines_that_exist_are_not_used_again_by_a_run_that_left_a_fault_on_them()
    {
        await using var lane = Lane(MachineDriver.Ssh);
        Assert.Equal("broken", await FailAsync(lane));

        var refused = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(lane));
        Assert.Equal(
            ("fault-unhealed", "the machines are not used again: a fault of an earlier trial was not healed", "the fault controller on head could not be healed"),
            (refused.Diagnostics[0].Code, refused.Diagnostics[0].Summary, refused.Diagnostics[0].Detail));
        // Mended too late: nobody knows what it did meanwhile.
        await File.WriteAllTextAsync(Mended, "", TestContext.Current.CancellationToken);
        Assert.Equal(("fault-unhealed", 1), (await FailAsync(lane), _begun));
    }

    [Fact]
    public async Task What_can_be_healed_before_the_next_trial_is()
    {
        await using var lane = Lane(MachineDriver.Ssh);
        Assert.Equal("broken", await FailAsync(lane));
        await File.WriteAllTextAsync(Mended, "", TestContext.Current.CancellationToken);

        Assert.Equal(("broken", 2), (await FailAsync(lane), _begun));
    }

    public void Dispose()
    {
        _journal.Dispose();
        _run.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A lane whose trials end in the middle, and leave a fault behind that is healed when somebody has mended the cluster.</summary>
    private ClusterLane Lane(MachineDriver driver) => new(
        new ClusterPlan(
            new ClusterSpec("lane", "run", driver, [new NodeSpec("head", NodeRole.Head, 1, 1 << 30), new NodeSpec("worker1", NodeRole.Worker, 1, 1 << 30)]),
            KnownSchedulers.Find("slurm"), null, ClusterReuse.Reset, false),
        _ =>
        {
            _begun++;
            new FaultLedger(_machines.Directory).Add(new PendingFault("controller", "head", $"[ -e '{Mended}' ]") { OnHost = true });
            throw new DiagnosticException(Diagnostic.Error("broken", "the trial broke off"));
        },
        new LaneServices(null!, _machines, null!, new AgentBinary(new Installation(_folder)), null!, _journal, new RunProvenance(_run.Path, new Provenance()), TimeProvider.System)
        {
            Faults = cluster => new FaultActor(cluster, TimeProvider.System) { HealWithin = TimeSpan.Zero },
        });

    private Task<LaneTrial> RunAsync(ClusterLane lane) =>
        lane.RunAsync(new PlannedTrial(1, "p", 1, 1, 1), null!, [], Path.Combine(_folder, "draft"), SilentMonitor.Instance, TestContext.Current.CancellationToken);

    private async Task<string> FailAsync(ClusterLane lane) => (await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(lane))).Diagnostics[0].Code;

    private sealed class Machinery(string directory) : IMachineProvider
    {
        public string Directory => directory;

        public List<int> Up { get; } = [];

        public List<int> Down { get; } = [];

        public Task<Cluster> UpAsync(ClusterSpec spec, Image? image, IActivityMonitor monitor, CancellationToken cancellation)
        {
            Up.Add(Up.Count + 1);
            return Task.FromResult(new Cluster
            {
                Name = spec.Name, RunId = spec.RunId, Machines = MachineKind.Lxc, Directory = directory,
                Nodes = [.. spec.Nodes.Select(n => new Node(n.Name, n.Role, IPAddress.Loopback, 22, "root", "ssh-ed25519 AAAA", n.Processors, n.Memory))],
            });
        }

        public Task DownAsync(Cluster cluster, IActivityMonitor monitor, CancellationToken cancellation)
        {
            Down.Add(Down.Count + 1);
            return Task.CompletedTask;
        }
    }
}
