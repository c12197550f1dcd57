using Regatta.Workloads;

namespace Regatta.Agent.Clients;

/// <summary>The jobs that are there, as the events of the replay tell while they are written.</summary>
/// <param name="events">The file of events.</param>
internal sealed class KnownJobs(string events)
{
    private readonly Dictionary<long, string> _names = [];
    private readonly List<long> _running = [];
    private readonly Dictionary<long, int> _places = [];
    private readonly Lock _lock = new();
    private readonly byte[] _buffer = new byte[1 << 20];
    private long _offset;

    /// <summary>The scheduler's name of a job that runs; null while none does.</summary>
    public string? Any(Random random)
    {
        lock (_lock)
        {
            Read();
            return _running.Count == 0 ? null : _names.GetValueOrDefault(_running[random.Next(_running.Count)]);
        }
    }

    private void Read()
    {
        if (!File.Exists(events)) return;
        using var file = new FileStream(events, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        file.Position = _offset;
        int count;
        while ((count = file.Read(_buffer)) > 0)
        {
            var rest = _buffer.AsSpan(0, count);
            var taken = 0;
            while (rest.IndexOf((byte)'\n') is >= 0 and var end)
            {
                Take(ReplayJson.ReadEvent(rest[..end], events, 1));
                taken += end + 1;
                rest = rest[(end + 1)..];
            }

            if (taken == 0) return;
            _offset += taken;
            file.Position = _offset;
        }
    }

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
