using System.Text;

namespace Regatta.Config;

/// <summary>The arguments of resolvers: scalars, quoted text, lists and mappings, with references inside.</summary>
internal sealed partial class InterpolationParser
{
    // The arguments of a resolver up to and with its closing brace.
    private List<Element> Arguments()
    {
        var items = Sequence('}');
        at++;
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
            var blanks = ValueTokens.BlankLength(text.AsSpan(at));
            var next = at + blanks < text.Length ? text[at + blanks] : '\0';
            if (next == close)
            {
                at += blanks;
                if (previousComma) items.Add(new ConstantElement(""));
                return items;
            }

            if (next == ',')
            {
                at += blanks + 1;
                SkipBlanks();
                if (previousComma) items.Add(new ConstantElement(""));
                previousComma = true;
                continue;
            }

            if (at >= text.Length) throw new InterpolationSyntaxException($"expected '{close}'", at);
            if (!previousComma) throw Unexpected($"',' or '{close}'");
            items.Add(Element());
            previousComma = false;
        }
    }

    private Element Element()
    {
        if (++depth > DepthLimit) throw new InterpolationSyntaxException($"arguments are nested deeper than {DepthLimit} levels", at);
        var element = Peek() switch
        {
            '[' => List(),
            '{' => Map(),
            '\'' or '"' => Quoted(),
            _ => Primitive(),
        };
        depth--;
        return element;
    }

    private ListElement List()
    {
        at++;
        SkipBlanks();
        var items = Sequence(']');
        at++;
        return new ListElement(items);
    }

    private MapElement Map()
    {
        at++;
        SkipBlanks();
        var items = new List<KeyValuePair<object?, Element>>();
        SkipBlanksBefore('}');
        if (Peek() == '}')
        {
            at++;
            return new MapElement(items);
        }

        while (true)
        {
            var key = MapKey();
            var colon = ValueTokens.BlankLength(text.AsSpan(at));
            if (at + colon >= text.Length || text[at + colon] != ':') throw Unexpected("':'");
            at += colon + 1;
            SkipBlanks();
            items.Add(new(key, Element()));
            var blanks = ValueTokens.BlankLength(text.AsSpan(at));
            var next = at + blanks < text.Length ? text[at + blanks] : '\0';
            if (next is not (',' or '}')) throw Unexpected("',' or '}'");
            at += blanks + 1;
            if (next == '}') return new MapElement(items);
            SkipBlanks();
        }
    }

    private TextElement Quoted()
    {
        var quote = text[at++];
        var content = Text(quote);
        at++;
        return new TextElement(content, Quoted: true);
    }

    private object? MapKey()
    {
        var tokens = new List<(ValueToken Kind, string Text)>();
        while (at < text.Length && !BlankBefore(":"))
        {
            var (kind, length) = ValueTokens.At(text, at);
            if (length == 0 || StartsReference()) break;
            tokens.Add((kind, text.Substring(at, length)));
            at += length;
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
        while (at < text.Length)
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
                var start = at;
                SkipBlanks();
                at++;
                SkipBlanks();
                only = (ValueToken.Symbol, text[start..at]);
            }
            else
            {
                var (kind, length) = ValueTokens.At(text, at);
                if (length == 0) break;
                only = (kind, text.Substring(at, length));
                at += length;
            }

            literal.Append(only.Kind == ValueToken.Escape ? ValueTokens.Unescape(only.Text) : only.Text);
            count++;
        }

        if (count == 0) throw Unexpected("a value");
        if (count == 1 && parts.Count == 0)
        {
            if (only.Kind == ValueToken.Blank) throw new InterpolationSyntaxException("blanks alone are no value", at);
            return new ConstantElement(ValueTokens.Value(only.Kind, only.Text));
        }

        Flush(parts, literal);
        return new TextElement(new TextExpression(parts), Quoted: false);
    }
}
