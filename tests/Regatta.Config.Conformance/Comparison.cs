using System.Numerics;
using System.Text.Json;

namespace Regatta.Config.Conformance;

/// <summary>Compares what the engine made with the expectation's JSON; gives the first difference, or null.</summary>
internal static class Comparison
{
    public static string? Difference(object? actual, JsonElement expected, string path = "")
    {
        var value = Unwrap(actual);
        switch (expected.ValueKind)
        {
            case JsonValueKind.Null: return value is null ? null : Report(path, value, "null");
            case JsonValueKind.True or JsonValueKind.False: return value is bool flag && flag == expected.GetBoolean() ? null : Report(path, value, expected.GetRawText());
            case JsonValueKind.String: return value is string text && text == expected.GetString() ? null : Report(path, value, expected.GetRawText());
            case JsonValueKind.Number: return Number(value, expected, path);
            case JsonValueKind.Array: return List(value, expected, path);
            default: return Mapping(value, expected, path);
        }
    }

    private static object? Unwrap(object? actual) => actual switch
    {
        ScalarNode { Value: EnumMember member } => member.Name,
        ScalarNode scalar => scalar.Value,
        ContainerNode { State: ContainerState.Null } => null,
        ContainerNode { State: ContainerState.Missing } => "???",
        ContainerNode { State: ContainerState.Interpolation } container => container.Summary(),
        EnumMember member => member.Name,
        _ => actual,
    };

    private static string? Number(object? value, JsonElement expected, string path)
    {
        var raw = expected.GetRawText();
        var isFloat = raw.AsSpan().IndexOfAny(".eE") >= 0;
        var same = value switch
        {
            double number => isFloat && number.Equals(double.Parse(raw, CultureInfo.InvariantCulture)),
            long number => !isFloat && raw == number.ToString(CultureInfo.InvariantCulture),
            BigInteger number => !isFloat && raw == number.ToString(CultureInfo.InvariantCulture),
            _ => false,
        };
        return same ? null : Report(path, value, raw);
    }

    private static string? List(object? value, JsonElement expected, string path)
    {
        var items = value switch
        {
            SequenceNode sequence => sequence.Items.Cast<object?>().ToList(),
            IReadOnlyList<object?> list => list.ToList(),
            IEnumerable<string> texts => texts.Cast<object?>().ToList(),
            _ => null,
        };
        if (items is null) return Report(path, value, expected.GetRawText());
        if (items.Count != expected.GetArrayLength()) return $"{path}: {items.Count} items, expected {expected.GetArrayLength()}: {expected.GetRawText()} got [{string.Join(", ", items.Select(Show))}]";
        var index = 0;
        foreach (var item in expected.EnumerateArray())
        {
            if (Difference(items[index], item, $"{path}[{index}]") is { } difference) return difference;
            index++;
        }

        return null;
    }

    private static string? Mapping(object? value, JsonElement expected, string path)
    {
        if (expected.TryGetProperty("$float", out var special))
        {
            var same = value is double number && (special.GetString() switch { "nan" => double.IsNaN(number), "inf" => double.IsPositiveInfinity(number), _ => double.IsNegativeInfinity(number) });
            return same ? null : Report(path, value, special.GetString()!);
        }

        if (expected.TryGetProperty("$bytes", out var bytes))
            return value is byte[] actual && Convert.ToHexString(actual).Equals(bytes.GetString(), StringComparison.OrdinalIgnoreCase) ? null : Report(path, value, expected.GetRawText());
        var items = value switch
        {
            MappingNode mapping => mapping.Items.Select(i => new KeyValuePair<object?, object?>(i.Key, i)).ToList(),
            PlainMap map => map.Items.ToList(),
            IEnumerable<KeyValuePair<string, string?>> pairs => pairs.Select(p => new KeyValuePair<object?, object?>(p.Key, p.Value)).ToList(),
            _ => null,
        };
        if (items is null) return Report(path, value, expected.GetRawText());
        var wanted = expected.TryGetProperty("$map", out var typed)
            ? typed.EnumerateArray().Select(p => (Key: p[0], Value: p[1])).ToList()
            : expected.EnumerateObject().Select(p => (Key: JsonSerializer.SerializeToElement(p.Name), p.Value)).ToList();
        if (items.Count != wanted.Count) return $"{path}: keys [{string.Join(", ", items.Select(i => Show(i.Key)))}], expected [{string.Join(", ", wanted.Select(w => w.Key.GetRawText()))}]";
        for (var i = 0; i < items.Count; i++)
        {
            if (Difference(items[i].Key, wanted[i].Key, $"{path}.{Show(items[i].Key)} (key)") is { } key) return key;
            if (Difference(items[i].Value, wanted[i].Value, $"{path}.{Show(items[i].Key)}") is { } difference) return difference;
        }

        return null;
    }

    private static string Report(string path, object? value, string expected) => $"{path}: got {Show(value)}, expected {expected}";

    private static string Show(object? value) => value switch
    {
        null => "null",
        string text => JsonSerializer.Serialize(text),
        ConfigNode node => node.Summary(),
        QuotedText quoted => $"quoted {quoted.Text}",
        double number => number.ToString("R", CultureInfo.InvariantCulture) + " (float)",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
