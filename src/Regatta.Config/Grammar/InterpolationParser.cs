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
