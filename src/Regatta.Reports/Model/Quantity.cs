using Regatta.Analysis;

namespace Regatta.Reports.Model;

/// <summary>Numbers as people read them: about three significant digits, the unit chosen by size, always invariant.</summary>
public static class Quantity
{
    /// <summary>A value of a metric, such as <c>1.25 min</c>, <c>83.1 %</c> or <c>–</c> when it is not defined.</summary>
    public static string Format(double? value, Unit unit) => value is not { } v || double.IsNaN(v) ? "–" : unit switch
    {
        Unit.Seconds or Unit.CpuSeconds => Seconds(v),
        Unit.Share => $"{Digits(v * 100)} %",
        Unit.Bytes => Bytes(v),
        Unit.JobsPerSecond => $"{Digits(v)}/s",
        _ => Digits(v),
    };

    /// <summary>A change of a metric, with its sign.</summary>
    public static string Change(double value, Unit unit) => unit == Unit.Share
        ? $"{Signed(value * 100, 3)} points"
        : (value > 0 ? "+" : value < 0 ? "−" : "±") + Format(Math.Abs(value), unit);

    /// <summary>A share as a signed percentage, such as <c>−38 %</c>.</summary>
    public static string SignedPercent(double share) => $"{Signed(share * 100, 2)} %";

    // Hundredths of a percent are noise to a reader: what rounds to no tenth is no change.
    private static string Signed(double value, int significant)
    {
        var size = Math.Abs(value);
        if (size < 0.05) return "±0";
        return (value > 0 ? "+" : "−") + (size < 1 ? Math.Round(size, 1).ToString("0.0", CultureInfo.InvariantCulture) : Digits(size, significant));
    }

    /// <summary>The confidence of an interval, such as <c>95 %</c>; never rounded up.</summary>
    public static string Confidence(double confidence) => $"{(Math.Floor((confidence * 1000) + 1e-9) / 10).ToString("0.#", CultureInfo.InvariantCulture)} %";

    /// <summary>Seconds in the unit that fits, from microseconds to days.</summary>
    public static string Seconds(double value)
    {
        var size = Math.Abs(value);
        return size switch
        {
            0 => "0 s",
            < 1e-3 => $"{Digits(value * 1e6)} µs",
            < 1 => $"{Digits(value * 1e3)} ms",
            < 120 => $"{Digits(value)} s",
            < 7200 => $"{Digits(value / 60)} min",
            < 172_800 => $"{Digits(value / 3600)} h",
            _ => $"{Digits(value / 86_400)} d",
        };
    }

    /// <summary>Bytes in powers of 1024.</summary>
    public static string Bytes(double value)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var unit = 0;
        while (Math.Abs(value) >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return $"{Digits(value)} {units[unit]}";
    }

    /// <summary>A number with <paramref name="significant"/> digits; whole numbers up to 9,999,999 are written out with separators.</summary>
    public static string Digits(double value, int significant = 3)
    {
        if (!double.IsFinite(value)) return double.IsNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
        if (value == 0) return "0";
        var size = Math.Abs(value);
        if (size is >= 1e7 or < 1e-4) return value.ToString($"0.{new string('#', significant - 1)}e0", CultureInfo.InvariantCulture).Replace('-', '−');
        var magnitude = (int)Math.Floor(Math.Log10(size));
        var decimals = Math.Max(0, significant - 1 - magnitude);
        var rounded = Math.Round(value, Math.Min(decimals, 15));
        // Whole numbers stay whole; others keep their digits, so that 21.0 stands under 51.5.
        return rounded.ToString(decimals == 0 || value == Math.Floor(value) ? "#,0" : $"#,0.{new string('0', decimals)}", CultureInfo.InvariantCulture).Replace('-', '−');
    }

    /// <summary>A p-value: two digits, and <c>&lt; 0.001</c> below that.</summary>
    public static string Probability(double p) => double.IsNaN(p) ? "–" : p < 0.001 ? "< 0.001" : p.ToString(p < 0.1 ? "0.###" : "0.##", CultureInfo.InvariantCulture);

    /// <summary><c>1 job</c>, <c>2 jobs</c>.</summary>
    public static string Count(long count, string one, string? many = null) =>
        count.ToString("#,0", CultureInfo.InvariantCulture) + " " + (count == 1 ? one : many ?? one + "s");
}
