using System.Text;
using System.Text.RegularExpressions;

namespace Regatta.Config;

/// <summary>
/// Reads the grammar of references: literal text at the top, <c>${...}</c> with a dotted path or a resolver and its arguments inside.
/// Longest match and order of rules are those of OmegaConf 2.3.
/// </summary>
internal sealed partial class InterpolationParser
{
    private const int DepthLimit = 100;
    private const string NotInKey = "\\{}()[]:. \t'\"";
    private readonly string text;
    private int at;
    private int depth;

    private InterpolationParser(string text) => this.text = text;

    /// <summary>Parses a configuration value.</summary>
    /// <exception cref="InterpolationSyntaxException">It is not well formed.</exception>
    public static TextExpression Parse(string text)
    {
        var parser = new InterpolationParser(text);
        return parser.Text(quote: null);
    }

    /// <summary>Parses a single element, as <c>oc.decode</c> reads it.</summary>
    /// <exception cref="InterpolationSyntaxException">It is not well formed.</exception>
    public static Element ParseElement(string text)
    {
        var parser = new InterpolationParser(text);
        var element = parser.Element();
        if (parser.at < text.Length) throw parser.Unexpected();
        return element;
    }

    /// <summary>
    /// Checks a value when it is loaded. OmegaConf lets texts through that look simple although its grammar refuses them; they fail when they are read.
    /// </summary>
    public static TextExpression? Validate(string text)
    {
        try
        {
            return Parse(text);
        }
        catch (InterpolationSyntaxException) when (LooksSimple().IsMatch(text))
        {
            return null;
        }
    }

    // Text up to the end, or up to the closing quote.
    private TextExpression Text(char? quote)
    {
        var parts = new List<TextPart>();
        var literal = new StringBuilder();
        while (true)
        {
            if (at >= text.Length)
            {
                if (quote is not null) throw new InterpolationSyntaxException($"the {quote} is never closed", at);
                break;
            }

            var c = text[at];
            if (c == quote) break;
            if (c == '\\')
            {
                Backslashes(quote, literal);
            }
            else if (c == '$' && at + 1 < text.Length && text[at + 1] == '{')
            {
                Flush(parts, literal);
                parts.Add(Reference());
            }
            else
            {
                literal.Append(c);
                at++;
            }
        }

        Flush(parts, literal);
        return new TextExpression(parts);
    }

    private void Backslashes(char? quote, StringBuilder literal)
    {
        var count = 0;
        while (at + count < text.Length && text[at + count] == '\\') count++;
        var next = at + count;
        var opens = next + 1 < text.Length && text[next] == '$' && text[next + 1] == '{';
        var quoted = quote is not null && next < text.Length && text[next] == quote;
        at = next;
        if (opens && count % 2 == 1)
        {
            literal.Append('\\', (count - 1) / 2).Append("${");
            at += 2;
        }
        else if (quoted && count % 2 == 1)
        {
            literal.Append('\\', (count - 1) / 2).Append(quote);
            at++;
        }
        else if (opens || quoted)
        {
            literal.Append('\\', count / 2);
        }
        else
        {
            literal.Append('\\', count);
        }
    }

    private Reference Reference()
    {
        if (++depth > DepthLimit) throw new InterpolationSyntaxException($"references are nested deeper than {DepthLimit} levels", at);
        var start = at;
        at += 2;
        SkipBlanks();
        var reference = ReferenceBody(start);
        depth--;
        return reference;
    }

    private Reference ReferenceBody(int start)
    {
        var path = new List<TextPart>();
        var names = new List<TextPart>();
        var canBeResolver = true;
        while (Peek() == '.')
        {
            path.Add(new Literal("."));
            at++;
            canBeResolver = false;
        }

        var first = true;
        while (true)
        {
            if (!first || Peek() == '[')
            {
                if (Peek() == '[')
                {
                    at++;
                    canBeResolver = false;
                    path.Add(new Literal("["));
                    path.Add(KeyName(out _));
                    if (Peek() != ']') throw Unexpected("']'");
                    at++;
                    path.Add(new Literal("]"));
                    first = false;
                    continue;
                }

                var blanks = ValueTokens.BlankLength(text.AsSpan(at));
                var closing = at + blanks < text.Length ? text[at + blanks] : '\0';
                if (closing == '}')
                {
                    at += blanks + 1;
                    return new NodeReference(text[start..at], path);
                }

                if (closing == ':' && canBeResolver)
                {
                    at += blanks + 1;
                    SkipBlanks();
                    var arguments = Arguments();
                    return new ResolverReference(text[start..at], names, arguments);
                }

                if (Peek() != '.') throw Unexpected("'}', '.' or '['");
                at++;
                path.Add(new Literal("."));
                names.Add(new Literal("."));
            }

            var key = KeyName(out var identifier);
            canBeResolver &= identifier;
            path.Add(key);
            names.Add(key);
            first = false;
        }
    }

    private TextPart KeyName(out bool identifier)
    {
        identifier = true;
        if (at + 1 < text.Length && text[at] == '$' && text[at + 1] == '{') return Reference();
        var length = 0;
        while (at + length < text.Length && !NotInKey.Contains(text[at + length], StringComparison.Ordinal)) length++;
        if (length == 0) throw Unexpected("a key");
        identifier = ValueTokens.IdentifierLength(text.AsSpan(at)) == length;
        var key = new Literal(text.Substring(at, length));
        at += length;
        return key;
    }

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

    private bool StartsReference() => at + 1 < text.Length && text[at] == '$' && text[at + 1] == '{';

    private bool BlankBefore(string stop)
    {
        var blanks = ValueTokens.BlankLength(text.AsSpan(at));
        return at + blanks < text.Length && text[at + blanks] == stop[0];
    }

    private char Peek() => at < text.Length ? text[at] : '\0';

    private void SkipBlanks() => at += ValueTokens.BlankLength(text.AsSpan(at));

    private void SkipBlanksBefore(char close)
    {
        var blanks = ValueTokens.BlankLength(text.AsSpan(at));
        if (at + blanks < text.Length && text[at + blanks] == close) at += blanks;
    }

    private InterpolationSyntaxException Unexpected(string? expected = null) => new(
        at >= text.Length ? $"the text ends where {expected ?? "more"} was expected"
        : expected is null ? $"unexpected '{text[at]}'" : $"expected {expected}, found '{text[at]}'", at);

    private static void Flush(List<TextPart> parts, StringBuilder literal)
    {
        if (literal.Length == 0) return;
        parts.Add(new Literal(literal.ToString()));
        literal.Clear();
    }

    [GeneratedRegex(@"^(?:(?:[^$]|\$(?!\{))+)?(?:(?:\$\{\s*\.*(?:[$\w]+|\[[$\w]+\])(?:\.(?:[$\w]+|\[[$\w]+\]))*\s*\}|\$\{\s*(?:[a-zA-Z_][\w\-]*(?:\.[a-zA-Z_][\w\-]*)*)?\s*:\s*(?:[a-zA-Z_0-9/\-+.$%*@?|]+(?:\s*,\s*[a-zA-Z_0-9/\-+.$%*@?|]+)*)?\s*\})(?:(?:[^$]|\$(?!\{))+)?)+$", RegexOptions.ECMAScript)]
    private static partial Regex LooksSimple();
}
