using System.Text.Json;
using System.Text.Json.Serialization;

namespace Regatta.Workloads;

/// <summary>Jobs as JSON lines: camel case, what is not known left out, times as seconds.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    Converters = [typeof(SecondsConverter)])]
[JsonSerializable(typeof(Job))]
[JsonSerializable(typeof(JobLine))]
internal sealed partial class JobJson : JsonSerializerContext;

/// <summary>A duration in JSON: a number of seconds, or a text that <see cref="Durations"/> reads. Written as a number.</summary>
internal sealed class SecondsConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var seconds = double.NaN;
        if (reader.TokenType == JsonTokenType.Number) seconds = reader.GetDouble();
        else if (reader.TokenType != JsonTokenType.String || !Durations.TrySeconds(reader.GetString()!, out seconds)) throw new JsonException();
        return TryTime(seconds, out var time) ? time : throw new JsonException();
    }

    /// <summary>The time of a number of seconds, rounded to microseconds; false when there is none so long.</summary>
    public static bool TryTime(double seconds, out TimeSpan time)
    {
        var fits = Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds;
        time = fits ? TimeSpan.FromMicroseconds((long)Math.Round(seconds * 1e6)) : default;
        return fits;
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => Write(writer, value);

    /// <summary>Writes a time as a number of seconds.</summary>
    public static void Write(Utf8JsonWriter writer, TimeSpan value)
    {
        var (seconds, rest) = Math.DivRem(value.Ticks, TimeSpan.TicksPerSecond);
        if (rest == 0) writer.WriteNumberValue(seconds);
        else writer.WriteNumberValue(value.Ticks / (decimal)TimeSpan.TicksPerSecond);
    }
}

/// <summary>What the keys of a line are called, and what is said when one is wrong.</summary>
internal static class JobKeys
{
    /// <summary>What is said of a line whose escapes give no text.</summary>
    public const string NoText = "a name or a text in it has an escape for half a character";

    private const string Line = """an object such as {"id":1,"submit":0,"processors":2,"runTime":30}""";

    private static readonly (string Section, string[] Keys)[] Keys =
    [
        ("", ["id", "submit", "processors", "runTime", "requestedTime", "nodes", "memoryPerProcessor", "user", "group", "queue", "priority", "drains", "dependencies", "array", "arrayTask", "heterogeneousJob", "gangMinimum", "payload", "request", "recorded"]),
        ("dependencies", ["job", "kind", "thinkTime"]),
        ("payload", ["kind", "command"]),
        ("recorded", ["wait", "allocatedProcessors", "averageCpuTime", "usedMemory", "requestedProcessors", "status", "state", "executable", "partition", "held", "suspended", "requeues"]),
        ("request", ["user", "group", "account", "qos", "partition", "reservation", "licenses", "constraint", "gres", "memoryPerNode", "mostNodes", "exclusive", "nice", "requeue", "arrayThrottle"]),
    ];

    /// <summary>The keys of a line that no job has, as <c>key</c> or <c>section.key</c>; the line is valid JSON.</summary>
    public static IEnumerable<string> Unknown(ReadOnlySpan<byte> line)
    {
        List<string>? unknown = null;
        var known = Keys[0].Keys;
        var section = "";
        var reader = new Utf8JsonReader(line);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            if (reader.CurrentDepth == 1) (section, known) = ("", Keys[0].Keys);
            var found = Find(ref reader, known);
            if (found is null && known.Length > 0) (unknown ??= []).Add(section.Length == 0 ? reader.GetString()! : $"{section}.{reader.GetString()}");
            if (reader.CurrentDepth == 1) (section, known) = (found ?? "", Array.Find(Keys, k => k.Section == found && k.Section.Length > 0).Keys ?? []);
        }

        return unknown ?? [];
    }

    /// <summary>The key that was probably meant by one that no job has; null when none is near.</summary>
    public static string? Nearest(string key)
    {
        var dot = key.IndexOf('.', StringComparison.Ordinal);
        var section = dot < 0 ? "" : key[..dot];
        return Suggestion.Nearest(key[(dot + 1)..], Array.Find(Keys, k => k.Section == section).Keys ?? []);
    }

    /// <summary>What is wrong with a line that cannot be read, in terms of JSON and jobs.</summary>
    public static string Describe(ReadOnlySpan<byte> line, JsonException fault)
    {
        try
        {
            return DescribeText(line, fault);
        }
        catch (InvalidOperationException)
        {
            return NoText;
        }
    }

    private static string DescribeText(ReadOnlySpan<byte> line, JsonException fault)
    {
        if (fault.Path is not { } path || !TryParse(line, out var document)) return fault.Message.Split(" Path:", 2)[0].Split(" LineNumber:", 2)[0].TrimEnd('.');
        using (document)
        {
            var value = document.RootElement;
            var keys = path.Split(['.', '[', ']', '$'], StringSplitOptions.RemoveEmptyEntries);
            foreach (var key in keys)
            {
                if (value.ValueKind == JsonValueKind.Array && int.TryParse(key, out var index) && index < value.GetArrayLength()) value = value[index];
                else if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(key, out var next)) value = next;
                else break;
            }

            var text = value.GetRawText();
            return $"{(keys.Length == 0 ? "it" : path[2..])} is {(text.Length > 40 ? text[..40] + "…" : text)}; {Wanted(keys)}";
        }
    }

    private static string? Find(ref Utf8JsonReader reader, string[] known)
    {
        foreach (var key in known)
        {
            if (reader.ValueTextEquals(key)) return key;
        }

        return null;
    }

    private static bool TryParse(ReadOnlySpan<byte> line, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out JsonDocument? document)
    {
        document = null;
        var reader = new Utf8JsonReader(line);
        try
        {
            var parsed = JsonDocument.ParseValue(ref reader);
            if (!reader.Read()) document = parsed;
            return document is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Wanted(string[] keys) => keys switch
    {
        [] => $"a job is {Line}",
        [.., "submit" or "runTime" or "requestedTime" or "thinkTime" or "wait" or "averageCpuTime" or "held" or "suspended"] => $"a duration is {Durations.Examples}",
        [.., "drains" or "exclusive" or "requeue"] => "it is true or false",
        ["recorded", "state"] => $"the state is one of {string.Join(", ", Enum.GetNames<RecordedState>())}",
        ["request"] => """what is asked for is an object such as {"account":"physics","partition":"batch"}""",
        ["request", "user" or "group" or "account" or "qos" or "partition" or "reservation" or "licenses" or "constraint" or "gres"] => "it is a text",
        ["dependencies"] or ["dependencies", _] => """dependencies are a list such as [{"job":2,"kind":"After"}]""",
        ["dependencies", .., "kind"] => $"the kind is one of {string.Join(", ", Enum.GetNames<DependencyKind>())}",
        ["payload", "kind"] => $"the kind is one of {string.Join(", ", Enum.GetNames<PayloadKind>())}",
        ["payload"] => """a payload is an object such as {"kind":"Sleep"}""",
        ["payload", ..] => """a command is a list of words such as ["ls","-l"]""",
        ["recorded"] => """what was recorded is an object such as {"wait":12}""",
        _ => "it is a whole number",
    };
}
