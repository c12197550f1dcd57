namespace Regatta.Workloads;

/// <summary>What becomes of the memory that jobs ask for.</summary>
public enum MemoryScale
{
    /// <summary>It stays.</summary>
    Keep,

    /// <summary>It is left out.</summary>
    None,

    /// <summary>It is scaled down, all jobs alike, so that the largest fits.</summary>
    Fit,
}

/// <summary>Holds the memory that jobs ask for against the nodes of a machine.</summary>
public static class MemoryDemand
{
    private const long MiB = 1 << 20;

    /// <summary>An error that lists the jobs that no set of nodes can hold; null when all fit or the nodes' memory is not known.</summary>
    public static Diagnostic? Check(Workload workload, MachineSize machine)
    {
        const int Shown = 20;
        ArgumentNullException.ThrowIfNull(workload);
        if (machine.NodeMemory is not { } memory) return null;
        var large = workload.Jobs.Where(job => !Fits(job, machine, memory)).ToList();
        if (large.Count == 0) return null;
        var lines = large.Take(Shown).Select(job => $"job {job.Id}: {Show(job.MemoryPerProcessor!.Value)} for each of {job.Processors} processors{(job.Nodes > 0 ? $" on {job.Nodes} nodes" : "")}");
        if (large.Count > Shown) lines = lines.Append($"and {large.Count - Shown} more");
        return Diagnostic.Error("workload-memory", $"{large.Count} of {workload.Jobs.Length} jobs of {workload.Name} ask for more memory than {machine.Nodes} nodes with {Show(memory)} for jobs each can give") with
        {
            Detail = string.Join('\n', lines),
            Help = "workload.memory=fit scales what all jobs ask for so that the largest fits, workload.memory=none leaves it out, or give nodes more with cluster.worker.memory",
        };
    }

    /// <summary>The workload with what its jobs ask for changed.</summary>
    /// <exception cref="DiagnosticException">It is to fit a machine whose memory is not known (<c>workload-memory</c>).</exception>
    public static Workload Apply(Workload workload, MemoryScale scale, MachineSize? machine)
    {
        ArgumentNullException.ThrowIfNull(workload);
        var asking = workload.Jobs.Count(job => job.MemoryPerProcessor is not null);
        if (scale == MemoryScale.Keep || asking == 0) return workload;
        if (scale == MemoryScale.None)
        {
            return (workload with { Jobs = [.. workload.Jobs.Select(job => job with { MemoryPerProcessor = null })] }).Note("",
                Diagnostic.Hint("workload-memory-changed", $"{workload.Name}: the memory that {asking} jobs ask for is left out"));
        }

        if (machine is not { NodeMemory: { } memory } size)
        {
            throw new DiagnosticException(Diagnostic.Error("workload-memory", "memory=fit needs nodes whose memory is known") with
            {
                Help = "set it in an experiment (workload.memory=fit), where cluster.worker.memory says what nodes have, or leave the memory out with memory=none",
            });
        }

        var share = memory / size.ProcessorsPerNode / MiB * MiB;
        var most = workload.Jobs.Max(job => job.MemoryPerProcessor ?? 0);
        if (most <= share) return workload;
        var factor = share / (double)most;
        return (workload with { Jobs = [.. workload.Jobs.Select(job => job with { MemoryPerProcessor = job.MemoryPerProcessor is { } asked ? Math.Max(MiB, (long)(asked * factor)) : null })] })
            .Note(string.Create(CultureInfo.InvariantCulture, $"Memory multiplied by {factor:0.######}."),
                Diagnostic.Hint("workload-memory-changed", string.Create(CultureInfo.InvariantCulture, $"{workload.Name}: the memory that jobs ask for is multiplied by {factor:0.######}, so that the largest, {Show(most)} a processor, becomes {Show(share)}")));
    }

    private static bool Fits(Job job, MachineSize machine, long memory)
    {
        if (job.MemoryPerProcessor is not (> 0 and var each)) return true;
        var perNode = Math.Min(machine.ProcessorsPerNode, memory / each);
        return job.Nodes > 0 ? (job.Processors + job.Nodes - 1) / job.Nodes <= perNode : job.Processors <= machine.Nodes * perNode;
    }

    private static string Show(long bytes) => bytes >= MiB ? string.Create(CultureInfo.InvariantCulture, $"{bytes / MiB:#,0} MiB") : string.Create(CultureInfo.InvariantCulture, $"{bytes:#,0} bytes");
}
