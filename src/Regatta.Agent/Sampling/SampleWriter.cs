using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Regatta.Agent.Sampling;

/// <summary>
/// One line of samples: <c>{"time":…,"values":{"name{label=\"x\"}":1.5,…}}</c>. A value's key is its name with its labels, as the text format of Prometheus
/// writes it. The buffers are used again for each line.
/// </summary>
internal sealed class SampleWriter : IDisposable
{
    private static readonly JavaScriptEncoder Relaxed = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private readonly ArrayBufferWriter<byte> _buffer = new(16 * 1024);
    private readonly Utf8JsonWriter _json;

    public SampleWriter() => _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = Relaxed });

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    /// <summary>Begins a line.</summary>
    /// <param name="time">UTC microseconds.</param>
    public void Begin(long time)
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteNumber("time", time);
        _json.WriteStartObject("values");
    }

    /// <summary>Adds a value; what is no number is left out.</summary>
    public void Add(string name, double value)
    {
        if (double.IsFinite(value)) _json.WriteNumber(name, value);
    }

    /// <summary>Adds a value whose name was made ready once.</summary>
    public void Add(JsonEncodedText name, double value)
    {
        if (double.IsFinite(value)) _json.WriteNumber(name, value);
    }

    /// <summary>Makes a name ready to be written again and again.</summary>
    public static JsonEncodedText Encode(string name) => JsonEncodedText.Encode(name, Relaxed);

    /// <summary>Adds a value with a label.</summary>
    public void Add(string name, string label, string text, double value) => Add(Key(name, label, text), value);

    /// <summary>A key of a name with a label.</summary>
    public static string Key(string name, string label, string text) => $"{name}{{{label}=\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"}}";

    /// <summary>Ends the line.</summary>
    /// <returns>The line with its end, valid until the next one begins.</returns>
    public ReadOnlyMemory<byte> End()
    {
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n"u8);
        return _buffer.WrittenMemory;
    }
}
