using System.Text.Json;

namespace Regatta.Agent.Drivers.Flux;

/// <summary>One event of a job's eventlog.</summary>
/// <param name="Time">UTC microseconds; stamped by the leader.</param>
/// <param name="Name">Its name, such as <c>alloc</c>.</param>
internal sealed record FluxEvent(long Time, string Name)
{
    /// <summary>Wait status of the job's shells, with <c>finish</c>.</summary>
    public int? Status { get; init; }

    /// <summary>Kind of an exception, such as <c>timeout</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Severity of an exception; 0 ends the job.</summary>
    public int? Severity { get; init; }

    /// <summary>Words of an exception.</summary>
    public string? Note { get; init; }

    /// <summary>Reads an event; null for what is none.</summary>
    public static FluxEvent? Read(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String
            || !entry.TryGetProperty("timestamp", out var stamp) || stamp.ValueKind != JsonValueKind.Number) return null;
        var read = new FluxEvent((long)Math.Round(stamp.GetDouble() * 1e6), name.GetString()!);
        if (!entry.TryGetProperty("context", out var context) || context.ValueKind != JsonValueKind.Object) return read;
        return read with
        {
            Status = Number(context, "status"), Severity = Number(context, "severity"), Type = Text(context, "type"), Note = Text(context, "note"),
        };
    }

    private static int? Number(JsonElement context, string key) => context.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null;

    private static string? Text(JsonElement context, string key) =>
        context.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}

/// <summary>One answer of the job manager's journal: what happened to one job.</summary>
/// <param name="Id">Flux's id of the job.</param>
/// <param name="Events">What happened, in order.</param>
internal sealed record FluxJournalEntry(ulong Id, ImmutableArray<FluxEvent> Events)
{
    /// <summary>The id that marks the end of what happened before the journal was asked for.</summary>
    public const ulong CaughtUp = ulong.MaxValue;

    /// <summary>Name of the job; with its first event.</summary>
    public string? JobName { get; init; }

    /// <summary>The nodes that it was given, in Flux's notation; with <c>alloc</c>.</summary>
    public string? Nodes { get; init; }

    /// <summary>Reads an answer.</summary>
    /// <exception cref="JsonException">It is no JSON, or holds a number or a text that cannot be.</exception>
    public static FluxJournalEntry? Parse(string answer)
    {
        using var document = JsonDocument.Parse(answer);
        try
        {
            return Of(document.RootElement);
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException)
        {
            // A number that is none of 64 bits, or half of a surrogate pair.
            throw new JsonException($"an answer of Flux's journal cannot be read: {exception.Message}", exception);
        }
    }

    private static FluxJournalEntry? Of(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.Number) return null;
        // The end mark is all ones and comes as -1.
        var number = id.TryGetUInt64(out var unsigned) ? unsigned : unchecked((ulong)id.GetInt64());
        var events = root.TryGetProperty("events", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(FluxEvent.Read).OfType<FluxEvent>() : [];
        return new FluxJournalEntry(number, [.. events]) { JobName = NameIn(root), Nodes = NodesIn(root) };
    }

    private static string? NameIn(JsonElement root) =>
        Find(root, "jobspec", "attributes", "system", "job", "name") is { ValueKind: JsonValueKind.String } name ? name.GetString() : null;

    private static string? NodesIn(JsonElement root) =>
        Find(root, "R", "execution", "nodelist") is { ValueKind: JsonValueKind.Array } nodes ? string.Join(',', nodes.EnumerateArray().Select(n => n.GetString())) : null;

    private static JsonElement? Find(JsonElement from, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            if (from.ValueKind != JsonValueKind.Object || !from.TryGetProperty(key, out from)) return null;
        }

        return from;
    }
}
