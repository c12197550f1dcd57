using Regatta.Config;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration.WorkloadKinds;

/// <summary>The small workload of the first experiment.</summary>
[ConfigSchema("The small workload of the first experiment: 12 jobs of 1 or 3 s for 8 processors.")]
public sealed record QuickstartWorkload : WorkloadSection
{
    /// <inheritdoc/>
    protected override Workload Make(WorkloadSurroundings surroundings) => Quickstart.Generate(surroundings.Seed ?? Quickstart.ShippedSeed);
}
