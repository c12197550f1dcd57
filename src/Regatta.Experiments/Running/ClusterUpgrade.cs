using Regatta.Schedulers;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>Replaces the daemons of a cluster's scheduler while a trial runs.</summary>
/// <param name="request">The cluster, as it was configured for the trial.</param>
/// <param name="after">How long after the first submission it begins.</param>
/// <param name="configurator">Configures nodes.</param>
/// <param name="time">The clock.</param>
internal sealed class ClusterUpgrade(ConfigurationRequest request, TimeSpan after, ClusterConfigurator configurator, TimeProvider time)
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes an event of the replay: the first submission starts the clock.</summary>
    public void See(JobEvent happened)
    {
        if (happened.Kind == JobEventKind.Sent) _begun.TrySetResult();
    }

    /// <summary>Runs a replay with the upgrade in it; where one of the two fails, the other ends as well.</summary>
    /// <returns>What the replay gave, and the daemons that were replaced.</returns>
    /// <exception cref="DiagnosticException">The replay or the upgrade failed.</exception>
    public Task<(T Replay, ImmutableArray<UpgradeStep> Steps)> DuringAsync<T>(Func<CancellationToken, Task<T>> replay, IActivityMonitor monitor, CancellationToken cancellation) =>
        Together.RunAsync(replay, stop => UpgradeAsync(monitor, stop), cancellation);

    private async Task<ImmutableArray<UpgradeStep>> UpgradeAsync(IActivityMonitor monitor, CancellationToken cancellation)
    {
        await _begun.Task.WaitAsync(cancellation);
        await Task.Delay(Durations.ForTimer(after), time, cancellation);
        return await configurator.UpgradeAsync(request, monitor, cancellation);
    }
}
