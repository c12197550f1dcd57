using System.Numerics;
using System.Text;

namespace Regatta.Config;

/// <summary>Text as Python writes it: <c>repr</c> of numbers, <c>str</c> of values inside interpolated strings, and the number forms that <c>int()</c> and <c>float()</c> read.</summary>
internal static class PythonText
{
    /// <summary>Python's <c>repr(float)</c>: the shortest digits that round-trip, an exponent below 1e-4 and from 1e16 on.</summary>
    public static string Repr(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
        if (value == 0) return double.IsNegative(value) ? "-0.0" : "0.0";
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var negative = value < 0;
        var mantissa = shortest.AsSpan(negative ? 1 : 0);
        var exponent = 0;
        var e = mantissa.IndexOf('E');
        if (e >= 0)
        {
            exponent = int.Parse(mantissa[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            mantissa = mantissa[..e];
        }

        var point = mantissa.IndexOf('.');
        var digits = point < 0 ? mantissa.ToString() : string.Concat(mantissa[..point], mantissa[(point + 1)..]);
        var scale = (point < 0 ? mantissa.Length : point) + exponent;
        var leading = 0;
        while (leading < digits.Length - 1 && digits[leading] == '0') leading++;
        digits = digits[leading..];
        scale -= leading;
        digits = digits.TrimEnd('0');
        if (digits.Length == 0) digits = "0";
        var text = new StringBuilder();
        if (negative) text.Append('-');
        var decimalExponent = scale - 1;
        if (decimalExponent is < -4 or >= 16)
        {
            text.Append(digits[0]);
            if (digits.Length > 1) text.Append('.').Append(digits, 1, digits.Length - 1);
            text.Append('e').Append(decimalExponent < 0 ? '-' : '+');
            var magnitude = Math.Abs(decimalExponent);
            if (magnitude < 10) text.Append('0');
            text.Append(magnitude.ToString(CultureInfo.InvariantCulture));
        }
        else if (scale <= 0)
        {
            text.Append("0.").Append('0', -scale).Append(digits);
        }
        else if (scale >= digits.Length)
        {
            text.Append(digits).Append('0', scale - digits.Length).Append(".0");
        }
        else
        {
            text.Append(digits, 0, scale).Append('.').Append(digits, scale, digits.Length - scale);
        }

        return text.ToString();
    }

    /// <summary>Python's <c>str</c> of a scalar.</summary>
    public static string Str(object? value) => value switch
    {
        null => "None",
        string text => text,
        bool flag => flag ? "True" : "False",
        double number => Repr(number),
        long number => number.ToString(CultureInfo.InvariantCulture),
        int number => number.ToString(CultureInfo.InvariantCulture),
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        byte[] bytes => Repr(bytes),
        EnumMember member => $"{member.Type.TypeName}.{member.Name}",
        _ => value.ToString() ?? "",
    };

    /// <summary>Python's <c>repr</c> of a scalar, as <c>str</c> of a list or dict shows its items.</summary>
    public static string ReprOf(object? value) => value switch
    {
        string text => Repr(text),
        EnumMember member => $"<{member.Type.TypeName}.{member.Name}: {member.Number}>",
        _ => Str(value),
    };

    /// <summary>Python's <c>repr(str)</c>.</summary>
    public static string Repr(string value)
    {
        var quote = value.Contains('\'') && !value.Contains('"') ? '"' : '\'';
        var text = new StringBuilder(value.Length + 2).Append(quote);
        foreach (var rune in value.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\\': text.Append("\\\\"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case var c when c == quote: text.Append('\\').Append(quote); break;
                case < 0x20 or 0x7f: text.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"); break;
                case >= 0x80 when !IsPrintable(rune):
                    text.Append(rune.Value <= 0xff ? $"\\x{rune.Value:x2}" : rune.Value <= 0xffff ? $"\\u{rune.Value:x4}" : $"\\U{rune.Value:x8}");
                    break;
                default: text.Append(rune.ToString()); break;
            }
        }

        return text.Append(quote).ToString();
    }

    /// <summary>Whether Python's <c>int(text)</c> succeeds; the number it gives.</summary>
    public static bool TryInt(string text, out object number)
    {
        number = 0L;
        var span = text.AsSpan().Trim();
        if (span.Length == 0) return false;
        var start = span[0] is '+' or '-' ? 1 : 0;
        if (start == span.Length) return false;
        var digits = new StringBuilder(span.Length);
        if (start == 1 && span[0] == '-') digits.Append('-');
        if (!AppendDigits(span[start..], digits)) return false;
        number = Normalize(BigInteger.Parse(digits.ToString(), CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>Whether Python's <c>float(text)</c> succeeds; the number it gives.</summary>
    public static bool TryFloat(string text, out double number)
    {
        number = 0;
        var span = text.AsSpan().Trim();
        if (span.Length == 0) return false;
        var sign = 1.0;
        var rest = span;
        if (rest[0] is '+' or '-')
        {
            if (rest[0] == '-') sign = -1;
            rest = rest[1..];
        }

        if (rest.Equals("inf", StringComparison.OrdinalIgnoreCase) || rest.Equals("infinity", StringComparison.OrdinalIgnoreCase))
        {
            number = sign * double.PositiveInfinity;
            return true;
        }

        if (rest.Equals("nan", StringComparison.OrdinalIgnoreCase))
        {
            number = double.NaN;
            return true;
        }

        var clean = new StringBuilder(rest.Length);
        var index = 0;
        var mantissaDigits = ReadDigits(rest, ref index, clean);
        if (mantissaDigits < 0) return false;
        if (index < rest.Length && rest[index] == '.')
        {
            clean.Append('.');
            index++;
            var fraction = ReadDigits(rest, ref index, clean);
            if (fraction < 0) return false;
            mantissaDigits += fraction;
        }

        if (mantissaDigits == 0) return false;
        if (index < rest.Length && rest[index] is 'e' or 'E')
        {
            clean.Append('e');
            index++;
            if (index < rest.Length && rest[index] is '+' or '-') clean.Append(rest[index++]);
            if (ReadDigits(rest, ref index, clean) <= 0) return false;
        }

        if (index != rest.Length) return false;
        number = sign * double.Parse(clean.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>A long where it fits, else the big integer itself.</summary>
    public static object Normalize(BigInteger value) =>
        value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;

    /// <summary>The name that Python gives to the type of a plain value.</summary>
    public static string TypeName(object? value) => value switch
    {
        null => "NoneType",
        bool => "bool",
        long or int or BigInteger => "int",
        double => "float",
        string => "str",
        byte[] => "bytes",
        EnumMember member => member.Type.TypeName,
        ICompositeValue composite => composite.PythonTypeName,
        _ => value.GetType().Name,
    };

    private static string Repr(byte[] bytes)
    {
        var text = new StringBuilder("b'");
        foreach (var b in bytes)
        {
            text.Append(b switch
            {
                (byte)'\\' => "\\\\",
                (byte)'\'' => "\\'",
                (byte)'\n' => "\\n",
                (byte)'\r' => "\\r",
                (byte)'\t' => "\\t",
                >= 0x20 and < 0x7f => ((char)b).ToString(),
                _ => $"\\x{b:x2}",
            });
        }

        return text.Append('\'').ToString();
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    private static bool AppendDigits(ReadOnlySpan<char> span, StringBuilder digits)
    {
        var index = 0;
        return ReadDigits(span, ref index, digits) > 0 && index == span.Length;
    }

    // Digits with single underscores between them; -1 when an underscore stands wrong.
    private static int ReadDigits(ReadOnlySpan<char> span, ref int index, StringBuilder digits)
    {
        var count = 0;
        while (index < span.Length)
        {
            var c = span[index];
            if (c == '_')
            {
                if (count == 0 || index + 1 >= span.Length || !char.IsDigit(span[index + 1])) return -1;
                index++;
                continue;
            }

            if (!char.IsDigit(c)) break;
            digits.Append((char)('0' + (int)char.GetNumericValue(c)));
            count++;
            index++;
        }

        return count;
    }
}
