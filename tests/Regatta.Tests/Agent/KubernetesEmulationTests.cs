using System.Text.Json.Nodes;
using Regatta.Agent.Drivers.Kubernetes;
using Regatta.Agent.Drivers.Kubernetes.Emulation;

namespace Regatta.Tests.Agent;

/// <summary>What emulated nodes make of payloads.</summary>
public sealed class KubernetesEmulationTests
{
    [Theory]
    [InlineData("sleep 1.5", 1.5, 0)]
    [InlineData("cpu 2", 2.0, 0)]
    [InlineData("exec sleep 3", 3.0, 0)]
    [InlineData("exec false", 0.0, 1)]
    [InlineData("exec make all", 0.0, 0)]
    public void A_payload_runs_and_ends_as_it_would(string work, double seconds, int exitCode)
    {
        var payload = EmulatedPayload.Parse(["/opt/agent", "payload", "--job", "7", "--stamps", "/s", .. work.Split(' ')])!;
        Assert.Equal((7L, TimeSpan.FromSeconds(seconds), exitCode), (payload.Job, payload.RunTime, payload.ExitCode));
        Assert.Null(payload.Rendezvous);
    }

    [Fact]
    public void Members_meet_as_elsewhere()
    {
        var payload = EmulatedPayload.Parse(["/opt/agent", "payload", "--job", "7", "--stamps", "/s", "--rendezvous", "10.0.0.1:4000", "--members", "3", "sleep", "1"])!;
        Assert.Equal(("10.0.0.1", 4000, 3), (payload.Rendezvous!.Host, payload.Rendezvous.Port, payload.Rendezvous.Members));
    }

    [Fact]
    public void A_node_says_what_the_kubelets_of_its_cluster_can_do()
    {
        JsonNode Node(string[]? features) => JsonNode.Parse(JobKind.Json(json => EmulatedObjects.WriteNode(json, "emulated0", new EmulatedNodeShape(1, 4, 1 << 30), features)))!["status"]!;
        Assert.Null(Node(null)["declaredFeatures"]);
        Assert.Equal("""["A","B"]""", Node(["A", "B"])["declaredFeatures"]!.ToJsonString());
    }

    [Fact]
    public void A_pod_says_which_generation_it_is_of_where_pods_have_one()
    {
        JsonNode Status(int? exitCode, long? generation) => JsonNode.Parse(JobKind.Json(json => EmulatedObjects.WritePodStatus(json, "Running", ("job", "i"), DateTimeOffset.UnixEpoch, exitCode, null, generation)))!["status"]!;
        string[] Conditions(JsonNode status) => [.. status["conditions"]!.AsArray().Select(c => $"{c!["type"]}={c["status"]} {c["observedGeneration"]}".TrimEnd())];
        Assert.Equal(["PodReadyToStartContainers=True", "Initialized=True", "Ready=True", "ContainersReady=True", "PodScheduled=True"], Conditions(Status(null, null)));
        Assert.Null(Status(null, null)["observedGeneration"]);
        var ended = Status(0, 2);
        Assert.Equal(2, (int)ended["observedGeneration"]!);
        Assert.Equal(["PodReadyToStartContainers=False 2", "Initialized=True 2", "Ready=False 2", "ContainersReady=False 2", "PodScheduled=True 2"], Conditions(ended));
    }

    [Fact]
    public void What_is_no_payload_is_none() => Assert.Null(EmulatedPayload.Parse(["/pause"]));
}
