using Regatta.Config;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration.WorkloadKinds;

/// <summary>The workload of a point. Each kind is a record of its own, with the settings of its generator; all have those of changes.</summary>
[ConfigSchema("The workload. Its kind decides which keys it has; these are those of all kinds. docs/workloads.md says more of each.")]
[ConfigKinds("Where jobs come from: trace reads a file, the others generate.", Example = "lublin")]
[ConfigKind("trace", typeof(TraceWorkload), Former = "swf")]
[ConfigKind("lublin", typeof(LublinWorkload))]
[ConfigKind("esp", typeof(EspWorkload))]
[ConfigKind("quickstart", typeof(QuickstartWorkload))]
[ConfigKind("bag", typeof(BagWorkload))]
[ConfigKind("array", typeof(ArrayWorkload))]
[ConfigKind("gang", typeof(GangWorkload))]
[ConfigKind("gpus", typeof(GpuWorkload))]
[ConfigKind("sleep", typeof(SleepWorkload))]
[ConfigKind("closed", typeof(ClosedWorkload))]
public abstract record WorkloadSection : ChangeSection
{
    /// <summary>The kinds that there are.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [.. RecordSchema.Of<WorkloadSection>().Kinds.Select(kind => kind.Name)];

    /// <summary>A short name.</summary>
    [ConfigKey("A short name for tables and reports; null takes the file's or the generator's.")]
    public string? Name { get; init; }

    /// <summary>
    /// Makes the workload: reads or generates it, then filters and transforms it, brings its sizes to the machine and checks it. What happened is in
    /// <see cref="Workload.Description"/> and <see cref="Workload.Diagnostics"/>.
    /// </summary>
    /// <exception cref="DiagnosticException">The file cannot be read, a job cannot fit the machine, or the jobs are faulty.</exception>
    public Workload Create(WorkloadSurroundings surroundings)
    {
        ArgumentNullException.ThrowIfNull(surroundings);
        var made = Make(surroundings with { Seed = Seed ?? surroundings.Seed });
        var workload = Changes(surroundings.Seed ?? 1).Apply(made.WithoutRecords(), surroundings.Machine);
        // Among other arrivals they would have waited otherwise.
        if (TimeScale is null && Load is null && Shake is null) workload = workload with { RecordedWaits = RecordedWaits.Of(made.Jobs, workload.Jobs) };
        if (Name is not null) workload = workload with { Name = Name };
        var faults = JobValidation.Check(workload.Jobs, workload.Name);
        return faults.IsEmpty ? workload : throw new DiagnosticException(faults);
    }

    /// <summary>Reads or generates the jobs.</summary>
    /// <param name="surroundings">What they are made for; its seed is that of the section where it has one.</param>
    protected abstract Workload Make(WorkloadSurroundings surroundings);
}
