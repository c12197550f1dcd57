using Regatta.Config;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration.WorkloadKinds;

/// <summary>The mix of the Effective System Performance benchmark.</summary>
[ConfigSchema("The mix of the Effective System Performance benchmark, version 2: 230 jobs in 14 types. With time_scale its result is no ESP figure.")]
public sealed record EspWorkload : MachineWorkload
{
    /// <summary>Light ESP.</summary>
    [ConfigKey("Takes the light run times.")]
    public bool Light { get; init; }

    // The mix says itself what scaled times mean.

    /// <inheritdoc/>
    public override WorkloadChanges Changes(long seed) => base.Changes(seed) with { TimeScale = null };

    /// <inheritdoc/>
    protected override Workload Make(WorkloadSurroundings surroundings) =>
        new Esp { Processors = surroundings.Processors(Processors), Light = Light, Seed = surroundings.Seed ?? 1, TimeScale = TimeScale ?? 1 }.Generate();
}
