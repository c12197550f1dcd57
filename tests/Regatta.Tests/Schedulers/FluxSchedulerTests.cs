using System.Net;
using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Schedulers.Flux;
using Regatta.Schedulers.Slurm;
using Regatta.Workloads;

namespace Regatta.Tests.Schedulers;

public sealed class FluxSchedulerTests : ScratchTests
{
    private readonly FluxScheduler _flux = new();

    [Theory]
    [InlineData("fifo", "sched-simple", "none")]
    [InlineData("backfill", "sched-fluxion-qmanager", "easy")]
    [InlineData("throughput", "sched-simple", "none")]
    public void Profiles_pin_a_scheduler_and_say_what_it_does(string profile, string scheduler, string backfill)
    {
        var options = new SchedulerOptions(profile);
        Assert.Equal(scheduler, _flux.Settings(options)["modules.alternatives.sched"]);
        Assert.Equal(backfill, _flux.Traits(options).Text(Trait.Backfill));
    }

    [Fact]
    public void Traits_have_the_names_that_every_scheduler_uses()
    {
        foreach (var profile in _flux.Profiles)
            Assert.Equal(new SlurmScheduler().Profiles.Single(p => p.Name == profile.Name).Traits.Texts().Keys, profile.Traits.Texts().Keys);
    }

    [Fact]
    public void Traits_follow_the_users_settings()
    {
        Assert.Equal("conservative", _flux.Traits(new SchedulerOptions("backfill") { Settings = One("sched-fluxion-qmanager.queue-policy", "conservative") }).Text(Trait.Backfill));
        Assert.Equal("easy", _flux.Traits(new SchedulerOptions("fifo") { Settings = One("modules.alternatives.sched", "sched-backfill") }).Text(Trait.Backfill));
        Assert.Equal("flux-shell by the IMP", _flux.Traits(new SchedulerOptions("fifo") { MultiUser = true }).Text(Trait.TaskLaunch));
    }

    [Fact]
    public void Variables_are_settings_as_TOML_writes_them()
    {
        var settings = _flux.Variables(Cluster(), new SchedulerOptions("throughput"))["flux_settings"]!.AsObject();
        Assert.Equal("\"sched-simple\"", settings["modules.alternatives.sched"]!.GetValue<string>());
        Assert.Equal("""["queue-depth=8"]""", settings["sched-simple.args"]!.GetValue<string>());
        Assert.Equal("true", settings["ingest.validator.disable"]!.GetValue<string>());
        Assert.Equal("200000", settings["job-manager.inactive-num-limit"]!.GetValue<string>());
    }

    [Fact]
    public void Emulated_nodes_take_the_workers_place()
    {
        var options = new SchedulerOptions("fifo") { Emulated = 1024 };
        Assert.Equal(new Capacity(1024, 4, 4096, 256L << 20), _flux.Capacity(Cluster(), options));
        Assert.Equal(("emulated0", "emulated1023"), (Cluster().NodeNames(options)[0], Cluster().NodeNames(options)[^1]));
        Assert.Equal("1024 nodes: fake resources of the leader, simulated execution", _flux.Traits(options).Text(Trait.Emulation));
        Assert.Equal("true", _flux.AgentOptions(Cluster(), options)["simulate"]);
        Assert.Equal(1024, _flux.Variables(Cluster(), options)["flux_emulated_nodes"]!.GetValue<int>());
        Assert.StartsWith("1024 nodes: many slurmd", new SlurmScheduler().Traits(options).Text(Trait.Emulation), StringComparison.Ordinal);
        Assert.Null(_flux.Traits(new SchedulerOptions("fifo")).Emulation);
    }

    [Fact]
    public void Its_broker_goes_by_the_virtual_clock()
    {
        var options = new SchedulerOptions("fifo") { Emulated = 16, Virtual = new VirtualTime(0, 2) { Quantum = TimeSpan.FromMilliseconds(10) } };
        var variables = _flux.Variables(Cluster(), options);
        Assert.Equal((true, 2.0, 10_000), (variables["clock_virtual"]!.GetValue<bool>(), variables["clock_charge"]!.GetValue<double>(), variables["clock_quantum"]!.GetValue<long>()));
        Assert.NotNull(_flux.Traits(options).VirtualTime);
        Assert.False(_flux.Variables(Cluster(), new SchedulerOptions("fifo"))["clock_virtual"]!.GetValue<bool>());
    }

    private Cluster Cluster() => new()
    {
        Name = "race", RunId = "run", Machines = MachineKind.Lxc, Directory = Scratch,
        Nodes = [Node("head", NodeRole.Head, 2), Node("worker1", NodeRole.Worker, 4), Node("worker2", NodeRole.Worker, 4)],
    };

    private static Node Node(string name, NodeRole role, int processors) => new(name, role, IPAddress.Loopback, 22, "root", "", processors, 1L << 30);

    private static ImmutableSortedDictionary<string, string> One(string key, string value) => ImmutableSortedDictionary<string, string>.Empty.Add(key, value);
}
