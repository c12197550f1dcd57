namespace Regatta.Agent.Platform;

/// <summary>UTC stamps in microseconds since 1970-01-01.</summary>
internal static class Micros
{
    /// <summary>Now.</summary>
    public static long Now(TimeProvider time) => From(time.GetUtcNow().UtcDateTime);

    /// <summary>A moment.</summary>
    public static long From(DateTime utc) => (utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>A duration.</summary>
    public static long From(TimeSpan duration) => duration.Ticks / TimeSpan.TicksPerMicrosecond;
}
