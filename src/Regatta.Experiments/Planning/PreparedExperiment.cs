using System.Collections.Concurrent;
using System.Collections.Immutable;
using Regatta.Diagnostics;
using Regatta.Workloads;

namespace Regatta.Experiments.Planning;

/// <summary>An experiment that was checked and planned, with the jobs of its trials at hand.</summary>
public sealed class PreparedExperiment
{
    private readonly ConcurrentDictionary<(string Point, long Seed), Workload> workloads = new();
    private readonly Func<ComposedPoint, long, Workload> load;

    internal PreparedExperiment(Plan plan, IEnumerable<ComposedPoint> points, Func<ComposedPoint, long, Workload> load, ImmutableArray<Diagnostic> notes)
    {
        Plan = plan;
        Points = points.ToImmutableDictionary(p => p.Name, StringComparer.Ordinal);
        Notes = notes;
        this.load = load;
    }

    /// <summary>The plan.</summary>
    public Plan Plan { get; }

    /// <summary>Its points as they were composed.</summary>
    public ImmutableDictionary<string, ComposedPoint> Points { get; }

    /// <summary>What is worth knowing before it starts: hints and warnings.</summary>
    public ImmutableArray<Diagnostic> Notes { get; }

    /// <summary>The jobs of a trial, sizes fitted to the point's machine.</summary>
    public IReadOnlyList<Job> Jobs(PlanPoint point, PlannedTrial trial)
    {
        ArgumentNullException.ThrowIfNull(point);
        ArgumentNullException.ThrowIfNull(trial);
        return workloads.GetOrAdd((point.Name, trial.Seed), key => load(Points[key.Point], key.Seed)).Jobs;
    }
}
