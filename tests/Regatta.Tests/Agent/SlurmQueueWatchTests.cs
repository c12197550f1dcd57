using Microsoft.Extensions.Time.Testing;
using Regatta.Agent.Drivers.Slurm;

namespace Regatta.Tests.Agent;

public sealed class SlurmQueueWatchTests
{
    [Fact]
    public async Task A_node_without_squeue_ends_no_observation_and_is_told()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var watch = new SlurmQueueWatch(new Lock(), _ => true, id => id, clock, "squeue-that-is-not-there");
        using var stop = new CancellationTokenSource();
        var watching = watch.WatchAsync(stop.Token);

        // Advanced until it is told: the watch asks on a thread of its own.
        while (!watch.Notes.Any() && !watching.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(20));
            await Task.Yield();
        }

        Assert.False(watching.IsCompleted, "the watch ended");
        Assert.Equal("squeue did not always answer, so that fewer starts were held against what it says: squeue-that-is-not-there cannot be started: No such file or directory", Assert.Single(watch.Notes));
        Assert.Equal((0, 0), (watch.Order!.Looks, watch.Order.Starts));
        Assert.Null(watch.Predictions);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }
}
