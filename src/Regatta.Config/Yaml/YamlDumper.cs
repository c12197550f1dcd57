using System.Globalization;
using System.Numerics;
using System.Text;

namespace Regatta.Config;

/// <summary>
/// Writes a tree as YAML, byte for byte as PyYAML writes it under OmegaConf's rules: block style, lists not indented,
/// two blanks a level, lines folded at 80, and every text that some YAML reader could take for something else in quotes.
/// </summary>
public sealed class YamlDumper
{
    private const int Width = 80;
    private const int SimpleKeyLimit = 128;
    private readonly StringBuilder output = new();
    private int column;
    private bool whitespace = true;
    private bool indention = true;
    private int indent;

    private YamlDumper()
    {
    }

    /// <summary>The YAML text of a tree, with a newline at the end. References are written as they are.</summary>
    public static string Dump(ConfigNode node)
    {
        var dumper = new YamlDumper();
        if (node is ContainerNode { State: ContainerState.Value } container) dumper.Collection(container, 0, inMapping: false);
        else dumper.Scalar(node is ScalarNode scalar ? scalar.Value : ((ContainerNode)node).SpecialValue, 2, key: false);
        if (dumper.column > 0) dumper.LineBreak();
        return dumper.output.ToString();
    }

    /// <summary>A scalar as a line of YAML would show it.</summary>
    public static string DumpScalar(object? value)
    {
        var dumper = new YamlDumper();
        dumper.Scalar(value, 2, key: false);
        return dumper.output.ToString();
    }

    private void Collection(ContainerNode node, int at, bool inMapping)
    {
        switch (node)
        {
            case MappingNode { Count: 0 }:
                Indicator("{", true);
                Indicator("}", false);
                break;
            case SequenceNode { Count: 0 }:
                Indicator("[", true);
                Indicator("]", false);
                break;
            case MappingNode mapping:
                Mapping(mapping, at);
                break;
            case SequenceNode sequence:
                var indentless = inMapping && !indention;
                Sequence(sequence, indentless ? at - 2 : at);
                break;
        }
    }

    private void Mapping(MappingNode mapping, int at)
    {
        foreach (var item in mapping.Items)
        {
            indent = at;
            Indent();
            var key = ScalarText(item.Key!);
            if (key.Tag is null && key.Text.Length > 0 && CodePoints(key.Text) + 5 < SimpleKeyLimit && !HasBreak(key.Text))
            {
                Scalar(item.Key!, at + 2, key: true);
                Indicator(":", false);
            }
            else
            {
                Indicator("?", true, indents: true);
                Scalar(item.Key!, at + 2, key: false);
                indent = at;
                Indent();
                Indicator(":", true, indents: true);
            }

            Node(item, at + 2, inMapping: true);
        }
    }

    private void Sequence(SequenceNode sequence, int at)
    {
        foreach (var item in sequence.Items)
        {
            indent = at;
            Indent();
            Indicator("-", true, indents: true);
            Node(item, at + 2, inMapping: false);
        }
    }

    private void Node(ConfigNode node, int at, bool inMapping)
    {
        if (node is ContainerNode { State: ContainerState.Value } container) Collection(container, at, inMapping);
        else Scalar(node is ScalarNode scalar ? scalar.Value : ((ContainerNode)node).SpecialValue, at, key: false);
    }

    private static (string Text, bool Plain, bool Quote, string? Tag) ScalarText(object? value)
    {
        switch (value)
        {
            case null: return ("null", true, false, null);
            case bool flag: return (flag ? "true" : "false", true, false, null);
            case long or BigInteger or int: return (Convert.ToString(value, CultureInfo.InvariantCulture)!, true, false, null);
            case double number: return (Float(number), true, false, null);
            case EnumMember member: return ScalarText(member.Name);
            case byte[] bytes: return (Convert.ToBase64String(bytes), false, false, "!!binary");
            default:
                var text = (string)value;
                var quote = text is "y" or "Y" or "n" or "N" || YamlScalars.IsBool(text) || PythonText.TryInt(text, out _) || PythonText.TryFloat(text, out _);
                return (text, !quote && !YamlScalars.ReadsAsOther(text), quote, null);
        }
    }

    private static string Float(double number)
    {
        if (double.IsNaN(number)) return ".nan";
        if (double.IsInfinity(number)) return number > 0 ? ".inf" : "-.inf";
        var text = PythonText.Repr(number);
        return text.Contains('.', StringComparison.Ordinal) ? text : text.Replace("e", ".0e", StringComparison.Ordinal);
    }

    private void Scalar(object? value, int at, bool key)
    {
        var (text, plain, _, tag) = ScalarText(value);
        indent = at;
        if (tag is not null)
        {
            Indicator(tag, true);
            Literal(text);
            return;
        }

        var analysis = new ScalarAnalysis(text);
        if (plain && !(key && (text.Length == 0 || analysis.Multiline)) && analysis.AllowsPlain) Plain(text, !key);
        else if (analysis.AllowsSingleQuotes && !(key && analysis.Multiline)) SingleQuoted(text, !key);
        else DoubleQuoted(text, !key);
    }

    private void Literal(string base64)
    {
        Indicator("|", true);
        LineBreak();
        for (var i = 0; i < base64.Length; i += 76)
        {
            Indent();
            Write(base64.Substring(i, Math.Min(76, base64.Length - i)));
            whitespace = false;
            indention = false;
        }
    }

    private void Plain(string text, bool split)
    {
        if (!whitespace) Write(" ");
        whitespace = false;
        indention = false;
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
                    if (start + 1 == end && column > Width && split)
                    {
                        Indent();
                        whitespace = false;
                        indention = false;
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

    private void SingleQuoted(string text, bool split)
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
                    if (start + 1 == end && column > Width && split && start != 0 && end != text.Length) Indent();
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

    private void DoubleQuoted(string text, bool split)
    {
        Indicator("\"", true);
        var runes = text.EnumerateRunes().ToArray();
        var start = 0;
        for (var end = 0; end <= runes.Length; end++)
        {
            var done = end == runes.Length;
            var ch = done ? 0 : runes[end].Value;
            if (done || MustEscape(ch))
            {
                if (start < end) Write(Text(runes, start, end));
                start = end;
                if (!done)
                {
                    Write(Escaped(ch));
                    start = end + 1;
                }
            }

            if (end > 0 && end < runes.Length - 1 && (ch == ' ' || start >= end) && column + (end - start) > Width && split)
            {
                var part = start < end ? Text(runes, start, end) : "";
                if (start < end) start = end;
                Write(part + "\\");
                Indent();
                whitespace = false;
                indention = false;
                if (runes[start].Value == ' ') Write("\\");
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

    private static string Text(Rune[] runes, int start, int end)
    {
        var text = new StringBuilder();
        for (var i = start; i < end; i++) text.Append(runes[i].ToString());
        return text.ToString();
    }

    private void Indicator(string text, bool needsBlank, bool indents = false)
    {
        if (needsBlank && !whitespace) Write(" ");
        whitespace = false;
        indention = indention && indents;
        Write(text);
    }

    private void Indent()
    {
        if (!indention || column > indent || (column == indent && !whitespace)) LineBreak();
        if (column >= indent) return;
        whitespace = true;
        output.Append(' ', indent - column);
        column = indent;
    }

    private void LineBreak(char ch = '\n')
    {
        whitespace = true;
        indention = true;
        column = 0;
        output.Append(ch);
    }

    private void Write(string text)
    {
        column += CodePoints(text);
        output.Append(text);
    }

    private static int CodePoints(string text)
    {
        var count = text.Length;
        foreach (var c in text)
        {
            if (char.IsLowSurrogate(c)) count--;
        }

        return count;
    }

    private static bool IsBreak(char c) => c is '\n' or '\x85' or '\u2028' or '\u2029';

    private static bool HasBreak(string text) => text.AsSpan().IndexOfAny("\n\x85\u2028\u2029") >= 0;
}
