using Regatta.Machines.Faults;

namespace Regatta.Experiments.Faulting;

/// <summary>A fault as a trial brings it about.</summary>
/// <param name="Act">What is done and undone.</param>
/// <param name="Text">What it is, such as <c>slurmctld killed on head</c>.</param>
/// <param name="Trigger">When.</param>
/// <param name="Lasts">How long; null until the trial ends.</param>
public sealed record ScheduledFault(FaultAct Act, string Text, FaultTrigger Trigger, TimeSpan? Lasts)
{
    /// <summary>Whether the cluster is what the next trial was promised after it was undone.</summary>
    public bool Spares { get; init; } = true;
}

/// <summary>What a fault waits for: a time from the start of the workload, a number of jobs that were given nodes, or a share of the processors that is given to jobs.</summary>
/// <param name="At">The time; null for none.</param>
/// <param name="Starts">The number of jobs; null for none.</param>
/// <param name="Load">The share, above 0 and up to 1; null for none.</param>
public sealed record FaultTrigger(TimeSpan? At, int? Starts, double? Load)
{
    /// <summary>What it is in words, such as <c>after 20 s</c>.</summary>
    public override string ToString() =>
        At is { } at ? $"after {Durations.Rounded(at)}"
        : Starts is { } starts ? string.Create(CultureInfo.InvariantCulture, $"when {starts} {(starts == 1 ? "job was" : "jobs were")} given nodes")
        : string.Create(CultureInfo.InvariantCulture, $"when {Load * 100:0.#} % of the processors are given to jobs");
}
