using System.Text.Json.Nodes;
using Regatta.Agent.Drivers;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>What the drivers <c>kubernetes</c> and <c>volcano</c> ask the API server for, and what becomes of an answer that is late, lost or a refusal.</summary>
public sealed class KubernetesSubmissionTests : KubernetesDriverTests
{
    [Fact]
    public async Task Asks_for_what_the_job_asks_for()
    {
        var job = Job(7) with { Processors = 16, RunTime = TimeSpan.FromSeconds(1.5), RequestedTime = TimeSpan.FromSeconds(61), MemoryPerProcessor = 1 << 20 };
        await RunAsync([job], async driver => await driver.SubmitAsync(new Submission(job, []), _ => { }, Cancellation));
        var body = Assert.Single(Kubernetes.Created);
        Assert.Equal("""{"name":"regatta-t1-7","labels":{"regatta/trial":"t1","regatta/job":"7"}}""", body["metadata"]!.ToJsonString());
        Assert.Equal((2, 2, 0), ((int)body["spec"]!["parallelism"]!, (int)body["spec"]!["completions"]!, (int)body["spec"]!["backoffLimit"]!));
        var spec = body["spec"]!["template"]!["spec"]!;
        // Ten seconds for the launch, which counts against the limit.
        Assert.Equal(71, (int)spec["activeDeadlineSeconds"]!);
        var container = spec["containers"]![0]!;
        Assert.Equal("""{"cpu":"8","memory":"8388608"}""", container["resources"]!["requests"]!.ToJsonString());
        var command = container["command"]!.AsArray().Select(w => (string)w!).ToArray();
        Assert.Equal(["/opt/agent", "payload", "--job", "7", "--stamps", "/var/stamps/s.jsonl", "--rendezvous"], command[..7]);
        Assert.Equal(["--members", "2", "sleep", "1.5"], command[8..]);
    }

    [Theory]
    [InlineData("v1alpha2", "v1alpha2")]
    [InlineData("v1beta1", "v1beta1")]
    // The newer one, where both are served.
    [InlineData("v1alpha2,v1beta1", "v1beta1")]
    public async Task Asks_kubernetes_for_a_gang_in_the_version_that_is_served(string served, string version)
    {
        await Kubernetes.DisposeAsync();
        Kubernetes = new FakeKubernetes(Scratch) { GangApis = served.Split(',') };
        var (gang, single) = (Job(7) with { Processors = 6, GangMinimum = 4 }, Job(8));
        await RunAsync(
            [gang, single],
            async driver =>
            {
                Assert.NotNull((await driver.SubmitAsync(new Submission(gang, []), _ => { }, Cancellation)).SchedulerId);
                await driver.SubmitAsync(new Submission(single, []), _ => { }, Cancellation);
                await driver.CancelAsync([7], Cancellation);
            },
            HeaderWith("gangs", "true"));

        Assert.Equal(
            """{"apiVersion":"scheduling.k8s.io/VERSION","kind":"PodGroup","metadata":{"name":"regatta-t1-7","labels":{"regatta/trial":"t1","regatta/job":"7"}},"spec":{"schedulingPolicy":{"gang":{"minCount":4}}}}""".Replace("VERSION", version, StringComparison.Ordinal),
            Kubernetes.Created[0].ToJsonString());
        // The PodGroup is there before its pods, and a job of one pod is none.
        Assert.Equal(["PodGroup", "Job", "Job"], Kubernetes.Created.Select(c => (string)c["kind"]!));
        Assert.Equal("""{"podGroupName":"regatta-t1-7"}""", Kubernetes.Created[1]["spec"]!["template"]!["spec"]!["schedulingGroup"]!.ToJsonString());
        Assert.Null(Kubernetes.Created[2]["spec"]!["template"]!["spec"]!["schedulingGroup"]);
        Assert.Equal(
            ["/apis/batch/v1/namespaces/regatta/jobs/regatta-t1-7", $"/apis/scheduling.k8s.io/{version}/namespaces/regatta/podgroups/regatta-t1-7"],
            Kubernetes.Deleted.Select(d => d.Path));
    }

    [Fact]
    public async Task Asks_volcano_for_a_gang()
    {
        Scheduler = "volcano";
        var job = Job(7) with { Processors = 6, GangMinimum = 4, Payload = new Payload(PayloadKind.Exec, ["sh", "-c", "echo 'a b'"]) };
        await RunAsync([job], async driver => await driver.SubmitAsync(new Submission(job, []), _ => { }, Cancellation));
        var spec = Assert.Single(Kubernetes.Created)["spec"]!;
        Assert.Equal(("volcano", "default", 4), ((string)spec["schedulerName"]!, (string)spec["queue"]!, (int)spec["minAvailable"]!));
        Assert.Equal(6, (int)spec["tasks"]![0]!["replicas"]!);
        Assert.Equal("""[{"event":"PodFailed","action":"TerminateJob"},{"event":"PodEvicted","action":"TerminateJob"}]""", spec["policies"]!.ToJsonString());
        var command = spec["tasks"]![0]!["template"]!["spec"]!["containers"]![0]!["command"]!.AsArray().Select(w => (string)w!).ToArray();
        Assert.Equal(["--members", "4", "exec", "sh", "-c", "echo 'a b'"], command[8..]);
    }

    [Fact]
    public async Task A_job_that_was_taken_without_an_answer_is_not_made_twice()
    {
        Kubernetes.Answer = (_, _) => FakeKubernetes.Reply.TakeAndCut;
        var (answer, events) = await ToTheEndAsync();
        Assert.StartsWith("found by its name at try 2; first: the API server cannot be reached: ", answer.Detail, StringComparison.Ordinal);
        Assert.Contains(events, e => e.State == JobState.Completed);
    }

    [Fact]
    public async Task A_webhook_that_times_out_under_load_is_tried_again_and_told()
    {
        Kubernetes.Answer = (_, attempt) => attempt < 3 ? FakeKubernetes.Reply.WebhookTimeout : FakeKubernetes.Reply.Take;
        var (answer, _) = await ToTheEndAsync();
        Assert.StartsWith("taken at try 3; first: Internal error occurred: failed calling webhook", answer.Detail, StringComparison.Ordinal);
        Assert.Equal(
            ["the API server does not serve submissions: Internal error occurred: failed calling webhook \"validatejob.volcano.sh\": context deadline exceeded", "the API server serves everything again"],
            Faults.Select(f => f.Text));
    }

    [Fact]
    public async Task A_job_that_a_webhook_refuses_is_rejected_in_its_words()
    {
        Kubernetes.Answer = (_, _) => FakeKubernetes.Reply.Refuse;
        Assert.Equal("admission webhook \"validatejob.volcano.sh\" denied the request: unable to find job queue: queues.scheduling.volcano.sh \"nosuchqueue\" not found", await RefusalAsync());
    }

    [Fact]
    public async Task A_job_that_is_there_before_the_first_try_is_rejected()
    {
        await RunAsync([Job(1)], async driver =>
        {
            Kubernetes.Put("jobs", JsonNode.Parse("""{"metadata":{"name":"regatta-t1-1"}}""")!.AsObject());
            Assert.Null((await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation)).SchedulerId);
        });
    }

    [Fact]
    public async Task A_gang_larger_than_the_cluster_is_told_at_once_and_never_sent()
    {
        var job = Job(1) with { Processors = 17, GangMinimum = 17 };
        await RunAsync([job], async driver =>
        {
            var answer = await driver.SubmitAsync(new Submission(job, []), _ => { }, Cancellation);
            Assert.Equal((null, "never sent: it asks for 17 processors at once, and all nodes together have 16"), (answer.SchedulerId, answer.Detail));
        });
        Assert.Empty(Kubernetes.Created);
    }
}
