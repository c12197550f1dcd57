namespace Regatta.Workloads;

/// <summary>What a workload needs to know of a machine: how many processors it has, and how they lie on nodes.</summary>
/// <param name="Processors">Schedulable processors in all, <c>P</c>; at least 1.</param>
/// <param name="ProcessorsPerNode">Processors of one node; at least 1. Nodes are alike.</param>
/// <param name="NodeMemory">Memory of a node that jobs may have, in bytes; null when it is not known.</param>
public readonly record struct MachineSize(int Processors, int ProcessorsPerNode = 1, long? NodeMemory = null)
{
    /// <summary>The most processors of a machine: one bound for plans, workloads and what is read of a trial, far above any machine there is.</summary>
    public const int MostProcessors = 1 << 24;

    /// <summary>Whole nodes.</summary>
    public int Nodes => Processors / Math.Max(1, ProcessorsPerNode);

    /// <summary>A machine of like nodes.</summary>
    /// <exception cref="DiagnosticException">It has more than <see cref="MostProcessors"/> (<c>machine-too-large</c>).</exception>
    public static MachineSize Of(int nodes, int processorsPerNode) => (long)nodes * processorsPerNode is var all && all <= MostProcessors
        ? new((int)all, processorsPerNode)
        : throw new DiagnosticException(Diagnostic.Error("machine-too-large", string.Create(CultureInfo.InvariantCulture, $"{nodes:#,0} nodes of {processorsPerNode:#,0} processors are {all:#,0} processors, and the most is {MostProcessors:#,0}")) with
        {
            Help = "take fewer nodes (cluster.workers, cluster.emulated) or fewer processors of each (cluster.worker.processors)",
        });

    /// <summary>The least number of nodes that hold this many processors.</summary>
    public int NodesFor(int processors) => (int)(((long)processors + ProcessorsPerNode - 1) / ProcessorsPerNode);

    /// <inheritdoc/>
    public override string ToString() => ProcessorsPerNode == 1 ? $"{Processors} processors" : $"{Nodes} nodes of {ProcessorsPerNode} processors";
}
