using Regatta.Workloads;

namespace Regatta.EndToEnd.Kubernetes;

/// <summary>The events of a replay as they arrive, for a test that acts upon them.</summary>
internal sealed class Happenings
{
    private readonly List<JobEvent> _events = [];

    /// <summary>All that came until now.</summary>
    public IReadOnlyList<JobEvent> All
    {
        get
        {
            lock (_events) return [.. _events];
        }
    }

    public void Take(JobEvent one)
    {
        lock (_events) _events.Add(one);
    }

    public void Clear()
    {
        lock (_events) _events.Clear();
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
