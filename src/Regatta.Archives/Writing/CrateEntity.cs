using System.Text.Json.Nodes;

namespace Regatta.Archives.Writing;

/// <summary>Entities of an RO-Crate: JSON-LD objects whose identifiers others refer to.</summary>
internal static class CrateEntity
{
    /// <summary>An entity.</summary>
    /// <param name="id">Its identifier.</param>
    /// <param name="types">Its types, at least one.</param>
    /// <param name="properties">Its properties; those that are null are left out.</param>
    public static JsonObject Of(string id, string[] types, params IEnumerable<(string Name, JsonNode? Value)> properties)
    {
        var entity = new JsonObject { ["@id"] = id, ["@type"] = types.Length == 1 ? types[0] : new JsonArray([.. types.Select(t => (JsonNode)t)]) };
        foreach (var (name, value) in properties)
        {
            if (value is not null) entity[name] = value;
        }

        return entity;
    }

    /// <summary>A reference to an entity.</summary>
    public static JsonObject To(string id) => new() { ["@id"] = id };

    /// <summary>References to entities; null for none.</summary>
    public static JsonArray? To(IEnumerable<string> ids)
    {
        var references = new JsonArray([.. ids.Select(id => (JsonNode)To(id))]);
        return references.Count == 0 ? null : references;
    }

    /// <summary>The identifier of a file: its name as a relative reference. Letters beyond ASCII stay as they are, as the specification recommends.</summary>
    public static string Id(string name) => string.Concat(name.Select(c => c <= ' ' || c == '\u007f' || "%#?\"<>[]\\^`{|}".Contains(c, StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"%{(int)c:X2}") : c.ToString()));

    /// <summary>A time as crates have it: UTC, to the millisecond.</summary>
    /// <param name="microseconds">Microseconds since 1970-01-01 UTC.</param>
    public static string Time(long microseconds) => DateTimeOffset.FromUnixTimeMilliseconds(microseconds / 1000).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'+00:00'", CultureInfo.InvariantCulture);
}
