using System.Buffers;

namespace Regatta.Diagnostics;

/// <summary>Numbers of bytes as people write them: <c>1024</c>, <c>2GiB</c>, <c>500MB</c>. <c>K</c>, <c>M</c>, <c>G</c> and <c>T</c> alone are powers of 1024.</summary>
public static class Sizes
{
    /// <summary>What a size looks like, for messages.</summary>
    public const string Examples = "a number of bytes, or text such as 2GiB or 500MB";

    private static readonly (string Unit, double Bytes)[] KnownUnits =
    [
        ("B", 1), ("K", 1024), ("KiB", 1024), ("kB", 1e3), ("M", 1048576), ("MiB", 1048576), ("MB", 1e6),
        ("G", 1073741824), ("GiB", 1073741824), ("GB", 1e9), ("T", 1099511627776), ("TiB", 1099511627776), ("TB", 1e12),
    ];

    /// <summary>Reads a size; the case of the unit does not matter. False when it is none.</summary>
    public static bool TryBytes(string text, out double bytes)
    {
        ArgumentNullException.ThrowIfNull(text);
        var rest = text.AsSpan().Trim();
        if (Units.Number(rest, out bytes)) return double.IsFinite(bytes);
        if (!Units.Take(ref rest, out var number, out var unit) || !rest.IsEmpty) return false;
        var known = Array.FindIndex(KnownUnits, u => u.Unit.Equals(unit, StringComparison.OrdinalIgnoreCase));
        if (known < 0) return false;
        bytes = number * KnownUnits[known].Bytes;
        return double.IsFinite(bytes);
    }

    /// <summary>A size for people to read, to a tenth: <c>1.4 MB</c>, by powers of 1000.</summary>
    public static string Rounded(double bytes)
    {
        foreach (var (unit, size) in new[] { ("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3) })
        {
            if (bytes >= size) return string.Create(CultureInfo.InvariantCulture, $"{bytes / size:0.0} {unit}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes:0} B");
    }

    /// <summary>A size in the largest unit that it is a whole number of: <c>2GiB</c>, <c>1000B</c>.</summary>
    public static string Format(double bytes)
    {
        foreach (var (unit, size) in new[] { ("TiB", 1099511627776d), ("GiB", 1073741824d), ("MiB", 1048576d), ("KiB", 1024d) })
        {
            if (bytes >= size && bytes % size == 0) return string.Create(CultureInfo.InvariantCulture, $"{bytes / size:R}{unit}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes:R}B");
    }
}

/// <summary>Numbers with units behind them.</summary>
internal static class Units
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>A whole text of digits, perhaps with a decimal point.</summary>
    public static bool Number(ReadOnlySpan<char> text, out double number) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);

    /// <summary>Takes a number and the letters behind it off the front of a text; blanks may stand around the letters.</summary>
    public static bool Take(ref ReadOnlySpan<char> text, out double number, out string unit)
    {
        unit = "";
        var digits = text.IndexOfAnyExcept(Digits);
        if (digits < 0) digits = text.Length;
        if (!Number(text[..digits], out number)) return false;
        text = text[digits..].TrimStart();
        var letters = 0;
        while (letters < text.Length && char.IsLetter(text[letters])) letters++;
        unit = text[..letters].ToString();
        text = text[letters..].TrimStart();
        return letters > 0;
    }
}
