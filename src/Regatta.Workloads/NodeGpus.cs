using System.Text.Json.Serialization;

namespace Regatta.Workloads;

/// <summary>GPUs of one model that nodes have.</summary>
/// <param name="Model">The model, such as <c>a100</c>.</param>
/// <param name="Nodes">The nodes by number, from 1 on: <c>all</c>, or ranges such as <c>1-2,4</c>.</param>
/// <param name="Count">GPUs of each of these nodes, at least 1.</param>
public sealed record NodeGpus(string Model, string Nodes, int Count)
{
    /// <summary>The nodes; null when their text cannot be read.</summary>
    [JsonIgnore]
    public NodeNumbers? Numbers { get; } = NodeNumbers.Parse(Nodes);

    /// <summary>GPUs of the node at a place, from 0 on; 0 for a node that has none of the model.</summary>
    public int On(int place) => Numbers?.Holds(place) == true ? Count : 0;

    /// <summary>How many there are in all, by model.</summary>
    /// <param name="gpus">The GPUs of the nodes.</param>
    /// <param name="nodes">How many nodes there are.</param>
    public static ImmutableSortedDictionary<string, long> ByModel(IEnumerable<NodeGpus> gpus, int nodes) =>
        gpus.GroupBy(g => g.Model, StringComparer.Ordinal).ToImmutableSortedDictionary(g => g.Key, g => g.Sum(kind => kind.Of(nodes)), StringComparer.Ordinal);

    /// <summary>Such as <c>8 a100 on nodes 1-512</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count} {Model} on {(Numbers?.Ranges.IsEmpty == true ? "every node" : $"nodes {Nodes}")}");

    /// <summary>GPUs of the model in all.</summary>
    /// <param name="nodes">How many nodes there are.</param>
    public long Of(int nodes) => Enumerable.Range(0, nodes).Sum(place => (long)On(place));
}
