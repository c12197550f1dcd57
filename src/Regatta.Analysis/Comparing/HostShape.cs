using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>What the hosts of trials on machines do to a comparison. Simulated trials are the same on every host.</summary>
internal static class HostShape
{
    private const int FewestRuns = 6;

    /// <summary>Points that shared no host with any other: their differences may be the hosts'.</summary>
    public static IEnumerable<Diagnostic> Confounded(IReadOnlyList<MeasuredTrial> trials)
    {
        var spread = Spread(trials);
        if (spread.Select(t => t.Record.Host).Distinct(StringComparer.Ordinal).Count() < 2) yield break;
        var points = spread.GroupBy(t => t.Record.Point, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(t => t.Record.Host!).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        var alone = points.Where(p => points.All(o => o.Key == p.Key || !o.Value.Overlaps(p.Value))).ToList();
        if (alone.Count == 0 || points.Count < 2) yield break;
        yield return Diagnostic.Warning("hosts-confounded", $"{string.Join(" and ", alone.Select(p => p.Key))} ran on {(alone.Count == 1 ? "hosts" : "hosts each")} that no other point ran on: what looks like a difference of points may be one of hosts") with
        {
            Detail = string.Join('\n', points.Select(p => $"{p.Key}: {string.Join(", ", p.Value.Order(StringComparer.Ordinal))}")),
            Help = "run whole blocks on each host, so that every point runs on every host",
        };
    }

    /// <summary>Hosts whose runs differ from those of the others, each run less its point's median: the Brunner–Munzel test at 0.01, corrected for the number of hosts.</summary>
    public static IEnumerable<Diagnostic> Effect(string metric, IReadOnlyList<MeasuredTrial> valid)
    {
        var runs = Spread(valid).Where(t => t.Metrics[metric] is not null).GroupBy(t => t.Record.Point, StringComparer.Ordinal).SelectMany(point =>
        {
            var median = OrderStatistics.Median(point.Select(t => t.Metrics[metric]!.Value));
            return point.Select(t => (Host: t.Record.Host!, Value: t.Metrics[metric]!.Value - median));
        }).ToLookup(r => r.Host, r => r.Value, StringComparer.Ordinal);
        if (runs.Count < 2) yield break;
        foreach (var host in runs.Where(h => h.Count() >= FewestRuns))
        {
            double[] own = [.. host], others = [.. runs.Where(h => h.Key != host.Key).SelectMany(h => h)];
            if (others.Length < FewestRuns || own.Concat(others).Distinct().Count() < 2) continue;
            var p = BrunnerMunzel.Test(own, others).P;
            if (p * runs.Count >= 0.01) continue;
            yield return Diagnostic.Warning("hosts-differ", $"{metric} on the host {host.Key} differs from the other hosts (Brunner–Munzel test, p = {Verdicts.Number(Math.Min(1, p * runs.Count))})") with
            {
                Help = "compare within hosts: run whole blocks on each, or leave the host out",
            };
        }
    }

    private static List<MeasuredTrial> Spread(IReadOnlyList<MeasuredTrial> trials) => [.. trials.Where(t => t.Record is { Host: not null, Machines: not MachineKind.Simulation })];
}
