namespace Regatta.Experiments.Launching;

/// <summary>A task as a queue has it.</summary>
/// <param name="Name">Name of its submission.</param>
/// <param name="Index">Its index in the submission.</param>
/// <param name="State">Its state or how it ended, in the queue's words, such as <c>RUNNING</c>.</param>
/// <param name="Reason">Why it waits, or what was said when it ended; may be empty.</param>
/// <param name="IsActive">Whether it may still run.</param>
/// <param name="ExitCode">Its exit code; null where the queue's list does not say it.</param>
internal sealed record QueuedTask(string Name, int Index, string State, string Reason, bool IsActive, int? ExitCode = null);
