using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>The parts of a machine that share no node: each a partition, or several that overlap.</summary>
/// <param name="Names">The names of the partitions of each part.</param>
/// <param name="Nodes">The nodes of each part, from 0 on, in rising order.</param>
internal sealed record MachineParts(ImmutableArray<ImmutableArray<string>> Names, ImmutableArray<ImmutableArray<ProcessorRange>> Nodes)
{
    /// <summary>The parts that partitions make of so many nodes.</summary>
    public static MachineParts Of(ReferencePartitions partitions, int nodes)
    {
        var names = new List<List<string>>();
        // The part of each node; -1 for a node of no partition.
        var partOf = new int[nodes];
        Array.Fill(partOf, -1);
        foreach (var partition in partitions.All)
        {
            var numbers = Numbers(partition);
            int[] own = [.. Enumerable.Range(0, nodes).Where(numbers.Holds)];
            int[] met = [.. own.Select(node => partOf[node]).Where(part => part >= 0).Distinct().Order()];
            var part = met.Length > 0 ? met[0] : names.Count;
            if (part == names.Count) names.Add([]);
            foreach (var other in met.Skip(1))
            {
                names[part].AddRange(names[other]);
                names[other].Clear();
                for (var node = 0; node < nodes; node++) if (partOf[node] == other) partOf[node] = part;
            }

            names[part].Add(partition.Name);
            foreach (var node in own) partOf[node] = part;
        }

        // Parts that became one with another hold nothing now.
        int[] kept = [.. Enumerable.Range(0, names.Count).Where(part => names[part].Count > 0)];
        return new MachineParts([.. kept.Select(part => names[part].ToImmutableArray())], [.. kept.Select(part => Ranges(partOf, part))]);
    }

    /// <summary>The part of each partition by its name.</summary>
    public Dictionary<string, int> ByName() => Names.SelectMany((names, part) => names.Select(name => (name, part))).ToDictionary(pair => pair.name, pair => pair.part, StringComparer.Ordinal);

    private static NodeNumbers Numbers(ReferencePartition partition) => NodeNumbers.Parse(partition.Nodes)
        ?? throw new DiagnosticException(Diagnostic.Error("slurm-node-numbers", $"the partition '{partition.Name}' names its nodes by neither 'all' nor numbers from 1 on") with { Help = "write nodes: 1-2,4" });

    private static ImmutableArray<ProcessorRange> Ranges(int[] partOf, int part)
    {
        var ranges = ImmutableArray.CreateBuilder<ProcessorRange>();
        for (var node = 0; node < partOf.Length; node++)
        {
            if (partOf[node] != part) continue;
            if (ranges.Count > 0 && ranges[^1].First + ranges[^1].Count == node) ranges[^1] = ranges[^1] with { Count = ranges[^1].Count + 1 };
            else ranges.Add(new(node, 1));
        }

        return ranges.ToImmutable();
    }
}
