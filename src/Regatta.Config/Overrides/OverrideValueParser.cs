using System.Text;

namespace Regatta.Config;

/// <summary>Parses the value of an override: scalars, quoted text, lists, mappings, functions, and sweeps by commas.</summary>
internal sealed class OverrideValueParser(string text, int start, OverrideFaults faults)
{
    private const int DepthLimit = 100;
    private readonly List<int> _open = [];
    private int _at = start;
    private int _depth;

    /// <summary>The value up to the end of the override.</summary>
    public object? Value()
    {
        var first = Element();
        if (_at == text.Length) return first;
        var values = new List<object?> { first };
        while (Comma()) values.Add(Element());
        if (_at < text.Length) throw faults.Unexpected(_at, _open.Count > 0);
        return new ChoiceSweep(values, IsSimple: true);
    }

    private object? Element()
    {
        if (++_depth > DepthLimit) throw faults.At(_at, $"the value is nested deeper than {DepthLimit} levels", null);
        var span = text.AsSpan(_at);
        object? value;
        if (span.IsEmpty) throw _open.Count > 0 ? Unclosed(Closing(text[_open[^1]])) : faults.At(_at, "the override ends where a value was expected", null);
        if (span[0] == '[') value = List();
        else if (span[0] == '{') value = Map();
        else if (span[0] is '\'' or '"') value = Quoted();
        else if (FunctionNameLength(span) is var name and > 0) value = Function(name);
        else value = Primitive(key: false);
        _depth--;
        return value;
    }

    private static int FunctionNameLength(ReadOnlySpan<char> span)
    {
        var (kind, length) = ValueTokens.At(span, 0);
        if (kind != ValueToken.Identifier) return 0;
        var blanks = ValueTokens.BlankLength(span[length..]);
        return length + blanks < span.Length && span[length + blanks] == '(' ? length : 0;
    }

    private List<object?> List()
    {
        Open();
        var items = new List<object?>();
        if (Closes(']')) return items;
        do items.Add(Element());
        while (Comma());
        if (!Closes(']')) throw Unclosed(']');
        return items;
    }

    private PlainMap Map()
    {
        Open();
        var map = new PlainMap();
        if (Closes('}')) return map;
        do
        {
            if (Peek() is '\'' or '"')
                throw faults.At(_at, "a key of a mapping cannot be quoted", "leave out the quotes; put a backslash before special characters");
            var key = Primitive(key: true);
            if (!Skipping(':')) throw _at == text.Length ? Unclosed('}') : faults.Unexpected(_at, _open.Count > 0, "':' after the key");
            map.Set(key, Element());
        }
        while (Comma());
        if (!Closes('}')) throw Unclosed('}');
        return map;
    }

    private static char Closing(char opening) => opening switch { '[' => ']', '{' => '}', _ => ')' };

    private void Open()
    {
        _open.Add(_at);
        _at++;
        _at += ValueTokens.BlankLength(text.AsSpan(_at));
    }

    private bool Closes(char close)
    {
        var blanks = ValueTokens.BlankLength(text.AsSpan(_at));
        if (_at + blanks >= text.Length || text[_at + blanks] != close) return false;
        _at += blanks + 1;
        _open.RemoveAt(_open.Count - 1);
        return true;
    }

    private bool Comma() => Skipping(',');

    private bool Skipping(char c)
    {
        var blanks = ValueTokens.BlankLength(text.AsSpan(_at));
        if (_at + blanks >= text.Length || text[_at + blanks] != c) return false;
        _at += blanks + 1;
        _at += ValueTokens.BlankLength(text.AsSpan(_at));
        return true;
    }

    private QuotedText Quoted()
    {
        var start = _at;
        var quote = text[_at++];
        var content = new StringBuilder();
        while (_at < text.Length)
        {
            var c = text[_at];
            if (c == quote)
            {
                _at++;
                return new QuotedText(content.ToString(), quote);
            }

            if (c != '\\')
            {
                content.Append(c);
                _at++;
                continue;
            }

            var run = 0;
            while (_at + run < text.Length && text[_at + run] == '\\') run++;
            _at += run;
            if (_at < text.Length && text[_at] == quote)
            {
                content.Append('\\', run / 2);
                if (run % 2 == 0) continue;
                content.Append(quote);
                _at++;
            }
            else
            {
                content.Append('\\', run);
            }
        }

        throw faults.At(start, $"the {quote} is never closed", $"add a {quote} at the end, or escape the one that is there with a backslash");
    }

    private object? Function(int nameLength)
    {
        var start = _at;
        var name = text.Substring(_at, nameLength);
        _at += nameLength;
        _at += ValueTokens.BlankLength(text.AsSpan(_at));
        Open();
        var call = new FunctionCall(name, [], []);
        if (!Closes(')'))
        {
            do
            {
                var argument = ArgumentName();
                var value = Element();
                if (argument is not null) call.Named.Add(new(argument, value));
                else if (call.Named.Count > 0) throw faults.At(start, $"'{text[start.._at]}': a value without a name follows one with a name", null, _at - start);
                else call.Positional.Add(value);
            }
            while (Comma());
            if (!Closes(')')) throw Unclosed(')');
        }

        try
        {
            return OverrideFunctions.Call(call);
        }
        catch (OverrideFunctionException e)
        {
            throw faults.At(start, $"{OverrideFaults.Short(text[start.._at])}: {e.Message}", e.Help, _at - start);
        }
    }

    private string? ArgumentName()
    {
        var (kind, length) = ValueTokens.At(text, _at);
        if (kind != ValueToken.Identifier) return null;
        var blanks = ValueTokens.BlankLength(text.AsSpan(_at + length));
        if (_at + length + blanks >= text.Length || text[_at + length + blanks] != '=') return null;
        var name = text.Substring(_at, length);
        _at += length + blanks + 1;
        _at += ValueTokens.BlankLength(text.AsSpan(_at));
        return name;
    }

    // A run of tokens; one alone has a type, several are text.
    private object? Primitive(bool key)
    {
        var start = _at;
        var tokens = new List<(ValueToken Kind, int Start, int Length)>();
        while (_at < text.Length)
        {
            if (Stops(key)) break;
            var (kind, length) = ValueTokens.At(text, _at);
            if (text[_at] == '$' && _at + 1 < text.Length && text[_at + 1] == '{' && InterpolationLength() is var reference and > 0)
            {
                if (key) break;
                (kind, length) = (ValueToken.Identifier, reference);
            }
            else if (!key && Colon() is var colon and > 0)
            {
                (kind, length) = (ValueToken.Symbol, colon);
            }

            if (length == 0) break;
            tokens.Add((kind, _at, length));
            _at += length;
        }

        if (tokens.Count == 0) throw _at < text.Length ? faults.Unexpected(_at, _open.Count > 0, "a value") : faults.At(_at, "the override ends where a value was expected", null);
        var first = tokens[0].Kind == ValueToken.Blank ? 1 : 0;
        if (first == 1 && tokens.Count == 1) throw faults.At(start, "blanks alone are no value", "quote them: ' '");
        var last = tokens[^1].Kind == ValueToken.Blank ? tokens.Count - 1 : tokens.Count;
        if (last - first == 1) return ValueTokens.Value(tokens[first].Kind, text.AsSpan(tokens[first].Start, tokens[first].Length));
        var result = new StringBuilder();
        for (var i = first; i < last; i++)
        {
            var span = text.AsSpan(tokens[i].Start, tokens[i].Length);
            if (tokens[i].Kind == ValueToken.Escape) result.Append(ValueTokens.Unescape(span));
            else result.Append(span);
        }

        return result.ToString();
    }

    // Whether a longer token that is no part of a primitive starts here: a comma or a closing bracket with blanks before it.
    private bool Stops(bool key)
    {
        var blanks = ValueTokens.BlankLength(text.AsSpan(_at));
        if (_at + blanks >= text.Length) return false;
        var c = text[_at + blanks];
        return c is ',' or ']' or '}' or ')' or '=' or '(' || (key && c == ':');
    }

    private int Colon()
    {
        var before = ValueTokens.BlankLength(text.AsSpan(_at));
        if (_at + before >= text.Length || text[_at + before] != ':') return 0;
        return before + 1 + ValueTokens.BlankLength(text.AsSpan(_at + before + 1));
    }

    private int InterpolationLength()
    {
        var close = text.IndexOf('}', _at + 2);
        return close > _at + 2 ? close + 1 - _at : 0;
    }

    private char Peek() => _at < text.Length ? text[_at] : '\0';

    private DiagnosticException Unclosed(char close)
    {
        if (_at < text.Length) return faults.Unexpected(_at, _open.Count > 0, $"',' or '{close}'");
        var start = _open[^1];
        return faults.At(start, $"the '{text[start]}' at column {start + 1} is never closed", $"add '{close}'");
    }
}
