using System.Text.Json;
using System.Text.Json.Serialization;
using Regatta.Config;

namespace Regatta.Cli.Commands;

/// <summary>What <c>regatta config</c> shows, as lines and as JSON.</summary>
internal static class ConfigViews
{
    public static IEnumerable<string> Tree(IReadOnlyList<DefaultsTreeView> nodes, string indent = "")
    {
        for (var i = 0; i < nodes.Count; i++)
        {
            var node = nodes[i];
            var last = i == nodes.Count - 1;
            var branch = indent.Length == 0 && nodes.Count == 1 ? "" : last ? "└─ " : "├─ ";
            yield return $"{indent}{branch}{node.Text}{(node.Package.Length == 0 ? "" : $"  → {node.Package}")}{(node.Where is null ? "" : $"  ({node.Where})")}";
            foreach (var line in Tree(node.Children, indent + (branch.Length == 0 ? "  " : last ? "   " : "│  "))) yield return line;
        }
    }

    public static IEnumerable<string> WithOrigins(ConfigNode node)
    {
        var lines = OriginListing.Lines(node);
        var width = lines.Count == 0 ? 0 : Math.Min(60, lines.Max(l => l.Origin is null ? 0 : l.Line.Length));
        return lines.Select(l => l.Origin is null ? l.Line : $"{l.Line.PadRight(width)}  # {l.Origin}");
    }

    public static IEnumerable<string> Story(ConfigStory story, Composition composition)
    {
        var field = Field(composition, story.Path);
        yield return story.Path;
        if (field?.Description is not null) yield return $"  {field.Description}";
        if (field is not null) yield return $"  type: {field.Hint}";
        for (var i = 0; i < story.Steps.Count; i++)
        {
            var step = story.Steps[i];
            var won = i == story.Steps.Count - 1;
            yield return $"  {(won ? "→" : " ")} {i + 1}. {step.Value}";
            yield return $"       {step.Origin}: {step.Reason}";
        }

        if (story.Steps.Count > 1) yield return "  The last place wins: what is merged later replaces what was merged before.";
        if (story.Resolved is not null) yield return $"  resolves to: {story.Resolved}";
    }

    public static IReadOnlyList<Diagnostic> Missing(Composition composition, string path)
    {
        try
        {
            ConfigStory.Of(composition, path);
            return [Diagnostic.Error("config-no-such-key", $"there is no key '{path}'")];
        }
        catch (DiagnosticException e)
        {
            return e.Diagnostics;
        }
    }

    public static JsonElement Json(ConfigNode node)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) Write(json, node);
        using var document = JsonDocument.Parse(buffer.ToArray());
        return document.RootElement.Clone();
    }

    private static void Write(Utf8JsonWriter json, ConfigNode node)
    {
        switch (node)
        {
            case MappingNode { State: ContainerState.Value } mapping:
                json.WriteStartObject();
                foreach (var item in mapping.Items)
                {
                    json.WritePropertyName(Convert.ToString(item.Key, System.Globalization.CultureInfo.InvariantCulture) ?? "");
                    Write(json, item);
                }

                json.WriteEndObject();
                break;
            case SequenceNode { State: ContainerState.Value } list:
                json.WriteStartArray();
                foreach (var item in list.Items) Write(json, item);
                json.WriteEndArray();
                break;
            case ScalarNode { Value: bool flag }: json.WriteBooleanValue(flag); break;
            case ScalarNode { Value: long number }: json.WriteNumberValue(number); break;
            case ScalarNode { Value: double number } when double.IsFinite(number): json.WriteNumberValue(number); break;
            case { IsNull: true }: json.WriteNullValue(); break;
            case ScalarNode scalar: json.WriteStringValue(Convert.ToString(scalar.Value, System.Globalization.CultureInfo.InvariantCulture)); break;
            default: json.WriteStringValue(node.Summary()); break;
        }
    }

    private static FieldSchema? Field(Composition composition, string path) =>
        composition.Find(path) is { Key: string key, Parent: MappingNode { Schema: { } schema } } ? schema.Fields.FirstOrDefault(f => f.Name == key) : null;
}

/// <summary>A group and its options.</summary>
internal sealed record ConfigGroup(string Name, IReadOnlyList<string> Options);

/// <summary>A story as JSON.</summary>
internal sealed record ConfigStoryJson(string Path, IReadOnlyList<ConfigStepJson> Steps, string? Resolved)
{
    public static ConfigStoryJson Of(ConfigStory story) =>
        new(story.Path, story.Steps.Select(s => new ConfigStepJson(s.Origin.ToString(), s.Value, s.Reason)).ToList(), story.Resolved);
}

/// <summary>A step of a story as JSON.</summary>
internal sealed record ConfigStepJson(string Origin, string Value, string Reason);

/// <summary>JSON of <c>regatta config</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(List<ConfigGroup>))]
[JsonSerializable(typeof(ConfigStoryJson))]
[JsonSerializable(typeof(List<ConfigDifference>))]
internal sealed partial class ConfigJson : JsonSerializerContext;
