using System.Text;

namespace Regatta.Host;

/// <summary>Processes of this host that work on a cluster's nodes, known by a variable of the environment that they inherited.</summary>
public static class NodeProcesses
{
    /// <summary>The variable: the full path of the SSH configuration that leads to the nodes.</summary>
    public const string Variable = "REGATTA_NODES";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Kills the processes whose variable a condition picks, until there is none. This process is not among them.</summary>
    /// <returns>What was killed, as number and command line.</returns>
    /// <exception cref="DiagnosticException">Some are still there after half a minute.</exception>
    public static async Task<IReadOnlyList<string>> EndAsync(Func<string, bool> pick, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(pick);
        ArgumentNullException.ThrowIfNull(time);
        var ended = new Dictionary<int, string>();
        var start = time.GetTimestamp();
        while (Find(pick) is { Count: > 0 } found)
        {
            if (time.GetElapsedTime(start) > Limit)
            {
                throw new DiagnosticException(Diagnostic.Error("node-processes", $"these processes of a cluster that is removed do not end: {string.Join("; ", found.Select(f => $"{f.Key} {f.Value}"))}") with
                {
                    Help = "they wait for a device or a file system; look at /proc/PID/stack, then run 'regatta reap' again",
                });
            }

            foreach (var (pid, command) in found)
            {
                ended[pid] = command;
                Posix.SignalKill(pid);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        }

        return [.. ended.Select(e => $"{e.Key} {e.Value}")];
    }

    private static Dictionary<int, string> Find(Func<string, bool> pick)
    {
        var found = new Dictionary<int, string>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out var pid) || pid == Environment.ProcessId) continue;
            try
            {
                var variables = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(directory, "environ"))).Split('\0');
                if (variables.FirstOrDefault(v => v.StartsWith(Variable + "=", StringComparison.Ordinal)) is { } variable && pick(variable[(Variable.Length + 1)..]) && ProcessIdentity.Of(pid) is not null)
                    found[pid] = File.ReadAllText(Path.Combine(directory, "cmdline")).Replace('\0', ' ').Trim();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It ended at this moment, or is another user's.
            }
        }

        return found;
    }
}
