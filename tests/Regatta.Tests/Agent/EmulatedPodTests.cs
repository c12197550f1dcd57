using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Regatta.Agent.Drivers.Kubernetes;
using Regatta.Agent.Drivers.Kubernetes.Emulation;

namespace Regatta.Tests.Agent;

/// <summary>What becomes of pods on emulated nodes that are to go before they end: in newer releases the pod of a Job stays until the Job has counted how it ended.</summary>
public sealed class EmulatedPodTests
{
    private const string Tracking = "batch.kubernetes.io/job-tracking";

    [Theory]
    [InlineData(Tracking, "Running 3 | Failed 3 143 | gone 0")]
    [InlineData(null, "Running 3 | gone 0")]
    public async Task A_running_pod_that_is_deleted_says_how_it_ended_where_its_job_counts_it(string? finalizer, string told)
    {
        await using var server = new PodServer();
        var pod = Pod(finalizer, "Pending");
        await RunAsync(server, pod, async () =>
        {
            await server.ToldAsync(1);
            server.Tell("MODIFIED", Deleted(pod));
            await server.ToldAsync(told.Split('|').Length);
        });

        Assert.Equal(told, string.Join(" | ", server.Told));
    }

    [Fact]
    public async Task A_pod_that_ended_and_waits_for_its_job_only_goes()
    {
        await using var server = new PodServer();
        await RunAsync(server, Deleted(Pod(Tracking, "Succeeded")), () => server.ToldAsync(1));

        Assert.Equal(["gone 0"], server.Told);
    }

    private static async Task RunAsync(PodServer server, JsonObject pod, Func<Task> meanwhile)
    {
        server.Pods.Add(pod);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var api = new KubernetesApi(new Kubeconfig(new Uri(server.Url), null, null, null), 1, 8);
        var running = new EmulatedCluster(api, new EmulatedNodeShape(1, 4, 8L << 30), TimeProvider.System, _ => { }).RunAsync(stop.Token);
        var done = meanwhile();
        await await Task.WhenAny(done, running);
        Assert.True(done.IsCompletedSuccessfully);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static JsonObject Pod(string? finalizer, string phase) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = "job-7-abcde", ["namespace"] = "regatta", ["uid"] = "u", ["generation"] = 3, ["resourceVersion"] = "5",
            ["finalizers"] = finalizer is null ? null : new JsonArray(finalizer),
        },
        ["spec"] = new JsonObject
        {
            ["nodeName"] = "emulated0",
            ["containers"] = new JsonArray(new JsonObject { ["name"] = "job", ["image"] = "i", ["command"] = new JsonArray("/pause") }),
        },
        ["status"] = new JsonObject { ["phase"] = phase },
    };

    private static JsonObject Deleted(JsonObject pod)
    {
        var gone = pod.DeepClone().AsObject();
        gone["metadata"]!["deletionTimestamp"] = "2026-11-30T00:00:00Z";
        gone["metadata"]!["resourceVersion"] = "6";
        return gone;
    }

    /// <summary>An API server with one pod, which writes down what it is told of it.</summary>
    private sealed class PodServer : FakeServer
    {
        private readonly TaskCompletionSource<string> _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly SemaphoreSlim _news = new(0);

        public PodServer()
            : base(new IPEndPoint(IPAddress.Loopback, 0)) => Serve();

        public string Url => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)Address).Port}");

        public List<JsonObject> Pods { get; } = [];

        /// <summary>Phase, observed generation and exit code of each status, and the grace of each deletion.</summary>
        public List<string> Told { get; } = [];

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            _news.Dispose();
        }

        public void Tell(string type, JsonObject pod) => _change.SetResult($$"""{"type":"{{type}}","object":{{pod.ToJsonString()}}}""" + "\n");

        /// <summary>Waits until so much was told.</summary>
        public async Task ToldAsync(int count)
        {
            while (true)
            {
                lock (Gate)
                {
                    if (Told.Count >= count) return;
                }

                await _news.WaitAsync(Stopped);
            }
        }

        protected override async Task<bool> KeepAsync(Stream stream, string path)
        {
            if (!path.Contains("watch=1", StringComparison.Ordinal)) return false;
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"u8.ToArray(), Stopped);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(await _change.Task.WaitAsync(Stopped)), Stopped);
            await Task.Delay(Timeout.InfiniteTimeSpan, Stopped);
            return true;
        }

        protected override (int Status, string? Text) Respond(string method, string path, string body)
        {
            if (method == "DELETE" && path.EndsWith("/pods/job-7-abcde", StringComparison.Ordinal)) Note($"gone {JsonNode.Parse(body)!["gracePeriodSeconds"]}");
            if (method == "PATCH" && path.EndsWith("/pods/job-7-abcde/status", StringComparison.Ordinal)) Note(Status(JsonNode.Parse(body)!["status"]!));
            return (200, $$"""{"metadata":{"resourceVersion":"5"},"items":[{{(path.StartsWith("/api/v1/pods", StringComparison.Ordinal) ? string.Join(',', Pods.Select(p => p.ToJsonString())) : "")}}]}""");
        }

        private static string Status(JsonNode status) =>
            $"{status["phase"]} {status["observedGeneration"]} {status["containerStatuses"]![0]!["state"]!["terminated"]?["exitCode"]}".TrimEnd();

        private void Note(string text)
        {
            Told.Add(text);
            _news.Release();
        }
    }
}
