using System.Collections.Immutable;

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
        var all = new Occupancies(jobs.Count);
        var byNode = new Dictionary<string, Occupancies>(StringComparer.Ordinal);
        var capacity = NodeCapacity(record);
        var expanded = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal);
        for (var row = 0; row < jobs.Count; row++)
        {
            if (jobs.Start[row] == JobTable.Missing || jobs.Finish[row] == JobTable.Missing) continue;
            // Clocks of two nodes may make one job seem to start before another ended: each interval shrinks by what they may be wrong.
            var list = jobs.NodeList(row);
            var shrink = slack.With(list);
            var (from, to, processors) = (jobs.Start[row] + shrink, jobs.Finish[row] - shrink, jobs.Processors[row]);
            if (to <= from) continue;
            all.Add(from, to, processors);
            if (capacity.IsEmpty || list is null) continue;
            if (!expanded.TryGetValue(list, out var nodes)) expanded.Add(list, nodes = HostList.Expand(list));
            foreach (var node in nodes)
            {
                if (!capacity.TryGetValue(node, out _)) continue;
                // How a job is spread over its nodes is not known; what the others cannot hold must be here.
                var elsewhere = nodes.Sum(n => n == node ? 0 : (long)capacity.GetValueOrDefault(n, int.MaxValue));
                var here = (int)Math.Max(1, processors - elsewhere);
                if (!byNode.TryGetValue(node, out var occupancies)) byNode.Add(node, occupancies = new(16));
                occupancies.Add(from, to, here);
            }
        }

        var (peak, at) = all.Peak();
        if (peak > record.Processors)
        {
            findings.Add(new(weight, "overcommitted",
                $"{peak} processors were busy at once on a machine of {record.Processors}, {Since(record, at)} after the start."));
        }

        foreach (var (node, occupancies) in byNode.OrderBy(n => n.Key, StringComparer.Ordinal))
        {
            var (most, when) = occupancies.Peak();
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

    private static string Since(TrialRecord record, long time) => FormattableString.Invariant($"{(time - record.Started) / 1e6:0.000} s");

    /// <summary>Intervals in which processors were busy, by columns.</summary>
    private sealed class Occupancies(int capacity)
    {
        private long[] _from = new long[capacity];
        private long[] _to = new long[capacity];
        private int[] _processors = new int[capacity];
        private int _count;

        public void Add(long from, long to, int processors)
        {
            if (_count == _from.Length)
            {
                Array.Resize(ref _from, _count * 2);
                Array.Resize(ref _to, _count * 2);
                Array.Resize(ref _processors, _count * 2);
            }

            (_from[_count], _to[_count], _processors[_count]) = (from, to, processors);
            _count++;
        }

        /// <summary>The most processors that were busy at once, and since when. Sorts the columns apart: to be called once.</summary>
        public (long Peak, long At) Peak()
        {
            var ending = _processors.AsSpan(0, _count).ToArray();
            Array.Sort(_from, _processors, 0, _count);
            Array.Sort(_to, ending, 0, _count);
            long busy = 0, peak = 0, at = 0;
            for (int s = 0, e = 0; s < _count; s++)
            {
                for (; e < _count && _to[e] <= _from[s]; e++) busy -= ending[e];
                busy += _processors[s];
                if (busy > peak) (peak, at) = (busy, _from[s]);
            }

            return (peak, at);
        }
    }
}
