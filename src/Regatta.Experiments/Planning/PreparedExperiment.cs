using System.Collections.Concurrent;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Planning;

/// <summary>An experiment that was checked and planned, with the jobs of its trials at hand.</summary>
public sealed class PreparedExperiment
{
    private readonly ConcurrentDictionary<(string Point, long Seed), Workload> _workloads = new();
    private readonly Func<ComposedPoint, long, Workload> _load;

    internal PreparedExperiment(Plan plan, IEnumerable<ComposedPoint> points, Func<ComposedPoint, long, Workload> load, ImmutableArray<Diagnostic> notes)
    {
        Plan = plan;
        Points = points.ToImmutableDictionary(p => p.Name, StringComparer.Ordinal);
        Notes = notes;
        _load = load;
    }

    /// <summary>The plan.</summary>
    public Plan Plan { get; }

    /// <summary>Its points as they were composed.</summary>
    public ImmutableDictionary<string, ComposedPoint> Points { get; }

    /// <summary>What is worth knowing before it starts: hints and warnings.</summary>
    public ImmutableArray<Diagnostic> Notes { get; }

    /// <summary>The same experiment without some of its points, which the plan names with the reason; at least one must stay.</summary>
    /// <exception cref="ArgumentException">No point would stay.</exception>
    public PreparedExperiment LeavingOut(IReadOnlyList<PointLeftOut> left)
    {
        ArgumentNullException.ThrowIfNull(left);
        if (left.Count == 0) return this;
        var points = Plan.Points.RemoveAll(p => left.Any(l => l.Name == p.Name));
        if (points.IsEmpty) throw new ArgumentException("no point would stay", nameof(left));
        var trials = Plan.Trials.RemoveAll(t => points.All(p => p.Name != t.Point)).Select((t, i) => t with { Order = i + 1 }).ToImmutableArray();
        var plan = Plan with { Points = points, Trials = trials, LeftOut = Plan.LeftOut.AddRange(left), Expected = Planner.Expected(trials, points) };
        return new PreparedExperiment(plan, points.Select(p => Points[p.Name]), _load, Notes);
    }

    /// <summary>The jobs of a trial, sizes fitted to the point's machine.</summary>
    public IReadOnlyList<Job> Jobs(PlanPoint point, PlannedTrial trial)
    {
        ArgumentNullException.ThrowIfNull(point);
        ArgumentNullException.ThrowIfNull(trial);
        return _workloads.GetOrAdd((point.Name, trial.Seed), key => _load(Points[key.Point], key.Seed)).Jobs;
    }
}
