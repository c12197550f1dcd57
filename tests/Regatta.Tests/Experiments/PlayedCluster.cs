using System.Diagnostics;
using System.Text.Json.Nodes;
using Regatta.Host;

namespace Regatta.Tests.Experiments;

/// <summary>How a pod that is played ends.</summary>
/// <param name="Runs">Whether its script is run.</param>
/// <param name="Status">What its status says besides, where it does not succeed; null for success by the script's exit code.</param>
internal sealed record PlayedEnd(bool Runs, string? Status = null);

/// <summary>
/// Answers the launcher's kubectl as a cluster does, and runs the scripts of its pods on this machine, one after the other. What pods and Jobs look like is that of Kubernetes 1.20 and 1.32.
/// </summary>
internal sealed class PlayedCluster(string minor)
{
    private readonly List<JsonObject> _jobs = [];
    private readonly List<JsonObject> _pods = [];
    private readonly List<JsonObject> _through = [];
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;

    /// <summary>How a pod ends, by its Job's manifest and its index.</summary>
    public Func<JsonNode, int?, PlayedEnd> Ending { get; init; } = (_, _) => new PlayedEnd(Runs: true);

    /// <summary>Answers by the first word and its object that are not as usual: exit code and standard error.</summary>
    public Dictionary<string, string> Refusals { get; } = [];

    /// <summary>Whether Jobs whose pods are through have ended.</summary>
    public Func<bool> Ended { get; init; } = () => true;

    /// <summary>Events as <c>Reason: message</c>.</summary>
    public string Warnings { get; init; } = "";

    /// <summary>All Jobs that were made.</summary>
    public List<JsonNode> Made { get; } = [];

    /// <summary>Names of the Jobs that are there.</summary>
    public IReadOnlyList<string> Jobs
    {
        get
        {
            lock (_gate) return [.. _jobs.Select(Name)];
        }
    }

    /// <summary>How often pods were listed.</summary>
    public int Questions { get; private set; }

    public async Task<ToolResult> AskAsync(IReadOnlyList<string> arguments, string input, CancellationToken cancellation)
    {
        var words = arguments.Where(a => !a.StartsWith("--request-timeout", StringComparison.Ordinal) && !a.StartsWith("--namespace", StringComparison.Ordinal)).ToList();
        var question = string.Join(' ', words.Take(2));
        if (Refusals.FirstOrDefault(r => question.StartsWith(r.Key, StringComparison.Ordinal)) is { Value: { } refusal }) return new ToolResult(1, "", refusal);
        switch (question)
        {
            case "get --raw": return new ToolResult(0, $$"""{"major":"1","minor":"{{minor}}","gitVersion":"v1.{{minor}}.0"}""", "");
            case "get persistentvolumeclaim": return new ToolResult(0, "Bound", "");
            case "get events": return new ToolResult(0, Warnings + "\n", "");
            case "get jobs":
                lock (_gate)
                {
                    foreach (var job in _through.Where(_ => Ended())) job["status"]!["conditions"] = new JsonArray(new JsonObject { ["type"] = "Complete", ["status"] = "True" });
                }

                return new ToolResult(0, List(_jobs), "");
            case "get pods":
                Questions++;
                return new ToolResult(0, List(_pods.Where(p => (string?)p["status"]!["phase"] != "Succeeded")), "");
            case "create --filename=-":
                await CreateAsync(JsonNode.Parse(input)!.AsObject());
                return new ToolResult(0, "job.batch/x\n", "");
            case var delete when delete.StartsWith("delete jobs", StringComparison.Ordinal):
                await _running;
                lock (_gate) _jobs.RemoveAll(j => words[2].StartsWith("--selector", StringComparison.Ordinal) || Name(j) == words[2]);
                return new ToolResult(0, "", "");
            default: throw new InvalidOperationException($"nobody answers '{string.Join(' ', words)}'");
        }
    }

    /// <summary>Waits until the pods are through.</summary>
    public Task ThroughAsync() => _running;

    private static string Name(JsonNode job) => (string)job["metadata"]!["name"]!;

    private string List(IEnumerable<JsonObject> items)
    {
        lock (_gate) return new JsonObject { ["items"] = new JsonArray([.. items.Select(i => i.DeepClone())]) }.ToJsonString();
    }

    private async Task CreateAsync(JsonObject job)
    {
        Made.Add(job.DeepClone());
        job["status"] = new JsonObject();
        lock (_gate) _jobs.Add(job);
        var before = _running;
        _running = Task.Run(async () =>
        {
            await before;
            var completions = (int?)job["spec"]!["completions"];
            for (var i = 0; i < (completions ?? 1); i++) await RunAsync(job, completions is null ? null : i, TestContext.Current.CancellationToken);
            lock (_gate) _through.Add(job);
        }, TestContext.Current.CancellationToken);
        await Task.Yield();
    }

    private async Task RunAsync(JsonObject job, int? index, CancellationToken cancellation)
    {
        var end = Ending(job, index);
        var pod = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = $"{Name(job)}-{index ?? 0}", ["labels"] = new JsonObject { ["job-name"] = Name(job) }, ["annotations"] = index is { } i ? new JsonObject { ["batch.kubernetes.io/job-completion-index"] = $"{i}" } : null },
            ["spec"] = new JsonObject { ["nodeName"] = "n1" },
        };
        var code = 0;
        if (end.Runs)
        {
            var script = (string)job["spec"]!["template"]!["spec"]!["containers"]![0]!["command"]![2]!;
            var start = new ProcessStartInfo("sh", ["-c", script]);
            (start.Environment["NODE"], start.Environment["POD"]) = ("n1", Name(pod));
            if (index is not null) start.Environment["JOB_COMPLETION_INDEX"] = $"{index}";
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(cancellation);
            code = process.ExitCode;
        }

        pod["status"] = end.Status is { } status ? JsonNode.Parse(status)
            : code == 0 ? new JsonObject { ["phase"] = "Succeeded" }
            : JsonNode.Parse("""{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"reason":"Error","exitCode":CODE}}}]}""".Replace("CODE", $"{code}", StringComparison.Ordinal));
        lock (_gate) _pods.Add(pod);
    }
}
