using System.Text.Json;
using System.Text.Json.Nodes;
using Regatta.Analysis;

namespace Regatta.Archives.Verification;

/// <summary>Compares what was recorded with what was computed again, value by value, and names what differs.</summary>
/// <param name="words">Whether texts are compared: another version of the program says the same in other words.</param>
internal sealed class NumberComparison(bool words)
{
    // Processors round the last bit of a sum in their own way.
    private const double Tolerance = 1e-9;

    private static readonly string[] Labels = ["run", "point", "repetition", "metric", "workload", "code"];
    private static readonly string[] Wordings = ["headline", "sentences", "text", "findings"];

    private readonly List<NumberDifference> _differences = [];
    private readonly SortedSet<string> _undefined = new(StringComparer.Ordinal), _newer = new(StringComparer.Ordinal);

    /// <summary>How many values were compared.</summary>
    public int Compared { get; private set; }

    /// <summary>What differs.</summary>
    public ImmutableArray<NumberDifference> Differences => [.. _differences];

    /// <summary>Metrics that were recorded and that this program does not know.</summary>
    public IReadOnlyCollection<string> Undefined => _undefined;

    /// <summary>Metrics that this program knows and that were not recorded.</summary>
    public IReadOnlyCollection<string> Newer => _newer;

    /// <summary>Compares two values.</summary>
    public void Compare(string name, JsonNode? recorded, JsonNode? own)
    {
        switch (recorded, own)
        {
            case (JsonObject first, JsonObject second):
                foreach (var key in first.Select(p => p.Key).Union(second.Select(p => p.Key))) CompareProperty(name, key, first[key], second[key]);
                break;
            case (JsonArray first, JsonArray second):
                CompareItems(name, first, second);
                break;
            default:
                Compared++;
                if (!Same(recorded, own)) _differences.Add(new NumberDifference(name, Shown(recorded), Shown(own)));
                break;
        }
    }

    private void CompareProperty(string name, string key, JsonNode? recorded, JsonNode? own)
    {
        if (!words && Wordings.Contains(key)) return;
        if (name.EndsWith("metrics", StringComparison.Ordinal) && Skips(key, recorded, own)) return;
        Compare(name.Length == 0 ? key : $"{name}.{key}", recorded, own);
    }

    private void CompareItems(string name, JsonArray recorded, JsonArray own)
    {
        var (first, second) = (ByLabel(recorded), ByLabel(own));
        foreach (var label in first.Keys.Union(second.Keys))
        {
            var (was, now) = (first.GetValueOrDefault(label), second.GetValueOrDefault(label));
            if (((was ?? now) as JsonObject)?["metric"]?.GetValueKind() == JsonValueKind.String && Skips((string)(was ?? now)!["metric"]!, was, now)) continue;
            Compare($"{name}[{label}]", was, now);
        }
    }

    private bool Skips(string metric, JsonNode? recorded, JsonNode? own)
    {
        if (MetricCatalogue.Find(metric) is null) return _undefined.Add(metric) || true;
        // What is not defined for a trial is left out by every program; only another one leaves out more.
        return !words && recorded is null && own is not null && (_newer.Add(metric) || true);
    }

    private static Dictionary<string, JsonNode?> ByLabel(JsonArray items)
    {
        var found = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var (index, item) in items.Index())
        {
            var label = item is JsonObject entry ? string.Join(", ", Labels.Select(l => entry[l]).Where(v => v is JsonValue).Select(v => v!.ToString())) : "";
            var number = string.Create(CultureInfo.InvariantCulture, $"{index + 1}");
            if (!found.TryAdd(label.Length == 0 ? number : label, item)) found[$"{label} #{number}"] = item;
        }

        return found;
    }

    private static bool Same(JsonNode? recorded, JsonNode? own)
    {
        if (recorded is null || own is null) return recorded is null && own is null;
        if (recorded.GetValueKind() != JsonValueKind.Number || own.GetValueKind() != JsonValueKind.Number) return JsonNode.DeepEquals(recorded, own);
        var (first, second) = (Number(recorded), Number(own));
        return first.Equals(second) || Math.Abs(first - second) <= Tolerance * Math.Max(Math.Abs(first), Math.Abs(second));
    }

    private static double Number(JsonNode node) => double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);

    private static string? Shown(JsonNode? node)
    {
        if (node is null) return null;
        var text = node.GetValueKind() == JsonValueKind.String ? node.ToString() : node.ToJsonString();
        return text.Length > 200 ? text[..200] + "…" : text;
    }
}
