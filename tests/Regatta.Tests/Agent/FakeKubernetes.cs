using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Regatta.Tests.Agent;

/// <summary>
/// Speaks like an API server over plain HTTP: lists, watches that go on from a resourceVersion, creation and deletion, and an audit log beside it. Every job gets
/// one pod, which runs and ends at once, unless <see cref="Answer"/> says otherwise.
/// </summary>
internal sealed class FakeKubernetes : FakeServer
{
    private readonly List<(string Collection, long Version, string Line)> _history = [];
    private readonly Dictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version = 100, _forgotten;

    public FakeKubernetes(string directory)
        : base(new IPEndPoint(IPAddress.Loopback, 0))
    {
        Kubeconfig = Path.Combine(directory, "kubeconfig");
        AuditLog = Path.Combine(directory, "audit.log");
        File.WriteAllText(AuditLog, "");
        File.WriteAllText(Kubeconfig, $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            contexts:
            - name: test
              context: {cluster: fake, user: me}
            clusters:
            - name: fake
              cluster: {server: "http://127.0.0.1:{{((IPEndPoint)Address).Port}}"}
            users:
            - name: me
              user: {token: not-a-secret}
            """);
        Put("nodes", Node("w1", "8", ready: true));
        Put("nodes", Node("w2", "8", ready: true));
        Serve();
    }

    /// <summary>What to do with a creation.</summary>
    public enum Reply
    {
        Take,

        /// <summary>Take it, but cut the connection instead of answering.</summary>
        TakeAndCut,

        /// <summary>Take it, and do nothing with it.</summary>
        TakeAndKeep,

        /// <summary>A webhook does not answer in time.</summary>
        WebhookTimeout,

        /// <summary>A webhook refuses it.</summary>
        Refuse,
    }

    public string Kubeconfig { get; }

    public string AuditLog { get; }

    /// <summary>There is Volcano, with these queues; null for none.</summary>
    public string[]? Queues { get; init; }

    /// <summary>Versions of the API of PodGroups that it serves.</summary>
    public string[] GangApis { get; init; } = [];

    /// <summary>It does not know what makes a pod a member of a gang, and drops it.</summary>
    public bool DropsGangs { get; init; }

    /// <summary>The answer to the given creation of a name (from 1).</summary>
    public Func<string, int, Reply> Answer { get; set; } = (_, _) => Reply.Take;

    /// <summary>Bodies of all creations, in order.</summary>
    public List<JsonNode> Created { get; } = [];

    /// <summary>Paths that were deleted, with the options of the deletion.</summary>
    public List<(string Path, string Options)> Deleted { get; } = [];

    /// <summary>Paths of all watches that were opened.</summary>
    public List<string> Watched { get; } = [];

    public static JsonObject Node(string name, string processors, bool ready) => JsonNode.Parse($$"""
        {"metadata":{"name":"{{name}}","uid":"{{name}}","namespace":""},"spec":{},"status":{"allocatable":{"cpu":"{{processors}}","memory":"16Gi"},"conditions":[{"type":"Ready","status":"{{(ready ? "True" : "Unknown")}}"}] } }
        """)!.AsObject();

    /// <summary>Makes or changes an object of a collection (<c>jobs</c>, <c>pods</c>, <c>nodes</c>, <c>podgroups</c>); watches are told.</summary>
    public void Put(string collection, JsonObject item)
    {
        lock (Gate)
        {
            var key = $"{collection}/{(string)item["metadata"]!["name"]!}";
            var type = _objects.ContainsKey(key) ? "MODIFIED" : "ADDED";
            item["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
            _objects[key] = item;
            Tell(collection, type, item);
        }
    }

    /// <summary>Removes an object; watches are told.</summary>
    public void Remove(string collection, string name)
    {
        lock (Gate)
        {
            if (!_objects.Remove($"{collection}/{name}", out var item)) return;
            item["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
            Tell(collection, "DELETED", item);
        }
    }

    public JsonObject? Find(string collection, string name)
    {
        lock (Gate) return _objects.TryGetValue($"{collection}/{name}", out var item) ? item.DeepClone().AsObject() : null;
    }

    /// <summary>Cuts all connections, and forgets what watches were told so far when asked to: a watch from before is then too old.</summary>
    /// <param name="forget">Whether to forget.</param>
    /// <param name="away">What happens while nobody is connected.</param>
    public void Restart(bool forget, Action away)
    {
        lock (Gate)
        {
            Cut();
            away();
            if (!forget) return;
            _forgotten = _version;
            _history.Clear();
        }
    }

    public void Audit(string resource, string? subresource, string name, int code = 201)
    {
        var now = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        var sub = subresource is null ? "" : $$""","subresource":"{{subresource}}" """.TrimEnd();
        File.AppendAllText(AuditLog, $$"""
            {"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","stage":"ResponseComplete","verb":"create","objectRef":{"resource":"{{resource}}","namespace":"regatta","name":"{{name}}","apiVersion":"v1"{{sub}}},"responseStatus":{"metadata":{},"code":{{code}}},"requestReceivedTimestamp":"{{now}}","stageTimestamp":"{{now}}"}

            """);
    }

    /// <summary>Runs the pod of a job: placed, run, ended; then its job.</summary>
    public void RunJob(string name, string phase = "Succeeded", string node = "w1", int exitCode = 0, string? reason = null)
    {
        var job = Find("jobs", name)!;
        var pod = PodOf(job, $"{name}-abcde");
        Put("pods", pod.DeepClone().AsObject());
        Audit("pods", "binding", $"{name}-abcde");
        pod["spec"]!["nodeName"] = node;
        Put("pods", pod.DeepClone().AsObject());
        pod["status"]!["phase"] = "Running";
        Put("pods", pod.DeepClone().AsObject());
        EndPod(pod, phase, exitCode, reason);
        EndJob(job, phase == "Succeeded");
    }

    public static JsonObject PodOf(JsonObject job, string name) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "regatta", ["uid"] = name, ["labels"] = job["metadata"]!["labels"]!.DeepClone() },
        ["spec"] = new JsonObject(),
        ["status"] = new JsonObject { ["phase"] = "Pending" },
    };

    public void EndPod(JsonObject pod, string phase, int exitCode, string? reason)
    {
        pod["status"]!["phase"] = phase;
        if (reason is not null) (pod["status"]!["reason"], pod["status"]!["message"]) = (reason, "in the kubelet's words");
        pod["status"]!["containerStatuses"] = new JsonArray(new JsonObject { ["state"] = new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = exitCode, ["reason"] = exitCode == 0 ? "Completed" : "Error" } } });
        Put("pods", pod.DeepClone().AsObject());
    }

    public void EndJob(JsonObject job, bool well)
    {
        job["status"] = JsonNode.Parse((string?)job["apiVersion"] != "batch/v1"
            ? $$"""{"state":{"phase":"{{(well ? "Completed" : "Terminated")}}"},"runningDuration":"99h"}"""
            : well
                ? """{"startTime":"2026-11-23T23:26:17Z","conditions":[{"type":"Complete","status":"True"}]}"""
                : """{"startTime":"2026-11-23T23:26:17Z","conditions":[{"type":"Failed","status":"True","reason":"BackoffLimitExceeded","message":"Job has reached the specified backoff limit"}]}""");
        Put("jobs", job);
    }

    private void Tell(string collection, string type, JsonObject item)
    {
        _history.Add((collection, _version, $$"""{"type":"{{type}}","object":{{item.ToJsonString()}}}"""));
        var news = _news;
        _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        news.TrySetResult();
    }

    private static string Collection(string path)
    {
        var parts = path.Split('?')[0].Split('/');
        return parts[^1] is "jobs" or "pods" or "nodes" or "podgroups" or "queues" ? parts[^1] : parts[^2];
    }

    /// <summary>A watch has its connection for itself.</summary>
    protected override async Task<bool> KeepAsync(Stream stream, string path)
    {
        if (!path.Contains("watch=1", StringComparison.Ordinal)) return false;
        await WatchAsync(stream, path);
        return true;
    }

    private async Task WatchAsync(Stream stream, string path)
    {
        lock (Gate) Watched.Add(path);
        var collection = Collection(path);
        var version = long.Parse(path.Split("resourceVersion=")[1].Split('&')[0], CultureInfo.InvariantCulture);
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"u8.ToArray());
        if (version < _forgotten)
        {
            await stream.WriteAsync(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "Agent", "Kubernetes.data", "err-expired-watch.json"), Stopped));
            return;
        }

        while (true)
        {
            Task news;
            List<(string Collection, long Version, string Line)> lines;
            lock (Gate)
            {
                news = _news.Task;
                lines = [.. _history.Where(h => h.Collection == collection && h.Version > version)];
            }

            foreach (var (_, at, line) in lines)
            {
                version = at;
                await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
            }

            await news.WaitAsync(Stopped);
        }
    }

    protected override (int Status, string? Text) Respond(string method, string path, string body)
    {
        if (path == "/version") return (200, "{}");
        if (path.Contains(".volcano.sh", StringComparison.Ordinal) && Queues is null) return (404, "404 page not found");
        if (path.EndsWith("/queues", StringComparison.Ordinal)) return (200, $$"""{"items":[{{string.Join(',', Queues!.Select(q => $$"""{"metadata":{"name":"{{q}}"} }"""))}}]}""");
        if (path.StartsWith("/apis/scheduling.k8s.io/", StringComparison.Ordinal) && path.Split('/')[3] is var version && !path.Contains("namespaces", StringComparison.Ordinal))
            return GangApis.Contains(version) ? (200, """{"resources":[{"name":"podgroups"},{"name":"podgroups/status"}]}""") : (404, "404 page not found");
        if (path.EndsWith("/pods?dryRun=All", StringComparison.Ordinal)) return (201, Kept(JsonNode.Parse(body)!.AsObject()).ToJsonString());
        if (method == "POST" && path.EndsWith("/podgroups", StringComparison.Ordinal))
        {
            Created.Add(JsonNode.Parse(body)!);
            return (201, body);
        }

        if (method == "POST") return Create(JsonNode.Parse(body)!.AsObject());
        if (method == "DELETE")
        {
            Deleted.Add((path, body));
            var name = path.Split('/')[^1];
            Remove("jobs", name);
            foreach (var pod in _objects.Keys.Where(k => k.StartsWith($"pods/{name}-", StringComparison.Ordinal)).ToList()) Remove("pods", pod["pods/".Length..]);
            return (200, "{}");
        }

        var collection = Collection(path);
        return (200, $$"""{"metadata":{"resourceVersion":"{{_version}}"},"items":[{{string.Join(',', _objects.Where(o => o.Key.StartsWith(collection + "/", StringComparison.Ordinal)).Select(o => o.Value.ToJsonString()))}}]}""");
    }

    private JsonObject Kept(JsonObject pod)
    {
        if (DropsGangs) pod["spec"]!.AsObject().Remove("schedulingGroup");
        return pod;
    }

    private (int Status, string? Text) Create(JsonObject job)
    {
        Created.Add(job);
        var name = (string)job["metadata"]!["name"]!;
        var reply = Answer(name, Created.Count(c => (string)c["metadata"]!["name"]! == name));
        if (reply == Reply.WebhookTimeout) return (500, """{"kind":"Status","status":"Failure","message":"Internal error occurred: failed calling webhook \"validatejob.volcano.sh\": context deadline exceeded","reason":"InternalError","code":500}""");
        if (reply == Reply.Refuse) return (400, Recorded("err-webhook-unknown-queue.json"));
        if (_objects.ContainsKey($"jobs/{name}")) return (409, Recorded("err-alreadyexists-vcjob.json"));
        var made = job.DeepClone().AsObject();
        made["metadata"]!["uid"] = name;
        Put("jobs", made);
        Audit("jobs", null, name);
        if (reply != Reply.TakeAndKeep) RunJob(name);
        return (201, reply == Reply.TakeAndCut ? null : """{"metadata":{}}""");
    }

    private static string Recorded(string file) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Agent", "Kubernetes.data", file));
}
