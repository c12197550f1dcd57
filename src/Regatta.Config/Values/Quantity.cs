using System.Globalization;
using System.Numerics;

namespace Regatta.Config;

/// <summary>What a quantity measures.</summary>
public enum QuantityKind
{
    /// <summary>A plain number.</summary>
    Number,

    /// <summary>A whole number.</summary>
    Count,

    /// <summary>A number of bytes: <c>2GiB</c>, <c>500MB</c>, <c>1024</c>.</summary>
    Size,

    /// <summary>A span of time: <c>90s</c>, <c>1.5h</c>, <c>1h30m</c>, <c>00:05:00</c>, or a number of seconds.</summary>
    Duration,
}

/// <summary>A number with a unit and a range.</summary>
/// <param name="Kind">What it measures.</param>
public sealed record Quantity(QuantityKind Kind)
{
    private static readonly (string Unit, double Factor)[] Sizes =
    [
        ("", 1), ("B", 1),
        ("K", 1024), ("KiB", 1024), ("kB", 1e3), ("KB", 1e3),
        ("M", 1048576), ("MiB", 1048576), ("MB", 1e6),
        ("G", 1073741824), ("GiB", 1073741824), ("GB", 1e9),
        ("T", 1099511627776), ("TiB", 1099511627776), ("TB", 1e12),
    ];

    private static readonly (string Unit, double Factor)[] Durations =
    [
        ("", 1), ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("sec", 1), ("m", 60), ("min", 60), ("h", 3600), ("d", 86400), ("w", 604800),
    ];

    /// <summary>The least value allowed, in bytes, seconds or as it is.</summary>
    public double? Minimum { get; init; }

    /// <summary>The greatest value allowed.</summary>
    public double? Maximum { get; init; }

    /// <summary>Whether the minimum itself is excluded.</summary>
    public bool Above { get; init; }

    /// <summary>The name of the type as documents show it.</summary>
    public string Name => (Kind switch
    {
        QuantityKind.Size => "size",
        QuantityKind.Duration => "duration",
        QuantityKind.Count => "int",
        _ => "float",
    }) + Range;

    /// <summary>The range in words, with a blank before it; empty when there is none.</summary>
    public string Range => (Minimum, Maximum) switch
    {
        (null, null) => "",
        ({ } low, null) => Above ? $" above {Show(low)}" : $" from {Show(low)}",
        (null, { } high) => $" up to {Show(high)}",
        ({ } low, { } high) => $" {(Above ? "above" : "from")} {Show(low)} to {Show(high)}",
    };

    /// <summary>The number that a scalar means: bytes, seconds, or the number itself; null when it means none.</summary>
    public double? Read(object? value) => value switch
    {
        long number => number,
        BigInteger number => (double)number,
        double number => number,
        string text => Read(text),
        _ => null,
    };

    internal object Check(object value)
    {
        var number = Read(value);
        if (number is null or double.NaN || (Kind == QuantityKind.Count && number != Math.Floor(number.Value)))
        {
            var examples = Kind switch
            {
                QuantityKind.Size => "write a size such as 2GiB, 500MB or a number of bytes",
                QuantityKind.Duration => "write a duration such as 90s, 1.5h, 250ms or a number of seconds",
                QuantityKind.Count => "write a whole number",
                _ => "write a number",
            };
            throw new ConversionException($"{Conversion.Describe(value)} is no {Name}") { Help = examples };
        }

        if (number < Minimum || number > Maximum || (Above && number <= Minimum))
            throw new ConversionException($"{Conversion.Describe(value)} is outside of the range:{Range}") { Help = $"choose a value{Range}" };
        return Kind is QuantityKind.Count && value is string ? (object)(long)number.Value : Kind is QuantityKind.Number && value is string ? number.Value : value;
    }

    private double? Read(string text)
    {
        text = text.Trim();
        if (Kind is QuantityKind.Number or QuantityKind.Count) return PythonText.TryFloat(text, out var plain) ? plain : null;
        if (Kind == QuantityKind.Duration && text.Contains(':', StringComparison.Ordinal)) return Clock(text);
        var units = Kind == QuantityKind.Size ? Sizes : Durations;
        double total = 0;
        var at = 0;
        var parts = 0;
        while (at < text.Length)
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] is '.' or '_' || (parts == 0 && at == 0 && text[at] is '+' or '-'))) at++;
            if (!PythonText.TryFloat(text[start..at], out var number)) return null;
            while (at < text.Length && text[at] == ' ') at++;
            start = at;
            while (at < text.Length && char.IsLetter(text[at])) at++;
            var name = text[start..at];
            while (at < text.Length && text[at] == ' ') at++;
            var unit = Array.FindIndex(units, u => u.Unit.Equals(name, StringComparison.Ordinal));
            if (unit < 0 && Kind == QuantityKind.Size) unit = Array.FindIndex(units, u => u.Unit.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (unit < 0 || (name.Length == 0 && (parts > 0 || at < text.Length))) return null;
            total += number * units[unit].Factor;
            parts++;
            if (Kind == QuantityKind.Size && at < text.Length) return null;
        }

        return parts == 0 ? null : total;
    }

    private static double? Clock(string text)
    {
        var parts = text.Split(':');
        if (parts.Length is < 2 or > 3) return null;
        double seconds = 0;
        foreach (var part in parts)
        {
            if (!PythonText.TryFloat(part, out var number) || number < 0) return null;
            seconds = (seconds * 60) + number;
        }

        return parts.Length == 2 ? seconds * 60 : seconds;
    }

    private string Show(double number) => Kind switch
    {
        QuantityKind.Duration => FormatDuration(number),
        QuantityKind.Size => FormatSize(number),
        _ => number.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string FormatSize(double bytes)
    {
        foreach (var (unit, factor) in new[] { ("TiB", 1099511627776d), ("GiB", 1073741824d), ("MiB", 1048576d), ("KiB", 1024d) })
        {
            if (bytes >= factor && bytes % factor == 0) return string.Create(CultureInfo.InvariantCulture, $"{bytes / factor:R}{unit}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes:R}B");
    }

    private static string FormatDuration(double seconds)
    {
        foreach (var (unit, factor) in new[] { ("d", 86400d), ("h", 3600d), ("m", 60d) })
        {
            if (seconds >= factor && seconds % factor == 0) return string.Create(CultureInfo.InvariantCulture, $"{seconds / factor:R}{unit}");
        }

        return seconds is > 0 and < 1 ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:R}ms") : string.Create(CultureInfo.InvariantCulture, $"{seconds:R}s");
    }
}
