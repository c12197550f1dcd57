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
    private readonly string _text;
    private int _at;
    private int _depth;

    private InterpolationParser(string text) => _text = text;

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
        if (parser._at < text.Length) throw parser.Unexpected();
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
            if (_at >= _text.Length)
            {
                if (quote is not null) throw new InterpolationSyntaxException($"the {quote} is never closed", _at);
                break;
            }

            var c = _text[_at];
            if (c == quote) break;
            if (c == '\\')
            {
                Backslashes(quote, literal);
            }
            else if (c == '$' && _at + 1 < _text.Length && _text[_at + 1] == '{')
            {
                Flush(parts, literal);
                parts.Add(Reference());
            }
            else
            {
                literal.Append(c);
                _at++;
            }
        }

        Flush(parts, literal);
        return new TextExpression(parts);
    }

    private void Backslashes(char? quote, StringBuilder literal)
    {
        var count = 0;
        while (_at + count < _text.Length && _text[_at + count] == '\\') count++;
        var next = _at + count;
        var opens = next + 1 < _text.Length && _text[next] == '$' && _text[next + 1] == '{';
        var quoted = quote is not null && next < _text.Length && _text[next] == quote;
        _at = next;
        if (opens && count % 2 == 1)
        {
            literal.Append('\\', (count - 1) / 2).Append("${");
            _at += 2;
        }
        else if (quoted && count % 2 == 1)
        {
            literal.Append('\\', (count - 1) / 2).Append(quote);
            _at++;
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
        if (++_depth > DepthLimit) throw new InterpolationSyntaxException($"references are nested deeper than {DepthLimit} levels", _at);
        var start = _at;
        _at += 2;
        SkipBlanks();
        var reference = ReferenceBody(start);
        _depth--;
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
            _at++;
            canBeResolver = false;
        }

        var first = true;
        while (true)
        {
            if (!first || Peek() == '[')
            {
                if (Peek() == '[')
                {
                    _at++;
                    canBeResolver = false;
                    path.Add(new Literal("["));
                    path.Add(KeyName(out _));
                    if (Peek() != ']') throw Unexpected("']'");
                    _at++;
                    path.Add(new Literal("]"));
                    first = false;
                    continue;
                }

                var blanks = ValueTokens.BlankLength(_text.AsSpan(_at));
                var closing = _at + blanks < _text.Length ? _text[_at + blanks] : '\0';
                if (closing == '}')
                {
                    _at += blanks + 1;
                    return new NodeReference(_text[start.._at], path);
                }

                if (closing == ':' && canBeResolver)
                {
                    _at += blanks + 1;
                    SkipBlanks();
                    var arguments = Arguments();
                    return new ResolverReference(_text[start.._at], names, arguments);
                }

                if (Peek() != '.') throw Unexpected("'}', '.' or '['");
                _at++;
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
        if (_at + 1 < _text.Length && _text[_at] == '$' && _text[_at + 1] == '{') return Reference();
        var length = 0;
        while (_at + length < _text.Length && !NotInKey.Contains(_text[_at + length], StringComparison.Ordinal)) length++;
        if (length == 0) throw Unexpected("a key");
        identifier = ValueTokens.IdentifierLength(_text.AsSpan(_at)) == length;
        var key = new Literal(_text.Substring(_at, length));
        _at += length;
        return key;
    }

    private bool StartsReference() => _at + 1 < _text.Length && _text[_at] == '$' && _text[_at + 1] == '{';

    private bool BlankBefore(string stop)
    {
        var blanks = ValueTokens.BlankLength(_text.AsSpan(_at));
        return _at + blanks < _text.Length && _text[_at + blanks] == stop[0];
    }

    private char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private void SkipBlanks() => _at += ValueTokens.BlankLength(_text.AsSpan(_at));

    private void SkipBlanksBefore(char close)
    {
        var blanks = ValueTokens.BlankLength(_text.AsSpan(_at));
        if (_at + blanks < _text.Length && _text[_at + blanks] == close) _at += blanks;
    }

    private InterpolationSyntaxException Unexpected(string? expected = null) => new(
        _at >= _text.Length ? $"the text ends where {expected ?? "more"} was expected"
        : expected is null ? $"unexpected '{_text[_at]}'" : $"expected {expected}, found '{_text[_at]}'", _at);

    private static void Flush(List<TextPart> parts, StringBuilder literal)
    {
        if (literal.Length == 0) return;
        parts.Add(new Literal(literal.ToString()));
        literal.Clear();
    }

    [GeneratedRegex(@"^(?:(?:[^$]|\$(?!\{))+)?(?:(?:\$\{\s*\.*(?:[$\w]+|\[[$\w]+\])(?:\.(?:[$\w]+|\[[$\w]+\]))*\s*\}|\$\{\s*(?:[a-zA-Z_][\w\-]*(?:\.[a-zA-Z_][\w\-]*)*)?\s*:\s*(?:[a-zA-Z_0-9/\-+.$%*@?|]+(?:\s*,\s*[a-zA-Z_0-9/\-+.$%*@?|]+)*)?\s*\})(?:(?:[^$]|\$(?!\{))+)?)+$", RegexOptions.ECMAScript)]
    private static partial Regex LooksSimple();
}
