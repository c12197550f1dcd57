using System.Runtime.InteropServices;
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
        using var all = new Occupancies(jobs.Count);
        var capacity = NodeCapacity(record);
        var byNode = new Occupancies?[capacity.Count];
        var places = new NodePlaces(capacity);
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
            var (nodes, together) = places.Of(list);
            foreach (var node in nodes)
            {
                // How a job is spread over its nodes is not known; what the others cannot hold must be here.
                var here = (int)Math.Max(1, processors - (together - places.Capacity(node)));
                (byNode[node] ??= new(16)).Add(from, to, here);
            }
        }

        var (peak, at) = all.Peak();
        if (peak > record.Processors)
        {
            findings.Add(new(weight, "overcommitted",
                $"{peak} processors were busy at once on a machine of {record.Processors}, {Since(record, at)} after the start."));
        }

        foreach (var (number, (node, holds)) in capacity.Index())
        {
            if (byNode[number] is not { } occupancies) continue;
            using var owned = occupancies;
            var (most, when) = owned.Peak();
            if (most > holds)
            {
                findings.Add(new(weight, "node-overcommitted",
                    $"At least {most} processors were busy at once on {node}, which has {holds}, {Since(record, when)} after the start."));
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

    /// <summary>Which nodes, by their place in the order of names, a list of nodes stands for.</summary>
    private sealed class NodePlaces(ImmutableSortedDictionary<string, int> capacity)
    {
        private readonly int[] _capacities = [.. capacity.Values];
        private readonly Dictionary<string, int> _places = capacity.Keys.Index().ToDictionary(n => n.Item, n => n.Index, StringComparer.Ordinal);
        private readonly Dictionary<string, (int[] Nodes, long Together)> _known = new(StringComparer.Ordinal);

        public int Capacity(int node) => _capacities[node];

        /// <summary>The nodes of <paramref name="list"/> whose size is known, and the processors of all of its nodes together; without bound when one is not known.</summary>
        public (int[] Nodes, long Together) Of(string list)
        {
            if (_known.TryGetValue(list, out var known)) return known;
            var names = HostList.Expand(list);
            int[] nodes = [.. names.Where(_places.ContainsKey).Select(n => _places[n])];
            var together = nodes.Sum(n => (long)_capacities[n]) + ((long)(names.Length - nodes.Length) * int.MaxValue);
            _known.Add(list, (nodes, together));
            return (nodes, together);
        }
    }

    /// <summary>Intervals in which processors were busy, by columns.</summary>
    private sealed class Occupancies(int capacity) : IDisposable
    {
        private Rented<long> _from = new(capacity);
        private Rented<long> _to = new(capacity);
        private Rented<int> _processors = new(capacity);
        private int _count;

        public void Add(long from, long to, int processors)
        {
            if (_count == _from.Items.Length) Grow();
            _from.Items[_count] = from;
            _to.Items[_count] = to;
            _processors.Items[_count] = processors;
            _count++;
        }

        /// <summary>The most processors that were busy at once, and since when. Packs the columns for the sorting: to be called once.</summary>
        public (long Peak, long At) Peak()
        {
            if (_count == 0) return (0, 0);
            long origin = long.MaxValue, last = long.MinValue;
            foreach (var from in _from.Items[.._count]) origin = Math.Min(origin, from);
            foreach (var to in _to.Items[.._count]) last = Math.Max(last, to);
            var sizes = new JobSizes(_processors.Items[.._count]);
            var timeBits = sizes.TimeBits(last - origin);
            AtOnce.Do(() => Sort(_from, origin, sizes, timeBits), () => Sort(_to, origin, sizes, timeBits));
            ReadOnlySpan<long> begins = _from.Items[.._count], ends = _to.Items[.._count];
            var mask = (1L << sizes.Bits) - 1;
            long busy = 0, peak = 0, at = 0;
            for (int s = 0, e = 0; s < begins.Length; s++)
            {
                for (; e < ends.Length && (ulong)ends[e] >> sizes.Bits <= (ulong)begins[s] >> sizes.Bits; e++) busy -= sizes.Sizes[ends[e] & mask];
                busy += sizes.Sizes[begins[s] & mask];
                if (busy > peak) (peak, at) = (busy, origin + (long)((ulong)begins[s] >> sizes.Bits));
            }

            return (peak, at);
        }

        public void Dispose()
        {
            _from.Dispose();
            _to.Dispose();
            _processors.Dispose();
        }

        private void Sort(Rented<long> times, long origin, JobSizes sizes, int timeBits)
        {
            using var scratch = new Rented<ulong>(_count);
            var events = new MachineEvents(MemoryMarshal.Cast<long, ulong>(times.Items));
            for (var i = 0; i < _count; i++) events.Add(((ulong)(times.Items[i] - origin) << sizes.Bits) | (uint)sizes[_processors.Items[i]]);
            events.Sort(sizes.Bits, timeBits, scratch.Items);
        }

        private void Grow()
        {
            _from = Larger(_from);
            _to = Larger(_to);
            _processors = Larger(_processors);
        }

        private Rented<T> Larger<T>(Rented<T> old)
            where T : unmanaged
        {
            using var owned = old;
            var larger = new Rented<T>(_count * 2);
            old.Items[.._count].CopyTo(larger.Items);
            return larger;
        }
    }
}
