namespace Regatta.Workloads;

/// <summary>What a workload needs to know of a machine: how many processors it has, and how they lie on nodes.</summary>
/// <param name="Processors">Schedulable processors in all, <c>P</c>; at least 1.</param>
/// <param name="ProcessorsPerNode">Processors of one node; at least 1. Nodes are alike.</param>
public readonly record struct MachineSize(int Processors, int ProcessorsPerNode = 1)
{
    /// <summary>Whole nodes.</summary>
    public int Nodes => Processors / Math.Max(1, ProcessorsPerNode);

    /// <summary>A machine of like nodes.</summary>
    public static MachineSize Of(int nodes, int processorsPerNode) => new(checked(nodes * processorsPerNode), processorsPerNode);

    /// <summary>The least number of nodes that hold this many processors.</summary>
    public int NodesFor(int processors) => (int)(((long)processors + ProcessorsPerNode - 1) / ProcessorsPerNode);

    /// <inheritdoc/>
    public override string ToString() => ProcessorsPerNode == 1 ? $"{Processors} processors" : $"{Nodes} nodes of {ProcessorsPerNode} processors";
}
