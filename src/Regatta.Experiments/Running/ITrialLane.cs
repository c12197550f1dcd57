using Regatta.Analysis;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>
/// What trials of one or more points run on: a cluster, or the simulation. A lane is opened when its first trial starts,
/// and mends itself (a new cluster) when the trial before left it broken.
/// </summary>
public interface ITrialLane : IAsyncDisposable
{
    /// <summary>Runs one trial; writes <c>events.jsonl</c> and <c>logs/</c> below <paramref name="draft"/>.</summary>
    /// <exception cref="DiagnosticException">The trial gave no record; the next one may still be run.</exception>
    Task<LaneTrial> RunAsync(PlannedTrial trial, PlanPoint point, IReadOnlyList<Job> jobs, string draft, IActivityMonitor monitor, CancellationToken cancellation);
}

/// <summary>What a lane says of a trial.</summary>
/// <param name="Record">Everything but its jobs.</param>
/// <param name="Jobs">Its jobs, one row each.</param>
public sealed record LaneTrial(TrialRecord Record, JobTable Jobs)
{
    /// <summary>The events that are still being written, and then their sha256 in hexadecimal; null when they are in place and not hashed yet.</summary>
    public Task<string>? Events { get; init; }
}
