using Regatta.Workloads;

namespace Regatta.Agent.Replaying;

/// <summary>How far a job is.</summary>
internal sealed class JobProgress(Job job)
{
    public Job Job { get; } = job;

    public JobState State { get; set; }

    /// <summary>The scheduler's name for it; null when it was never taken or ended before that was known.</summary>
    public TaskCompletionSource<string?> Accepted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
