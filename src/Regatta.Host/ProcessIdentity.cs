namespace Regatta.Host;

/// <summary>A process that cannot be mistaken for a later one of the same number.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="Started">When it started, in clock ticks since boot (field 22 of <c>/proc/PID/stat</c>).</param>
/// <param name="Boot">Id of the boot it started in.</param>
public sealed record ProcessIdentity(int Pid, long Started, string Boot)
{
    /// <summary>Id of this boot of the host.</summary>
    public static string CurrentBoot => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>True while it runs.</summary>
    public bool IsAlive => Of(Pid) == this;

    /// <summary>The identity of a running process; null when there is none of that number (or it is a zombie).</summary>
    public static ProcessIdentity? Of(int pid)
    {
        try
        {
            // The name stands in parentheses and may hold anything.
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : new ProcessIdentity(pid, long.Parse(fields[19], CultureInfo.InvariantCulture), CurrentBoot);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return null;
        }
    }

    /// <summary>Asks it to end and waits until it has; ends it the hard way after <paramref name="patience"/>. Does nothing when it is gone.</summary>
    public async Task EndAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellation)
    {
        if (!IsAlive) return;
        Posix.SignalTerminate(Pid);
        var start = time.GetTimestamp();
        var hard = false;
        while (IsAlive)
        {
            if (!hard && time.GetElapsedTime(start) > patience)
            {
                Posix.SignalKill(Pid);
                hard = true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellation);
        }
    }
}
