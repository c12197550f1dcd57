namespace Regatta.Workloads;

/// <summary>The clock of those who submitted the jobs of a log: when it began, and in which time zone.</summary>
/// <param name="Name">The zone for people, such as <c>US/Pacific</c>, <c>UTC</c> or <c>counted from the first submission</c>.</param>
internal sealed record LogZone(string Name)
{
    private static readonly Dictionary<string, string> FormerNames = new(StringComparer.OrdinalIgnoreCase)
    {
        // Systems install these links apart from the zones; the archive's logs name them.
        ["US/Eastern"] = "America/New_York", ["US/Central"] = "America/Chicago", ["US/Mountain"] = "America/Denver", ["US/Pacific"] = "America/Los_Angeles",
        ["US/Arizona"] = "America/Phoenix", ["US/Alaska"] = "America/Anchorage", ["US/Hawaii"] = "Pacific/Honolulu", ["Israel"] = "Asia/Jerusalem", ["Japan"] = "Asia/Tokyo",
    };

    private TimeZoneInfo? Rules { get; init; }

    private TimeSpan Offset { get; init; }

    /// <summary>Time zero of the log; null when it is not known.</summary>
    private DateTimeOffset? Start { get; init; }

    /// <summary>
    /// The zone of a log: <c>TimeZoneString</c> with its summer time, else the offset in seconds of the deprecated <c>TimeZone</c>, else UTC. Without
    /// <c>UnixStartTime</c> hours count from the first submission.
    /// </summary>
    public static LogZone Of(SwfHeader header)
    {
        if (header.UnixStartTime is not (> 0 and <= 253_402_300_799)) return new LogZone("counted from the start of the log");
        var start = DateTimeOffset.FromUnixTimeSeconds(header.UnixStartTime.Value);
        if (long.TryParse(header["TimeZone"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) && Math.Abs(seconds) <= 14 * 3600 && header["TimeZoneString"] is null)
        {
            var offset = TimeSpan.FromSeconds(seconds);
            return new LogZone($"UTC{(seconds < 0 ? '-' : '+')}{offset:hh\\:mm}") { Start = start, Offset = offset };
        }

        // Some converters write the zone's name under the deprecated label.
        if ((header["TimeZoneString"] ?? header["TimeZone"]) is { Length: > 0 } name)
            return Find(name) is { } rules ? new LogZone(name) { Rules = rules, Start = start } : new LogZone($"UTC; the zone {name} is not known here") { Start = start };
        return new LogZone("UTC") { Start = start };
    }

    /// <summary>Hour of the day, 0 to 23, at a time of the log.</summary>
    public int Hour(TimeSpan submit)
    {
        if (Start is not { } start || submit > DateTimeOffset.MaxValue - TimeSpan.FromDays(1) - start) return (int)(submit.TotalHours % 24);
        var instant = start + submit;
        return (Rules is { } rules ? TimeZoneInfo.ConvertTime(instant, rules) : instant.ToOffset(TimeSpan.Zero) + Offset).Hour;
    }

    private static TimeZoneInfo? Find(string name) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) || (FormerNames.TryGetValue(name, out var now) && TimeZoneInfo.TryFindSystemTimeZoneById(now, out zone)) ? zone : null;
}
