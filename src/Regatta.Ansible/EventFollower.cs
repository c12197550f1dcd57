using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Regatta.Ansible;

/// <summary>Takes the lines that a playbook prints: keeps events, writes them and a readable log, and reports activities.</summary>
internal sealed class EventFollower(string stage, IActivityMonitor monitor, string eventsFile, string logFile) : IAsyncDisposable
{
    private const int KeptLines = 40;

    private readonly StreamWriter _eventsWriter = new(eventsFile) { AutoFlush = true };
    private readonly StreamWriter _logWriter = new(logFile) { AutoFlush = true };
    private readonly List<PlaybookEvent> _events = [];
    private readonly Queue<string> _printed = new();
    private readonly TaskProgress _progress = new(stage, monitor);

    /// <summary>What happened so far.</summary>
    public IReadOnlyList<PlaybookEvent> Events => _events;

    /// <summary>The last lines that were printed and are no events: warnings, errors before the first task.</summary>
    public IReadOnlyCollection<string> Printed => _printed;

    /// <summary>Takes lines until there are no more.</summary>
    public async Task FollowAsync(ChannelReader<(bool Error, string Text)> lines)
    {
        await foreach (var (error, line) in lines.ReadAllAsync())
        {
            if (!error && PlaybookEvent.Parse(line) is { } parsed)
            {
                _events.Add(parsed);
                await _eventsWriter.WriteLineAsync(line);
                if (Log(parsed) is { } text) await _logWriter.WriteLineAsync(text);
                _progress.See(parsed);
                continue;
            }

            await _logWriter.WriteLineAsync(line);
            if (line.Length == 0) continue;
            _printed.Enqueue(line);
            if (_printed.Count > KeptLines) _printed.Dequeue();
        }

        _progress.End();
    }

    /// <summary>What became of a playbook that ended well.</summary>
    public PlaybookResult Result(TimeSpan elapsed)
    {
        var values = new JsonObject();
        foreach (var (name, value) in _events.Where(e => e.Values is not null).SelectMany(e => e.Values!)) values[name] = value?.DeepClone();
        return new PlaybookResult(
            _events.LastOrDefault(e => e.Hosts is not null)?.Hosts ?? ImmutableSortedDictionary<string, HostRecap>.Empty,
            [.. _events.Where(e => e.Event == PlaybookEventKind.Changed).Select(e => new PlaybookChange(e.Host!, e.Task!, e.Changes))],
            values,
            elapsed);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _eventsWriter.DisposeAsync();
        await _logWriter.DisposeAsync();
    }

    private static string? Log(PlaybookEvent e) => e.Event switch
    {
        PlaybookEventKind.Playbook or PlaybookEventKind.Play => $"# {e.Name}",
        PlaybookEventKind.Task => $"## {e.Task}",
        PlaybookEventKind.Ok or PlaybookEventKind.Skipped => $"{e.Host}: {(e.Event == PlaybookEventKind.Ok ? "ok" : "skipped")}",
        PlaybookEventKind.Changed => $"{e.Host}: changed {string.Join(", ", e.Changes)}",
        PlaybookEventKind.Failed or PlaybookEventKind.Unreachable =>
            string.Join('\n', new[] { $"{e.Host}: {(e.Event == PlaybookEventKind.Failed ? "failed" : "unreachable")} {e.Message}", e.Error, e.Output }.Where(t => t is not null)),
        PlaybookEventKind.Recap => string.Join('\n', e.Hosts!.Select(h => $"{h.Key}: ok={h.Value.Ok} changed={h.Value.Changed} failed={h.Value.Failed} unreachable={h.Value.Unreachable}")),
        _ => null,
    };
}
