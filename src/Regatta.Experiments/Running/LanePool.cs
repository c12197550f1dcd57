using System.Collections.Concurrent;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>Lanes that are alike, for trials in virtual time that run at once: each cluster has a clock of its own, which stands while the host is busy with another. One is opened when all others have a trial.</summary>
/// <param name="most">How many, at least 1.</param>
/// <param name="open">Opens one.</param>
internal sealed class LanePool(int most, Func<ITrialLane> open) : ITrialLane
{
    private readonly SemaphoreSlim _places = new(most, most);
    private readonly ConcurrentStack<ITrialLane> _idle = new();
    private readonly ConcurrentQueue<ITrialLane> _opened = new();

    /// <inheritdoc/>
    public async Task<LaneTrial> RunAsync(PlannedTrial trial, PlanPoint point, IReadOnlyList<Job> jobs, string draft, IActivityMonitor monitor, CancellationToken cancellation)
    {
        await _places.WaitAsync(cancellation);
        try
        {
            if (!_idle.TryPop(out var lane)) _opened.Enqueue(lane = open());
            try
            {
                return await lane.RunAsync(trial, point, jobs, draft, monitor, cancellation);
            }
            finally
            {
                _idle.Push(lane);
            }
        }
        finally
        {
            _places.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _opened) await lane.DisposeAsync();
        _places.Dispose();
    }
}
