namespace Regatta.Workloads;

/// <summary>Times as whole microseconds, cut off; those of moments count from 1970-01-01 UTC.</summary>
public static class Micros
{
    /// <summary>Now.</summary>
    public static long Now(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return From(time.GetUtcNow());
    }

    /// <summary>A moment.</summary>
    public static long From(DateTimeOffset moment) => (moment.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>A moment, UTC.</summary>
    public static long From(DateTime utc) => (utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>A duration.</summary>
    public static long From(TimeSpan duration) => duration.Ticks / TimeSpan.TicksPerMicrosecond;
}
