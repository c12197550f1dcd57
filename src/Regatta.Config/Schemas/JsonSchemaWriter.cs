using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Regatta.Config;

/// <summary>Writes declarations as JSON Schema (draft 7, which every editor reads), so that editors complete and check the YAML files of a group.</summary>
public static class JsonSchemaWriter
{
    private const string Engine = """
        {
          "description": "Settings of the engine: where configurations are searched for, and how a sweep goes.",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "searchpath": { "description": "Directories that are searched after this one.", "type": "array", "items": { "type": "string" } },
            "sweeper": {
              "type": "object",
              "additionalProperties": false,
              "properties": {
                "params": { "description": "Axes: a key and its values, as on the command line.", "type": "object" },
                "points": { "description": "Named points, each a list of overrides; or a list of such lists.", "type": ["object", "array"] },
                "exclude": { "description": "Points to leave out: each item is a list of overrides that all stand in the point; * and ? stand for anything.", "type": "array" },
                "max_batch_size": { "description": "Jobs of a batch.", "type": ["integer", "null"], "minimum": 1 }
              }
            }
          }
        }
        """;

    /// <summary>The schema of the files of a group.</summary>
    /// <param name="schema">What such a file holds.</param>
    /// <param name="title">The group's name.</param>
    /// <param name="options">Other groups and their options, for the defaults list.</param>
    /// <param name="whole">Whether such a file holds the whole configuration, and with it settings of search path and sweep.</param>
    public static string Write(StructSchema schema, string title, IReadOnlyDictionary<string, IReadOnlyList<string>>? options = null, bool whole = false)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "http://json-schema.org/draft-07/schema#");
            json.WriteString("title", title);
            var nested = new List<StructSchema>();
            Collect(schema, nested);
            Struct(json, schema, root: true, whole);
            json.WriteStartObject("definitions");
            json.WriteStartObject("reference");
            json.WriteString("description", "A reference such as ${cluster.workers}, or ??? for a value that must be given.");
            json.WriteString("type", "string");
            json.WriteString("pattern", "\\$\\{|^\\?\\?\\?$");
            json.WriteEndObject();
            DefaultsListSchema.Write(json, options);
            foreach (var item in nested)
            {
                json.WriteStartObject(item.Name);
                Struct(json, item, root: false, whole: false);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static void Collect(StructSchema schema, List<StructSchema> found)
    {
        foreach (var nested in schema.Fields.SelectMany(f => Structs(f.Hint)))
        {
            if (found.Contains(nested)) continue;
            found.Add(nested);
            Collect(nested, found);
        }
    }

    private static IEnumerable<StructSchema> Structs(TypeHint hint) => hint switch
    {
        StructHint type => [type.Schema],
        ListHint list => Structs(list.Item),
        DictHint dict => Structs(dict.Value),
        UnionHint union => union.Alternatives.SelectMany(Structs),
        _ => [],
    };

    // Nothing is required in a file: what one file leaves out another one or the command line gives.
    private static void Struct(Utf8JsonWriter json, StructSchema schema, bool root, bool whole)
    {
        json.WriteString("type", "object");
        if (schema.Description is not null) json.WriteString("description", schema.Description);
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        if (root)
        {
            json.WriteStartObject("defaults");
            json.WriteString("$ref", "#/definitions/defaults");
            json.WriteEndObject();
            if (whole)
            {
                json.WritePropertyName("hydra");
                json.WriteRawValue(Engine);
            }
        }

        foreach (var field in schema.Fields)
        {
            json.WriteStartObject(field.Name);
            if (field.Description is not null) json.WriteString("description", field.Description);
            if (field.Example is not null)
            {
                json.WriteStartArray("examples");
                json.WriteStringValue(field.Example);
                json.WriteEndArray();
            }

            if (SchemaText.Default(field) is { } text && field.Default is string or bool or long or double or EnumMember)
            {
                json.WritePropertyName("default");
                Scalar(json, field.Default, text);
            }

            Hint(json, field.Hint);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        if (schema.Kinds.Count > 0) Kinds(json, schema, root);
    }

    // A file that names no kind may have the keys of any: another one names it.
    private static void Kinds(Utf8JsonWriter json, StructSchema schema, bool root)
    {
        json.WriteStartArray("allOf");
        foreach (var kind in schema.Kinds)
        {
            json.WriteStartObject();
            json.WriteStartObject("if");
            json.WriteStartObject("properties");
            json.WriteStartObject(KindSchema.Key);
            json.WriteString("const", kind.Name);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartArray("required");
            json.WriteStringValue(KindSchema.Key);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartObject("then");
            json.WriteStartObject("propertyNames");
            json.WriteStartArray("enum");
            if (root) json.WriteStringValue("defaults");
            foreach (var field in kind.Schema.Fields) json.WriteStringValue(field.Name);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Scalar(Utf8JsonWriter json, object? value, string text)
    {
        switch (value)
        {
            case bool flag: json.WriteBooleanValue(flag); break;
            case long number: json.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
            default: json.WriteStringValue(value as string ?? text); break;
        }
    }

    private static void Hint(Utf8JsonWriter json, TypeHint hint)
    {
        if (hint is AnyHint) return;
        json.WriteStartArray("anyOf");
        json.WriteStartObject();
        Type(json, hint);
        json.WriteEndObject();
        if (hint.Optional) Alternative(json, "type", "null");
        Alternative(json, "$ref", "#/definitions/reference");
        json.WriteEndArray();
    }

    internal static void Alternative(Utf8JsonWriter json, string name, string value)
    {
        json.WriteStartObject();
        json.WriteString(name, value);
        json.WriteEndObject();
    }

    private static void Type(Utf8JsonWriter json, TypeHint hint)
    {
        switch (hint)
        {
            case IntHint: json.WriteString("type", "integer"); break;
            case FloatHint: json.WriteString("type", "number"); break;
            case BoolHint: json.WriteString("type", "boolean"); break;
            case StringHint:
                json.WriteStartArray("type");
                json.WriteStringValue("string");
                json.WriteStringValue("number");
                json.WriteEndArray();
                break;
            case EnumHint type:
                json.WriteStartArray("enum");
                foreach (var member in type.Members) json.WriteStringValue(member);
                json.WriteEndArray();
                break;
            case QuantityHint quantity: Measured(json, quantity.Quantity); break;
            case StructHint type: json.WriteString("$ref", $"#/definitions/{type.Schema.Name}"); break;
            case ListHint list:
                json.WriteString("type", "array");
                json.WriteStartObject("items");
                Hint(json, list.Item);
                json.WriteEndObject();
                break;
            case DictHint dict:
                json.WriteString("type", "object");
                json.WriteStartObject("additionalProperties");
                Hint(json, dict.Value);
                json.WriteEndObject();
                break;
            case UnionHint union:
                json.WriteStartArray("anyOf");
                foreach (var alternative in union.Alternatives)
                {
                    json.WriteStartObject();
                    Type(json, alternative);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                break;
        }
    }

    private static void Measured(Utf8JsonWriter json, Quantity quantity)
    {
        if (quantity.Kind is QuantityKind.Size or QuantityKind.Duration)
        {
            json.WriteStartArray("type");
            json.WriteStringValue("string");
            json.WriteStringValue("number");
            json.WriteEndArray();
            json.WriteString("pattern", quantity.Kind == QuantityKind.Size ? "^[0-9._]+ ?([kKMGT]i?B?|B)?$" : "^([0-9._]+ ?(ns|us|µs|ms|s|sec|m|min|h|d|w)? ?)+$|^[0-9]+(:[0-9]{2}){1,2}$");
        }
        else
        {
            json.WriteString("type", quantity.Kind == QuantityKind.Count ? "integer" : "number");
        }

        if (quantity.Minimum is { } low) json.WriteNumber(quantity.Above ? "exclusiveMinimum" : "minimum", low);
        if (quantity.Maximum is { } high) json.WriteNumber("maximum", high);
    }
}
