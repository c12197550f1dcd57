using System.Buffers.Text;

namespace Regatta.Workloads;

/// <summary>Reads the times of <c>sacct</c>, which are those of the wall clock where it ran and name no zone, or seconds since 1970.</summary>
/// <param name="zone">The zone of that clock; null reads it as UTC.</param>
internal sealed class SacctClock(TimeZoneInfo? zone)
{
    private const int Kept = 4096;

    // Offsets of quarter hours, each at its place among some weeks: the times of a row, and those of rows one after another, lie within days.
    private readonly (long Quarter, long Seconds)[] _offsets = zone is null ? [] : [.. Enumerable.Repeat((long.MinValue, 0L), Kept)];

    /// <summary>Times that the clock showed twice, at the end of summer time; they are read as the first of the two.</summary>
    public long Ambiguous { get; private set; }

    /// <summary>Whether a time was one of the wall clock.</summary>
    public bool Local { get; private set; }

    /// <summary>Seconds since 1970-01-01 UTC of <c>2024-03-01T08:00:05</c> or of a number; NaN for <c>Unknown</c>, <c>None</c> and what is no time.</summary>
    public double Read(ReadOnlySpan<byte> text)
    {
        if (text.Length == 0 || !char.IsAsciiDigit((char)text[0])) return double.NaN;
        if (text.Length != 19 || text[4] != '-') return Utf8Parser.TryParse(text, out long number, out var read) && read == text.Length && number > 0 ? number : double.NaN;
        if (text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') return double.NaN;
        int year = Two(text, 0) < 0 || Two(text, 2) < 0 ? -1 : (Two(text, 0) * 100) + Two(text, 2), month = Two(text, 5), date = Two(text, 8);
        if (year is < 1 or > 9998 || month is < 1 or > 12 || date < 1 || date > DateTime.DaysInMonth(year, month)) return double.NaN;
        int hours = Two(text, 11), minutes = Two(text, 14), seconds = Two(text, 17);
        if (hours is < 0 or > 23 || minutes is < 0 or > 59 || seconds is < 0 or > 60) return double.NaN;
        Local = true;
        return Instant((DaysSince1970(year, month, date) * 86400) + (hours * 3600) + (minutes * 60) + seconds);
    }

    private static long DaysSince1970(int year, int month, int day) => (new DateTime(year, month, day).Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerDay;

    private static int Two(ReadOnlySpan<byte> text, int at) =>
        char.IsAsciiDigit((char)text[at]) && char.IsAsciiDigit((char)text[at + 1]) ? ((text[at] - '0') * 10) + text[at + 1] - '0' : -1;

    private double Instant(long local)
    {
        if (zone is null) return local;
        // Quarter hours share their offset; rules are looked up once for each.
        var quarter = local / 900;
        ref var known = ref _offsets[quarter & (Kept - 1)];
        if (known.Quarter == quarter) return local - known.Seconds;
        var clock = DateTime.UnixEpoch.AddSeconds(local);
        var unspecified = DateTime.SpecifyKind(clock, DateTimeKind.Unspecified);
        if (zone.IsAmbiguousTime(unspecified))
        {
            Ambiguous++;
            return local - zone.GetAmbiguousTimeOffsets(unspecified).Max().TotalSeconds;
        }

        // Of an hour that the clock skips nothing can be said; the offset before it is as good as any.
        var offset = (long)(zone.IsInvalidTime(unspecified) ? zone.GetUtcOffset(unspecified.AddHours(-2)) : zone.GetUtcOffset(unspecified)).TotalSeconds;
        known = (quarter, offset);
        return local - offset;
    }
}
