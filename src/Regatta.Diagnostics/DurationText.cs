using System.Globalization;

namespace Regatta.Diagnostics;

/// <summary>Durations as people say them.</summary>
public static class DurationText
{
    /// <summary>In one unit, rounded: <c>250 ms</c>, <c>45 s</c>, <c>3 min</c>, <c>2.5 h</c>, <c>3.0 days</c>.</summary>
    public static string Rounded(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:F0} ms"),
        { TotalSeconds: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F0} s"),
        { TotalMinutes: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:F0} min"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:F1} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:F1} days"),
    };
}
