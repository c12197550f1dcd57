using Regatta.Diagnostics;

namespace Regatta.Config;

/// <summary>Parses overrides by Hydra's grammar: prefix, key, package; <see cref="OverrideValueParser"/> reads the value. Every error points at the character.</summary>
public sealed class OverrideParser
{
    private const int LengthLimit = 1024 * 1024;
    private readonly string text;
    private readonly OriginSource source;
    private readonly OverrideFaults faults;
    private int at;

    private OverrideParser(string text, OriginSource source)
    {
        this.text = text;
        this.source = source;
        faults = new OverrideFaults(text, source);
    }

    /// <summary>Parses one override.</summary>
    /// <param name="text">The override, already past the shell.</param>
    /// <param name="sourceName">Where it came from, for messages.</param>
    /// <exception cref="DiagnosticException">It is not well formed; code <c>config-override-parse</c>.</exception>
    public static Override Parse(string text, string sourceName = "command line")
    {
        var source = new OriginSource(OriginKind.Override, sourceName) { Text = text };
        var parser = new OverrideParser(text, source);
        if (text.Length > LengthLimit) throw parser.faults.At(0, $"an override of {text.Length} characters is too long", null, 0);
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
            throw faults.At(at, $"expected key=value, got '{OverrideFaults.Short(text)}'", $"write {OverrideFaults.Short(text)}=VALUE, or ~{OverrideFaults.Short(text.TrimStart('+'))} to delete it", Math.Max(1, at - start));
        }

        if (Peek() != '=')
        {
            var c = text[at];
            if (text is "-m" or "--multirun") throw faults.At(0, "a sweep needs no flag", "leave it out: plan, run and config check sweep over several values as they are", text.Length);
            if (text.StartsWith("--", StringComparison.Ordinal)) throw faults.At(0, "an override has no dashes in front", $"write {OverrideFaults.Short(text.TrimStart('-'))}", 2);
            throw faults.At(at, $"expected '=' after '{key}', found '{c}'", c is ' ' ? "write key=value without blanks around '='" : "a key is names joined by dots, a group is names joined by slashes, with @package after it");
        }

        at++;
        at += ValueTokens.BlankLength(text.AsSpan(at));
        var column = at + 1;
        object? value = at == text.Length ? "" : new OverrideValueParser(text, at, faults).Value();
        if (value is not Sweep && HoldsSweep(value))
        {
            throw new DiagnosticException(faults.At(column - 1, "a list or a mapping cannot hold a sweep", "sweep over whole values: choice([1,2],[3,4])", text.Length - column + 1).Diagnostics[0] with { Code = "config-nested-sweep" });
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
        if (ValueTokens.IdentifierLength(first) != first.Length || first.Length == 0) throw faults.At(at, "a group is names joined by slashes", null);
        while (Peek() == '/')
        {
            at++;
            var name = Package();
            if (name.Length == 0 || ValueTokens.IdentifierLength(name) != name.Length) throw faults.At(at, "expected the name of a group after '/'", null);
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
            if (length == 0) throw faults.At(at, "expected a name after '.'", "a key is names joined by dots");
            at += length;
            dotted = true;
        }

        if (numeric && !dotted) throw faults.At(start, "a key cannot be a number alone", null, at - start);
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

    private char Peek() => at < text.Length ? text[at] : '\0';
}
