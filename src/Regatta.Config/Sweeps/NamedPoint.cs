namespace Regatta.Config;

/// <summary>A point that the configuration names: <c>hydra.sweeper.points</c>, each a list of overrides.</summary>
/// <param name="Name">Its name; null for the only point of a sweep without names.</param>
/// <param name="Overrides">Its overrides.</param>
internal sealed record NamedPoint(string? Name, IReadOnlyList<string> Overrides)
{
    public static IReadOnlyList<NamedPoint> Read(Composition master)
    {
        if (master.HydraNode("hydra.sweeper.points") is not { IsNull: false } node) return [];
        var resolved = master.Hydra("hydra.sweeper.points");
        return resolved switch
        {
            MappingNode mapping => mapping.Items.Select(i => new NamedPoint(ConfigNode.KeyText(i.Key!), Texts(i))).ToList(),
            SequenceNode list => list.Items.Select(i => new NamedPoint(null, Texts(i))).ToList(),
            _ => throw ConfigFault.Error("value-type-mismatch", "hydra.sweeper.points must be a mapping of names to lists of overrides, or a list of lists of overrides", node.Origin),
        };
    }

    internal static IReadOnlyList<string> Texts(ConfigNode node)
    {
        switch (node)
        {
            case ScalarNode { Value: string text }:
                return [OverrideParser.Parse(text, node.Origin.ToString()).Text];
            case SequenceNode list:
                return list.Items.Select(i => i is ScalarNode { Value: string item }
                    ? OverrideParser.Parse(item, i.Origin.ToString()).Text
                    : throw ConfigFault.Error("value-type-mismatch", $"'{i.Path}' must be an override, such as 'cluster=large'", i.Origin)).ToList();
            case MappingNode mapping:
                return mapping.Items.Select(i => $"{ConfigNode.KeyText(i.Key!)}={OverrideText.Of(Plain(i))}").ToList();
            default:
                throw ConfigFault.Error("value-type-mismatch", $"'{node.Path}' must be a list of overrides", node.Origin);
        }
    }

    private static object? Plain(ConfigNode node) => node switch
    {
        ScalarNode scalar => scalar.Value is string text ? new QuotedText(text, '\'') : scalar.Value,
        SequenceNode list => list.Items.Select(Plain).ToList(),
        MappingNode mapping => Map(mapping),
        _ => null,
    };

    private static PlainMap Map(MappingNode mapping)
    {
        var map = new PlainMap();
        foreach (var item in mapping.Items) map.Set(item.Key, Plain(item));
        return map;
    }
}

/// <summary>Points that are left out: <c>hydra.sweeper.exclude</c>, each a list of overrides that all stand in a point.</summary>
/// <param name="Overrides">Key and pattern of the value; <c>*</c> and <c>?</c> stand for anything.</param>
/// <param name="Origin">Where it was written.</param>
internal sealed record Exclusion(IReadOnlyList<(string Key, string Pattern)> Overrides, Origin Origin)
{
    public static IReadOnlyList<Exclusion> Read(Composition master)
    {
        if (master.HydraNode("hydra.sweeper.exclude") is not { IsNull: false } node) return [];
        if (master.Hydra("hydra.sweeper.exclude") is not SequenceNode list)
            throw ConfigFault.Error("value-type-mismatch", "hydra.sweeper.exclude must be a list; each item is a list of overrides that all stand in a point", node.Origin);
        return list.Items.Select(i => new Exclusion(NamedPoint.Texts(i).Select(Split).ToList(), i.Origin)).ToList();
    }

    public bool Fits(IReadOnlyList<string> point) =>
        Overrides.All(e => point.Any(p => Split(p) is var (key, value) && key == e.Key && FileNamePattern.Fits(value, e.Pattern)));

    private static (string Key, string Value) Split(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var value = equals < 0 ? "" : text[(equals + 1)..];
        if (value.Length > 1 && value[0] is '\'' or '"' && value[^1] == value[0]) value = value[1..^1];
        return (equals < 0 ? text : text[..equals], value);
    }
}
