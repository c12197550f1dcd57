using System.Text.Json;

namespace Regatta.Config.Conformance;

/// <summary>Registers the typed schemas of a case.</summary>
internal static class CaseSchemas
{
    public static SchemaSource Read(Case test)
    {
        var source = new SchemaSource();
        if (!test.Json.TryGetProperty("schemas", out var list)) return source;
        var types = new Dictionary<string, StructSchema>(StringComparer.Ordinal);
        foreach (var item in list.EnumerateArray())
        {
            var name = item.GetProperty("type").GetString()!;
            var schema = new StructSchema(name) { Fields = item.GetProperty("fields").EnumerateArray().Select(f => Field(f, types)).ToList() };
            types[name] = schema;
            if (!item.TryGetProperty("name", out var path)) continue;
            var group = item.TryGetProperty("group", out var g) ? g.GetString() : null;
            var defaults = item.TryGetProperty("defaults", out var d) ? (IReadOnlyList<object?>)Plain(d)! : null;
            source.Add(group is null ? path.GetString()! : $"{group}/{path.GetString()}", schema, defaults);
        }

        return source;
    }

    private static FieldSchema Field(JsonElement field, Dictionary<string, StructSchema> types)
    {
        var hint = Type(field.GetProperty("type").GetString()!, types);
        var made = new FieldSchema(field.GetProperty("name").GetString()!, hint);
        if (!field.TryGetProperty("default", out var value)) return made;
        if (value.ValueKind == JsonValueKind.String && value.GetString() == "$new") return made with { Default = FieldSchema.NewInstance };
        return made with { Default = Plain(value) };
    }

    private static TypeHint Type(string text, Dictionary<string, StructSchema> types)
    {
        var bracket = text.IndexOf('[', StringComparison.Ordinal);
        if (bracket < 0)
        {
            return text switch
            {
                "int" => new IntHint(),
                "float" => new FloatHint(),
                "str" => new StringHint(),
                "bool" => new BoolHint(),
                "Any" => TypeHint.Any,
                _ => new StructHint(types[text]),
            };
        }

        var inner = text[(bracket + 1)..^1];
        switch (text[..bracket])
        {
            case "Optional": return Type(inner, types) with { Optional = true };
            case "List": return new ListHint(Type(inner, types));
            case "Enum": return new EnumHint("Enum_" + inner.Replace('|', '_'), inner.Split('|'));
            case "Union": return new UnionHint(inner.Split('|').Select(t => Type(t, types)).ToList());
            default:
                var comma = inner.IndexOf(',', StringComparison.Ordinal);
                return new DictHint(Type(inner[..comma].Trim(), types), Type(inner[(comma + 1)..].Trim(), types));
        }
    }

    private static object? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.TryGetInt64(out var whole) && !value.GetRawText().Contains('.', StringComparison.Ordinal) ? (object)whole : value.GetDouble(),
        JsonValueKind.Array => value.EnumerateArray().Select(Plain).ToList(),
        _ => Map(value),
    };

    private static PlainMap Map(JsonElement value)
    {
        var map = new PlainMap();
        foreach (var item in value.EnumerateObject()) map.Set(item.Name, Plain(item.Value));
        return map;
    }
}
