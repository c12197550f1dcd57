using System.Text;
using Regatta.Agent.Drivers;
using Regatta.Workloads;

namespace Regatta.Agent.Clients;

/// <summary>The jobs that are there, as the events of the replay tell while they are written.</summary>
/// <param name="events">The file of events.</param>
internal sealed class KnownJobs(string events) : IDisposable
{
    private readonly Dictionary<long, string> _names = [];
    private readonly List<long> _running = [];
    private readonly Dictionary<long, int> _places = [];
    private readonly Lock _lock = new();
    private readonly LogTail _tail = new(events);

    /// <summary>The scheduler's name of a job that runs; null while none does.</summary>
    public string? Any(Random random)
    {
        lock (_lock)
        {
            foreach (var line in _tail.Read()) Take(ReplayJson.ReadEvent(Encoding.UTF8.GetBytes(line), events, 1));
            return _running.Count == 0 ? null : _names.GetValueOrDefault(_running[random.Next(_running.Count)]);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _tail.Dispose();

    private void Take(JobEvent happened)
    {
        switch (happened.Kind)
        {
            case JobEventKind.Accepted when happened.SchedulerId is { } name:
                _names[happened.Job] = name;
                break;
            case JobEventKind.Decided when _places.TryAdd(happened.Job, _running.Count):
                _running.Add(happened.Job);
                break;
            case JobEventKind.Ended or JobEventKind.Released or JobEventKind.Requeued when _places.Remove(happened.Job, out var place):
                // The last one takes its place.
                var last = _running[^1];
                _running.RemoveAt(_running.Count - 1);
                if (last == happened.Job) break;
                _running[place] = last;
                _places[last] = place;
                break;
        }
    }
}
