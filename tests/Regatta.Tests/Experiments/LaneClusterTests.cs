using System.Net;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Running;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Runs;
using Regatta.Schedulers;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments;

public sealed class LaneClusterTests : IDisposable
{
    private readonly string _runs = Directory.CreateTempSubdirectory("regatta-lane-").FullName;
    private readonly RunDirectory _run;
    private readonly Journal _journal;
    private readonly Machinery _machines = new();
    private readonly Said _said = new();

    public LaneClusterTests()
    {
        _run = RunDirectory.Create(_runs, new RunContent("name: test\n", [], new Plan { Name = "test", Seed = 1, Points = [], Trials = [] }), DateTimeOffset.UnixEpoch);
        _journal = _run.OpenJournal(TimeProvider.System);
    }

    public void Dispose()
    {
        _journal.Dispose();
        _run.Dispose();
        Directory.Delete(_runs, recursive: true);
    }

    [Fact]
    public async Task One_that_cannot_be_removed_costs_no_trial_and_is_tried_again_at_the_end()
    {
        var lane = await StuckAsync();
        Assert.Null(lane.Current);
        Assert.Contains(_said.All, a => a is { State: ActivityState.Failed, Subject: "lane" } && a.Text.StartsWith("cannot be removed: it is tried again when the run ends", StringComparison.Ordinal));

        Assert.Equal("lane-2", (await lane.EnsureAsync(_said, CancellationToken.None)).Name);
        _machines.Stuck = false;
        await lane.DownAsync(_said);
        await lane.RemoveLeftAsync(_said);
        Assert.Equal(["lane", "lane-2"], _machines.Up);
        Assert.Equal(["lane-2", "lane"], _machines.Down);
        Assert.Equal(["lane-2", "lane"], Journal.Read(Path.Combine(_run.Path, "journal.jsonl")).Where(e => e.Kind == JournalKind.ClusterDown).Select(e => e.Subject));
    }

    [Fact]
    public async Task What_is_left_in_the_end_is_told_with_what_removes_it()
    {
        var lane = await StuckAsync();
        await lane.RemoveLeftAsync(_said);
        Assert.Equal("cannot be removed: 'regatta reap' removes what is left of it", _said.All[^1].Text);
        Assert.Contains("Some processes refused to die", _said.All[^1].Detail, StringComparison.Ordinal);
    }

    /// <summary>A lane whose first cluster could not be removed.</summary>
    private async Task<LaneCluster> StuckAsync()
    {
        var lane = Lane();
        await lane.EnsureAsync(_said, CancellationToken.None);
        _machines.Stuck = true;
        await lane.DownAsync(_said);
        return lane;
    }

    private LaneCluster Lane() => new(
        new ClusterPlan(
            new ClusterSpec("lane", "run", MachineDriver.Lxc, [new NodeSpec("head", NodeRole.Head, 1, 1 << 30), new NodeSpec("worker1", NodeRole.Worker, 1, 1 << 30)]),
            KnownSchedulers.Find("slurm"), null, ClusterReuse.Reset, false),
        new LaneServices(null!, _machines, null!, null!, null!, _journal, new RunProvenance(_run.Path, new Provenance()), TimeProvider.System));

    private sealed class Machinery : IMachineProvider
    {
        public bool Stuck { get; set; }

        public List<string> Up { get; } = [];

        public List<string> Down { get; } = [];

        public Task<Cluster> UpAsync(ClusterSpec spec, Image? image, IActivityMonitor monitor, CancellationToken cancellation)
        {
            Up.Add(spec.Name);
            return Task.FromResult(new Cluster
            {
                Name = spec.Name, RunId = spec.RunId, Machines = MachineKind.Lxc, Directory = "/nowhere",
                Nodes = [.. spec.Nodes.Select(n => new Node(n.Name, n.Role, IPAddress.Loopback, 22, "root", "ssh-ed25519 AAAA", n.Processors, n.Memory))],
            });
        }

        public Task DownAsync(Cluster cluster, IActivityMonitor monitor, CancellationToken cancellation)
        {
            if (Stuck) throw new DiagnosticException(Diagnostic.Error("libvirt", "the domain cannot be ended") with { Detail = "libvirt says: Some processes refused to die" });
            Down.Add(cluster.Name);
            return Task.CompletedTask;
        }
    }

    private sealed class Said : IActivityMonitor
    {
        public List<Activity> All { get; } = [];

        public void Report(Activity activity) => All.Add(activity);
    }
}
