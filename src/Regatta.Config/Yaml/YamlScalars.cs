using System.Numerics;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Regatta.Config;

/// <summary>
/// What a plain YAML scalar means: YAML 1.1 as PyYAML reads it, without time stamps, and with OmegaConf's wider rule for floats.
/// </summary>
internal static partial class YamlScalars
{
    /// <summary>The kinds of plain scalars.</summary>
    public enum Kind
    {
        Text,
        Null,
        Bool,
        Int,
        Float,
        Merge,
        Value,
    }

    /// <summary>The kind of a plain scalar as the loader resolves it.</summary>
    public static Kind Resolve(string text)
    {
        if (text.Length == 0) return Kind.Null;
        switch (text[0])
        {
            case 'y' or 'Y' or 'n' or 'N' or 't' or 'T' or 'f' or 'F' or 'o' or 'O' when IsBool(text): return Kind.Bool;
            case '~' or 'n' or 'N' when text is "~" or "null" or "Null" or "NULL": return Kind.Null;
            case '<' when text == "<<": return Kind.Merge;
            case '=' when text == "=": return Kind.Value;
            case (>= '0' and <= '9') or '-' or '+' or '.':
                if (IsWhole(text)) return Kind.Int;
                if (PyFloat().IsMatch(text)) return Kind.Float;
                if (text[0] != '.' && Int().IsMatch(text)) return Kind.Int;
                return ConfigFloat().IsMatch(text) ? Kind.Float : Kind.Text;
            default: return Kind.Text;
        }
    }

    /// <summary>Whether a scalar, with its quotes and its tag, is text.</summary>
    public static bool IsText(Scalar scalar) =>
        scalar.Tag.IsEmpty ? scalar.Style != ScalarStyle.Plain || Resolve(scalar.Value) == Kind.Text
        : scalar.Tag.IsNonSpecific || scalar.Tag.Value == "tag:yaml.org,2002:str";

    /// <summary>Whether the standard resolver, which the dumper asks, would take the text for something else than text.</summary>
    public static bool ReadsAsOther(string text)
    {
        if (text.Length == 0) return true;
        return text[0] switch
        {
            'y' or 'Y' or 'n' or 'N' or 't' or 'T' or 'f' or 'F' or 'o' or 'O' => IsBool(text) || text is "null" or "Null" or "NULL",
            '~' => text == "~",
            '<' => text == "<<",
            '=' => text == "=",
            >= '0' and <= '9' => PyFloat().IsMatch(text) || Int().IsMatch(text) || TimeStamp().IsMatch(text),
            '-' or '+' => PyFloat().IsMatch(text) || Int().IsMatch(text),
            '.' => PyFloat().IsMatch(text),
            _ => false,
        };
    }

    /// <summary>The number of an int scalar; null when PyYAML's constructor fails on it.</summary>
    public static object? Int(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        var negative = digits.StartsWith('-');
        if (digits.Length > 0 && digits[0] is '+' or '-') digits = digits[1..];
        BigInteger? value = digits switch
        {
            "0" => BigInteger.Zero,
            _ when digits.StartsWith("0b", StringComparison.Ordinal) => InBase(digits.AsSpan(2), 2),
            _ when digits.StartsWith("0x", StringComparison.Ordinal) => InBase(digits.AsSpan(2), 16),
            _ when digits.Contains(':', StringComparison.Ordinal) => Sexagesimal(digits),
            _ when digits.StartsWith('0') => InBase(digits.AsSpan(), 8),
            _ => InBase(digits.AsSpan(), 10),
        };
        return value is { } number ? PythonText.Normalize(negative ? -number : number) : null;
    }

    /// <summary>The number of a float scalar; null when PyYAML's constructor fails on it.</summary>
    public static object? Float(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        var sign = digits.StartsWith('-') ? -1.0 : 1.0;
        if (digits.Length > 0 && digits[0] is '+' or '-') digits = digits[1..];
        if (digits == ".inf") return sign * double.PositiveInfinity;
        if (digits == ".nan") return double.NaN;
        if (!digits.Contains(':', StringComparison.Ordinal)) return PythonText.TryFloat(digits, out var plain) ? sign * plain : null;
        double value = 0;
        double unit = 1;
        foreach (var part in digits.Split(':').Reverse())
        {
            if (!PythonText.TryFloat(part, out var number)) return null;
            value += number * unit;
            unit *= 60;
        }

        return sign * value;
    }

    /// <summary>Whether a text is one of YAML 1.1's bools as the loader takes them.</summary>
    public static bool IsBool(string text) => text is "yes" or "Yes" or "YES" or "no" or "No" or "NO" or "true" or "True" or "TRUE"
        or "false" or "False" or "FALSE" or "on" or "On" or "ON" or "off" or "Off" or "OFF";

    /// <summary>The truth value of such a text.</summary>
    public static bool Bool(string text) => text[0] is 'y' or 'Y' or 't' or 'T' || text is "on" or "On" or "ON";

    private static bool IsWhole(string text)
    {
        if (text[0] is < '1' or > '9') return text == "0";
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c)) return false;
        }

        return true;
    }

    private static BigInteger? InBase(ReadOnlySpan<char> digits, int radix)
    {
        if (digits.IsEmpty) return null;
        if (radix == 10) return BigInteger.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        var value = BigInteger.Zero;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : 99;
            if (digit >= radix) return null;
            value = (value * radix) + digit;
        }

        return value;
    }

    private static BigInteger? Sexagesimal(string digits)
    {
        var value = BigInteger.Zero;
        foreach (var part in digits.Split(':'))
        {
            if (!BigInteger.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
            value = (value * 60) + number;
        }

        return value;
    }

    [GeneratedRegex(@"^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\z", RegexOptions.CultureInvariant)]
    private static partial Regex PyFloat();

    [GeneratedRegex(@"^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Int();

    [GeneratedRegex(@"^(?:[-+]?[0-9]+(?:_[0-9]+)*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+)|\.[0-9]+(?:_[0-9]+)*(?:[eE][-+][0-9]+)?|[-+]?[0-9]+(?:_[0-9]+)*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\z", RegexOptions.CultureInvariant)]
    private static partial Regex ConfigFloat();

    [GeneratedRegex(@"^(?:[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]|[0-9][0-9][0-9][0-9]-[0-9][0-9]?-[0-9][0-9]?(?:[Tt]|[ \t]+)[0-9][0-9]?:[0-9][0-9]:[0-9][0-9](?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9][0-9]?(?::[0-9][0-9])?))?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex TimeStamp();
}
