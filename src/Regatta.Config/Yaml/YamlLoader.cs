using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Regatta.Config;

/// <summary>
/// Loads YAML 1.1 as PyYAML and OmegaConf do: own scalar rules, merge keys, anchors as copies. The growth of aliases is bounded.
/// </summary>
internal sealed class YamlLoader
{
    private const string StringTag = "tag:yaml.org,2002:str";
    private readonly OriginSource _source;
    private readonly Func<Mark, Origin> _at;
    private int _built;

    private YamlLoader(OriginSource source, Func<Mark, Origin> at)
    {
        _source = source;
        _at = at;
    }

    /// <summary>Loads a document; an empty one is an empty mapping, a text <c>foo</c> is <c>{foo: null}</c>.</summary>
    /// <exception cref="NodeException">The text cannot be read.</exception>
    public static ContainerNode Load(string text, OriginSource source)
    {
        if (text.Length > YamlReader.LengthLimit)
            throw new NodeException("yaml-too-large", $"'{source.Name}' has {text.Length} characters, more than {YamlReader.LengthLimit}") { Where = new Origin(source) };
        if (text.StartsWith('\uFEFF')) text = text[1..];
        for (var round = 0; round < 3; round++)
        {
            var (value, at) = YamlReader.Read(text, source);
            var node = value is null ? null : new YamlLoader(source, at).Build(value, 0);
            switch (node)
            {
                case ContainerNode container: return container;
                case null or ScalarNode { Value: null }: return new MappingNode { Origin = new Origin(source, 1, 1) };
                case ScalarNode { Value: string inner } scalar when round > 0 || inner == text.Trim():
                    var single = new MappingNode { Origin = scalar.Origin };
                    single.Set(inner, new ScalarNode(null) { Origin = scalar.Origin });
                    return single;
                case ScalarNode { Value: string inner }:
                    text = inner;
                    continue;
                default:
                    throw new NodeException("yaml-not-container", $"'{source.Name}' holds a single value ({node.Summary()}), not a mapping or a list") { Where = node.Origin };
            }
        }

        throw new NodeException("yaml-not-container", $"'{source.Name}' holds no mapping or list") { Where = new Origin(source) };
    }

    private ConfigNode Build(YamlValue value, int depth)
    {
        if (++_built > YamlReader.NodeLimit) throw Fault("yaml-too-large", $"aliases make it grow beyond {YamlReader.NodeLimit} values", value.Start);
        if (depth > YamlReader.DepthLimit) throw Fault("yaml-too-deep", $"mappings and lists are nested deeper than {YamlReader.DepthLimit} levels", value.Start);
        if (value.Scalar is { } scalar) return TreeBuilder.Scalar(Plain(scalar), At(scalar.Start));
        if (value.Items is { } items)
        {
            var list = new SequenceNode { Origin = At(value.Start) };
            foreach (var item in items) list.Add(Build(item, depth + 1));
            return list;
        }

        var mapping = new MappingNode { Origin = At(value.Start) };
        foreach (var (key, item) in Flatten(value, 0))
        {
            if (key.Scalar is null) throw Fault("yaml-key", "a mapping or a list cannot be a key", key.Start);
            var plain = Plain(key.Scalar);
            TreeBuilder.CheckKey(plain, At(key.Start));
            var node = Build(item, depth + 1);
            // A value is pointed at where its key stands: that is the line that people look for.
            if (node is ContainerNode) node.Origin = At(key.Start);
            mapping.Set(plain!, node);
        }

        return mapping;
    }

    // The pairs of a mapping with those of its merge keys before them.
    private List<(YamlValue Key, YamlValue Value)> Flatten(YamlValue mapping, int depth)
    {
        if (depth > 50) throw Fault("yaml-cycle", "merge keys lead back to themselves", mapping.Start);
        var own = mapping.Pairs!;
        if (!own.Exists(p => IsMerge(p.Key))) return own;
        var merged = new List<(YamlValue, YamlValue)>();
        var rest = new List<(YamlValue, YamlValue)>();
        foreach (var (key, value) in own)
        {
            if (!IsMerge(key))
            {
                rest.Add((key, value));
            }
            else if (value.Pairs is not null)
            {
                merged.AddRange(Flatten(value, depth + 1));
            }
            else if (value.Items is { } items)
            {
                foreach (var item in Enumerable.Reverse(items))
                {
                    if (item.Pairs is null) throw Fault("yaml-merge", "expected a mapping to merge", item.Start);
                    merged.AddRange(Flatten(item, depth + 1));
                }
            }
            else
            {
                throw Fault("yaml-merge", "expected a mapping or a list of mappings to merge", value.Start);
            }

            _built += merged.Count;
            if (_built > YamlReader.NodeLimit) throw Fault("yaml-too-large", $"merge keys make it grow beyond {YamlReader.NodeLimit} values", mapping.Start);
        }

        merged.AddRange(rest);
        return merged;
    }

    private static bool IsMerge(YamlValue key) =>
        key.Scalar is { Style: ScalarStyle.Plain } scalar && scalar.Tag.IsEmpty && scalar.Value == "<<";

    private object? Plain(Scalar scalar)
    {
        var text = scalar.Value;
        if (!scalar.Tag.IsEmpty) return Tagged(scalar);
        if (scalar.Style != ScalarStyle.Plain) return text;
        return YamlScalars.Resolve(text) switch
        {
            YamlScalars.Kind.Null => null,
            YamlScalars.Kind.Bool => YamlScalars.Bool(text),
            YamlScalars.Kind.Int => YamlScalars.Int(text) ?? throw Fault("yaml-number", $"'{text}' is no number", scalar.Start),
            YamlScalars.Kind.Float => YamlScalars.Float(text) ?? throw Fault("yaml-number", $"'{text}' is no number", scalar.Start),
            YamlScalars.Kind.Merge or YamlScalars.Kind.Value => throw Fault("yaml-special", $"'{text}' has a special meaning in YAML; quote it", scalar.Start),
            _ => text,
        };
    }

    private object? Tagged(Scalar scalar)
    {
        var text = scalar.Value;
        if (scalar.Tag.IsNonSpecific) return text;
        object? value = scalar.Tag.Value switch
        {
            StringTag => text,
            "tag:yaml.org,2002:int" => YamlScalars.Int(text),
            "tag:yaml.org,2002:float" => YamlScalars.Float(text),
            "tag:yaml.org,2002:bool" => YamlScalars.IsBool(text) ? YamlScalars.Bool(text) : null,
            "tag:yaml.org,2002:binary" => Binary(text),
            "tag:yaml.org,2002:null" => "",
            _ => null,
        };
        if (scalar.Tag.Value == "tag:yaml.org,2002:null") return null;
        return value ?? throw Fault("yaml-tag", $"the tag '{scalar.Tag.Value}' is not supported for '{text}'", scalar.Start);
    }

    private static byte[]? Binary(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text.Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal), bytes, out var length) ? bytes[..length] : null;
    }

    private Origin At(Mark mark) => _at(mark);

    private NodeException Fault(string code, string message, Mark mark) => new(code, $"'{_source.Name}': {message}") { Where = At(mark) };
}
