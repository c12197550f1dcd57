using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>Finds nodes for a job: one node where one holds it, else as few as hold it. Jobs are packed onto the nodes with the least room, or go to those with the most where a partition says so.</summary>
/// <param name="machine">The machine.</param>
/// <param name="nodesOf">The nodes of each reservation.</param>
internal sealed class RuledPlaces(RuledMachine machine, IReadOnlyDictionary<ReferenceReservation, int[]> nodesOf)
{
    private readonly int[] _there = new int[machine.Nodes * machine.Pools];
    private readonly List<int> _nodes = [];
    private readonly int _mostGpus = Enumerable.Range(0, machine.Nodes).Max(node => Math.Max(1, Sum(machine.Capacity(node)[1..])));

    /// <summary>What a job would hold from an instant on, for as long as it is planned; null where it does not fit.</summary>
    /// <param name="job">The job.</param>
    /// <param name="now">Now.</param>
    /// <param name="from">The instant, not before now.</param>
    /// <param name="closed">Nodes that it may not have; null for none.</param>
    public Held[]? Find(RuledJob job, long now, long from, bool[]? closed = null)
    {
        var to = EndOf(job, from);
        var own = job.Reservation is { } reservation ? nodesOf[reservation] : null;
        if (job.Reservation is { } window && (from < Micros.From(window.Start) || from >= Micros.From(window.End))) return null;
        _nodes.Clear();
        foreach (var node in job.Partition.Nodes)
        {
            if (closed is not null && closed[node]) continue;
            if (own is not null && Array.BinarySearch(own, node) < 0) continue;
            var there = There(node);
            machine.Available(node, now, from, to, job.Reservation, there);
            if (there[0] < 1 || (job.Alone && !there.SequenceEqual(machine.Capacity(node)))) continue;
            for (var pool = 1; pool < machine.Pools; pool++) there[pool] = Math.Max(0, there[pool]);
            _nodes.Add(node);
        }

        if (_nodes.Count < job.Nodes) return null;
        return (job.Nodes == 1 ? OnOne(job) : null) ?? (job.MostNodes > 1 ? OnSeveral(job) : null);
    }

    /// <summary>Until when a job is planned to run that starts at an instant: by its estimate, and at most to the end of its reservation.</summary>
    public static long EndOf(RuledJob job, long from)
    {
        var to = from > long.MaxValue - job.Estimate ? long.MaxValue : from + job.Estimate;
        return job.Reservation is { } window ? Math.Min(to, Micros.From(window.End)) : to;
    }

    private Span<int> There(int node) => _there.AsSpan(node * machine.Pools, machine.Pools);

    private Held[]? OnOne(RuledJob job)
    {
        var best = -1;
        foreach (var node in _nodes)
        {
            if (There(node)[0] < job.Processors || !HasGpus(job, node)) continue;
            if (best < 0 || (job.Partition.Settings.LeastLoaded ? Less(best, node) : Less(node, best))) best = node;
        }

        if (best < 0) return null;
        var held = new List<Held>();
        Give(best, job.Alone ? machine.Capacity(best)[0] : job.Processors, [.. job.Gpus], held, job.Alone);
        return [.. held];
    }

    private Held[]? OnSeveral(RuledJob job)
    {
        // What has most goes first, so that few nodes are taken.
        var (processors, gpus) = (job.Processors, job.Gpus.ToArray());
        _nodes.Sort((a, b) => (-GpusOf(gpus, a), -There(a)[0], a).CompareTo((-GpusOf(gpus, b), -There(b)[0], b)));
        var (held, taken) = (new List<Held>(), 0);
        foreach (var node in _nodes)
        {
            var left = gpus.Sum(g => g.Count);
            if (taken >= job.Nodes && processors <= 0 && left == 0) break;
            if (taken == job.MostNodes || processors <= 0) return null;
            // Each node that must follow, for itself or for its GPUs, gets a processor at least.
            var follow = Math.Max(job.Nodes - taken - 1, left > 0 ? (left - GpusOf(gpus, node) + _mostGpus - 1) / _mostGpus : 0);
            var share = Math.Min(There(node)[0], Math.Max(1, processors - follow));
            Give(node, job.Alone ? machine.Capacity(node)[0] : share, gpus, held, job.Alone);
            processors -= share;
            taken++;
        }

        return processors <= 0 && taken >= job.Nodes && !Array.Exists(gpus, g => g.Count > 0) ? [.. held] : null;
    }

    /// <summary>Adds what a node gives, and takes it off the GPUs that are wanted.</summary>
    private void Give(int node, int processors, (int Pool, int Count)[] gpus, List<Held> held, bool alone)
    {
        held.Add(new Held(node, 0, processors));
        var there = There(node);
        Span<int> given = stackalloc int[machine.Pools];
        for (var i = 0; i < gpus.Length; i++)
        {
            for (var pool = 1; pool < machine.Pools && gpus[i].Count > 0; pool++)
            {
                if (gpus[i].Pool >= 0 && gpus[i].Pool != pool) continue;
                var share = Math.Min(gpus[i].Count, there[pool] - given[pool]);
                given[pool] += share;
                gpus[i].Count -= share;
            }
        }

        for (var pool = 1; pool < machine.Pools; pool++) if ((alone ? there[pool] : given[pool]) is > 0 and var count) held.Add(new Held(node, pool, count));
    }

    private bool HasGpus(RuledJob job, int node)
    {
        var there = There(node);
        var (any, named) = (0, 0);
        foreach (var (pool, count) in job.Gpus)
        {
            if (pool < 0) any += count;
            else if (there[pool] < count) return false;
            else named += count;
        }

        return any == 0 || Sum(there[1..]) - named >= any;
    }

    private int GpusOf((int Pool, int Count)[] gpus, int node)
    {
        var has = 0;
        foreach (var (pool, count) in gpus) has += Math.Min(count, pool < 0 ? Sum(There(node)[1..]) : There(node)[pool]);
        return has;
    }

    // Whether a node has less room: GPUs first, which are what is scarce where there are any.
    private bool Less(int a, int b)
    {
        var (gpusOfA, gpusOfB) = (Sum(There(a)[1..]), Sum(There(b)[1..]));
        return gpusOfA != gpusOfB ? gpusOfA < gpusOfB : There(a)[0] != There(b)[0] && There(a)[0] < There(b)[0];
    }

    private static int Sum(ReadOnlySpan<int> counts)
    {
        var sum = 0;
        foreach (var count in counts) sum += count;
        return sum;
    }
}
