using Regatta.Workloads;

namespace Regatta.Agent.Replaying;

/// <summary>CPU time and peak memory of processes, by name, from <c>/proc</c>; those that start or end between two looks count as well.</summary>
internal sealed class ProcessCosts(IReadOnlyList<(string Process, bool Client)> names, string proc = "/proc")
{
    private const double TicksPerSecond = 100;

    private readonly Dictionary<(int Process, long Started), Seen> _seen = [];
    private bool _looked;

    /// <summary>Looks at what runs now.</summary>
    public void Look()
    {
        foreach (var directory in Directory.EnumerateDirectories(proc))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var process)) continue;
            if (Read(directory) is not { } now || names.All(n => Comm(n.Process) != now.Name)) continue;
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
           let all = _seen.Values.Where(s => s.Name == Comm(name.Process)).ToList()
           where all.Count > 0
           select new DaemonCost(name.Process, all.Sum(s => s.Last - s.First) / TicksPerSecond, all.Max(s => s.Peak), name.Client),
    ];

    /// <summary>Peak resident memory of this process, in bytes.</summary>
    public static long OwnPeak() => Peak("/proc/self");

    /// <summary>A name as the kernel keeps it: its first 15 bytes.</summary>
    private static string Comm(string name) => name.Length <= 15 ? name : name[..15];

    private static (string Name, long Started, long Ticks, long Peak)? Read(string directory)
    {
        try
        {
            // PID (NAME) STATE …: the name may hold blanks and brackets, so fields count from its last bracket. 14 utime, 15 stime, 22 starttime.
            var stat = File.ReadAllText(Path.Combine(directory, "stat"));
            var close = stat.LastIndexOf(')');
            var name = stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..close];
            var fields = stat[(close + 2)..].Split(' ');
            return (name, Number(fields[19]), Number(fields[11]) + Number(fields[12]), Peak(directory));
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
            ? Number(line["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim()) * 1024
            : 0;

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private readonly record struct Seen(string Name, long First, long Last, long Peak);
}
