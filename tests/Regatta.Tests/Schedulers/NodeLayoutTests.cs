using System.Net;
using System.Text.RegularExpressions;
using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Workloads;

namespace Regatta.Tests.Schedulers;

/// <summary>Where things are on a node stands in one place, and the playbooks get it from there.</summary>
public sealed partial class NodeLayoutTests : ScratchTests
{
    [Theory]
    [InlineData("slurm")]
    [InlineData("flux")]
    [InlineData("kubernetes")]
    [InlineData("volcano")]
    public void The_inventory_hands_it_to_the_playbooks(string name)
    {
        var scheduler = KnownSchedulers.Find(name);
        var variables = ClusterConfigurator.InventoryOf(new ConfigurationRequest(Cluster(), scheduler, new SchedulerOptions(scheduler.Profiles[0].Name), Scratch)).Variables;
        Assert.Equal(
            [NodeLayout.Agent, NodeLayout.State, NodeLayout.Stamps, NodeLayout.JobUser],
            new[] { "node_agent", "node_state", "node_stamps", "node_user" }.Select(v => variables[v]!.GetValue<string>()));
        Assert.Equal(NodeLayout.JobUserId, variables["node_user_id"]!.GetValue<int>());
    }

    [Fact]
    public void The_playbooks_know_none_of_it_by_themselves()
    {
        string[] words = [NodeLayout.Agent, NodeLayout.Stamps, NodeLayout.Kubeconfig, NodeLayout.AuditLog, "6420"];
        var found = Directory.EnumerateFiles(Path.Combine(Repository.Root, "ansible"), "*", SearchOption.AllDirectories)
            .Where(f => !f.Contains("__pycache__", StringComparison.Ordinal))
            .SelectMany(f => words.Where(w => File.ReadAllText(f).Contains(w, StringComparison.Ordinal)).Select(w => $"{Path.GetRelativePath(Repository.Root, f)}: {w}"));
        Assert.Empty(found);
    }

    [Fact]
    public void No_expression_of_a_template_holds_another_as_text()
    {
        // What stands in quotes within a statement is text: a variable in braces there would be written as it is.
        var found = Directory.EnumerateFiles(Path.Combine(Repository.Root, "ansible"), "*.j2", SearchOption.AllDirectories)
            .SelectMany(f => Statement().Matches(File.ReadAllText(f)).Where(s => s.Value.Contains("{{", StringComparison.Ordinal)).Select(s => $"{Path.GetRelativePath(Repository.Root, f)}: {s.Value}"));
        Assert.Empty(found);
    }

    [Fact]
    public void The_image_of_payloads_has_the_same_user() =>
        Assert.Equal($"{NodeLayout.JobUser}:x:{NodeLayout.JobUserId}", User().Match(File.ReadAllText(Path.Combine(Repository.Root, "images", "kubernetes", "containers.sh"))).Value);

    [Fact]
    public void Who_jobs_run_as_is_known_of_every_scheduler()
    {
        var flux = KnownSchedulers.Find("flux");
        Assert.Equal("flux", flux.JobUser(new SchedulerOptions("fifo")));
        Assert.Equal(NodeLayout.JobUser, flux.JobUser(new SchedulerOptions("fifo") { MultiUser = true }));
        Assert.All(KnownSchedulers.All.Where(s => s.Name != "flux"), s => Assert.Equal(NodeLayout.JobUser, s.JobUser(new SchedulerOptions(s.Profiles[0].Name))));
    }

    [GeneratedRegex("(?s){%.*?%}")]
    private static partial Regex Statement();

    private Cluster Cluster() => new()
    {
        Name = "race", RunId = "run", Machines = MachineKind.Ssh, Directory = Scratch,
        Nodes =
        [
            new Node("head", NodeRole.Head, IPAddress.Loopback, 22, "root", "ssh-ed25519 AAAA", 2, 4L << 30),
            new Node("worker1", NodeRole.Worker, IPAddress.Loopback, 22, "root", "ssh-ed25519 AAAA", 2, 4L << 30),
        ],
    };

    [GeneratedRegex("regatta:x:[0-9]+")]
    private static partial Regex User();
}
