using System.Net;
using System.Text.RegularExpressions;
using Regatta.Agent;
using Regatta.Analysis;
using Regatta.Experiments.Composing;
using Regatta.Host;
using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Workloads;
using YamlDotNet.RepresentationModel;

namespace Regatta.Tests.Schedulers;

/// <summary>What CONTRIBUTING.md asks of every scheduler, wherever it must be said: a scheduler that lacks a part of it fails here and not in the first run.</summary>
public sealed partial class SchedulerContractTests
{
    public static TheoryData<string> Names => [.. KnownSchedulers.All.Select(s => s.Name)];

    [Fact]
    public void Names_are_unique() => Assert.Equal(KnownSchedulers.All.Length, KnownSchedulers.All.Select(s => s.Name).Distinct(StringComparer.Ordinal).Count());

    [Theory]
    [MemberData(nameof(Names))]
    public void Has_a_role_with_playbooks_that_configure_and_reset(string name)
    {
        var ansible = Path.Combine(Repository.Root, "ansible");
        var role = KnownSchedulers.Find(name).Role;

        Assert.True(Directory.Exists(Path.Combine(ansible, "ansible_collections", "regatta", "cluster", "roles", role)), $"the role regatta.cluster.{role} is missing");
        Assert.All([$"configure-{role}.yml", $"reset-{role}.yml"], playbook => Assert.True(File.Exists(Path.Combine(ansible, playbook)), $"ansible/{playbook} is missing"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gives_its_roles_the_variables_that_they_ask_for_and_no_others(string name)
    {
        var scheduler = KnownSchedulers.Find(name);
        var inventory = ClusterConfigurator.InventoryOf(new ConfigurationRequest(Cluster(4, 4), scheduler, new SchedulerOptions(scheduler.Profiles[0].Name), Path.GetTempPath()));
        var roles = Validated().Match(File.ReadAllText(Path.Combine(Repository.Root, "ansible", $"configure-{scheduler.Role}.yml"))).Groups[1].Value.Split(", ");
        var specifications = roles.SelectMany(Specification).ToList();

        Assert.Contains(scheduler.Role, roles);
        foreach (var host in inventory.Hosts)
        {
            var given = inventory.Variables.Keys.Concat(host.Variables.Keys).ToHashSet(StringComparer.Ordinal);
            var asked = specifications.Where(s => s.Group == "main" || s.Group == host.Group).ToList();
            Assert.Empty(given.Except(asked.Select(s => s.Variable)));
            Assert.Empty(asked.Where(s => s.Required).Select(s => s.Variable).Except(given));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Has_an_image_with_a_lock(string name)
    {
        var images = Path.Combine(Repository.Root, "images");
        var image = KnownSchedulers.Find(name).Image;

        // A role in another suite is the same file.
        var role = image.Split('@')[0];
        Assert.True(File.Exists(Path.Combine(images, "roles", role + ".json")), $"images/roles/{role}.json is missing");
        Assert.True(File.Exists(Path.Combine(images, "locks", image + ".lock.json")), $"images/locks/{image}.lock.json is missing");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Has_a_configuration_with_a_profile_and_an_image_of_its_own(string name)
    {
        var scheduler = KnownSchedulers.Find(name);
        var section = new ExperimentComposer(new Installation(Repository.Root), Path.GetTempPath()).Compose([$"scheduler={name}"]).Experiment.Scheduler;

        Assert.Equal((name, scheduler.Image), (section.Name, section.Image));
        Assert.Contains(section.Profile, scheduler.Profiles.Select(p => p.Name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Has_a_driver_of_the_agent_that_takes_its_options(string name)
    {
        var scheduler = KnownSchedulers.Find(name);
        foreach (var options in scheduler.Profiles.SelectMany(p => Options(p.Name)))
            KnownDrivers.Check(new ReplayHeader { Trial = "trial", Scheduler = name, Jobs = 0, Options = scheduler.AgentOptions(Cluster(4, 4), options) });
    }

    [Fact]
    public void The_fairness_contract_knows_every_trait() => Assert.All(Enum.GetValues<Trait>(), trait => Assert.True(FairnessContract.Knows(trait), trait.Name()));

    [Theory]
    [MemberData(nameof(Names))]
    public void Says_what_each_of_its_traits_is(string name)
    {
        var scheduler = KnownSchedulers.Find(name);
        // What only a trial can say.
        Trait[] ofTrials = [Trait.CgroupEnforcement, Trait.ClustersBeside, Trait.Drain];

        foreach (var options in scheduler.Profiles.SelectMany(p => Options(p.Name)))
        {
            Trait[] emulated = options.Emulated is null ? [Trait.Emulation, Trait.EmulationLeavesOut] : [];
            var traits = scheduler.Traits(options);
            // Where a gang is tried again as soon as something is free, there is nothing to say.
            Trait[] gangs = traits.GangRetry is null ? [Trait.GangRetry] : [];
            Trait[] real = options.Virtual is null ? [Trait.VirtualTime] : [];
            Trait[] gpus = options.Gpus.IsEmpty ? [Trait.Gpus] : [];
            Trait[] partitions = options.Policy.Partitions.IsEmpty ? [Trait.Partitions] : [];
            var texts = traits.Texts();
            Assert.Equal(Enum.GetValues<Trait>().Except([.. ofTrials, .. emulated, .. gangs, .. real, .. gpus, .. partitions]).Select(t => t.Name()).Order(StringComparer.Ordinal), texts.Keys.Order(StringComparer.Ordinal));
            Assert.All(texts.Values, text => Assert.NotEqual("", text));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Has_logs_on_the_head_that_belong_to_the_record_of_a_trial(string name)
    {
        var logs = KnownSchedulers.Find(name).Logs(NodeRole.Head);

        Assert.NotEmpty(logs);
        Assert.All(logs, log => Assert.True(Path.IsPathRooted(log), log));
    }

    [Fact]
    public void Processors_of_the_workers_are_told_where_they_differ()
    {
        var options = new SchedulerOptions("fifo");

        Assert.Empty(Cluster(4, 4).NodeProcessors(options));
        Assert.Equal([new("worker1", 4), new("worker2", 8)], Cluster(4, 8).NodeProcessors(options));
        // Here all nodes get the same, whatever the machines have.
        Assert.Empty(Cluster(4, 8).NodeProcessors(options with { ProcessorsPerNode = 2 }));
        Assert.Empty(Cluster(4, 8).NodeProcessors(options with { Emulated = 16 }));
    }

    /// <summary>The variables in a role's argument specification, by the group of hosts that they are for; <c>main</c> for all.</summary>
    private static IEnumerable<(string Group, string Variable, bool Required)> Specification(string role)
    {
        using var reader = File.OpenText(Path.Combine(Repository.Root, "ansible", "ansible_collections", "regatta", "cluster", "roles", role, "meta", "argument_specs.yml"));
        var stream = new YamlStream();
        stream.Load(reader);
        foreach (var (group, entry) in (YamlMappingNode)stream.Documents[0].RootNode["argument_specs"])
        foreach (var (variable, option) in (YamlMappingNode)entry["options"])
            yield return (group.ToString(), variable.ToString(), ((YamlMappingNode)option).Children.ContainsKey("required"));
    }

    [GeneratedRegex(@"node_validate: \[(.*)\]")]
    private static partial Regex Validated();

    private static SchedulerOptions[] Options(string profile) => [new(profile), new(profile) { Emulated = 8 }];

    private static Cluster Cluster(params int[] workers) => new()
    {
        Name = "race", RunId = "run", Machines = MachineKind.Lxc, Directory = Path.GetTempPath(),
        Nodes = [Node("head", NodeRole.Head, 2), .. workers.Select((processors, i) => Node($"worker{i + 1}", NodeRole.Worker, processors))],
    };

    private static Node Node(string name, NodeRole role, int processors) => new(name, role, IPAddress.Loopback, 22, "root", "", processors, 1L << 31);
}
