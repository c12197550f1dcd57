using Regatta.Config;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration.WorkloadKinds;

/// <summary>Jobs of the model of Lublin and Feitelson.</summary>
[ConfigSchema("Rigid jobs by the model of Lublin and Feitelson (JPDC 2003).")]
public sealed record LublinWorkload : MachineWorkload
{
    /// <summary>Jobs to generate.</summary>
    [ConfigKey("How many jobs.", Minimum = 1, Maximum = JobLimit.Most)]
    public int Jobs { get; init; } = 1000;

    /// <summary>Type of jobs.</summary>
    [ConfigKey("Which of the model's fits: all jobs alike, batch jobs, interactive jobs, or both of these mixed.")]
    public LublinType Type { get; init; }

    /// <summary>Hour at which it starts.</summary>
    [ConfigKey("Hour of the day at which the workload starts.", Minimum = 0, Maximum = 23)]
    public int Start { get; init; }

    // The model makes its load from unrounded times, unless sizes change afterwards.
    private bool OwnLoad => Scale is null;

    /// <inheritdoc/>
    public override WorkloadChanges Changes(long seed) => base.Changes(seed) with { Load = OwnLoad ? null : Load };

    /// <inheritdoc/>
    protected override Workload Make(WorkloadSurroundings surroundings) => new LublinFeitelson
    {
        Jobs = Jobs, Processors = surroundings.Processors(Processors), Seed = surroundings.Seed ?? 1, Load = OwnLoad ? Load : null, Type = Type, StartHour = Start,
    }.Generate();
}
