using Regatta.Simulation;
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
        // Jobs that a controller forgot go on beside those that it starts.
        var weight = shared || record.Injection is not null ? AuditWeight.Note : AuditWeight.Invalidates;
        var capacity = NodeCapacity(record);
        var places = new NodePlaces(capacity, jobs);
        using Rented<long> from = new(jobs.Count), to = new(jobs.Count);
        using Rented<int> begins = new(jobs.Count), ends = new(jobs.Count);
        var count = Laid(jobs, slack, from.Items, to.Items, begins.Items);
        begins.Items[..count].CopyTo(ends.Items);
        AtOnce.Do(count, () => TimeOrder.Sort(from.Items[..count], begins.Items[..count]), () => TimeOrder.Sort(to.Items[..count], ends.Items[..count]));
        // One walk over the time of the machine and all its nodes: what a node holds is a number, whatever it held before.
        Peak machine = default;
        var nodes = new Peak[capacity.Count];
        ReadOnlySpan<long> starts = from.Items, stops = to.Items;
        ReadOnlySpan<int> started = begins.Items, stopped = ends.Items;
        for (int b = 0, e = 0; b < count; b++)
        {
            for (; e < count && stops[e] <= starts[b]; e++) Change(stopped[e], -1, stops[e]);
            Change(started[b], 1, starts[b]);
        }

        if (machine.Most > record.Processors)
        {
            findings.Add(new(weight, "overcommitted",
                $"{machine.Most} processors were busy at once on a machine of {record.Processors}, {Since(record, machine.At)} after the start."));
        }

        foreach (var (number, (node, holds)) in capacity.Index())
        {
            if (nodes[number].Most > holds)
            {
                findings.Add(new(weight, "node-overcommitted",
                    $"At least {nodes[number].Most} processors were busy at once on {node}, which has {holds}, {Since(record, nodes[number].At)} after the start."));
            }
        }

        return machine.Most;

        void Change(int row, int sign, long time)
        {
            var processors = jobs.Processors[row];
            machine.Change(sign * processors, time);
            if (capacity.IsEmpty || jobs.NodeListIndex(row) < 0) return;
            var held = places.Of(row, out var together);
            // How a job is spread over its nodes is not known; what the others cannot hold must be here.
            foreach (var node in held) nodes[node].Change(sign * (int)Math.Max(1, processors - (together - places.Capacity(node))), time);
        }
    }

    /// <summary>Lays out when the processors of jobs were busy, and whose rows they are of; returns how many there are.</summary>
    private static int Laid(JobTable jobs, ClockSlack slack, Span<long> from, Span<long> to, Span<int> rows)
    {
        var count = 0;
        for (var row = 0; row < jobs.Count; row++)
        {
            if (!slack.Held(jobs, row, out from[count], out to[count])) continue;
            rows[count++] = row;
        }

        return count;
    }

    private static ImmutableSortedDictionary<string, int> NodeCapacity(TrialRecord record)
    {
        if (!record.NodeProcessors.IsEmpty) return record.NodeProcessors;
        return record.Workers.IsEmpty || record.Processors % record.Workers.Length != 0
            ? ImmutableSortedDictionary<string, int>.Empty
            : record.Workers.Distinct().ToImmutableSortedDictionary(w => w, _ => record.Processors / record.Workers.Length, StringComparer.Ordinal);
    }

    internal static string Since(TrialRecord record, long time) => FormattableString.Invariant($"{(time - record.Started) / 1e6:0.000} s");

    /// <summary>Which nodes, by their place in the order of names, a list of nodes stands for. The nodes of all lists that were seen stand in one array: there may be hundreds of thousands.</summary>
    private sealed class NodePlaces
    {
        private readonly JobTable _jobs;
        private readonly int[] _capacities;
        private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _places;
        private readonly (int First, int Count, long Together)[] _known;
        private readonly HostList.Taker _take;
        private int[] _nodes = new int[256];
        private int _used, _names;
        private long _together;

        public NodePlaces(ImmutableSortedDictionary<string, int> capacity, JobTable jobs)
        {
            _jobs = jobs;
            _capacities = [.. capacity.Values];
            _places = capacity.Keys.Index().ToDictionary(n => n.Item, n => n.Index, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
            _known = new (int, int, long)[jobs.NodeLists];
            _take = Take;
        }

        public int Capacity(int node) => _capacities[node];

        /// <summary>The nodes of a job whose size is known, and the processors of all of its nodes together; without bound when one is not known.</summary>
        public ReadOnlySpan<int> Of(int row, out long together)
        {
            ref var known = ref _known[_jobs.NodeListIndex(row)];
            // Of those seen, the first number counts from 1.
            if (known.First == 0)
            {
                var first = _used;
                (_names, _together) = (0, 0);
                if (!HostList.Visit(_jobs.NodeList(row), _take)) (_used, _names, _together) = (first, 0, 0);
                known = (first + 1, _used - first, _together + ((long)(_names - (_used - first)) * int.MaxValue));
            }

            together = known.Together;
            return _nodes.AsSpan(known.First - 1, known.Count);
        }

        private void Take(ReadOnlySpan<char> name)
        {
            _names++;
            if (!_places.TryGetValue(name, out var place)) return;
            if (_used == _nodes.Length) Array.Resize(ref _nodes, 2 * _used);
            _nodes[_used++] = place;
            _together += _capacities[place];
        }
    }

    /// <summary>Processors that are busy, the most of them so far, and since when.</summary>
    private struct Peak
    {
        private long _busy;

        public long Most { get; private set; }

        public long At { get; private set; }

        public void Change(long processors, long time)
        {
            _busy += processors;
            if (_busy > Most) (Most, At) = (_busy, time);
        }
    }
}
