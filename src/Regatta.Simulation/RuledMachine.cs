using System.Runtime.InteropServices;
using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>So much of a pool of a node: its processors, or its GPUs of a model.</summary>
/// <param name="Node">The node, from 0.</param>
/// <param name="Pool">The pool: 0 for processors, then the models of GPUs.</param>
/// <param name="Count">How much, at least 1.</param>
internal readonly record struct Held(int Node, int Pool, int Count);

/// <summary>A job that runs.</summary>
/// <param name="Job">The job.</param>
/// <param name="Start">When it started.</param>
/// <param name="PlannedEnd">When it ends by its estimate.</param>
/// <param name="End">When it ends.</param>
/// <param name="Held">What it holds.</param>
internal sealed record RuledRun(RuledJob Job, long Start, long PlannedEnd, long End, Held[] Held);

/// <summary>The nodes of a machine with what is free on each, now and later: what runs gives back at its planned end, and claims keep for jobs and reservations that come.</summary>
internal sealed class RuledMachine
{
    private readonly int[] _capacity, _free;
    private readonly List<RuledRun>[] _runs;
    private readonly List<Claim>[] _claims;
    private readonly int[] _there;

    public RuledMachine(MachineSize machine, Sequence<NodeGpus> gpus)
    {
        Nodes = machine.Nodes;
        Models = [.. gpus.Select(g => g.Model).Distinct(StringComparer.Ordinal)];
        Pools = Models.Length + 1;
        _capacity = new int[Nodes * Pools];
        for (var node = 0; node < Nodes; node++)
        {
            _capacity[node * Pools] = machine.ProcessorsPerNode;
            foreach (var kind in gpus) _capacity[(node * Pools) + 1 + Models.IndexOf(kind.Model)] += kind.On(node);
        }

        _free = [.. _capacity];
        _runs = [.. Enumerable.Range(0, Nodes).Select(_ => new List<RuledRun>())];
        _claims = [.. Enumerable.Range(0, Nodes).Select(_ => new List<Claim>())];
        _there = new int[Pools];
    }

    /// <summary>How many nodes.</summary>
    public int Nodes { get; }

    /// <summary>Models of GPUs, in the order of their pools.</summary>
    public ImmutableArray<string> Models { get; }

    /// <summary>Pools of a node.</summary>
    public int Pools { get; }

    /// <summary>Those who run.</summary>
    public HashSet<RuledRun> Running { get; } = [];

    /// <summary>What a node has in all.</summary>
    public ReadOnlySpan<int> Capacity(int node) => _capacity.AsSpan(node * Pools, Pools);

    /// <summary>Processors of some nodes that are free now.</summary>
    public int FreeProcessors(int[] nodes)
    {
        var free = 0;
        foreach (var node in nodes) free += _free[node * Pools];
        return free;
    }

    /// <summary>A job takes what it holds.</summary>
    public void Take(RuledRun run)
    {
        Running.Add(run);
        foreach (var held in run.Held) _free[(held.Node * Pools) + held.Pool] -= held.Count;
        foreach (var node in NodesOf(run.Held)) _runs[node].Add(run);
    }

    /// <summary>A job gives back what it held.</summary>
    public void Give(RuledRun run)
    {
        Running.Remove(run);
        foreach (var held in run.Held) _free[(held.Node * Pools) + held.Pool] += held.Count;
        foreach (var node in NodesOf(run.Held)) _runs[node].Remove(run);
    }

    /// <summary>Keeps something for a time to come.</summary>
    /// <param name="held">What.</param>
    /// <param name="from">From when on.</param>
    /// <param name="to">Until when.</param>
    public void Keep(Held[] held, long from, long to)
    {
        foreach (var node in NodesOf(held))
        {
            var counts = new int[Pools];
            foreach (var part in held) if (part.Node == node) counts[part.Pool] += part.Count;
            _claims[node].Add(new Claim(from, to, counts, null));
        }
    }

    /// <summary>Keeps whole nodes for a reservation, whose own jobs do not mind it.</summary>
    public void Keep(int[] nodes, long from, long to, ReferenceReservation reservation)
    {
        foreach (var node in nodes) _claims[node].Add(new Claim(from, to, Capacity(node).ToArray(), reservation));
    }

    /// <summary>Forgets what was kept for jobs.</summary>
    public void ForgetClaims()
    {
        foreach (var claims in _claims) claims.RemoveAll(claim => claim.Reservation is null);
    }

    /// <summary>When something may become free, in order: planned ends and ends of claims, each once, after <paramref name="now"/>.</summary>
    public SortedSet<long> Changes(long now)
    {
        var times = new SortedSet<long>(Running.Select(run => run.PlannedEnd).Where(time => time > now));
        foreach (var claims in _claims) foreach (var claim in claims) if (claim.To > now && claim.To < long.MaxValue) times.Add(claim.To);
        return times;
    }

    /// <summary>What is free on a node throughout a time; at <paramref name="now"/> what is free now.</summary>
    /// <param name="node">The node.</param>
    /// <param name="now">Now.</param>
    /// <param name="from">From when on, not before now.</param>
    /// <param name="to">Until when.</param>
    /// <param name="reservation">The reservation of who asks; null for none.</param>
    /// <param name="into">How much of each pool, which may be less than 0.</param>
    public void Available(int node, long now, long from, long to, ReferenceReservation? reservation, Span<int> into)
    {
        At(node, now, from, reservation, into);
        foreach (var claim in CollectionsMarshal.AsSpan(_claims[node]))
        {
            // What runs only becomes less: the least is at the beginning, or where a claim begins.
            if (claim.From <= from || claim.From >= to || (reservation is not null && claim.Reservation == reservation)) continue;
            At(node, now, claim.From, reservation, _there);
            for (var pool = 0; pool < Pools; pool++) into[pool] = Math.Min(into[pool], _there[pool]);
        }
    }

    /// <summary>The nodes of what is held, each once.</summary>
    public static IEnumerable<int> NodesOf(Held[] held)
    {
        var last = -1;
        foreach (var part in held)
        {
            // What is held of a node stands together.
            if (part.Node != last) yield return part.Node;
            last = part.Node;
        }
    }

    private void At(int node, long now, long time, ReferenceReservation? reservation, Span<int> into)
    {
        var source = time == now ? _free : _capacity;
        source.AsSpan(node * Pools, Pools).CopyTo(into);
        if (time != now)
        {
            foreach (var run in CollectionsMarshal.AsSpan(_runs[node]))
            {
                if (run.PlannedEnd <= time) continue;
                foreach (var held in run.Held) if (held.Node == node) into[held.Pool] -= held.Count;
            }
        }

        foreach (var claim in CollectionsMarshal.AsSpan(_claims[node]))
        {
            if (claim.From > time || claim.To <= time || (reservation is not null && claim.Reservation == reservation)) continue;
            for (var pool = 0; pool < Pools; pool++) into[pool] -= claim.Counts[pool];
        }
    }

    private sealed record Claim(long From, long To, int[] Counts, ReferenceReservation? Reservation);
}
