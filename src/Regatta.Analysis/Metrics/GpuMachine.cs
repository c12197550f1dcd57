using System.Runtime.InteropServices;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>
/// The GPUs and processors of each node as jobs come and go. A job's are spread over its nodes as evenly as these allow, since records do not say how; a waiting job fits where as few nodes
/// as could hold it have them free.
/// </summary>
internal sealed class GpuMachine
{
    private const int Any = -1;

    private readonly JobTable _jobs;
    private readonly Dictionary<string, int> _places;
    private readonly string[] _models;
    private readonly GenericResource[][] _asked;
    private readonly int[] _shapeOf, _free;
    // The most GPUs of a node: of each model, and of all of them.
    private readonly int[] _largest;
    private readonly int _nodes, _largestProcessors;
    private readonly List<Shape> _shapes = [];
    private readonly Dictionary<int, List<(int Pool, int Count)>> _held = [];
    // For each node, whether each shape finds what it needs of one node there.
    private readonly bool[] _fits;
    private readonly int[] _fitting, _waiting;

    public GpuMachine(TrialRecord record, JobTable jobs)
    {
        _jobs = jobs;
        _nodes = record.Workers.Length;
        _places = record.Workers.Index().DistinctBy(w => w.Item).ToDictionary(w => w.Item, w => w.Index, StringComparer.Ordinal);
        _models = [.. record.Gpus.Select(g => g.Model).Distinct(StringComparer.Ordinal)];
        // Pools of a node: its GPUs by model, then its processors.
        _free = new int[_nodes * (_models.Length + 1)];
        for (var node = 0; node < _nodes; node++)
        {
            foreach (var gpus in record.Gpus) _free[Pool(node, Array.IndexOf(_models, gpus.Model))] += gpus.On(node);
            _free[Pool(node, _models.Length)] = record.ProcessorsOf(node);
        }

        _asked = [.. jobs.Requests.Select(r => GenericResource.Gpus(r.Gres).Where(gpus => gpus.Type is null || _models.Contains(gpus.Type)).ToArray())];
        _largest = [.. Enumerable.Range(0, _models.Length).Append(Any).Select(model => Enumerable.Range(0, _nodes).Max(node => Free(node, model)))];
        _largestProcessors = Enumerable.Range(0, _nodes).Max(node => _free[Pool(node, _models.Length)]);
        var numbers = new Dictionary<Shape, int>();
        _shapeOf = new int[jobs.Count];
        for (var row = 0; row < jobs.Count; row++) _shapeOf[row] = NumberOf(row, numbers);
        _fits = new bool[_nodes * _shapes.Count];
        _fitting = new int[_shapes.Count];
        _waiting = new int[_shapes.Count];
        for (var node = 0; node < _nodes; node++) Look(node);
    }

    /// <summary>How many jobs wait for GPUs.</summary>
    public int Waiting { get; private set; }

    /// <summary>Whether a job asks for GPUs.</summary>
    public bool Asks(int row) => _shapeOf[row] >= 0;

    /// <summary>A job begins or ceases to wait.</summary>
    public void Wait(int row, int change)
    {
        _waiting[_shapeOf[row]] += change;
        Waiting += change;
    }

    /// <summary>A job takes what it asked for.</summary>
    public void Take(int row)
    {
        int[] nodes = [.. HostList.Expand(_jobs.NodeList(row)!).Where(_places.ContainsKey).Select(name => _places[name])];
        var held = new List<(int, int)>();
        Spread(nodes, _jobs.Processors[row], _models.Length, held);
        foreach (var gpus in Gpus(row))
        {
            var model = Array.IndexOf(_models, gpus.Type);
            var left = (int)Math.Min(int.MaxValue, gpus.Count);
            // Of any model: those that there are on its nodes.
            if (gpus.Type is not null) Spread(nodes, left, model, held);
            else for (model = 0; model < _models.Length && left > 0; model++) left -= Spread(nodes, left, model, held);
        }

        _held[row] = held;
        foreach (var node in nodes) Look(node);
    }

    /// <summary>A job gives back what it took.</summary>
    public void Release(int row)
    {
        if (!_held.Remove(row, out var held)) return;
        foreach (var (pool, count) in held) _free[pool] += count;
        foreach (var node in held.Select(h => h.Pool / (_models.Length + 1)).Distinct()) Look(node);
    }

    /// <summary>Free GPUs that no waiting job could have now.</summary>
    public long Useless()
    {
        long useless = 0;
        for (var model = 0; model < _models.Length; model++)
        {
            int[] able = [.. Enumerable.Range(0, _shapes.Count).Where(s => _waiting[s] > 0 && _fitting[s] >= _shapes[s].Nodes && (_shapes[s].Model == Any || _shapes[s].Model == model))];
            for (var node = 0; node < _nodes; node++)
            {
                // Clocks of two nodes may make more seem held than there is.
                if (_free[Pool(node, model)] is not (> 0 and var free)) continue;
                var at = node * _shapes.Count;
                if (!Array.Exists(able, s => _fits[at + s])) useless += free;
            }
        }

        return useless;
    }

    private int Pool(int node, int which) => (node * (_models.Length + 1)) + which;

    private GenericResource[] Gpus(int row) => _jobs.RequestIndex(row) is >= 0 and var request ? _asked[request] : [];

    private int Spread(int[] nodes, int count, int which, List<(int, int)> held)
    {
        var left = count;
        for (var i = 0; i < nodes.Length && left > 0; i++)
        {
            var pool = Pool(nodes[i], which);
            var share = Math.Min((left + nodes.Length - i - 1) / (nodes.Length - i), Math.Max(0, _free[pool]));
            Hold(pool, share);
        }

        // What did not fit evenly goes to those that have more.
        for (var i = 0; i < nodes.Length && left > 0; i++) Hold(Pool(nodes[i], which), Math.Min(left, Math.Max(0, _free[Pool(nodes[i], which)])));
        return count - left;

        void Hold(int pool, int share)
        {
            if (share == 0) return;
            _free[pool] -= share;
            left -= share;
            held.Add((pool, share));
        }
    }

    private int NumberOf(int row, Dictionary<Shape, int> numbers)
    {
        var gpus = Gpus(row);
        if (gpus.Length == 0) return -1;
        var model = gpus is [{ Type: { } type }] ? Array.IndexOf(_models, type) : Any;
        var (count, processors) = (gpus.Sum(g => g.Count), _jobs.Processors[row]);
        var nodes = (int)Math.Max(Ratio(count, Math.Max(1, model == Any ? _largest[^1] : _largest[model])), Ratio(processors, Math.Max(1, _largestProcessors)));
        var shape = new Shape(model, (int)Ratio(count, nodes), (int)Ratio(processors, nodes), nodes);
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, shape, out var known);
        if (known) return number;
        _shapes.Add(shape);
        return number = _shapes.Count - 1;
    }

    private static long Ratio(long count, long parts) => (count + parts - 1) / parts;

    private int Free(int node, int model) => model != Any ? _free[Pool(node, model)] : Enumerable.Range(0, _models.Length).Sum(m => _free[Pool(node, m)]);

    private void Look(int node)
    {
        for (var s = 0; s < _shapes.Count; s++)
        {
            ref var fits = ref _fits[(node * _shapes.Count) + s];
            var now = Free(node, _shapes[s].Model) >= _shapes[s].Gpus && _free[Pool(node, _models.Length)] >= _shapes[s].Processors;
            if (now == fits) continue;
            fits = now;
            _fitting[s] += now ? 1 : -1;
        }
    }

    /// <summary>What a job wants.</summary>
    /// <param name="Model">Place of its model; <see cref="Any"/> for any.</param>
    /// <param name="Gpus">GPUs of each node.</param>
    /// <param name="Processors">Processors of each node.</param>
    /// <param name="Nodes">How many nodes.</param>
    private readonly record struct Shape(int Model, int Gpus, int Processors, int Nodes);
}
