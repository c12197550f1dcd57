using System.Text.Json;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Flux;

/// <summary>Makes faults out of what the leader says of its nodes, answer by answer. Pure.</summary>
internal sealed class FluxNodes(Action<Observation> report)
{
    private Dictionary<int, (string Name, string? Trouble)>? _before;

    /// <summary>Takes an answer of <c>resource.status</c>.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="now">When it came, UTC microseconds.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public void Read(string answer, long now)
    {
        using var document = JsonDocument.Parse(answer);
        var root = document.RootElement;
        if (!root.TryGetProperty("R", out var resources) || !resources.TryGetProperty("execution", out var execution)
            || !execution.TryGetProperty("nodelist", out var list) || list.ValueKind != JsonValueKind.Array) return;
        // The leader may have no resources: names belong to the ranks that have, in their order.
        var ranks = execution.TryGetProperty("R_lite", out var lite) ? lite.EnumerateArray().SelectMany(r => Ranks(r.GetProperty("rank").GetString())).Order() : Enumerable.Empty<int>();
        var online = Ranks(root.TryGetProperty("online", out var on) ? on.GetString() : null);
        var nodes = ranks.Zip(list.EnumerateArray().SelectMany(n => HostList.Expand(n.GetString() ?? "")))
            .ToDictionary(n => n.First, n => (Name: n.Second, Trouble: online.Contains(n.First) ? null : "is not online"));
        if (root.TryGetProperty("drain", out var drained) && drained.ValueKind == JsonValueKind.Object)
        {
            foreach (var entry in drained.EnumerateObject())
            {
                var reason = entry.Value.TryGetProperty("reason", out var words) ? words.GetString() : null;
                foreach (var rank in Ranks(entry.Name))
                {
                    if (nodes.TryGetValue(rank, out var node) && node.Trouble is null) nodes[rank] = (node.Name, "was drained: " + (string.IsNullOrEmpty(reason) ? "no reason given" : reason));
                }
            }
        }

        // What was so before the replay is not its fault.
        foreach (var (rank, (name, trouble)) in _before is null ? [] : nodes)
        {
            if (_before!.GetValueOrDefault(rank).Trouble == trouble) continue;
            report(new ReplayFault(now, name, trouble is null ? $"the node {name} is there again" : $"the node {name} {trouble}"));
        }

        _before = nodes;
    }

    private static HashSet<int> Ranks(string? set) =>
        string.IsNullOrEmpty(set) ? [] : [.. HostList.Expand($"[{set}]").Select(n => int.Parse(n, System.Globalization.CultureInfo.InvariantCulture))];
}
