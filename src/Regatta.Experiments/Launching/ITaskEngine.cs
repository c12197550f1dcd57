using Regatta.Experiments.Configuration;
using Regatta.Runs;

namespace Regatta.Experiments.Launching;

/// <summary>How a trial that was given away ended: with an exit file, or lost, with the reason.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="Exit">How it ended; null when it was lost.</param>
/// <param name="Lost">Why it will never have an exit file; null when it has one.</param>
internal sealed record TaskEnd(PlannedTrial Trial, ExitFile? Exit, Diagnostic? Lost = null);

/// <summary>What runs trials elsewhere: a cluster's queue, or hosts.</summary>
internal interface ITaskEngine
{
    /// <summary>Which launcher it is.</summary>
    LauncherName Launcher { get; }

    /// <summary>Runs trials, and tells of each as it ends. Those that it runs already, from an earlier sitting, are not begun again. Where the waiting is stopped, they go on.</summary>
    /// <exception cref="DiagnosticException">None can be run.</exception>
    IAsyncEnumerable<TaskEnd> RunAsync(IReadOnlyList<PlannedTrial> trials, CancellationToken cancellation);
}
