using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>How the nodes stand; what changes of it is a fault.</summary>
/// <param name="report">Takes the faults.</param>
internal sealed class KubernetesNodes(Action<Observation> report)
{
    private readonly Dictionary<string, (bool Ready, string? Pressure)> _nodes = new(StringComparer.Ordinal);

    /// <summary>A node is there, or gone.</summary>
    public void See(string node, bool ready, string? pressure, bool gone, long now)
    {
        var known = _nodes.TryGetValue(node, out var was);
        _nodes[node] = (ready && !gone, pressure);
        if (!known) return;
        if (was.Ready != ready || gone) report(new ReplayFault(now, node, gone ? $"the node {node} was removed" : ready ? $"the node {node} is ready again" : $"the node {node} is not ready"));
        if (was.Pressure != pressure) report(new ReplayFault(now, node, pressure is null ? $"the node {node} is short of nothing any more" : $"the node {node} is short of resources ({pressure}): it takes no jobs, and may put out those it has"));
    }

    /// <summary>The node was there and does not answer.</summary>
    public bool IsLost(string? node) => node is not null && _nodes.TryGetValue(node, out var known) && !known.Ready;
}
