using System.Text.Json.Nodes;
using Regatta.Agent;
using Regatta.Agent.Drivers.Kubernetes;

namespace Regatta.Tests.Agent;

/// <summary>What the drivers <c>kubernetes</c> and <c>volcano</c> find wrong with a cluster or their options before anything is sent.</summary>
public sealed class KubernetesOpeningTests : KubernetesDriverTests
{
    [Fact]
    public async Task An_unknown_queue_is_told_before_anything_is_sent()
    {
        Scheduler = "volcano";
        var header = HeaderWith("queue", "banch");
        var thrown = await OpenFaultAsync(header);
        Assert.Equal("error[replay-queue]: Volcano has no queue 'banch'\n  help: did you mean 'bench'?", thrown.Message);
    }

    [Fact]
    public async Task A_cluster_without_volcano_is_told_before_anything_is_sent()
    {
        await Kubernetes.DisposeAsync();
        Kubernetes = new FakeKubernetes(Scratch);
        Scheduler = "volcano";
        Assert.StartsWith("error[replay-volcano]: the cluster has no Volcano: it knows no queues\n", (await OpenFaultAsync(Header())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_podgroups_is_told_before_a_gang_is_sent()
    {
        var header = HeaderWith("gangs", "true");
        Assert.StartsWith(
            "error[replay-gang-api]: the API server serves no PodGroups (scheduling.k8s.io/v1beta1, scheduling.k8s.io/v1alpha2): no job could be placed whole\n  help: the profile gang sets it up from Kubernetes 1.36 on",
            (await OpenFaultAsync(header)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_drops_the_field_of_a_gang_is_told_by_a_pod_that_is_read_back()
    {
        await Kubernetes.DisposeAsync();
        Kubernetes = new FakeKubernetes(Scratch) { GangApis = ["v1alpha2"], DropsGangs = true };
        var header = HeaderWith("gangs", "true");
        Assert.StartsWith(
            "error[replay-gang-dropped]: the API server drops a pod's schedulingGroup without a word: its pods would be placed one by one\n  help: kube-apiserver.feature-gates=GenericWorkload=true",
            (await OpenFaultAsync(header)).Message, StringComparison.Ordinal);
        Assert.Empty(Kubernetes.Created);
    }

    [Fact]
    public async Task Without_an_api_server_nothing_is_started()
    {
        var header = Header();
        await Kubernetes.DisposeAsync();
        Assert.Contains("does not answer as it should\n  the API server cannot be reached: ConnectionRefused", (await OpenFaultAsync(header)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_without_ready_nodes_is_told()
    {
        Kubernetes.Put("nodes", FakeKubernetes.Node("w1", "8", ready: false));
        Kubernetes.Put("nodes", FakeKubernetes.Node("w2", "8", ready: false));
        Assert.StartsWith("error[replay-nodes]: the cluster has no node that takes jobs\n", (await OpenFaultAsync(Header())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_of_an_earlier_replay_are_told()
    {
        Kubernetes.Put("jobs", JsonNode.Parse("""{"metadata":{"name":"regatta-t1-1","labels":{"regatta/trial":"t1","regatta/job":"1"}}}""")!.AsObject());
        Assert.Equal(
            "error[replay-left-over]: 1 jobs of the trial t1 are there already\n  help: kubectl --namespace regatta delete jobs -l regatta/trial=t1",
            (await OpenFaultAsync(Header())).Message);
    }

    public static TheoryData<string, string> Kubeconfigs => new()
    {
        { "", "it is empty" },
        { "a: b\n", "it names no current-context" },
        {
            """
            current-context: x
            contexts: []
            """,
            "its contexts have no 'x'"
        },
        {
            """
            current-context: x
            contexts:
            - {name: x, context: {cluster: c, user: u}}
            clusters:
            - {name: c, cluster: {server: nowhere}}
            users:
            - {name: u, user: {token: t}}
            """,
            "its server 'nowhere' is no address"
        },
    };

    [Theory]
    [MemberData(nameof(Kubeconfigs))]
    public void A_kubeconfig_that_says_not_enough_is_told(string text, string detail)
    {
        var path = Path.Combine(Scratch, "wrong");
        File.WriteAllText(path, text);
        Assert.StartsWith($"error[replay-kubeconfig]: the kubeconfig {path} cannot be used\n  {detail}", Assert.Throws<DiagnosticException>(() => Kubeconfig.Read(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kubernetes", "auditt", "x", "the kubernetes driver has no option 'auditt'\n  help: did you mean 'audit'?")]
    [InlineData("kubernetes", "gangs", "x", "the option 'gangs' cannot be 'x'\n  help: it is true or false")]
    [InlineData("volcano", "gangs", "true", "the volcano driver has no option 'gangs'")]
    [InlineData("kubernetes", "queue", "x", "the kubernetes driver has no option 'queue'")]
    [InlineData("volcano", "queue", "Bad_Name", "the option 'queue' cannot be 'Bad_Name'\n  help: small letters, digits and '-' (RFC 1123)")]
    [InlineData("kubernetes", "connections", "0", "the option 'connections' cannot be '0'\n  help: 1 to 64")]
    [InlineData("kubernetes", "stamps", "here", "the option 'stamps' cannot be 'here'")]
    public void A_wrong_option_is_told(string scheduler, string name, string value, string text)
    {
        Scheduler = scheduler;
        var header = HeaderWith(name, value);
        Assert.StartsWith("error[replay-option]: " + text, Assert.Throws<DiagnosticException>(() => KnownDrivers.Check(header)).Message, StringComparison.Ordinal);
    }
}
