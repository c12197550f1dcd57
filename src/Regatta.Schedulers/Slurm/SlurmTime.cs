using System.Text.RegularExpressions;

namespace Regatta.Schedulers.Slurm;

/// <summary>Times as slurm.conf writes them.</summary>
public static partial class SlurmTime
{
    /// <summary>A time; null for what is no time.</summary>
    public static TimeSpan? Of(string text) => Printed(text) is { } printed ? TimeSpan.Parse(printed.Replace('-', '.'), CultureInfo.InvariantCulture) : null;

    /// <summary>
    /// A time as <c>scontrol show config</c> prints it, <c>[days-]hours:minutes:seconds</c>; null for what is no time. The forms are those of
    /// <c>time_str2secs</c> in Slurm's source: <c>minutes</c>, <c>minutes:seconds</c>, <c>hours:minutes:seconds</c>, <c>days-hours</c>,
    /// <c>days-hours:minutes</c>, <c>days-hours:minutes:seconds</c>.
    /// </summary>
    public static string? Printed(string text)
    {
        var match = Form().Match(text);
        if (!match.Success) return null;
        int[] parts = [.. match.Groups["part"].Captures.Select(c => int.Parse(c.ValueSpan, CultureInfo.InvariantCulture))];
        var time = match.Groups["days"] is { Success: true } days
            ? new TimeSpan(int.Parse(days.ValueSpan, CultureInfo.InvariantCulture), parts[0], parts.ElementAtOrDefault(1), parts.ElementAtOrDefault(2))
            : parts switch
            {
                [var minutes] => new TimeSpan(0, minutes, 0),
                [var minutes, var seconds] => new TimeSpan(0, minutes, seconds),
                _ => new TimeSpan(parts[0], parts[1], parts[2]),
            };
        return string.Create(CultureInfo.InvariantCulture, $"{(time.Days > 0 ? $"{time.Days}-" : "")}{time.Hours:00}:{time.Minutes:00}:{time.Seconds:00}");
    }

    [GeneratedRegex("^(?:(?<days>[0-9]{1,5})-)?(?<part>[0-9]{1,7})(?::(?<part>[0-9]{1,7})){0,2}$", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
