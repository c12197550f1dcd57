using Regatta.Runs;

namespace Regatta.Experiments.Launching;

/// <summary>
/// Deals tasks out to hosts. Those on machines are kept apart: of those that wait a host takes the one whose points it has had least, so that each point comes to each host. A task that a host
/// began is kept for it until the host is given up: it may go on there when nobody is connected. Several hosts may call it at once.
/// </summary>
internal sealed class TaskDealer
{
    private readonly Lock _gate = new();
    private readonly IReadOnlySet<string> _machines;
    private readonly ILookup<bool, IReadOnlyList<PlannedTrial>> _given;
    private readonly Dictionary<bool, List<IReadOnlyList<PlannedTrial>>> _shared;
    private readonly Dictionary<(string Host, bool Alone), List<IReadOnlyList<PlannedTrial>>> _kept = [];
    private readonly Dictionary<(string Host, string Point), int> _had = [];

    /// <summary>A dealer of tasks.</summary>
    /// <param name="tasks">The tasks, in the plan's order.</param>
    /// <param name="machines">The points that take machines.</param>
    public TaskDealer(IEnumerable<IReadOnlyList<PlannedTrial>> tasks, IReadOnlySet<string> machines)
    {
        _machines = machines;
        _given = tasks.ToLookup(IsAlone);
        _shared = new() { [true] = [.. _given[true]], [false] = [.. _given[false]] };
    }

    /// <summary>Whether there are tasks of a kind at all: on machines, each alone, or simulated ones.</summary>
    public bool Has(bool alone) => _given.Contains(alone);

    /// <summary>Whether a host may take a task of a kind now.</summary>
    public bool Waits(string host, bool alone)
    {
        lock (_gate) return _shared[alone].Count > 0 || Kept(host, alone).Count > 0;
    }

    /// <summary>Takes a task for a host; null when none waits for it.</summary>
    /// <param name="host">The host.</param>
    /// <param name="alone">A task on machines, or one of simulated trials.</param>
    public IReadOnlyList<PlannedTrial>? Take(string host, bool alone)
    {
        lock (_gate)
        {
            var from = Kept(host, alone) is { Count: > 0 } kept ? kept : _shared[alone];
            if (from.Count == 0) return null;
            var task = alone ? from.MinBy(t => Points(t).Sum(p => _had.GetValueOrDefault((host, p))))! : from[0];
            from.Remove(task);
            if (alone) Count(host, task, 1);
            return task;
        }
    }

    /// <summary>Keeps the tasks for a host that hold a trial which was begun there in an earlier sitting.</summary>
    /// <param name="host">The host.</param>
    /// <param name="trials">Those trials, as <c>POINT/REPETITION</c>.</param>
    public void Claim(string host, IReadOnlySet<string> trials)
    {
        lock (_gate)
        {
            foreach (var (alone, shared) in _shared)
            {
                Kept(host, alone).AddRange(shared.Where(Begun));
                shared.RemoveAll(Begun);
            }
        }

        bool Begun(IReadOnlyList<PlannedTrial> task) => task.Any(t => trials.Contains(t.Id));
    }

    /// <summary>Takes a task back whose connection broke.</summary>
    public void GiveBack(string host, IReadOnlyList<PlannedTrial> task)
    {
        lock (_gate)
        {
            var alone = IsAlone(task);
            if (alone) Count(host, task, -1);
            Kept(host, alone).Add(task);
        }
    }

    /// <summary>Gives up a host: what it began is for the others.</summary>
    public void GiveUp(string host)
    {
        lock (_gate)
        {
            foreach (var (alone, shared) in _shared)
            {
                shared.AddRange(Kept(host, alone));
                Kept(host, alone).Clear();
            }
        }
    }

    private bool IsAlone(IReadOnlyList<PlannedTrial> task) => task.Any(t => _machines.Contains(t.Point));

    private List<IReadOnlyList<PlannedTrial>> Kept(string host, bool alone) => _kept.TryGetValue((host, alone), out var kept) ? kept : _kept[(host, alone)] = [];

    private void Count(string host, IReadOnlyList<PlannedTrial> task, int more)
    {
        foreach (var point in Points(task)) _had[(host, point)] = _had.GetValueOrDefault((host, point)) + more;
    }

    private static IEnumerable<string> Points(IReadOnlyList<PlannedTrial> task) => task.Select(t => t.Point).Distinct(StringComparer.Ordinal);
}
