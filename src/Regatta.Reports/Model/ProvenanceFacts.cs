using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Regatta.Runs;

namespace Regatta.Reports.Model;

/// <summary>Turns a run's provenance into groups of facts, whatever it grows by: objects become groups, what lies deeper becomes paths.</summary>
public static class ProvenanceFacts
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["os"] = "Operating system",
        ["cpu"] = "CPU",
        ["commit"] = "Git commit",
        ["lockHash"] = "Lock",
        ["hash"] = "Hash",
        ["clockSource"] = "Clock source",
        ["regatta"] = "Regatta",
        ["libvirt"] = "libvirt",
        ["libvirtd"] = "libvirtd",
        ["nix"] = "Nix",
        ["qemu"] = "QEMU",
    };

    /// <summary>The groups; plain values at the top come first, under <c>Run</c>.</summary>
    public static ImmutableArray<FactGroup> Of(Provenance provenance) => Of(provenance.ToJson());

    /// <summary>The groups of facts of any JSON object.</summary>
    public static ImmutableArray<FactGroup> Of(JsonObject provenance)
    {
        var groups = ImmutableArray.CreateBuilder<FactGroup>();
        var top = ImmutableArray.CreateBuilder<Fact>();
        foreach (var (name, value) in provenance)
        {
            if (value is not null && !IsPlain(value))
            {
                var facts = ImmutableArray.CreateBuilder<Fact>();
                Flatten("", value, facts);
                if (facts.Count > 0) groups.Add(new FactGroup(Title(name), facts.ToImmutable()));
            }
            else
            {
                top.Add(new Fact(Title(name), Plain(value)));
            }
        }

        if (top.Count > 0) groups.Insert(0, new FactGroup("Run", top.ToImmutable()));
        return groups.ToImmutable();
    }

    /// <summary><c>peakMemory</c> as <c>Peak memory</c>; names with a dash, a dot or a digit stay as they are, for they are names of things.</summary>
    public static string Title(string key)
    {
        if (Names.TryGetValue(key, out var known)) return known;
        if (key.Length == 0 || key.Any(c => !char.IsAsciiLetter(c))) return key;
        var text = new StringBuilder();
        for (var i = 0; i < key.Length; i++)
        {
            if (i > 0 && char.IsUpper(key[i]) && !char.IsUpper(key[i - 1])) text.Append(' ');
            text.Append(i == 0 ? char.ToUpperInvariant(key[i]) : char.ToLowerInvariant(key[i]));
        }

        return text.ToString();
    }

    private static void Flatten(string path, JsonNode? node, ImmutableArray<Fact>.Builder facts)
    {
        switch (node)
        {
            case JsonObject inner when path.Length > 0 && inner.All(p => p.Value is null or JsonValue) && inner.Count <= 4:
                // A small object reads best on one line: "head, role worker, 2 processors".
                facts.Add(new Fact(path, string.Join(", ", inner.Where(p => p.Key != "name").Select(p => $"{Title(p.Key).ToLowerInvariant()} {Plain(p.Value, p.Key)}"))));
                break;
            case JsonObject inner:
                foreach (var (name, value) in inner) Flatten(path.Length == 0 ? Title(name) : $"{path} › {Title(name)}", value, facts);
                break;
            case JsonArray list when !IsPlain(list):
                for (var i = 0; i < list.Count; i++)
                {
                    var name = list[i]?["name"] is JsonValue named ? Plain(named) : (i + 1).ToString(CultureInfo.InvariantCulture);
                    Flatten(path.Length == 0 ? name : $"{path} › {name}", list[i], facts);
                }

                break;
            default:
                facts.Add(new Fact(path.Length == 0 ? "Value" : path, Plain(node, path.Split(' ')[^1].ToLowerInvariant())));
                break;
        }
    }

    private static bool IsPlain(JsonNode node) => node is JsonValue || (node is JsonArray list && list.All(v => v is null or JsonValue));

    // Sizes of memory are recorded as bytes, or as the kernel prints them in kB.
    private static string Plain(JsonNode? node, string key) => !key.Contains("memory", StringComparison.Ordinal) ? Plain(node)
        : node is JsonValue value && value.TryGetValue<long>(out var bytes) ? Quantity.Bytes(bytes)
        : node is JsonValue words && words.TryGetValue<string>(out var text) && text.EndsWith(" kB", StringComparison.Ordinal)
            && long.TryParse(text[..^3], NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes) ? Quantity.Bytes(kilobytes * 1024.0)
        : Plain(node);

    private static string Plain(JsonNode? node) => node switch
    {
        null => "–",
        JsonArray list => list.Count == 0 ? "none" : string.Join(", ", list.Select(Plain)),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        JsonValue value when value.GetValueKind() is JsonValueKind.True => "yes",
        JsonValue value when value.GetValueKind() is JsonValueKind.False => "no",
        _ => node.ToJsonString(),
    };
}
