namespace Regatta.Diagnostics;

/// <summary>
/// Durations as people and schedulers write them, the same wherever the program reads one: a number of seconds (<c>90</c>, <c>1.5</c>), numbers with units
/// (<c>250ms</c>, <c>1.5h</c>, <c>1h30m</c>), or a clock with hours, minutes and seconds and perhaps days (<c>36:00:00</c>, <c>1-12:00:00</c>, <c>1.12:00:00</c>).
/// A clock of two numbers without days is refused: some programs take it for hours and minutes, others for minutes and seconds.
/// </summary>
public static class Durations
{
    /// <summary>What a duration looks like, for messages.</summary>
    public const string Examples = "a number of seconds, or text such as 250ms, 1.5h, 1h30m, 36:00:00 or 1-12:00:00";

    /// <summary>Some 3,000 years in seconds: longer times are none, and sums of many shorter ones still fit a <see cref="TimeSpan"/>.</summary>
    private const double Longest = 1e11;

    /// <summary>The longest wait that a timer of .NET takes, some 49 days: one of 2^32 - 1 ms means "without end" to it, and longer ones are refused.</summary>
    public static readonly TimeSpan LongestTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1.0);

    private static readonly (string Unit, double Seconds)[] KnownUnits =
    [
        ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("sec", 1), ("m", 60), ("min", 60), ("h", 3600), ("d", 86400), ("w", 604800),
    ];

    /// <summary>As much of a wait as one timer can take: <see cref="LongestTimer"/> where it is longer.</summary>
    public static TimeSpan ForTimer(TimeSpan wait) => wait < LongestTimer ? wait : LongestTimer;

    /// <summary>Reads a duration; a sign is taken. False when it is none.</summary>
    public static bool TrySeconds(string text, out double seconds)
    {
        ArgumentNullException.ThrowIfNull(text);
        var rest = text.AsSpan().Trim();
        var negative = rest.StartsWith('-');
        if (negative || rest.StartsWith('+')) rest = rest[1..];
        if (!(Units.Number(rest, out seconds) || Clock(rest, out seconds) || Parts(rest, out seconds)) || !double.IsFinite(seconds)) return false;
        if (negative) seconds = -seconds;
        return true;
    }

    /// <summary>Reads a duration of at least zero and at most some 3,000 years, to the microsecond.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (!TrySeconds(text, out var seconds) || seconds is < 0 or >= Longest) return false;
        duration = TimeSpan.FromMicroseconds((long)Math.Round(seconds * 1e6));
        return true;
    }

    /// <summary>A duration in the largest unit that it is a whole number of: <c>2h</c>, <c>90s</c>, <c>250ms</c>.</summary>
    public static string Format(double seconds)
    {
        foreach (var (unit, length) in new[] { ("d", 86400d), ("h", 3600d), ("m", 60d) })
        {
            if (seconds >= length && seconds % length == 0) return string.Create(CultureInfo.InvariantCulture, $"{seconds / length:R}{unit}");
        }

        return seconds is > 0 and < 1 ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:R}ms") : string.Create(CultureInfo.InvariantCulture, $"{seconds:R}s");
    }

    /// <summary>A duration as people say it, in one unit, rounded: <c>250 ms</c>, <c>45 s</c>, <c>3 min</c>, <c>2.5 h</c>, <c>3.0 days</c>.</summary>
    public static string Rounded(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:F0} ms"),
        { TotalSeconds: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F0} s"),
        { TotalMinutes: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:F0} min"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:F1} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:F1} days"),
    };

    /// <summary><c>H:M:S</c>, <c>D-H</c>, <c>D-H:M</c>, <c>D-H:M:S</c> or <c>D.H:M:S</c>; the last may have a fraction.</summary>
    private static bool Clock(ReadOnlySpan<char> text, out double seconds)
    {
        seconds = 0;
        var dash = text.IndexOf('-');
        var firstColon = text.IndexOf(':');
        var split = dash >= 0 ? dash : firstColon > 0 ? text[..firstColon].IndexOf('.') : -1;
        var days = 0d;
        if (split >= 0 && !Units.Number(text[..split], out days)) return false;
        var rest = text[(split + 1)..];
        Span<Range> ranges = stackalloc Range[4];
        var count = rest.Split(ranges, ':');
        if (count > 3 || (split < 0 && count < 3) || (split >= 0 && dash < 0 && count < 3)) return false;
        double length = 3600;
        for (var i = 0; i < count; i++, length /= 60)
        {
            var part = rest[ranges[i]];
            if (!Units.Number(part, out var number) || (i > 0 && number >= 60) || (length > 1 && part.Contains('.'))) return false;
            seconds += number * length;
        }

        seconds += days * 86400;
        return true;
    }

    private static bool Parts(ReadOnlySpan<char> text, out double seconds)
    {
        seconds = 0;
        var any = false;
        while (!text.IsEmpty)
        {
            if (!Units.Take(ref text, out var number, out var unit)) return false;
            var known = Array.FindIndex(KnownUnits, u => u.Unit == unit);
            if (known < 0) return false;
            seconds += number * KnownUnits[known].Seconds;
            any = true;
        }

        return any;
    }
}
