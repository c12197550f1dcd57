using System.Text;
using Regatta.Diagnostics;

namespace Regatta.Config;

/// <summary>Parses the value of an override: scalars, quoted text, lists, mappings, functions, and sweeps by commas.</summary>
internal sealed class OverrideValueParser(string text, int start, OverrideFaults faults)
{
    private const int DepthLimit = 100;
    private readonly List<int> open = [];
    private int at = start;
    private int depth;

    /// <summary>The value up to the end of the override.</summary>
    public object? Value()
    {
        var first = Element();
        if (at == text.Length) return first;
        var values = new List<object?> { first };
        while (Comma()) values.Add(Element());
        if (at < text.Length) throw faults.Unexpected(at, open.Count > 0);
        return new ChoiceSweep(values, IsSimple: true);
    }

    private object? Element()
    {
        if (++depth > DepthLimit) throw faults.At(at, $"the value is nested deeper than {DepthLimit} levels", null);
        var span = text.AsSpan(at);
        object? value;
        if (span.IsEmpty) throw open.Count > 0 ? Unclosed(Closing(text[open[^1]])) : faults.At(at, "the override ends where a value was expected", null);
        if (span[0] == '[') value = List();
        else if (span[0] == '{') value = Map();
        else if (span[0] is '\'' or '"') value = Quoted();
        else if (FunctionNameLength(span) is var name and > 0) value = Function(name);
        else value = Primitive(key: false);
        depth--;
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
                throw faults.At(at, "a key of a mapping cannot be quoted", "leave out the quotes; put a backslash before special characters");
            var key = Primitive(key: true);
            if (!Skipping(':')) throw at == text.Length ? Unclosed('}') : faults.Unexpected(at, open.Count > 0, "':' after the key");
            map.Set(key, Element());
        }
        while (Comma());
        if (!Closes('}')) throw Unclosed('}');
        return map;
    }

    private static char Closing(char opening) => opening switch { '[' => ']', '{' => '}', _ => ')' };

    private void Open()
    {
        open.Add(at);
        at++;
        at += ValueTokens.BlankLength(text.AsSpan(at));
    }

    private bool Closes(char close)
    {
        var blanks = ValueTokens.BlankLength(text.AsSpan(at));
        if (at + blanks >= text.Length || text[at + blanks] != close) return false;
        at += blanks + 1;
        open.RemoveAt(open.Count - 1);
        return true;
    }

    private bool Comma() => Skipping(',');

    private bool Skipping(char c)
    {
        var blanks = ValueTokens.BlankLength(text.AsSpan(at));
        if (at + blanks >= text.Length || text[at + blanks] != c) return false;
        at += blanks + 1;
        at += ValueTokens.BlankLength(text.AsSpan(at));
        return true;
    }

    private QuotedText Quoted()
    {
        var start = at;
        var quote = text[at++];
        var content = new StringBuilder();
        while (at < text.Length)
        {
            var c = text[at];
            if (c == quote)
            {
                at++;
                return new QuotedText(content.ToString(), quote);
            }

            if (c != '\\')
            {
                content.Append(c);
                at++;
                continue;
            }

            var run = 0;
            while (at + run < text.Length && text[at + run] == '\\') run++;
            at += run;
            if (at < text.Length && text[at] == quote)
            {
                content.Append('\\', run / 2);
                if (run % 2 == 0) continue;
                content.Append(quote);
                at++;
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
        var start = at;
        var name = text.Substring(at, nameLength);
        at += nameLength;
        at += ValueTokens.BlankLength(text.AsSpan(at));
        Open();
        var call = new FunctionCall(name, [], []);
        if (!Closes(')'))
        {
            do
            {
                var argument = ArgumentName();
                var value = Element();
                if (argument is not null) call.Named.Add(new(argument, value));
                else if (call.Named.Count > 0) throw faults.At(start, $"'{text[start..at]}': a value without a name follows one with a name", null, at - start);
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
            throw faults.At(start, $"{OverrideFaults.Short(text[start..at])}: {e.Message}", e.Help, at - start);
        }
    }

    private string? ArgumentName()
    {
        var (kind, length) = ValueTokens.At(text, at);
        if (kind != ValueToken.Identifier) return null;
        var blanks = ValueTokens.BlankLength(text.AsSpan(at + length));
        if (at + length + blanks >= text.Length || text[at + length + blanks] != '=') return null;
        var name = text.Substring(at, length);
        at += length + blanks + 1;
        at += ValueTokens.BlankLength(text.AsSpan(at));
        return name;
    }

    // A run of tokens; one alone has a type, several are text.
    private object? Primitive(bool key)
    {
        var start = at;
        var tokens = new List<(ValueToken Kind, int Start, int Length)>();
        while (at < text.Length)
        {
            if (Stops(key)) break;
            var (kind, length) = ValueTokens.At(text, at);
            if (text[at] == '$' && at + 1 < text.Length && text[at + 1] == '{' && InterpolationLength() is var reference and > 0)
            {
                if (key) break;
                (kind, length) = (ValueToken.Identifier, reference);
            }
            else if (!key && Colon() is var colon and > 0)
            {
                (kind, length) = (ValueToken.Symbol, colon);
            }

            if (length == 0) break;
            tokens.Add((kind, at, length));
            at += length;
        }

        if (tokens.Count == 0) throw at < text.Length ? faults.Unexpected(at, open.Count > 0, "a value") : faults.At(at, "the override ends where a value was expected", null);
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
        var blanks = ValueTokens.BlankLength(text.AsSpan(at));
        if (at + blanks >= text.Length) return false;
        var c = text[at + blanks];
        return c is ',' or ']' or '}' or ')' or '=' or '(' || (key && c == ':');
    }

    private int Colon()
    {
        var before = ValueTokens.BlankLength(text.AsSpan(at));
        if (at + before >= text.Length || text[at + before] != ':') return 0;
        return before + 1 + ValueTokens.BlankLength(text.AsSpan(at + before + 1));
    }

    private int InterpolationLength()
    {
        var close = text.IndexOf('}', at + 2);
        return close > at + 2 ? close + 1 - at : 0;
    }

    private char Peek() => at < text.Length ? text[at] : '\0';

    private DiagnosticException Unclosed(char close)
    {
        if (at < text.Length) return faults.Unexpected(at, open.Count > 0, $"',' or '{close}'");
        var start = open[^1];
        return faults.At(start, $"the '{text[start]}' at column {start + 1} is never closed", $"add '{close}'");
    }
}
