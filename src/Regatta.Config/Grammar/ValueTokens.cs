namespace Regatta.Config;

/// <summary>The tokens that override values and resolver arguments have in common.</summary>
internal enum ValueToken
{
    None,
    Float,
    Int,
    Bool,
    Null,
    Symbol,
    Identifier,
    Escape,
    Blank,
}

/// <summary>Longest-match scanner for the primitive tokens of both grammars; of equally long matches the first in the order of <see cref="ValueToken"/> wins.</summary>
internal static class ValueTokens
{
    private const string Symbols = "/-\\+.$%*@?|";
    private const string Escapable = "\\()[]{}:=, \t";

    /// <summary>The token at <paramref name="start"/>; its length is 0 when there is none.</summary>
    public static (ValueToken Kind, int Length) At(ReadOnlySpan<char> text, int start)
    {
        var span = text[start..];
        if (span.IsEmpty) return (ValueToken.None, 0);
        var best = (Kind: ValueToken.None, Length: 0);
        Take(ref best, ValueToken.Float, FloatLength(span));
        Take(ref best, ValueToken.Int, IntLength(span));
        var word = IdentifierLength(span);
        if (word > 0)
        {
            if (StartsWithWord(span, "true")) Take(ref best, ValueToken.Bool, 4);
            if (StartsWithWord(span, "false")) Take(ref best, ValueToken.Bool, 5);
            if (StartsWithWord(span, "null")) Take(ref best, ValueToken.Null, 4);
        }

        if (Symbols.Contains(span[0], StringComparison.Ordinal)) Take(ref best, ValueToken.Symbol, 1);
        Take(ref best, ValueToken.Identifier, word);
        Take(ref best, ValueToken.Escape, EscapeLength(span));
        Take(ref best, ValueToken.Blank, BlankLength(span));
        return best;
    }

    /// <summary>Length of the blanks and tabs at the start.</summary>
    public static int BlankLength(ReadOnlySpan<char> span)
    {
        var length = 0;
        while (length < span.Length && span[length] is ' ' or '\t') length++;
        return length;
    }

    /// <summary>Length of the identifier at the start.</summary>
    public static int IdentifierLength(ReadOnlySpan<char> span)
    {
        if (span.IsEmpty || !(char.IsAsciiLetter(span[0]) || span[0] == '_')) return 0;
        var length = 1;
        while (length < span.Length && (char.IsAsciiLetterOrDigit(span[length]) || span[length] is '_' or '-')) length++;
        return length;
    }

    /// <summary>Length of the unsigned whole number at the start, without leading zeros, with single underscores.</summary>
    public static int UnsignedLength(ReadOnlySpan<char> span)
    {
        if (span.IsEmpty || !char.IsAsciiDigit(span[0])) return 0;
        return span[0] == '0' ? 1 : DigitsLength(span);
    }

    /// <summary>The text with its escapes undone: every other character.</summary>
    public static string Unescape(ReadOnlySpan<char> escapes)
    {
        Span<char> buffer = escapes.Length <= 256 ? stackalloc char[escapes.Length] : new char[escapes.Length];
        var length = 0;
        for (var i = 1; i < escapes.Length; i += 2) buffer[length++] = escapes[i];
        return new string(buffer[..length]);
    }

    /// <summary>The value of a token that stands alone.</summary>
    public static object? Value(ValueToken kind, ReadOnlySpan<char> text) => kind switch
    {
        ValueToken.Null => null,
        ValueToken.Bool => text[0] is 't' or 'T',
        ValueToken.Int => PythonText.TryInt(text.ToString(), out var number) ? number : text.ToString(),
        ValueToken.Float => PythonText.TryFloat(text.ToString(), out var real) ? real : text.ToString(),
        ValueToken.Escape => Unescape(text),
        _ => text.ToString(),
    };

    private static void Take(ref (ValueToken Kind, int Length) best, ValueToken kind, int length)
    {
        if (length > best.Length) best = (kind, length);
    }

    private static bool StartsWithWord(ReadOnlySpan<char> span, string word) =>
        span.Length >= word.Length && span[..word.Length].Equals(word, StringComparison.OrdinalIgnoreCase);

    private static int DigitsLength(ReadOnlySpan<char> span)
    {
        if (span.IsEmpty || !char.IsAsciiDigit(span[0])) return 0;
        var length = 1;
        while (length < span.Length)
        {
            if (char.IsAsciiDigit(span[length])) length++;
            else if (span[length] == '_' && length + 1 < span.Length && char.IsAsciiDigit(span[length + 1])) length += 2;
            else break;
        }

        return length;
    }

    private static int IntLength(ReadOnlySpan<char> span)
    {
        var sign = span[0] is '+' or '-' ? 1 : 0;
        var digits = UnsignedLength(span[sign..]);
        return digits == 0 ? 0 : sign + digits;
    }

    private static int FloatLength(ReadOnlySpan<char> span)
    {
        var sign = span[0] is '+' or '-' ? 1 : 0;
        var rest = span[sign..];
        if (rest.IsEmpty) return 0;
        var best = 0;
        if (StartsWithWord(rest, "inf") || StartsWithWord(rest, "nan")) best = 3;
        var whole = UnsignedLength(rest);
        var point = 0;
        if (whole < rest.Length && rest[whole] == '.')
        {
            var fraction = DigitsLength(rest[(whole + 1)..]);
            if (whole > 0 || fraction > 0) point = whole + 1 + fraction;
        }

        best = Math.Max(best, point);
        best = Math.Max(best, Exponent(rest, point));
        best = Math.Max(best, Exponent(rest, whole));
        return best == 0 ? 0 : sign + best;
    }

    private static int Exponent(ReadOnlySpan<char> rest, int mantissa)
    {
        if (mantissa == 0 || mantissa >= rest.Length || rest[mantissa] is not ('e' or 'E')) return 0;
        var at = mantissa + 1;
        if (at < rest.Length && rest[at] is '+' or '-') at++;
        var digits = DigitsLength(rest[Math.Min(at, rest.Length)..]);
        return digits == 0 ? 0 : at + digits;
    }

    private static int EscapeLength(ReadOnlySpan<char> span)
    {
        var length = 0;
        while (length + 1 < span.Length && span[length] == '\\' && Escapable.Contains(span[length + 1], StringComparison.Ordinal)) length += 2;
        return length;
    }
}
