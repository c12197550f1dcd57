using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Regatta.Config;

/// <summary>A value as it stands in a YAML text: a scalar, items or pairs. A value that is repeated by alias is one object.</summary>
internal sealed class YamlValue(Mark start)
{
    public Mark Start { get; } = start;

    public Scalar? Scalar { get; init; }

    public List<YamlValue>? Items { get; init; }

    public List<(YamlValue Key, YamlValue Value)>? Pairs { get; init; }
}

/// <summary>
/// Reads the syntax of YAML 1.1 on YamlDotNet's parser: anchors, no duplicate keys, no tabs outside of quotes. What is deep, long or has
/// many values is refused before it takes memory.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>The most characters of one document.</summary>
    public const int LengthLimit = 8 * 1024 * 1024;

    /// <summary>How deep values may be nested.</summary>
    public const int DepthLimit = 200;

    /// <summary>How many values a document may have, aliases followed.</summary>
    public const int NodeLimit = 500_000;

    private const string Cure = "look at what is marked and at the lines before it: every bracket and quote is closed, keys of one mapping begin in the same column, text with ': ' or ' #' in it is quoted";

    private readonly Parser _parser;
    private readonly OriginSource _source;
    private readonly IReadOnlyList<int> _shifts;
    private readonly Dictionary<string, YamlValue?> _anchors = new(StringComparer.Ordinal);
    private readonly string _text;
    private readonly List<(int Start, int End)> _quoted = [];
    private int _count;
    private int _flow;

    private YamlReader(string text, OriginSource source, IReadOnlyList<int> shifts)
    {
        _source = source;
        _text = text;
        _shifts = shifts;
        _parser = new Parser(new YamlTokens(new StringReader(text)));
    }

    /// <summary>Reads a document; null when it is empty. The second says where a mark stands in the text.</summary>
    /// <exception cref="NodeException">The text is not YAML.</exception>
    public static (YamlValue? Root, Func<Mark, Origin> At) Read(string text, OriginSource source)
    {
        var reader = new YamlReader(text, source, []);
        try
        {
            reader.CheckCharacters();
            return (reader.Document(), reader.At);
        }
        catch (NodeException e) when (e.InnerException is not null)
        {
            if (YamlContinuation.Indented(text) is not { } indented) throw;
            reader = new YamlReader(indented.Text, source, indented.Shifts);
            return (reader.Document(), reader.At);
        }
    }

    private YamlValue? Document()
    {
        try
        {
            _parser.MoveNext();
            if (_parser.Current is StreamStart) _parser.MoveNext();
            if (_parser.Current is not DocumentStart) return null;
            _parser.MoveNext();
            var root = Value(0);
            if (_parser.Current is DocumentEnd) _parser.MoveNext();
            if (_parser.Current is DocumentStart second) throw Fault("yaml-documents", "expected a single document, found another one", second.Start);
            CheckTabs();
            return root;
        }
        catch (YamlException e)
        {
            throw new NodeException("yaml-syntax", $"'{_source.Name}' is not YAML: {Cause(e)}", null, e) { Where = At(e.Start), Help = Cure };
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IndexOutOfRangeException or FormatException or OverflowException or KeyNotFoundException)
        {
            throw new NodeException("yaml-syntax", $"'{_source.Name}' is not YAML: a bracket, a brace or a quote is not closed, or a line is indented wrongly", null, e) { Where = At(_parser.Current?.Start ?? Mark.Empty), Help = Cure };
        }
    }

    private static string Cause(YamlException e)
    {
        var message = e.InnerException is YamlException inner ? inner.Message : e.Message;
        return message.Length == 0 ? "it cannot be parsed" : char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.');
    }

    private YamlValue Value(int depth)
    {
        if (depth > DepthLimit) throw Fault("yaml-too-deep", $"mappings and lists are nested deeper than {DepthLimit} levels", _parser.Current!.Start);
        if (++_count > NodeLimit) throw Fault("yaml-too-large", $"more than {NodeLimit} values", _parser.Current!.Start);
        switch (_parser.Current)
        {
            case Scalar scalar:
                _parser.MoveNext();
                if (scalar.Style != ScalarStyle.Plain) _quoted.Add(((int)scalar.Start.Index, (int)scalar.End.Index));
                else if (_flow > 0 && scalar.Value.Contains('?', StringComparison.Ordinal))
                    throw Fault("yaml-unquoted", $"'{scalar.Value}' cannot stand unquoted between braces or brackets", scalar.Start);
                var value = new YamlValue(scalar.Start) { Scalar = scalar };
                Announce(scalar);
                Remember(scalar, value);
                return value;
            case AnchorAlias alias:
                _parser.MoveNext();
                if (!_anchors.TryGetValue(alias.Value.Value, out var target)) throw Fault("yaml-alias", $"the alias '*{alias.Value.Value}' has no anchor before it", alias.Start);
                return target ?? throw Fault("yaml-cycle", $"the alias '*{alias.Value.Value}' stands inside the value that it repeats", alias.Start);
            case SequenceStart start:
                return Sequence(start, depth);
            case MappingStart start:
                return Mapping(start, depth);
            default:
                throw Fault("yaml-syntax", "expected a value", _parser.Current?.Start ?? Mark.Empty);
        }
    }

    private YamlValue Sequence(SequenceStart start, int depth)
    {
        var pairs = (start.Tag.IsEmpty || start.Tag.IsNonSpecific ? "" : start.Tag.Value) is "tag:yaml.org,2002:omap" or "tag:yaml.org,2002:pairs";
        if (!pairs) CheckTag(start.Tag, "seq", start.Start);
        if (start.Style == SequenceStyle.Flow) _flow++;
        var value = new YamlValue(start.Start) { Items = [] };
        Announce(start);
        _parser.MoveNext();
        while (_parser.Current is not SequenceEnd) value.Items.Add(pairs ? Pair(Value(depth + 1)) : Value(depth + 1));
        _parser.MoveNext();
        if (start.Style == SequenceStyle.Flow) _flow--;
        Remember(start, value);
        return value;
    }

    private YamlValue Pair(YamlValue item)
    {
        if (item.Pairs is not [var pair]) throw Fault("yaml-ordered-pairs", "an item of ordered pairs must be a mapping of one key", item.Start);
        return new YamlValue(item.Start) { Items = [pair.Key, pair.Value] };
    }

    private YamlValue Mapping(MappingStart start, int depth)
    {
        CheckTag(start.Tag, "map", start.Start);
        if (start.Style == MappingStyle.Flow) _flow++;
        var value = new YamlValue(start.Start) { Pairs = [] };
        Announce(start);
        _parser.MoveNext();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (_parser.Current is not MappingEnd)
        {
            var key = Value(depth + 1);
            var item = Value(depth + 1);
            if (key.Scalar is { } scalar && YamlScalars.IsText(scalar) && !seen.Add(scalar.Value))
                throw Fault("yaml-key-twice", $"the key '{scalar.Value}' stands twice in one mapping", scalar.Start, "leave one of the two out");
            value.Pairs.Add((key, item));
        }

        _parser.MoveNext();
        if (start.Style == MappingStyle.Flow) _flow--;
        Remember(start, value);
        return value;
    }

    private void Announce(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty && !_anchors.TryAdd(node.Anchor.Value, null))
            throw Fault("yaml-anchor-twice", $"the anchor '&{node.Anchor.Value}' stands twice", node.Start, "give one of them another name");
    }

    private void Remember(NodeEvent node, YamlValue value)
    {
        if (!node.Anchor.IsEmpty) _anchors[node.Anchor.Value] = value;
    }

    private void CheckTag(TagName tag, string expected, Mark mark)
    {
        if (tag.IsEmpty || tag.IsNonSpecific || tag.Value == $"tag:yaml.org,2002:{expected}") return;
        throw Fault("yaml-tag", $"the tag '{tag.Value}' is not supported", mark);
    }

    private void CheckCharacters()
    {
        for (var i = 0; i < _text.Length; i++)
        {
            var c = _text[i];
            if (c is (>= ' ' and <= '~') or '\n' or '\r' or '\t' or '\u0085' or (>= '\u00A0' and < '\uFFFE')) continue;
            var line = 1 + _text.AsSpan(0, i).Count('\n');
            throw new NodeException("yaml-character", $"'{_source.Name}': the character U+{(int)c:X4} cannot stand in a YAML file") { Where = new Origin(_source, line, i - _text.LastIndexOf('\n', i)), Help = $"write it with an escape between double quotes: \"\\x{(int)c:X2}\"" };
        }
    }

    // A tab may stand in quotes, in block texts and in comments only.
    private void CheckTabs()
    {
        if (!_text.Contains('\t', StringComparison.Ordinal)) return;
        var line = 1;
        var column = 1;
        var range = 0;
        _quoted.Sort();
        for (var i = 0; i < _text.Length; i++, column++)
        {
            while (range < _quoted.Count && _quoted[range].End <= i) range++;
            var inside = range < _quoted.Count && _quoted[range].Start <= i;
            if (_text[i] == '\n')
            {
                line++;
                column = 0;
            }
            else if (!inside && _text[i] == '#' && (i == 0 || _text[i - 1] is ' ' or '\t' or '\n'))
            {
                while (i + 1 < _text.Length && _text[i + 1] != '\n') i++;
            }
            else if (!inside && _text[i] == '\t')
            {
                throw new NodeException("yaml-tab", $"'{_source.Name}': a tab cannot stand outside of quotes") { Where = At(line, column), Help = "replace it by blanks" };
            }
        }
    }

    private Origin At(Mark mark) => At((int)mark.Line, (int)mark.Column);

    private Origin At(int line, int column) => new(_source, line, Math.Max(1, column - (line >= 1 && line <= _shifts.Count ? _shifts[line - 1] : 0)));

    private NodeException Fault(string code, string message, Mark mark, string? help = null) => new(code, $"'{_source.Name}': {message}") { Where = At(mark), Help = help };
}
