using Regatta.Experiments.Configuration;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Planning;

/// <summary>An experiment that was checked and planned, with the jobs of its trials at hand.</summary>
public sealed class PreparedExperiment
{
    private readonly SharedWorkloads _workloads;

    internal PreparedExperiment(Plan plan, IEnumerable<ComposedPoint> points, SharedWorkloads workloads, CompiledWorkloads compiled, ImmutableArray<Diagnostic> notes)
    {
        Plan = plan;
        Points = points.ToImmutableDictionary(p => p.Name, StringComparer.Ordinal);
        Notes = notes;
        _workloads = workloads;
        Compiled = compiled;
    }

    /// <summary>The plan.</summary>
    public Plan Plan { get; }

    /// <summary>Its points as they were composed.</summary>
    public ImmutableDictionary<string, ComposedPoint> Points { get; }

    /// <summary>Where its trials run; the same for all points.</summary>
    public LauncherSection Launcher => Points[Plan.Points[0].Name].Experiment.Launcher;

    /// <summary>Whether this machine runs them, and so must have what they need.</summary>
    public bool RunsHere => Launcher.Name == LauncherName.Local;

    /// <summary>Its jobs as the simulation takes them.</summary>
    internal CompiledWorkloads Compiled { get; }

    /// <summary>What is worth knowing before it starts: hints and warnings.</summary>
    public ImmutableArray<Diagnostic> Notes { get; }

    /// <summary>The same experiment without some of its points, which the plan names with the reason; at least one must stay.</summary>
    /// <exception cref="ArgumentException">No point would stay.</exception>
    public PreparedExperiment LeavingOut(IReadOnlyList<PointLeftOut> left)
    {
        ArgumentNullException.ThrowIfNull(left);
        if (left.Count == 0) return this;
        var names = left.Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
        var points = Plan.Points.RemoveAll(p => names.Contains(p.Name));
        if (points.IsEmpty) throw new ArgumentException("no point would stay", nameof(left));
        var trials = Plan.Trials.RemoveAll(t => names.Contains(t.Point)).Select((t, i) => t with { Order = i + 1 }).ToImmutableArray();
        var plan = Plan with { Points = points, Trials = trials, LeftOut = Plan.LeftOut.AddRange(left), Expected = ExpectedTime.Of(trials, points, Launcher.Virtual) };
        return new PreparedExperiment(plan, points.Select(p => Points[p.Name]), _workloads, Compiled, Notes);
    }

    /// <summary>Lets the jobs go when the trials have run, and returns how many there were. They are made again for who asks for them.</summary>
    internal long LetGo() => _workloads.LetGo();

    /// <summary>The jobs of a trial, sizes fitted to the point's machine.</summary>
    public IReadOnlyList<Job> Jobs(PlanPoint point, PlannedTrial trial)
    {
        ArgumentNullException.ThrowIfNull(point);
        ArgumentNullException.ThrowIfNull(trial);
        return _workloads.Of(Points[point.Name], trial.Seed).Jobs;
    }
}
