using Regatta.Experiments.Configuration;

namespace Regatta.Experiments.Launching;

/// <summary>How a task was lost that left no exit file.</summary>
internal enum TaskLoss
{
    /// <summary>Its engine does not know.</summary>
    Unknown,

    /// <summary>It reached its time limit.</summary>
    TimeLimit,

    /// <summary>Another one took its place.</summary>
    Preempted,

    /// <summary>Its node sent it away, as where the node is short of memory or disk.</summary>
    Evicted,

    /// <summary>Its node failed.</summary>
    NodeFailed,

    /// <summary>It took more memory than it had asked for.</summary>
    Memory,

    /// <summary>Somebody took it away.</summary>
    Cancelled,
}

/// <summary>What went wrong with a trial that ran elsewhere, each kind told from the others.</summary>
internal static class TaskFaults
{
    private const string Again = "'regatta resume' runs it again, with the same seed";

    /// <summary>A trial that ended with an exit code.</summary>
    public static Diagnostic Failed(ExitFile exit, LauncherName launcher, string log) => exit.Code switch
    {
        137 => Diagnostic.Error("task-killed", $"its program was killed on {exit.Host}") with { Detail = log, Help = $"mostly for want of memory: {More(launcher, "memory")}, or run fewer at once; {Again}" },
        126 or 127 => Diagnostic.Error("task-program", $"the program cannot be run on {exit.Host}") with { Detail = log, Help = "what the log says must be there on the host; " + Again },
        // A container's limit reaches the runtime before it reaches the kernel.
        _ when log.Contains("OutOfMemoryException", StringComparison.Ordinal) => Lost(TaskLoss.Memory, null, launcher, log),
        _ => Diagnostic.Error("task-failed", string.Create(CultureInfo.InvariantCulture, $"it ended with exit code {exit.Code} on {exit.Host}")) with { Detail = log, Help = Again },
    };

    /// <summary>A trial that left no exit file.</summary>
    /// <param name="loss">How it was lost.</param>
    /// <param name="said">What the engine said, in its own words; null for nothing.</param>
    /// <param name="launcher">The launcher.</param>
    /// <param name="log">The last lines of its log.</param>
    public static Diagnostic Lost(TaskLoss loss, string? said, LauncherName launcher, string log)
    {
        var words = string.IsNullOrEmpty(said) ? "" : ": " + said;
        var (code, summary, help) = loss switch
        {
            TaskLoss.TimeLimit => ("task-time-limit", "its task reached the time limit", More(launcher, "time") + "; "),
            TaskLoss.Preempted => ("task-preempted", "its task was preempted and not requeued", ""),
            TaskLoss.Evicted => ("task-evicted", "the node of its task sent it away" + words, ""),
            TaskLoss.NodeFailed => ("task-node-failed", "the node of its task failed", ""),
            TaskLoss.Memory => ("task-memory", "its task needed more memory than it had asked for", More(launcher, "memory") + "; "),
            TaskLoss.Cancelled => ("task-cancelled", "its task was cancelled", ""),
            _ when words.Length == 0 => ("task-lost", "its task is no longer in the queue, and left nothing", ""),
            _ => ("task-lost", $"its task ended as {said} and left no exit file", ""),
        };
        return Diagnostic.Error(code, summary) with { Detail = log, Help = help + Again };
    }

    /// <summary>How a task was lost by the state that Slurm last had it in.</summary>
    public static TaskLoss OfSlurm(string? state) => state switch
    {
        "TIMEOUT" or "DEADLINE" => TaskLoss.TimeLimit,
        "PREEMPTED" => TaskLoss.Preempted,
        "NODE_FAIL" or "BOOT_FAIL" => TaskLoss.NodeFailed,
        "OUT_OF_MEMORY" => TaskLoss.Memory,
        "CANCELLED" => TaskLoss.Cancelled,
        _ => TaskLoss.Unknown,
    };

    /// <summary>How a task was lost by what Flux says of its job: its result and its exception.</summary>
    public static TaskLoss OfFlux(QueuedTask? job) => job switch
    {
        { State: "TIMEOUT" } => TaskLoss.TimeLimit,
        { State: "CANCELED" } => TaskLoss.Cancelled,
        { Reason: var reason } when reason.StartsWith("node failure", StringComparison.Ordinal) => TaskLoss.NodeFailed,
        _ => TaskLoss.Unknown,
    };

    private static string More(LauncherName launcher, string what) => launcher switch
    {
        LauncherName.Ssh => $"look at the host's {what}",
        LauncherName.Flux when what == "memory" => "raise launcher.flux.processors, since Flux gives out no memory",
        _ => $"raise launcher.{launcher.ToString().ToLowerInvariant()}.{what}",
    };
}
