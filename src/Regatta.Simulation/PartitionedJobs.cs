using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>Jobs on a machine with partitions: where each runs, with the limits that its partition gives it.</summary>
/// <param name="Jobs">The jobs, with the times that their partitions give to those that asked for none.</param>
/// <param name="PartOf">The part of the machine that each runs in; -1 for one that its partition does not take.</param>
/// <param name="Parts">The parts of the machine.</param>
internal sealed record PartitionedJobs(QueuedJobs Jobs, int[] PartOf, MachineParts Parts)
{
    /// <summary>Lays jobs out on a machine; their table has the jobs themselves.</summary>
    /// <exception cref="DiagnosticException">A job names a partition that is not there, or is larger than its part of the machine.</exception>
    public static PartitionedJobs Of(QueuedJobs jobs, MachineSize machine, ReferencePartitions partitions, int[] sizes, bool wholeNodes)
    {
        var parts = MachineParts.Of(partitions, machine.Nodes);
        var partByName = parts.ByName();
        var byName = partitions.All.ToDictionary(partition => partition.Name, StringComparer.Ordinal);
        var usual = partitions.All.FirstOrDefault(partition => partition.IsDefault) ?? partitions.All[0];
        int[] capacities = [.. parts.Nodes.Select(nodes => nodes.Sum(range => range.Count) * (wholeNodes ? 1 : machine.ProcessorsPerNode))];
        var limited = jobs.Copy();
        var partOf = new int[jobs.Count];
        var large = new List<string>();
        for (var row = 0; row < jobs.Count; row++)
        {
            var job = jobs.Jobs![row];
            // Of several the first: which of them would start it first is not tried.
            var partition = job.Request?.Partition is { } asked ? Named(asked.Split(',')[0]) : usual;
            var part = partByName[partition.Name];
            if (job.RequestedTime is null && partition.Usual is { } limit) limited.Limit(row, Micros.From(limit));
            var taken = partition.Takes(job, machine);
            partOf[row] = taken ? part : -1;
            if (taken && sizes[row] > capacities[part]) large.Add($"job {jobs.Numbers[row]}: {sizes[row]} {(wholeNodes ? "nodes" : "processors")}, and {partition.Name} has {capacities[part]}");
        }

        return large.Count == 0 ? new PartitionedJobs(limited, partOf, parts) : throw TooLarge(large, jobs.Count);

        ReferencePartition Named(string name) => byName.GetValueOrDefault(name)
            ?? throw new DiagnosticException(Diagnostic.Error("slurm-partition-unknown", $"jobs ask for a partition '{name}' that is not there") with
            {
                Help = Suggestion.Nearest(name, byName.Keys.Order(StringComparer.Ordinal)) is { } near ? $"did you mean '{near}'?" : "add it to scheduler.slurm.partitions",
            });
    }

    /// <summary>Jobs are larger than their partitions.</summary>
    public static DiagnosticException TooLarge(List<string> large, int jobs)
    {
        const int Shown = 20;
        return new(Diagnostic.Error("workload-too-large", $"{large.Count} of {jobs} jobs cannot fit their partitions") with
        {
            Detail = string.Join('\n', large.Take(Shown).Concat(large.Count > Shown ? [$"and {large.Count - Shown} more"] : [])),
            Help = "take a larger machine, or give the partitions more nodes; workload.scale=clamp cuts at the machine's size alone",
        });
    }
}
