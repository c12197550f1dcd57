using System.Collections.Immutable;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>No processor was given to two jobs at once: on the machine, and on each node where the nodes of the jobs are known.</summary>
internal static class OccupancyAudit
{
    /// <summary>Adds what was found; returns the most processors of the machine that were busy at once.</summary>
    public static long Check(Trial trial, List<AuditFinding> findings)
    {
        var (record, jobs) = trial;
        var slack = new ClockSlack(record);
        var shared = record.Settings.GetValueOrDefault("oversubscribe") is "yes" or "true" or "on";
        var weight = shared ? AuditWeight.Note : AuditWeight.Invalidates;
        var all = new List<Occupancy>(jobs.Count);
        var byNode = new Dictionary<string, List<Occupancy>>(StringComparer.Ordinal);
        var capacity = NodeCapacity(record);
        var expanded = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal);
        for (var row = 0; row < jobs.Count; row++)
        {
            if (jobs.Start[row] == JobTable.Missing || jobs.Finish[row] == JobTable.Missing) continue;
            // Clocks of two nodes may make one job seem to start before another ended: each interval shrinks by what they may be wrong.
            var list = jobs.NodeList(row);
            var shrink = slack.With(list);
            var occupancy = new Occupancy(jobs.Start[row] + shrink, jobs.Finish[row] - shrink, jobs.Processors[row]);
            if (occupancy.To <= occupancy.From) continue;
            all.Add(occupancy);
            if (capacity.IsEmpty || list is null) continue;
            if (!expanded.TryGetValue(list, out var nodes)) expanded.Add(list, nodes = HostList.Expand(list));
            foreach (var node in nodes)
            {
                if (!capacity.TryGetValue(node, out _)) continue;
                // How a job is spread over its nodes is not known; what the others cannot hold must be here.
                var elsewhere = nodes.Sum(n => n == node ? 0 : (long)capacity.GetValueOrDefault(n, int.MaxValue));
                var here = (int)Math.Max(1, occupancy.Processors - elsewhere);
                if (!byNode.TryGetValue(node, out var occupancies)) byNode.Add(node, occupancies = []);
                occupancies.Add(occupancy with { Processors = here });
            }
        }

        var (peak, at) = Peak(all);
        if (peak > record.Processors)
        {
            findings.Add(new(weight, "overcommitted",
                $"{peak} processors were busy at once on a machine of {record.Processors}, {Since(record, at)} after the start."));
        }

        foreach (var (node, occupancies) in byNode.OrderBy(n => n.Key, StringComparer.Ordinal))
        {
            var (most, when) = Peak(occupancies);
            if (most > capacity[node])
            {
                findings.Add(new(weight, "node-overcommitted",
                    $"At least {most} processors were busy at once on {node}, which has {capacity[node]}, {Since(record, when)} after the start."));
            }
        }

        return peak;
    }

    private static ImmutableSortedDictionary<string, int> NodeCapacity(TrialRecord record)
    {
        if (!record.NodeProcessors.IsEmpty) return record.NodeProcessors;
        return record.Workers.IsEmpty || record.Processors % record.Workers.Length != 0
            ? ImmutableSortedDictionary<string, int>.Empty
            : record.Workers.Distinct().ToImmutableSortedDictionary(w => w, _ => record.Processors / record.Workers.Length, StringComparer.Ordinal);
    }

    private static (long Peak, long At) Peak(List<Occupancy> occupancies)
    {
        var starts = occupancies.Select(o => (Time: o.From, o.Processors)).ToArray();
        var ends = occupancies.Select(o => (Time: o.To, o.Processors)).ToArray();
        Array.Sort(starts, (a, b) => a.Time.CompareTo(b.Time));
        Array.Sort(ends, (a, b) => a.Time.CompareTo(b.Time));
        long busy = 0, peak = 0, at = 0;
        var e = 0;
        foreach (var (time, processors) in starts)
        {
            for (; e < ends.Length && ends[e].Time <= time; e++) busy -= ends[e].Processors;
            busy += processors;
            if (busy > peak) (peak, at) = (busy, time);
        }

        return (peak, at);
    }

    private static string Since(TrialRecord record, long time) => FormattableString.Invariant($"{(time - record.Started) / 1e6:0.000} s");

    private readonly record struct Occupancy(long From, long To, int Processors);
}
