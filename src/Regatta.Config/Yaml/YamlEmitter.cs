using System.Text;

namespace Regatta.Config;

/// <summary>Writes scalars in each style of YAML, and keeps track of column and indentation, as PyYAML's emitter does.</summary>
internal sealed class YamlEmitter
{
    private const int Width = 80;
    private readonly StringBuilder _output = new();
    private int _column;
    private bool _whitespace = true;
    private bool _indention = true;

    /// <summary>The column to which a new line is indented.</summary>
    public int Level { get; set; }

    /// <summary>Whether only blanks and indicators of lists stand in the line so far.</summary>
    public bool AtLineStart => _indention;

    /// <summary>Begins a line at a level.</summary>
    public void Indent(int level)
    {
        Level = level;
        Indent();
    }

    /// <summary>The text so far, its last line ended.</summary>
    public string Finish()
    {
        if (_column > 0) LineBreak();
        return _output.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => _output.ToString();

    public void Literal(string base64)
    {
        Indicator("|", true);
        LineBreak();
        for (var i = 0; i < base64.Length; i += 76)
        {
            Indent();
            Write(base64.Substring(i, Math.Min(76, base64.Length - i)));
            _whitespace = false;
            _indention = false;
        }
    }

    public void Plain(string text, bool split)
    {
        if (!_whitespace) Write(" ");
        _whitespace = false;
        _indention = false;
        var start = 0;
        var spaces = false;
        for (var end = 0; end <= text.Length; end++)
        {
            var ch = end < text.Length ? text[end] : '\0';
            var done = end == text.Length;
            if (spaces)
            {
                if (done || ch != ' ')
                {
                    if (start + 1 == end && _column > Width && split)
                    {
                        Indent();
                        _whitespace = false;
                        _indention = false;
                    }
                    else
                    {
                        Write(text[start..end]);
                    }

                    start = end;
                }
            }
            else if (done || ch == ' ')
            {
                Write(text[start..end]);
                start = end;
            }

            if (!done) spaces = ch == ' ';
        }
    }

    public void SingleQuoted(string text, bool split)
    {
        Indicator("'", true);
        var start = 0;
        var spaces = false;
        var breaks = false;
        for (var end = 0; end <= text.Length; end++)
        {
            var done = end == text.Length;
            var ch = done ? '\0' : text[end];
            if (spaces)
            {
                if (done || ch != ' ')
                {
                    if (start + 1 == end && _column > Width && split && start != 0 && end != text.Length) Indent();
                    else Write(text[start..end]);
                    start = end;
                }
            }
            else if (breaks)
            {
                if (done || !IsBreak(ch))
                {
                    if (text[start] == '\n') LineBreak();
                    foreach (var br in text[start..end])
                    {
                        if (br == '\n') LineBreak();
                        else LineBreak(br);
                    }

                    Indent();
                    start = end;
                }
            }
            else if ((done || ch == ' ' || ch == '\'' || IsBreak(ch)) && start < end)
            {
                Write(text[start..end]);
                start = end;
            }

            if (!done && ch == '\'')
            {
                Write("''");
                start = end + 1;
            }

            if (!done)
            {
                spaces = ch == ' ';
                breaks = IsBreak(ch);
            }
        }

        Indicator("'", false);
    }

    public void DoubleQuoted(string text, bool split)
    {
        Indicator("\"", true);
        var points = Points(text);
        var start = 0;
        for (var end = 0; end <= points.Length; end++)
        {
            var done = end == points.Length;
            var ch = done ? 0 : points[end];
            if (done || MustEscape(ch))
            {
                if (start < end) Write(Text(points, start, end));
                start = end;
                if (!done)
                {
                    Write(Escaped(ch));
                    start = end + 1;
                }
            }

            if (end > 0 && end < points.Length - 1 && (ch == ' ' || start >= end) && _column + (end - start) > Width && split)
            {
                var part = start < end ? Text(points, start, end) : "";
                if (start < end) start = end;
                Write(part + "\\");
                Indent();
                _whitespace = false;
                _indention = false;
                if (points[start] == ' ') Write("\\");
            }
        }

        Indicator("\"", false);
    }

    private static bool MustEscape(int ch) => ch is '"' or '\\' or 0x85 or 0x2028 or 0x2029 or 0xFEFF
        || !(ch is >= 0x20 and <= 0x7E or >= 0xA0 and <= 0xD7FF or >= 0xE000 and <= 0xFFFD);

    private static string Escaped(int ch) => ch switch
    {
        0 => "\\0",
        7 => "\\a",
        8 => "\\b",
        9 => "\\t",
        10 => "\\n",
        11 => "\\v",
        12 => "\\f",
        13 => "\\r",
        0x1B => "\\e",
        '"' => "\\\"",
        '\\' => "\\\\",
        0x85 => "\\N",
        0xA0 => "\\_",
        0x2028 => "\\L",
        0x2029 => "\\P",
        <= 0xFF => string.Create(CultureInfo.InvariantCulture, $"\\x{ch:X2}"),
        <= 0xFFFF => string.Create(CultureInfo.InvariantCulture, $"\\u{ch:X4}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\U{ch:X8}"),
    };

    private static string Text(int[] points, int start, int end)
    {
        var text = new StringBuilder();
        for (var i = start; i < end; i++) text.Append(new Rune(points[i]).ToString());
        return text.ToString();
    }

    public void Indicator(string text, bool needsBlank, bool indents = false)
    {
        if (needsBlank && !_whitespace) Write(" ");
        _whitespace = false;
        _indention = _indention && indents;
        Write(text);
    }

    private void Indent()
    {
        if (!_indention || _column > Level || (_column == Level && !_whitespace)) LineBreak();
        if (_column >= Level) return;
        _whitespace = true;
        _output.Append(' ', Level - _column);
        _column = Level;
    }

    private void LineBreak(char ch = '\n')
    {
        _whitespace = true;
        _indention = true;
        _column = 0;
        _output.Append(ch);
    }

    private void Write(string text)
    {
        _column += CodePoints(text);
        _output.Append(text);
    }

    /// <summary>The code points of a text; half of a pair alone counts as the sign for what cannot be shown.</summary>
    public static int[] Points(string text)
    {
        var points = new int[CodePoints(text)];
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (count == points.Length) Array.Resize(ref points, count + text.Length);
            points[count++] = rune.Value;
        }

        if (count < points.Length) Array.Resize(ref points, count);
        return points;
    }

    /// <summary>How many code points a text has.</summary>
    public static int CodePoints(string text)
    {
        var count = text.Length;
        foreach (var c in text)
        {
            if (char.IsLowSurrogate(c)) count--;
        }

        return count;
    }

    private static bool IsBreak(char c) => c is '\n' or '\x85' or '\u2028' or '\u2029';

    public static bool HasBreak(string text) => text.AsSpan().IndexOfAny("\n\x85\u2028\u2029") >= 0;
}
