using System.Text.Json;

namespace Regatta.Workloads;

/// <summary>Reads the items of one array of a JSON document one after the other, in memory for the largest of them.</summary>
/// <param name="stream">The document; left open.</param>
/// <param name="key">Key of the array in the outermost object.</param>
internal sealed class JsonItems(Stream stream, string key)
{
    /// <summary>The most bytes of one item.</summary>
    private const int Longest = 64 << 20;

    private byte[] _buffer = new byte[1 << 16];
    private int _length;
    private int _used;
    private bool _atEnd;
    private JsonReaderState _state;

    /// <summary>The items; each is valid until the next one.</summary>
    /// <exception cref="JsonException">It is no JSON, has no such array, or an item is too large.</exception>
    public IEnumerable<JsonElement> All(CancellationToken cancellationToken)
    {
        while (!Find()) Fill(cancellationToken);
        while (true)
        {
            JsonDocument? item;
            bool ended;
            while (!Next(out item, out ended)) Fill(cancellationToken);
            if (ended) yield break;
            using (item) yield return item!.RootElement;
        }
    }

    /// <summary>Goes behind the bracket that opens the array; false when more of the document is needed.</summary>
    private bool Find()
    {
        var reader = Reader();
        while (true)
        {
            if (!reader.Read()) return More(ref reader);
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1) continue;
            // A value of another key may be larger than what is in memory: its tokens are passed one by one.
            if (!reader.ValueTextEquals(key)) continue;
            if (!reader.Read()) return false;
            if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException($"'{key}' is no list");
            Keep(ref reader);
            return true;
        }
    }

    private bool More(ref Utf8JsonReader reader)
    {
        if (_atEnd) throw new JsonException($"it has no list '{key}'");
        Keep(ref reader);
        return false;
    }

    private bool Next(out JsonDocument? item, out bool ended)
    {
        (item, ended) = (null, false);
        var reader = Reader();
        if (!reader.Read()) return false;
        if (reader.TokenType == JsonTokenType.EndArray)
        {
            ended = true;
            return true;
        }

        if (!JsonDocument.TryParseValue(ref reader, out item)) return false;
        Keep(ref reader);
        return true;
    }

    private Utf8JsonReader Reader() => new(_buffer.AsSpan(_used, _length - _used), _atEnd, _state);

    private void Keep(ref Utf8JsonReader reader)
    {
        _used += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
    }

    private void Fill(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_atEnd) throw new JsonException("it ends in the middle");
        _buffer.AsSpan(_used, _length - _used).CopyTo(_buffer);
        _length -= _used;
        _used = 0;
        if (_length == _buffer.Length)
        {
            if (_buffer.Length >= Longest) throw new JsonException($"an item of '{key}' has more than {Longest} bytes");
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = stream.Read(_buffer, _length, _buffer.Length - _length);
        _length += read;
        _atEnd = read == 0;
    }
}
