using Regatta.Agent.Platform;

namespace Regatta.Agent.Replaying;

/// <summary>What a scheduler does again and again by itself goes by the moment of its start; a replay may keep a distance to it.</summary>
internal static class Beat
{
    private const long Second = 1_000_000;

    /// <summary>The first moment from one on that is half a period and half a second after a whole number of periods since a start.</summary>
    /// <param name="earliest">That moment, UTC microseconds.</param>
    /// <param name="started">The start, UTC microseconds.</param>
    /// <param name="period">The period, in microseconds, more than 0.</param>
    public static long After(long earliest, long started, long period)
    {
        var first = started + (period / 2) + (Second / 2);
        return earliest <= first ? first : first + ((earliest - first + period - 1) / period * period);
    }

    /// <summary>The whole second of UTC in which the first process of a name was started, in microseconds; null where none runs.</summary>
    /// <param name="process">The name.</param>
    /// <param name="now">Now, UTC microseconds.</param>
    /// <param name="proc">The kernel's directory of processes.</param>
    public static long? Started(string process, long now, string proc = "/proc")
    {
        var ticks = ProcessStat.All(proc).Select(p => ProcessStat.TryRead(p.Directory)).Where(s => s?.Name == ProcessStat.Comm(process)).Min(s => s?.Started);
        if (ticks is not { } first) return null;
        var up = double.Parse(File.ReadAllText(Path.Combine(proc, "uptime")).Split(' ')[0], CultureInfo.InvariantCulture);
        var utc = now - (long)((up - (first / ProcessStat.TicksPerSecond)) * Second);
        return utc - (utc % Second);
    }
}
