namespace Regatta.Experiments.Launching;

/// <summary>What went wrong with a trial that ran elsewhere, each kind told from the others.</summary>
internal static class TaskFaults
{
    private const string Again = "'regatta resume' runs it again, with the same seed";

    /// <summary>A trial that ended with an exit code.</summary>
    public static Diagnostic Failed(ExitFile exit, string log) => exit.Code switch
    {
        137 => Diagnostic.Error("task-killed", $"its program was killed on {exit.Host}") with { Detail = log, Help = "mostly for want of memory: raise launcher.slurm.memory, or run fewer at once; " + Again },
        126 or 127 => Diagnostic.Error("task-program", $"the program cannot be run on {exit.Host}") with { Detail = log, Help = "what the log says must be there on the host; " + Again },
        _ => Diagnostic.Error("task-failed", string.Create(CultureInfo.InvariantCulture, $"it ended with exit code {exit.Code} on {exit.Host}")) with { Detail = log, Help = Again },
    };

    /// <summary>A trial that left no exit file, by the state that the queue last had it in; null when it has none.</summary>
    public static Diagnostic Lost(string? state, string log) => state switch
    {
        "TIMEOUT" or "DEADLINE" => Diagnostic.Error("task-time-limit", "its task reached the time limit") with { Detail = log, Help = "raise launcher.slurm.time; " + Again },
        "PREEMPTED" => Diagnostic.Error("task-preempted", "its task was preempted and not requeued") with { Detail = log, Help = Again },
        "NODE_FAIL" or "BOOT_FAIL" => Diagnostic.Error("task-node-failed", "the node of its task failed") with { Detail = log, Help = Again },
        "OUT_OF_MEMORY" => Diagnostic.Error("task-memory", "its task took more memory than it had asked for") with { Detail = log, Help = "raise launcher.slurm.memory; " + Again },
        "CANCELLED" => Diagnostic.Error("task-cancelled", "its task was cancelled") with { Detail = log, Help = Again },
        null => Diagnostic.Error("task-lost", "its task is no longer in the queue, and left nothing") with { Detail = log, Help = Again },
        _ => Diagnostic.Error("task-lost", $"its task ended as {state} and left no exit file") with { Detail = log, Help = Again },
    };
}
