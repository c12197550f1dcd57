using System.Text.Json;

namespace Regatta.Experiments.Launching;

/// <summary>A Job of a run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Ended">Whether it is complete or failed: it makes no pods any more.</param>
/// <param name="Suspended">Whether it waits to be let in.</param>
/// <param name="Completed">Indices whose pods succeeded; empty where it has none.</param>
internal sealed record KubernetesJobState(string Name, bool Ended, bool Suspended, IReadOnlySet<int> Completed)
{
    /// <summary>Reads the Jobs of a list.</summary>
    public static IReadOnlyList<KubernetesJobState> Parse(string json)
    {
        using var list = JsonDocument.Parse(json);
        return [.. list.RootElement.Items().Select(job => new KubernetesJobState(
            job.Text("metadata", "name")!,
            job.Children("status", "conditions").Any(c => c.Text("type") is "Complete" or "Failed" && c.Text("status") == "True"),
            job.At("spec", "suspend") is { ValueKind: JsonValueKind.True },
            Indices(job.Text("status", "completedIndexes") ?? "")))];
    }

    /// <summary>The numbers of a text such as <c>1,3-5</c>.</summary>
    internal static HashSet<int> Indices(string text)
    {
        var indices = new HashSet<int>();
        foreach (var range in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = range.Split('-').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
            indices.UnionWith(Enumerable.Range(ends[0], ends[^1] - ends[0] + 1));
        }

        return indices;
    }
}

/// <summary>A pod of a run that has not succeeded.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Job">The Job that made it.</param>
/// <param name="Index">Its task; null where pods share their tasks.</param>
/// <param name="Phase">Pending, Running, Failed or Unknown.</param>
/// <param name="Reason">Why it waits or failed, in a word of Kubernetes'; empty where it says nothing.</param>
/// <param name="Message">What Kubernetes says besides.</param>
/// <param name="ExitCode">Exit code of its container; null while it has none.</param>
/// <param name="Node">Its node; empty while it has none.</param>
internal sealed record KubernetesPod(string Name, string Job, int? Index, string Phase, string Reason, string Message, int? ExitCode, string Node)
{
    private const string IndexKey = "batch.kubernetes.io/job-completion-index";

    /// <summary>Whether it may still run something.</summary>
    public bool IsActive => Phase is "Pending" or "Running" or "Unknown";

    /// <summary>Reads the pods of a list.</summary>
    public static IReadOnlyList<KubernetesPod> Parse(string json)
    {
        using var list = JsonDocument.Parse(json);
        return [.. list.RootElement.Items().Select(Read)];
    }

    /// <summary>How a pod that failed was lost, told from what else could have been.</summary>
    public TaskLoss Loss => Reason switch
    {
        "OOMKilled" => TaskLoss.Memory,
        "DeadlineExceeded" => TaskLoss.TimeLimit,
        "Evicted" or "TerminationByKubelet" or "EvictionByEvictionAPI" => TaskLoss.Evicted,
        "Preempting" or "PreemptionByScheduler" => TaskLoss.Preempted,
        "NodeLost" or "NodeShutdown" or "Shutdown" or "Terminated" or "DeletionByTaintManager" or "DeletionByPodGC" => TaskLoss.NodeFailed,
        _ when Phase == "Unknown" => TaskLoss.NodeFailed,
        _ => TaskLoss.Unknown,
    };

    private static KubernetesPod Read(JsonElement pod)
    {
        var container = pod.Children("status", "containerStatuses").FirstOrDefault();
        var terminated = container.At("state", "terminated");
        var waiting = container.At("state", "waiting");
        var conditions = pod.Children("status", "conditions").ToList();
        var disruption = conditions.FirstOrDefault(c => c.Text("type") == "DisruptionTarget" && c.Text("status") == "True");
        var unscheduled = conditions.FirstOrDefault(c => c.Text("type") == "PodScheduled" && c.Text("status") == "False");
        // The pod's own word first: a container that was killed for its pod's deadline says Error.
        var source = new[] { pod.At("status"), disruption, terminated, waiting, unscheduled }.FirstOrDefault(s => s is { } at && at.Text("reason") is { Length: > 0 });
        var index = pod.At("metadata", "annotations") is { } annotations && annotations.Text(IndexKey) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : (int?)null;
        return new KubernetesPod(
            pod.Text("metadata", "name")!, pod.At("metadata", "labels").Text("job-name") ?? pod.At("metadata", "labels").Text("batch.kubernetes.io/job-name") ?? "", index, pod.Text("status", "phase") ?? "",
            source.Text("reason") ?? "", source.Text("message") ?? "", terminated.At("exitCode") is { } code ? code.GetInt32() : null, pod.Text("spec", "nodeName") ?? "");
    }
}

/// <summary>Ways into JSON that may lack its parts.</summary>
internal static class JsonParts
{
    /// <summary>What a list holds.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement list) => Children(list, "items");

    /// <summary>What lies at a path; null where nothing does.</summary>
    public static JsonElement? At(this JsonElement? from, params ReadOnlySpan<string> path)
    {
        var at = from;
        foreach (var name in path) at = at is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var child) ? child : null;
        return at;
    }

    /// <summary>What lies at a path; null where nothing does.</summary>
    public static JsonElement? At(this JsonElement from, params ReadOnlySpan<string> path) => At((JsonElement?)from, path);

    /// <summary>The text at a path; null where there is none.</summary>
    public static string? Text(this JsonElement? from, params ReadOnlySpan<string> path) => At(from, path) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>The text at a path; null where there is none.</summary>
    public static string? Text(this JsonElement from, params ReadOnlySpan<string> path) => Text((JsonElement?)from, path);

    /// <summary>The elements of the list at a path; none where there is none.</summary>
    public static IEnumerable<JsonElement> Children(this JsonElement from, params ReadOnlySpan<string> path) => At(from, path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];
}
