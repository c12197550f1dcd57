using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Regatta.Config;

/// <summary>
/// Loads YAML 1.1 as PyYAML and OmegaConf do, on YamlDotNet's parser: own scalar rules, merge keys, anchors as copies,
/// no duplicate keys. Depth, size and the growth of aliases are bounded.
/// </summary>
internal sealed class YamlLoader
{
    /// <summary>The most characters of one document.</summary>
    public const int LengthLimit = 8 * 1024 * 1024;

    private const int DepthLimit = 200;
    private const int NodeLimit = 500_000;
    private const string StringTag = "tag:yaml.org,2002:str";
    private readonly Parser parser;
    private readonly OriginSource source;
    private readonly Dictionary<string, YamlValue?> anchors = new(StringComparer.Ordinal);
    private readonly string text;
    private readonly List<(int Start, int End)> quoted = [];
    private int count;
    private int built;
    private int flow;

    private YamlLoader(string text, OriginSource source)
    {
        this.source = source;
        this.text = text;
        parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
    }

    /// <summary>Loads a document; an empty one is an empty mapping, a text <c>foo</c> is <c>{foo: null}</c>.</summary>
    /// <exception cref="NodeException">The text cannot be read.</exception>
    public static ContainerNode Load(string text, OriginSource source)
    {
        if (text.Length > LengthLimit)
            throw new NodeException("yaml-syntax", $"'{source.Name}' has {text.Length} characters, more than {LengthLimit}") { Where = new Origin(source) };
        if (text.StartsWith('\uFEFF')) text = text[1..];
        for (var round = 0; round < 3; round++)
        {
            var node = new YamlLoader(text, source).Document();
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

    private ConfigNode? Document()
    {
        try
        {
            parser.MoveNext();
            if (parser.Current is StreamStart) parser.MoveNext();
            if (parser.Current is not DocumentStart) return null;
            parser.MoveNext();
            var root = Value(0);
            if (parser.Current is DocumentEnd) parser.MoveNext();
            if (parser.Current is DocumentStart second)
                throw Fault("yaml-syntax", "expected a single document, found another one", second.Start);
            CheckTabs();
            return Build(root, 0);
        }
        catch (YamlException e)
        {
            throw new NodeException("yaml-syntax", $"'{source.Name}' is not YAML: {Cause(e)}", null, e) { Where = At(e.Start) };
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IndexOutOfRangeException or FormatException or OverflowException or KeyNotFoundException)
        {
            throw new NodeException("yaml-syntax", $"'{source.Name}' is not YAML: a bracket, a brace or a quote is not closed, or a line is indented wrongly", null, e) { Where = At(parser.Current?.Start ?? Mark.Empty) };
        }
    }

    private static string Cause(YamlException e)
    {
        var message = e.InnerException is YamlException inner ? inner.Message : e.Message;
        return message.Length == 0 ? "it cannot be parsed" : char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.');
    }

    private YamlValue Value(int depth)
    {
        if (depth > DepthLimit) throw Fault("yaml-syntax", $"mappings and lists are nested deeper than {DepthLimit} levels", parser.Current!.Start);
        if (++count > NodeLimit) throw Fault("yaml-syntax", $"more than {NodeLimit} values", parser.Current!.Start);
        switch (parser.Current)
        {
            case Scalar scalar:
                parser.MoveNext();
                if (scalar.Style != ScalarStyle.Plain) quoted.Add(((int)scalar.Start.Index, (int)scalar.End.Index));
                else if (flow > 0 && scalar.Value.Contains('?', StringComparison.Ordinal))
                    throw Fault("yaml-syntax", $"'{scalar.Value}' cannot stand unquoted between braces or brackets", scalar.Start);
                var value = new YamlValue(scalar.Start) { Scalar = scalar };
                Remember(scalar, value);
                return value;
            case AnchorAlias alias:
                parser.MoveNext();
                if (!anchors.TryGetValue(alias.Value.Value, out var target)) throw Fault("yaml-syntax", $"the alias '*{alias.Value.Value}' has no anchor before it", alias.Start);
                return target ?? throw Fault("cycle", $"the alias '*{alias.Value.Value}' stands inside the value that it repeats", alias.Start);
            case SequenceStart start:
                return Sequence(start, depth);
            case MappingStart start:
                return Mapping(start, depth);
            default:
                throw Fault("yaml-syntax", "expected a value", parser.Current?.Start ?? Mark.Empty);
        }
    }

    private YamlValue Sequence(SequenceStart start, int depth)
    {
        var pairs = (start.Tag.IsEmpty || start.Tag.IsNonSpecific ? "" : start.Tag.Value) is "tag:yaml.org,2002:omap" or "tag:yaml.org,2002:pairs";
        if (!pairs) CheckTag(start.Tag, "seq", start.Start);
        if (start.Style == SequenceStyle.Flow) flow++;
        var value = new YamlValue(start.Start) { Items = [] };
        if (!start.Anchor.IsEmpty) anchors[start.Anchor.Value] = null;
        parser.MoveNext();
        while (parser.Current is not SequenceEnd) value.Items.Add(pairs ? Pair(Value(depth + 1)) : Value(depth + 1));
        parser.MoveNext();
        if (start.Style == SequenceStyle.Flow) flow--;
        Remember(start, value);
        return value;
    }

    private YamlValue Pair(YamlValue item)
    {
        if (item.Pairs is not [var pair]) throw Fault("yaml-syntax", "an item of ordered pairs must be a mapping of one key", item.Start);
        return new YamlValue(item.Start) { Items = [pair.Key, pair.Value] };
    }

    private YamlValue Mapping(MappingStart start, int depth)
    {
        CheckTag(start.Tag, "map", start.Start);
        if (start.Style == MappingStyle.Flow) flow++;
        var value = new YamlValue(start.Start) { Pairs = [] };
        if (!start.Anchor.IsEmpty) anchors[start.Anchor.Value] = null;
        parser.MoveNext();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (parser.Current is not MappingEnd)
        {
            var key = Value(depth + 1);
            var item = Value(depth + 1);
            if (key.Scalar is { } scalar && IsText(scalar) && !seen.Add(scalar.Value))
                throw Fault("yaml-syntax", $"the key '{scalar.Value}' stands twice in one mapping", scalar.Start);
            value.Pairs.Add((key, item));
        }

        parser.MoveNext();
        if (start.Style == MappingStyle.Flow) flow--;
        Remember(start, value);
        return value;
    }

    // A tab may stand in quotes, in block texts and in comments only.
    private void CheckTabs()
    {
        if (!text.Contains('\t', StringComparison.Ordinal)) return;
        var line = 1;
        var column = 1;
        var range = 0;
        quoted.Sort();
        for (var i = 0; i < text.Length; i++, column++)
        {
            while (range < quoted.Count && quoted[range].End <= i) range++;
            var inside = range < quoted.Count && quoted[range].Start <= i;
            if (text[i] == '\n')
            {
                line++;
                column = 0;
            }
            else if (!inside && text[i] == '#' && (i == 0 || text[i - 1] is ' ' or '\t' or '\n'))
            {
                while (i + 1 < text.Length && text[i + 1] != '\n') i++;
            }
            else if (!inside && text[i] == '\t')
            {
                throw new NodeException("yaml-syntax", $"'{source.Name}': a tab cannot stand outside of quotes") { Where = new Origin(source, line, column), Help = "replace it by blanks" };
            }
        }
    }

    private void Remember(NodeEvent node, YamlValue value)
    {
        if (!node.Anchor.IsEmpty) anchors[node.Anchor.Value] = value;
    }

    private static bool IsText(Scalar scalar) =>
        scalar.Tag.IsEmpty ? scalar.Style != ScalarStyle.Plain || YamlScalars.Resolve(scalar.Value) == YamlScalars.Kind.Text
        : scalar.Tag.IsNonSpecific || scalar.Tag.Value == StringTag;

    private ConfigNode Build(YamlValue value, int depth)
    {
        if (++built > NodeLimit) throw Fault("yaml-syntax", $"aliases make it grow beyond {NodeLimit} values", value.Start);
        if (depth > DepthLimit) throw Fault("yaml-syntax", $"mappings and lists are nested deeper than {DepthLimit} levels", value.Start);
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
            if (key.Scalar is null) throw Fault("yaml-syntax", "a mapping or a list cannot be a key", key.Start);
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
        if (depth > 50) throw Fault("cycle", "merge keys lead back to themselves", mapping.Start);
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
                    if (item.Pairs is null) throw Fault("yaml-syntax", "expected a mapping to merge", item.Start);
                    merged.AddRange(Flatten(item, depth + 1));
                }
            }
            else
            {
                throw Fault("yaml-syntax", "expected a mapping or a list of mappings to merge", value.Start);
            }

            built += merged.Count;
            if (built > NodeLimit) throw Fault("yaml-syntax", $"merge keys make it grow beyond {NodeLimit} values", mapping.Start);
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
            YamlScalars.Kind.Int => YamlScalars.Int(text) ?? throw Fault("yaml-syntax", $"'{text}' is no number", scalar.Start),
            YamlScalars.Kind.Float => YamlScalars.Float(text) ?? throw Fault("yaml-syntax", $"'{text}' is no number", scalar.Start),
            YamlScalars.Kind.Merge or YamlScalars.Kind.Value => throw Fault("yaml-syntax", $"'{text}' has a special meaning in YAML; quote it", scalar.Start),
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
        return value ?? throw Fault("yaml-syntax", $"the tag '{scalar.Tag.Value}' is not supported for '{text}'", scalar.Start);
    }

    private static byte[]? Binary(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text.Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal), bytes, out var length) ? bytes[..length] : null;
    }

    private void CheckTag(TagName tag, string expected, Mark mark)
    {
        if (tag.IsEmpty || tag.IsNonSpecific || tag.Value == $"tag:yaml.org,2002:{expected}") return;
        throw Fault("yaml-syntax", $"the tag '{tag.Value}' is not supported", mark);
    }

    private Origin At(Mark mark) => new(source, (int)mark.Line, (int)mark.Column);

    private NodeException Fault(string code, string message, Mark mark) => new(code, $"'{source.Name}': {message}") { Where = At(mark) };

    private sealed class YamlValue(Mark start)
    {
        public Mark Start { get; } = start;

        public Scalar? Scalar { get; init; }

        public List<YamlValue>? Items { get; init; }

        public List<(YamlValue Key, YamlValue Value)>? Pairs { get; init; }
    }
}
