using Regatta.Workloads;

namespace Regatta.Experiments.Configuration.WorkloadKinds;

/// <summary>What a workload is made for, and what it is made of besides its settings.</summary>
/// <param name="Machine">The machine that it must fit, and for which it is generated where the settings name none; null fits nothing.</param>
/// <param name="Open">Opens a file by the path that stands in the settings.</param>
public sealed record WorkloadSurroundings(MachineSize? Machine, Func<string, Stream> Open)
{
    /// <summary>The seed where the settings name none; null for each generator's own.</summary>
    public long? Seed { get; init; }

    /// <summary>Ends the work.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The processors to generate for.</summary>
    /// <param name="given">Those that the settings name.</param>
    /// <exception cref="DiagnosticException">Neither the settings nor the machine say it (<c>workload-processors</c>).</exception>
    internal int Processors(int? given) => given ?? Machine?.Processors
        ?? throw new DiagnosticException(Diagnostic.Error("workload-processors", "the workload is made for a machine, and nothing says how large it is") with
        {
            Where = new SourceRange("command line"), Help = "name the machine, such as processors=1024 or --machine 4x16",
        });
}
