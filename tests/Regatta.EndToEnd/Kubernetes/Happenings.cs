using Regatta.Workloads;
using Xunit;

namespace Regatta.EndToEnd.Kubernetes;

/// <summary>The events of a replay as they arrive, for a test that acts upon them.</summary>
internal sealed class Happenings
{
    private readonly List<JobEvent> events = [];

    /// <summary>All that came until now.</summary>
    public IReadOnlyList<JobEvent> All
    {
        get
        {
            lock (events) return [.. events];
        }
    }

    public void Take(JobEvent one)
    {
        lock (events) events.Add(one);
    }

    public void Clear()
    {
        lock (events) events.Clear();
    }

    /// <summary>The events of a kind.</summary>
    public IEnumerable<JobEvent> Of(JobEventKind kind) => All.Where(e => e.Kind == kind);

    /// <summary>Waits until so many events of a kind have come; fails when the replay ends before.</summary>
    public async Task UntilAsync(JobEventKind kind, int count, Task replay)
    {
        while (Of(kind).Count() < count)
        {
            Assert.False(replay.IsCompleted, $"the replay ended before {count} {kind}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
