using Regatta.Config;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration.WorkloadKinds;

/// <summary>Jobs of a file.</summary>
[ConfigSchema("The jobs of a file.")]
public sealed record TraceWorkload : WorkloadSection
{
    /// <summary>The file.</summary>
    [ConfigKey("The file to read: SWF (.swf), JSON lines (.jsonl) or the output of sacct, gzip allowed. Relative to the working directory, or to the installation behind 'regatta:'.", Example = "trace.swf.gz")]
    public required string File { get; init; }

    /// <summary>Strict reading.</summary>
    [ConfigKey("Refuse a file with any fault, instead of repairing what can be repaired and saying so.")]
    public bool Strict { get; init; }

    /// <summary>Zone of its times.</summary>
    [ConfigKey("Time zone of a file whose times name none, as those of sacct; UTC without it.", Example = "Europe/Berlin")]
    public TraceZone? Zone { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<(string Property, Diagnostic Fault)> Faults()
    {
        foreach (var fault in base.Faults()) yield return fault;
        if (string.IsNullOrWhiteSpace(File))
            yield return (nameof(File), Diagnostic.Error("workload-file-name", "the name of the file is empty") with { Help = "name a file, such as workload.file=trace.swf or workload.file=trace.jsonl.gz" });
    }

    /// <inheritdoc/>
    protected override Workload Make(WorkloadSurroundings surroundings)
    {
        using var stream = surroundings.Open(File);
        return WorkloadFile.Read(stream, File, new TraceReading(Strict ? SwfMode.Strict : SwfMode.Lenient, Zone?.Rules), surroundings.Cancellation);
    }
}
