namespace Regatta.Config;

/// <summary>Parses overrides by Hydra's grammar: prefix, key, package; <see cref="OverrideValueParser"/> reads the value. Every error points at the character.</summary>
public sealed class OverrideParser
{
    private const int LengthLimit = 1024 * 1024;
    private readonly string _text;
    private readonly OriginSource _source;
    private readonly OverrideFaults _faults;
    private int _at;

    private OverrideParser(string text, OriginSource source)
    {
        _text = text;
        _source = source;
        _faults = new OverrideFaults(text, source);
    }

    /// <summary>Parses one override.</summary>
    /// <param name="text">The override, already past the shell.</param>
    /// <param name="sourceName">Where it came from, for messages.</param>
    /// <exception cref="DiagnosticException">It is not well formed; code <c>config-override-parse</c>.</exception>
    public static Override Parse(string text, string sourceName = "command line")
    {
        var source = new OriginSource(OriginKind.Override, sourceName) { Text = text };
        var parser = new OverrideParser(text, source);
        if (text.Length > LengthLimit) throw parser._faults.At(0, $"an override of {text.Length} characters is too long", null, 0);
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
            _at++;
        }
        else if (Peek() == '+')
        {
            _at++;
            kind = OverrideKind.Add;
            if (Peek() == '+')
            {
                _at++;
                kind = OverrideKind.ForceAdd;
            }
        }

        var start = _at;
        var key = Key();
        string? package = null;
        if (Peek() == '@')
        {
            _at++;
            package = Package();
        }

        if (_at == _text.Length)
        {
            if (kind == OverrideKind.Delete) return new Override(kind, key, _text) { Package = package, Source = _source };
            throw _faults.At(_at, $"expected key=value, got '{OverrideFaults.Short(_text)}'", $"write {OverrideFaults.Short(_text)}=VALUE, or ~{OverrideFaults.Short(_text.TrimStart('+'))} to delete it", Math.Max(1, _at - start));
        }

        if (Peek() != '=')
        {
            var c = _text[_at];
            if (_text is "-m" or "--multirun") throw _faults.At(0, "a sweep needs no flag", "leave it out: plan, run and config check sweep over several values as they are", _text.Length);
            if (_text.StartsWith("--", StringComparison.Ordinal)) throw _faults.At(0, "an override has no dashes in front", $"write {OverrideFaults.Short(_text.TrimStart('-'))}", 2);
            throw _faults.At(_at, $"expected '=' after '{key}', found '{c}'", c is ' ' ? "write key=value without blanks around '='" : "a key is names joined by dots, a group is names joined by slashes, with @package after it");
        }

        _at++;
        _at += ValueTokens.BlankLength(_text.AsSpan(_at));
        var column = _at + 1;
        object? value = _at == _text.Length ? "" : new OverrideValueParser(_text, _at, _faults).Value();
        if (value is not Sweep && HoldsSweep(value))
        {
            throw new DiagnosticException(_faults.At(column - 1, "a list or a mapping cannot hold a sweep", "sweep over whole values: choice([1,2],[3,4])", _text.Length - column + 1).Diagnostics[0] with { Code = "config-nested-sweep" });
        }

        return new Override(kind, key, _text) { Package = package, Source = _source, HasValue = true, Value = value, ValueColumn = column };
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
        var start = _at;
        var first = Package();
        if (Peek() != '/') return first;
        if (ValueTokens.IdentifierLength(first) != first.Length || first.Length == 0) throw _faults.At(_at, "a group is names joined by slashes", null);
        while (Peek() == '/')
        {
            _at++;
            var name = Package();
            if (name.Length == 0 || ValueTokens.IdentifierLength(name) != name.Length) throw _faults.At(_at, "expected the name of a group after '/'", null);
        }

        return _text[start.._at];
    }

    private string Package()
    {
        var start = _at;
        var length = Segment(out var numeric);
        if (length == 0) return "";
        _at += length;
        var dotted = false;
        while (Peek() == '.')
        {
            _at++;
            length = Segment(out _);
            if (length == 0) throw _faults.At(_at, "expected a name after '.'", "a key is names joined by dots");
            _at += length;
            dotted = true;
        }

        if (numeric && !dotted) throw _faults.At(start, "a key cannot be a number alone", null, _at - start);
        return _text[start.._at];
    }

    private int Segment(out bool numeric)
    {
        var span = _text.AsSpan(_at);
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

    private char Peek() => _at < _text.Length ? _text[_at] : '\0';
}
