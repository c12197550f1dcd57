using System.Text.Json;

namespace Regatta.Config;

/// <summary>The part of a JSON schema that completes and checks a defaults list.</summary>
internal static class DefaultsListSchema
{
    /// <summary>Writes the definition.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="options">The groups and their options; null for none.</param>
    public static void Write(Utf8JsonWriter json, IReadOnlyDictionary<string, IReadOnlyList<string>>? options)
    {
        json.WriteStartObject("defaults");
        json.WriteString("description", "What this configuration is composed of, in order: '- group: option', '- override group: option', '- _self_'.");
        json.WriteString("type", "array");
        json.WriteStartObject("items");
        json.WriteStartArray("anyOf");
        JsonSchemaWriter.Alternative(json, "type", "string");
        json.WriteStartObject();
        json.WriteString("type", "object");
        json.WriteNumber("minProperties", 1);
        json.WriteNumber("maxProperties", 1);
        if (options is { Count: > 0 })
        {
            // Names in full are what editors complete; patterns check those with a package or with 'optional'.
            json.WriteStartObject("properties");
            foreach (var group in options.Keys)
            {
                foreach (var form in (string[])[group, $"override /{group}"])
                {
                    json.WriteStartObject(form);
                    Choice(json, options[group]);
                    json.WriteEndObject();
                }
            }

            json.WriteEndObject();
            json.WriteStartObject("patternProperties");
            foreach (var (group, names) in options)
            {
                json.WriteStartObject($"^(override |optional )?/?{System.Text.RegularExpressions.Regex.Escape(group)}(@.*)?$");
                Choice(json, names);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Choice(Utf8JsonWriter json, IReadOnlyList<string> options)
    {
        json.WriteStartArray("anyOf");
        json.WriteStartObject();
        json.WriteStartArray("enum");
        foreach (var name in options) json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteEndObject();
        JsonSchemaWriter.Alternative(json, "type", "null");
        JsonSchemaWriter.Alternative(json, "type", "array");
        JsonSchemaWriter.Alternative(json, "$ref", "#/definitions/reference");
        json.WriteEndArray();
    }
}
