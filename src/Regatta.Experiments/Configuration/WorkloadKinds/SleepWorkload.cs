using Regatta.Config;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration.WorkloadKinds;

/// <summary>A fan of sleeps.</summary>
[ConfigSchema("A fan of short tasks for launch latency: one burst of jobs of one processor, all of the same length.")]
public sealed record SleepWorkload : MachineWorkload
{
    /// <summary>Tasks per processor.</summary>
    [ConfigKey("Tasks for each processor.", Minimum = 1)]
    public int PerProcessor { get; init; } = 8;

    /// <summary>Total work.</summary>
    [ConfigKey("Total work for each processor, which its tasks share.")]
    public TimeSpan Total { get; init; } = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    protected override Workload Make(WorkloadSurroundings surroundings) =>
        new Batches { Seed = surroundings.Seed ?? 1 }.SleepFan(surroundings.Processors(Processors), PerProcessor, Total);
}
