using System.Text;

namespace Regatta.Config;

/// <summary>The arguments of resolvers: scalars, quoted text, lists and mappings, with references inside.</summary>
internal sealed partial class InterpolationParser
{
    // The arguments of a resolver up to and with its closing brace.
    private List<Element> Arguments()
    {
        var items = Sequence('}');
        _at++;
        return items;
    }

    // Elements separated by commas up to the closing character, which is left; missing elements are empty text.
    private List<Element> Sequence(char close)
    {
        var items = new List<Element>();
        SkipBlanksBefore(close);
        if (Peek() == close) return items;
        var previousComma = true;
        while (true)
        {
            var blanks = ValueTokens.BlankLength(_text.AsSpan(_at));
            var next = _at + blanks < _text.Length ? _text[_at + blanks] : '\0';
            if (next == close)
            {
                _at += blanks;
                if (previousComma) items.Add(new ConstantElement(""));
                return items;
            }

            if (next == ',')
            {
                _at += blanks + 1;
                SkipBlanks();
                if (previousComma) items.Add(new ConstantElement(""));
                previousComma = true;
                continue;
            }

            if (_at >= _text.Length) throw new InterpolationSyntaxException($"expected '{close}'", _at);
            if (!previousComma) throw Unexpected($"',' or '{close}'");
            items.Add(Element());
            previousComma = false;
        }
    }

    private Element Element()
    {
        if (++_depth > DepthLimit) throw new InterpolationSyntaxException($"arguments are nested deeper than {DepthLimit} levels", _at);
        var element = Peek() switch
        {
            '[' => List(),
            '{' => Map(),
            '\'' or '"' => Quoted(),
            _ => Primitive(),
        };
        _depth--;
        return element;
    }

    private ListElement List()
    {
        _at++;
        SkipBlanks();
        var items = Sequence(']');
        _at++;
        return new ListElement(items);
    }

    private MapElement Map()
    {
        _at++;
        SkipBlanks();
        var items = new List<KeyValuePair<object?, Element>>();
        SkipBlanksBefore('}');
        if (Peek() == '}')
        {
            _at++;
            return new MapElement(items);
        }

        while (true)
        {
            var key = MapKey();
            var colon = ValueTokens.BlankLength(_text.AsSpan(_at));
            if (_at + colon >= _text.Length || _text[_at + colon] != ':') throw Unexpected("':'");
            _at += colon + 1;
            SkipBlanks();
            items.Add(new(key, Element()));
            var blanks = ValueTokens.BlankLength(_text.AsSpan(_at));
            var next = _at + blanks < _text.Length ? _text[_at + blanks] : '\0';
            if (next is not (',' or '}')) throw Unexpected("',' or '}'");
            _at += blanks + 1;
            if (next == '}') return new MapElement(items);
            SkipBlanks();
        }
    }

    private TextElement Quoted()
    {
        var quote = _text[_at++];
        var content = Text(quote);
        _at++;
        return new TextElement(content, Quoted: true);
    }

    private object? MapKey()
    {
        var tokens = new List<(ValueToken Kind, string Text)>();
        while (_at < _text.Length && !BlankBefore(":"))
        {
            var (kind, length) = ValueTokens.At(_text, _at);
            if (length == 0 || StartsReference()) break;
            tokens.Add((kind, _text.Substring(_at, length)));
            _at += length;
        }

        if (tokens.Count == 0) throw Unexpected("a key");
        if (tokens.Count == 1) return ValueTokens.Value(tokens[0].Kind, tokens[0].Text);
        return string.Concat(tokens.Select(t => t.Kind == ValueToken.Escape ? ValueTokens.Unescape(t.Text) : t.Text));
    }

    private Element Primitive()
    {
        var parts = new List<TextPart>();
        var literal = new StringBuilder();
        var count = 0;
        (ValueToken Kind, string Text) only = default;
        while (_at < _text.Length)
        {
            if (StartsReference())
            {
                Flush(parts, literal);
                parts.Add(Reference());
                count++;
                continue;
            }

            if (BlankBefore(",") || BlankBefore("]") || BlankBefore("}")) break;
            if (BlankBefore(":"))
            {
                var start = _at;
                SkipBlanks();
                _at++;
                SkipBlanks();
                only = (ValueToken.Symbol, _text[start.._at]);
            }
            else
            {
                var (kind, length) = ValueTokens.At(_text, _at);
                if (length == 0) break;
                only = (kind, _text.Substring(_at, length));
                _at += length;
            }

            literal.Append(only.Kind == ValueToken.Escape ? ValueTokens.Unescape(only.Text) : only.Text);
            count++;
        }

        if (count == 0) throw Unexpected("a value");
        if (count == 1 && parts.Count == 0)
        {
            if (only.Kind == ValueToken.Blank) throw new InterpolationSyntaxException("blanks alone are no value", _at);
            return new ConstantElement(ValueTokens.Value(only.Kind, only.Text));
        }

        Flush(parts, literal);
        return new TextElement(new TextExpression(parts), Quoted: false);
    }
}
