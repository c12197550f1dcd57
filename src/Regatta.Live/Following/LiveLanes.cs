using Regatta.Analysis;
using Regatta.Reports.Charts;

namespace Regatta.Live.Following;

/// <summary>A job's rectangle: so many neighbouring lanes from one on.</summary>
/// <param name="Lane">The first, from 0.</param>
/// <param name="Lanes">How many, at least 1.</param>
internal readonly record struct LaneRun(int Lane, int Lanes);

/// <summary>
/// Gives lanes to jobs as the scheduler decides them; one lane is one processor. As in the report, which core of a node a job had is not known, nor how it is spread over its nodes: it
/// gets one lane on each, the rest where most are free. Where too few are, since an end is not known yet, lanes of the jobs that should end next are taken.
/// </summary>
internal sealed class LiveLanes
{
    private const int Free = -1;

    private readonly Dictionary<string, GanttNode> _nodes;
    private readonly int[] _holder;
    private readonly Dictionary<int, (long Due, List<LaneRun> Runs)> _jobs = [];

    /// <summary>A machine whose lanes are all free.</summary>
    /// <param name="workers">Its nodes, from top to bottom; none for a machine of one band.</param>
    /// <param name="processors">Processors of each of them that is known.</param>
    /// <param name="total">Processors in all.</param>
    public LiveLanes(ImmutableArray<string> workers, IReadOnlyDictionary<string, int> processors, int total)
    {
        var nodes = ImmutableArray.CreateBuilder<GanttNode>();
        var first = 0;
        for (var i = 0; i < workers.Length; i++)
        {
            var own = TrialRecord.ProcessorsOf(workers, processors, total, i);
            nodes.Add(new GanttNode(workers[i], first, own));
            first += own;
        }

        if (nodes.Count == 0) nodes.Add(new GanttNode("", 0, first = total));
        Nodes = nodes.ToImmutable();
        Count = first;
        _nodes = Nodes.ToDictionary(n => n.Name, StringComparer.Ordinal);
        _holder = new int[first];
        Array.Fill(_holder, Free);
    }

    /// <summary>The nodes from top to bottom.</summary>
    public ImmutableArray<GanttNode> Nodes { get; }

    /// <summary>Lanes in all.</summary>
    public int Count { get; }

    /// <summary>Gives a job its lanes.</summary>
    /// <param name="job">Its row.</param>
    /// <param name="size">Its processors.</param>
    /// <param name="on">The nodes that it was given; those that are not known count for nothing, and where none is left it may be anywhere.</param>
    /// <param name="due">When it should end.</param>
    public IReadOnlyList<LaneRun> Take(int job, int size, IReadOnlyList<string> on, long due)
    {
        var nodes = on.Distinct(StringComparer.Ordinal).Select(n => _nodes.GetValueOrDefault(n)).OfType<GanttNode>().ToList();
        var placed = nodes.Count > 0;
        if (!placed) nodes = [.. Nodes];
        var lanes = new List<int>(size);
        foreach (var (node, share) in nodes.Zip(Shares(Math.Min(size, nodes.Sum(n => n.Lanes)), nodes, placed))) lanes.AddRange(Choose(node, share));
        lanes.Sort();
        var runs = new List<LaneRun>();
        foreach (var lane in lanes)
        {
            _holder[lane] = job;
            if (runs.Count > 0 && runs[^1].Lane + runs[^1].Lanes == lane) runs[^1] = runs[^1] with { Lanes = runs[^1].Lanes + 1 };
            else runs.Add(new LaneRun(lane, 1));
        }

        _jobs[job] = (due, runs);
        return runs;
    }

    /// <summary>Frees the lanes of a job.</summary>
    public void Return(int job)
    {
        if (!_jobs.Remove(job, out var held)) return;
        foreach (var lane in held.Runs.SelectMany(r => Enumerable.Range(r.Lane, r.Lanes)).Where(l => _holder[l] == job)) _holder[lane] = Free;
    }

    private int[] Shares(int size, List<GanttNode> nodes, bool oneEach)
    {
        var free = nodes.Select(n => _holder.AsSpan(n.First, n.Lanes).Count(Free)).ToArray();
        var shares = new int[nodes.Count];
        if (oneEach && size >= nodes.Count)
        {
            Array.Fill(shares, 1);
            size -= nodes.Count;
        }

        foreach (var n in Enumerable.Range(0, shares.Length).OrderByDescending(n => free[n]))
        {
            var more = Math.Clamp(free[n] - shares[n], 0, size);
            shares[n] += more;
            size -= more;
        }

        for (var n = 0; size > 0; n = (n + 1) % shares.Length)
        {
            if (shares[n] >= nodes[n].Lanes) continue;
            shares[n]++;
            size--;
        }

        return shares;
    }

    private IEnumerable<int> Choose(GanttNode node, int count)
    {
        var lanes = Enumerable.Range(node.First, node.Lanes).ToList();
        var free = lanes.Where(l => _holder[l] == Free).ToList();
        if (count == 0) return [];
        if (free.Count < count)
            return free.Concat(lanes.Where(l => _holder[l] != Free).OrderBy(l => _jobs[_holder[l]].Due).Take(count - free.Count));
        // Neighbours where they can be had: a job is one rectangle then.
        for (var i = 0; i + count <= free.Count; i++)
        {
            if (free[i + count - 1] - free[i] == count - 1) return free.Skip(i).Take(count);
        }

        return free.Take(count);
    }
}
