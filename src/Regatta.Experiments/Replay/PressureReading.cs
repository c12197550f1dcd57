using System.Text;
using Regatta.Analysis;

namespace Regatta.Experiments.Replay;

/// <summary>How far a node's counters of waiting work stand; two of them tell what was between.</summary>
/// <param name="Uptime">Seconds that the node has been up: a clock that does not jump.</param>
/// <param name="Waiting">Microseconds in which something waited for a processor; null where the kernel does not count them.</param>
/// <param name="Stolen">Ticks of processors that the machine below took.</param>
/// <param name="Ticks">All ticks of processors.</param>
internal sealed record PressureReading(double Uptime, long? Waiting, long Stolen, long Ticks)
{
    private const string Script = "cat /proc/uptime; head -n 1 /proc/stat; cat /proc/pressure/cpu 2>/dev/null || true";

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5);

    /// <summary>Reads nodes at once; one that does not answer is left out.</summary>
    public static async Task<ImmutableDictionary<string, PressureReading>> TakeAsync(NodeShell shell, IEnumerable<string> nodes, CancellationToken cancellation)
    {
        var readings = await Task.WhenAll(nodes.Select(async node => (Node: node, Reading: Parse(Encoding.ASCII.GetString((await shell.ReadAsync(node, Script, Within, cancellation)).Output)))));
        return readings.Where(r => r.Reading is not null).ToImmutableDictionary(r => r.Node, r => r.Reading!, StringComparer.Ordinal);
    }

    /// <summary>What was between two readings, of the nodes that have both.</summary>
    public static ImmutableArray<NodePressure> Between(ImmutableDictionary<string, PressureReading> before, ImmutableDictionary<string, PressureReading> after) =>
    [
        .. from node in after.Keys.Order(StringComparer.Ordinal)
           where before.ContainsKey(node) && after[node].Uptime > before[node].Uptime
           let first = before[node]
           let last = after[node]
           select new NodePressure(
               node,
               last.Waiting is { } waited && first.Waiting is { } had ? Share((waited - had) / 1e6 / (last.Uptime - first.Uptime)) : null,
               last.Ticks > first.Ticks ? Share((double)(last.Stolen - first.Stolen) / (last.Ticks - first.Ticks)) : 0),
    ];

    /// <summary>Reads what the script prints; null when it is something else.</summary>
    internal static PressureReading? Parse(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length < 2 || !double.TryParse(lines[0].Split(' ')[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var uptime)) return null;
        // cpu USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ STEAL GUEST GUEST_NICE; those of guests are in the first two already.
        var ticks = lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(t => long.Parse(t, CultureInfo.InvariantCulture)).ToArray();
        if (!lines[1].StartsWith("cpu ", StringComparison.Ordinal) || ticks.Length < 8) return null;
        var some = lines.FirstOrDefault(l => l.StartsWith("some ", StringComparison.Ordinal));
        var total = some?[(some.LastIndexOf('=') + 1)..];
        return new PressureReading(uptime, long.TryParse(total, NumberStyles.None, CultureInfo.InvariantCulture, out var waiting) ? waiting : null, ticks[7], ticks.Sum());
    }

    private static double Share(double value) => Math.Round(Math.Clamp(value, 0, 1), 4);
}
