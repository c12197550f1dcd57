using Regatta.Agent.Platform;
using Regatta.Workloads;

namespace Regatta.Agent.Replaying;

/// <summary>CPU time and peak memory of processes, by name, from <c>/proc</c>; those that start or end between two looks count as well.</summary>
internal sealed class ProcessCosts(IReadOnlyList<(string Process, bool Client)> names, string proc = "/proc")
{
    private readonly Dictionary<(int Process, long Started), Seen> _seen = [];
    private bool _looked;

    /// <summary>Looks at what runs now.</summary>
    public void Look()
    {
        foreach (var (process, directory) in ProcessStat.All(proc))
        {
            if (Read(directory) is not { } now || names.All(n => ProcessStat.Comm(n.Process) != now.Name)) continue;
            // What was there at the first look counts from then, what came later from its start.
            var first = _seen.TryGetValue((process, now.Started), out var seen) ? seen.First : _looked ? 0 : now.Ticks;
            _seen[(process, now.Started)] = new Seen(now.Name, first, now.Ticks, Math.Max(seen.Peak, now.Peak));
        }

        _looked = true;
    }

    /// <summary>What was used between the first look and the last.</summary>
    public ImmutableArray<DaemonCost> Costs() =>
    [
        .. from name in names
           let all = _seen.Values.Where(s => s.Name == ProcessStat.Comm(name.Process)).ToList()
           where all.Count > 0
           select new DaemonCost(name.Process, all.Sum(s => s.Last - s.First) / ProcessStat.TicksPerSecond, all.Max(s => s.Peak), name.Client),
    ];

    /// <summary>Peak resident memory of this process, in bytes.</summary>
    public static long OwnPeak() => Peak("/proc/self");

    private static (string Name, long Started, long Ticks, long Peak)? Read(string directory)
    {
        try
        {
            var stat = ProcessStat.Read(directory);
            return (stat.Name, stat.Started, stat.Ticks, Peak(directory));
        }
        catch (IOException)
        {
            // It ended while it was looked at.
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Peak(string directory) =>
        File.ReadLines(Path.Combine(directory, "status")).FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)) is { } line
            ? ProcessStat.Number(line["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim()) * 1024
            : 0;

    private readonly record struct Seen(string Name, long First, long Last, long Peak);
}
