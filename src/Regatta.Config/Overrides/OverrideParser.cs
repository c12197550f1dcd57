using System.Text;
using Regatta.Diagnostics;

namespace Regatta.Config;

/// <summary>Parses overrides by Hydra's grammar; every error points at the character.</summary>
public sealed class OverrideParser
{
    private const int DepthLimit = 100;
    private const int LengthLimit = 1024 * 1024;
    private readonly string text;
    private readonly OriginSource source;
    private readonly List<int> open = [];
    private int at;
    private int depth;

    private OverrideParser(string text, OriginSource source)
    {
        this.text = text;
        this.source = source;
    }

    /// <summary>Parses one override.</summary>
    /// <param name="text">The override, already past the shell.</param>
    /// <param name="sourceName">Where it came from, for messages.</param>
    /// <exception cref="DiagnosticException">It is not well formed; code <c>config-override-parse</c>.</exception>
    public static Override Parse(string text, string sourceName = "command line")
    {
        var source = new OriginSource(OriginKind.Override, sourceName) { Text = text };
        var parser = new OverrideParser(text, source);
        if (text.Length > LengthLimit) throw parser.Fault(0, $"an override of {text.Length} characters is too long", null, 0);
        return parser.ParseOverride();
    }

    /// <summary>Parses several; the first that is not well formed ends it.</summary>
    /// <exception cref="DiagnosticException">One is not well formed.</exception>
    public static IReadOnlyList<Override> ParseAll(IEnumerable<string> texts, string sourceName = "command line") =>
        texts.Select(t => Parse(t, sourceName)).ToList();

    private Override ParseOverride()
    {
        var kind = OverrideKind.Change;
        if (Peek() == '~')
        {
            kind = OverrideKind.Delete;
            at++;
        }
        else if (Peek() == '+')
        {
            at++;
            kind = OverrideKind.Add;
            if (Peek() == '+')
            {
                at++;
                kind = OverrideKind.ForceAdd;
            }
        }

        var start = at;
        var key = Key();
        string? package = null;
        if (Peek() == '@')
        {
            at++;
            package = Package();
        }

        if (at == text.Length)
        {
            if (kind == OverrideKind.Delete) return new Override(kind, key, text) { Package = package, Source = source };
            throw Fault(at, $"expected key=value, got '{Short(text)}'", $"write {Short(text)}=VALUE, or ~{Short(text.TrimStart('+'))} to delete it", Math.Max(1, at - start));
        }

        if (Peek() != '=')
        {
            var c = text[at];
            if (text.StartsWith("--", StringComparison.Ordinal)) throw Fault(0, "an override has no dashes in front", $"write {Short(text.TrimStart('-'))}", 2);
            throw Fault(at, $"expected '=' after '{key}', found '{c}'", c is ' ' ? "write key=value without blanks around '='" : "a key is names joined by dots, a group is names joined by slashes, with @package after it");
        }

        at++;
        at += ValueTokens.BlankLength(text.AsSpan(at));
        var column = at + 1;
        object? value = at == text.Length ? "" : Value();
        if (value is not Sweep && HoldsSweep(value))
        {
            throw new DiagnosticException(Fault(column - 1, "a list or a mapping cannot hold a sweep", "sweep over whole values: choice([1,2],[3,4])", text.Length - column + 1).Diagnostics[0] with { Code = "config-nested-sweep" });
        }

        return new Override(kind, key, text) { Package = package, Source = source, HasValue = true, Value = value, ValueColumn = column };
    }

    private static bool HoldsSweep(object? value) => value switch
    {
        Sweep => true,
        IReadOnlyList<object?> items => items.Any(HoldsSweep),
        PlainMap map => map.Items.Any(i => HoldsSweep(i.Value)),
        _ => false,
    };

    // A dotted path, a group with slashes, or nothing.
    private string Key()
    {
        var start = at;
        var first = Package();
        if (Peek() != '/') return first;
        if (ValueTokens.IdentifierLength(first) != first.Length || first.Length == 0) throw Fault(at, "a group is names joined by slashes", null);
        while (Peek() == '/')
        {
            at++;
            var name = Package();
            if (name.Length == 0 || ValueTokens.IdentifierLength(name) != name.Length) throw Fault(at, "expected the name of a group after '/'", null);
        }

        return text[start..at];
    }

    private string Package()
    {
        var start = at;
        var length = Segment(out var numeric);
        if (length == 0) return "";
        at += length;
        var dotted = false;
        while (Peek() == '.')
        {
            at++;
            length = Segment(out _);
            if (length == 0) throw Fault(at, "expected a name after '.'", "a key is names joined by dots");
            at += length;
            dotted = true;
        }

        if (numeric && !dotted) throw Fault(start, "a key cannot be a number alone", null, at - start);
        return text[start..at];
    }

    private int Segment(out bool numeric)
    {
        var span = text.AsSpan(at);
        numeric = false;
        if (span.IsEmpty) return 0;
        if (char.IsAsciiLetter(span[0]) || span[0] is '_' or '$')
        {
            var length = 1;
            while (length < span.Length && (char.IsAsciiLetterOrDigit(span[length]) || span[length] is '_' or '-' or '$')) length++;
            return length;
        }

        var digits = ValueTokens.UnsignedLength(span);
        numeric = digits > 0;
        return digits;
    }

    private object? Value()
    {
        var first = Element();
        if (at == text.Length) return first;
        var values = new List<object?> { first };
        while (Comma()) values.Add(Element());
        if (at < text.Length) throw Unexpected();
        return new ChoiceSweep(values, IsSimple: true);
    }

    private object? Element()
    {
        if (++depth > DepthLimit) throw Fault(at, $"the value is nested deeper than {DepthLimit} levels", null);
        var span = text.AsSpan(at);
        object? value;
        if (span.IsEmpty) throw open.Count > 0 ? Unclosed(Closing(text[open[^1]])) : Fault(at, "the override ends where a value was expected", null);
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
                throw Fault(at, "a key of a mapping cannot be quoted", "leave out the quotes; put a backslash before special characters");
            var key = Primitive(key: true);
            if (!Skipping(':')) throw at == text.Length ? Unclosed('}') : Unexpected("':' after the key");
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

        throw Fault(start, $"the {quote} is never closed", $"add a {quote} at the end, or escape the one that is there with a backslash");
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
                else if (call.Named.Count > 0) throw Fault(start, $"'{text[start..at]}': a value without a name follows one with a name", null, at - start);
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
            throw Fault(start, $"{Short(text[start..at])}: {e.Message}", e.Help, at - start);
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

        if (tokens.Count == 0) throw at < text.Length ? Unexpected("a value") : Fault(at, "the override ends where a value was expected", null);
        var first = tokens[0].Kind == ValueToken.Blank ? 1 : 0;
        if (first == 1 && tokens.Count == 1) throw Fault(start, "blanks alone are no value", "quote them: ' '");
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
        if (at < text.Length) return Unexpected($"',' or '{close}'");
        var start = open[^1];
        return Fault(start, $"the '{text[start]}' at column {start + 1} is never closed", $"add '{close}'");
    }

    private DiagnosticException Unexpected(string? expected = null)
    {
        var c = text[at];
        if (c is ' ' or '\t' && at + ValueTokens.BlankLength(text.AsSpan(at)) < text.Length) c = text[at + ValueTokens.BlankLength(text.AsSpan(at))];
        var what = c is ' ' or '\t' ? "a blank" : $"'{(char.IsSurrogate(c) ? char.ConvertFromUtf32(Rune.GetRuneAt(text, Math.Min(at, text.Length - 1)).Value) : c)}'";
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var key = equals < 0 ? text : text[..(equals + 1)];
        var value = equals < 0 ? "" : text[(equals + 1)..];
        var quoted = value.Contains('\'', StringComparison.Ordinal) ? $"\"{value}\"" : $"'{value}'";
        var help = open.Count == 0 && !value.Contains('"', StringComparison.Ordinal)
            ? $"quote the value: {Short(key + quoted)} (in a shell: {Short(ShellQuoted(key + quoted))})"
            : "quote the part with this character, or put a backslash before it";
        return Fault(at, $"{what} cannot stand here unquoted{(expected is null ? "" : $"; expected {expected}")}", help);
    }

    private static string ShellQuoted(string word) => word.Contains('\'', StringComparison.Ordinal) ? $"\"{word.Replace("$", "\\$", StringComparison.Ordinal)}\"" : $"'{word}'";

    private static string Short(string value) => value.Length <= 120 ? value : string.Concat(value.AsSpan(0, 117), "...");

    private DiagnosticException Fault(int position, string summary, string? help, int length = 1)
    {
        var shown = text.Length <= 400 && !text.Contains('\n', StringComparison.Ordinal) ? text : null;
        return new DiagnosticException(Diagnostic.Error("config-override-parse", $"override '{Short(text)}': {summary}") with
        {
            Where = new SourceRange(source.Name, 1, position + 1, shown is null ? 0 : Math.Min(length, Math.Max(1, text.Length - position))),
            Excerpt = shown,
            Help = help,
        });
    }
}
