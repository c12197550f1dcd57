using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>A state: a text, or a list whose first text is the state and whose others are flags.</summary>
internal sealed class FirstWord : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonNode.Parse(ref reader) switch
        {
            JsonArray { Count: > 0 } words => (string?)words[0],
            JsonValue word => (string?)word,
            _ => null,
        };

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

/// <summary>A number, or an object that says whether it is set.</summary>
internal sealed class OptionalNumber : JsonConverter<long>
{
    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Of(JsonNode.Parse(ref reader)) ?? 0;

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);

    /// <summary>The number; null when it is not set.</summary>
    public static long? Of(JsonNode? node) => node switch
    {
        JsonValue number => (long)number,
        JsonObject optional => (bool?)optional["set"] == true ? (long?)optional["number"] : null,
        _ => null,
    };
}

/// <summary>A raw wait status, or an object with the return code and the signal that make it up.</summary>
internal sealed class WaitStatus : JsonConverter<int?>
{
    public override int? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (JsonNode.Parse(ref reader) is not { } node) return null;
        if (node is JsonValue status) return (int)status;
        var (code, signal) = (OptionalNumber.Of(node["return_code"]), OptionalNumber.Of(node["signal"]?["id"]));
        return code is null && signal is null ? null : (int)(((code ?? 0) << 8) | (signal ?? 0));
    }

    public override void Write(Utf8JsonWriter writer, int? value, JsonSerializerOptions options)
    {
        if (value is { } status) writer.WriteNumberValue(status);
        else writer.WriteNullValue();
    }
}
