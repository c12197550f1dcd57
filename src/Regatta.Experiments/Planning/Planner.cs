using System.Runtime.ExceptionServices;
using Regatta.Analysis;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Faulting;
using Regatta.Experiments.Launching;
using Regatta.Machines;
using Regatta.Runs;
using Regatta.Schedulers;
using Regatta.Schedulers.Slurm.Policy;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Experiments.Planning;

/// <summary>Checks composed points and makes the plan: every fault that can be known before the start is found here.</summary>
/// <param name="load">The workload of a point with a seed, sizes fitted to its machine.</param>
public sealed class Planner(Func<ComposedPoint, long, Workload> load)
{
    /// <summary>The plan of an experiment and its points.</summary>
    /// <param name="experiment">The experiment itself: name, seed, what is measured.</param>
    /// <param name="points">Its points, at least one.</param>
    /// <exception cref="DiagnosticException">Something in it cannot be; all that is known is said at once.</exception>
    public PreparedExperiment Prepare(Experiment experiment, IReadOnlyList<ComposedPoint> points)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(points);
        var faults = new List<Diagnostic>();
        if (!PathName.Fits(experiment.Name))
            faults.Add(BadName("experiment-name", $"'{experiment.Name}' cannot name an experiment, and so a directory", "name=my-experiment"));
        faults.AddRange(AtPoints(points, Check));
        faults.AddRange(CheckPrecision(experiment.Measure));
        faults.AddRange(LauncherCheck.Faults(experiment, points));
        var comparison = ComparisonSettings.Default with { Judged = [.. experiment.Measure.Judge.Distinct(StringComparer.Ordinal)] };
        faults.AddRange(comparison.JudgedFaults());
        if (faults.Exists(f => f.Severity == Severity.Error)) throw new DiagnosticException(faults);

        var notes = ImmutableArray.CreateBuilder<Diagnostic>();
        notes.AddRange(faults);
        var shared = new SharedWorkloads(load);
        var compiled = new CompiledWorkloads();
        var made = Each(points, point =>
        {
            var workload = shared.Of(point, experiment.Seed);
            return (workload.Workload, Point: PointOf(point, workload, compiled, out var unrun), Unrun: unrun);
        });
        var planned = made.Select(m => m.Point).ToImmutableArray();
        var first = planned.Zip(made).ToDictionary(p => p.First.Name, p => p.Second.Workload, StringComparer.Ordinal);
        var unrun = planned.Zip(made).ToDictionary(p => p.First.Name, p => p.Second.Unrun, StringComparer.Ordinal);
        notes.AddRange(AtPoints(points, point => first[point.Name].Diagnostics.Concat(Told(point.Experiment, first[point.Name])).Concat(unrun[point.Name])));
        var ends = planned.ToDictionary(p => p.Name, p => p.Expected, StringComparer.Ordinal);
        notes.AddRange(AtPoints(points, point => FaultPlan.Check(point.Experiment, first[point.Name].Jobs.Length, ends[point.Name])));
        if (notes.Any(n => n.Severity == Severity.Error)) throw new DiagnosticException([.. notes.Where(n => n.Severity == Severity.Error)]);
        notes.AddRange(PointsAlike.Warnings(points));
        var measure = experiment.Measure;
        var trials = TrialLayout.Lay([.. points.Select(p => p.Name)], measure.Repetitions, measure.Order, experiment.Seed, measure.Vary || measure.Shake > TimeSpan.Zero);
        var layout = LauncherCheck.Layout(experiment.Launcher, trials, TaskPlan.OnMachines(planned)).ToList();
        if (layout.Count > 0) throw new DiagnosticException(layout);
        notes.AddRange(Validated(planned, points, first, measure, comparison));
        var plan = new Plan
        {
            Name = experiment.Name, Seed = experiment.Seed, Points = planned, Trials = trials,
            Measure = new PlannedMeasure(measure.Warmup, measure.Cooldown, measure.Tau) { Judged = comparison.Judged },
            EarlyEnd = EarlyEndOf(measure), Expected = ExpectedTime.Of(trials, planned, experiment.Launcher.Virtual),
        };
        return new PreparedExperiment(plan, points, shared, compiled, notes.ToImmutable());
    }

    /// <summary>Something for each point, several at once, in the order of the points. What one throws is thrown as it is.</summary>
    private static T[] Each<T>(IReadOnlyList<ComposedPoint> points, Func<ComposedPoint, T> make)
    {
        var made = new T[points.Count];
        // Those of one workload follow each other, and wait for it.
        try
        {
            Parallel.For(0, points.Count, i => made[i] = make(points[i]));
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }

        return made;
    }

    /// <summary>What is found at the points, each thing once; where it is not true of all of them, it names those that it is.</summary>
    private static IEnumerable<Diagnostic> AtPoints(IReadOnlyList<ComposedPoint> points, Func<ComposedPoint, IEnumerable<Diagnostic>> check) =>
        points.SelectMany(point => check(point).Select(found => (Found: found, point.Name)))
            .GroupBy(f => f.Found)
            .Select(g => (g.Key, Names: g.Select(f => f.Name).Distinct(StringComparer.Ordinal).ToList()))
            .Select(g => g.Names.Count == points.Count ? g.Key : g.Key with { Detail = $"{(g.Names.Count == 1 ? "point" : "points")} {string.Join(", ", g.Names)}{(g.Key.Detail is { } more ? "\n" + more : "")}" });

    /// <summary>A run's plan with its points read back, to go on with it.</summary>
    /// <exception cref="DiagnosticException">A point cannot be read, or its workload is no longer what it was.</exception>
    public PreparedExperiment Reopen(Plan plan, Func<string, string, Experiment> read)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(read);
        var points = plan.Points.Select(p => new ComposedPoint(p.Name, p.Overrides, read(p.Experiment, $"plan.json: point {p.Name}"), p.Experiment)).ToList();
        var shared = new SharedWorkloads(load);
        foreach (var (point, planned) in points.Zip(plan.Points))
        {
            var jobs = shared.Of(point, plan.Seed).Jobs.Count;
            if (jobs == planned.Jobs) continue;
            throw new DiagnosticException(Diagnostic.Error("workload-changed", $"the workload of '{point.Name}' has {jobs} jobs now, and had {planned.Jobs} when the run was planned") with
            {
                Help = "put the file back as it was, or start a new run",
            });
        }

        return new PreparedExperiment(plan, points, shared, new CompiledWorkloads(), []);
    }

    private static EarlyEnd? EarlyEndOf(MeasureSection measure) => measure.Precision is null && measure.Budget is null ? null : new EarlyEnd
    {
        Metric = measure.PrecisionMetric,
        Precision = measure.Precision,
        Fewest = measure.Fewest,
        Budget = measure.Budget,
    };

    private static IEnumerable<Diagnostic> CheckPrecision(MeasureSection measure)
    {
        if (measure.Precision is null) yield break;
        if (MetricCatalogue.Find(measure.PrecisionMetric) is null)
        {
            yield return Diagnostic.Error("metric-unknown", $"unknown metric '{measure.PrecisionMetric}' for measure.precision_metric") with
            {
                Help = Suggestion.Help(measure.PrecisionMetric, [.. MetricCatalogue.All.Select(m => m.Name)]),
            };
        }

        if (measure.Fewest > measure.Repetitions)
            yield return Diagnostic.Error("precision-fewest", $"measure.fewest ({measure.Fewest}) is larger than measure.repetitions ({measure.Repetitions})") with { Help = "raise measure.repetitions, such as to 30" };
    }

    /// <summary>What would make the result worth little, held against the jobs and the plan before anything starts.</summary>
    private static IEnumerable<Diagnostic> Validated(ImmutableArray<PlanPoint> planned, IReadOnlyList<ComposedPoint> points, Dictionary<string, Workload> workloads, MeasureSection measure, ComparisonSettings comparison)
    {
        // A simulation of the same jobs gives the same schedule each time: there is no chance that repetitions could tell from a difference.
        var chance = planned.Any(p => p.Machines != MachineKind.Simulation) || measure.Vary || measure.Shake > TimeSpan.Zero;
        var fewest = measure.Precision is null ? measure.Repetitions : Math.Min(measure.Fewest, measure.Repetitions);
        // The report compares those that ran the same jobs, or all where no two did; with more than two, each with the first.
        var races = planned.GroupBy(p => p.Workload, StringComparer.Ordinal).Select(race => race.Count()).ToList();
        var raced = races.Max() == 1 ? planned.Length : races.Max();
        var found = chance ? Validators.Repetitions(raced, fewest, raced > 2 ? comparison with { Baseline = comparison.Baseline ?? planned[0].Name } : comparison) : [];
        if (fewest < measure.Repetitions)
            found = found.Select(told => told with { Detail = $"measure.precision may end the repetitions after {fewest} of each point, measure.fewest" });
        foreach (var (point, plan) in points.Zip(planned).DistinctBy(p => (p.Second.Workload, p.Second.Processors)))
        {
            var jobs = SubmittedJobs.Of(workloads[point.Name].Jobs);
            found = found.Concat(Validators.Times(jobs)).Concat(Validators.Load(jobs, plan.Processors));
        }

        return found;
    }

    /// <summary>What the scheduler of a point will not do with the jobs as they are meant.</summary>
    private static IEnumerable<Diagnostic> Told(Experiment experiment, Workload workload)
    {
        if (experiment.Scheduler.IsReference)
        {
            foreach (var told in ReferenceCheck.Told(experiment, workload)) yield return told;
            yield break;
        }

        var scheduler = experiment.Scheduler.Name;
        if (workload.Jobs.Count(j => j.Drains) is > 0 and var draining)
        {
            yield return Diagnostic.Warning("drain-left-out", $"{Jobs(draining)} of {workload.Name} must drain the machine before starting; users cannot request that on {scheduler}, which runs them as ordinary jobs") with
            {
                Help = "the reference scheduler keeps the rule, and a comparison with it lists the difference",
            };
        }

        if (experiment.SettingsOfSite() is { IsEmpty: false } left)
        {
            yield return Diagnostic.Hint("site-policy-left-out", $"{scheduler} takes the jobs and the machine of the site, and nothing of its policy: {string.Join(", ", left)} {(left.Length == 1 ? "is" : "are")} Slurm's") with
            {
                Help = "the comparison lists where the policies differ; scheduler.settings of the point can say the same in the scheduler's own words",
            };
        }

        if (VirtualTimeCheck.End(experiment, workload) is { } end) yield return end;
        var machine = experiment.Machine();
        var node = machine.ProcessorsPerNode;
        // Made once: a site's associations are read from their file.
        var options = experiment.Options();
        foreach (var fault in SlurmPolicyCheck.Nodes(options.Policy, machine.Nodes).Concat(SlurmPolicyCheck.Jobs(options.Policy, workload.Jobs)).Concat(GpuCheck.Jobs(options.Gpus, machine.Nodes, workload.Jobs))) yield return fault;
        if (scheduler == "slurm") foreach (var told in SimulatedPartitions.Jobs(experiment, workload)) yield return told;
        var traits = KnownSchedulers.Find(scheduler).Traits(options);
        if (traits.Memory != MemoryScheduling.None && MemoryDemand.Check(workload, machine) is { } memory) yield return memory;
        if (traits.Gang == Gang.PodByPod
            && workload.Jobs.Count(j => j.GangMinimum > 1 || j.Nodes > 1 || j.Processors > node) is > 1 and var parallel)
        {
            yield return Diagnostic.Warning("gangs-pod-by-pod", $"{scheduler} schedules the {parallel} multi-pod jobs of {workload.Name} pod by pod; partly placed jobs may deadlock until their time limit") with
            {
                Help = $"trials may take minutes longer than planned; schedulers whose trait 'gang' is '{SchedulerTraits.WholeJob}' place such jobs whole",
            };
        }
    }

    private static string Jobs(int count) => count == 1 ? "1 job" : $"{count} jobs";

    private static IEnumerable<Diagnostic> Check(ComposedPoint point)
    {
        var experiment = point.Experiment;
        if (!PathName.Fits(point.Name))
            yield return BadName("point-name", $"'{point.Name}' cannot name a point, and so a directory", "points.fifo=['scheduler.profile=fifo']");
        foreach (var fault in MachinesCheck.Faults(experiment)) yield return fault;
        foreach (var fault in experiment.Scheduler.IsReference ? ReferenceCheck.Faults(experiment) : CheckScheduler(experiment)) yield return fault;
        foreach (var fault in GpuCheck.Cluster(experiment.Gpus(), experiment.Cluster.Emulated ?? experiment.Cluster.Workers, experiment.Scheduler.Name)) yield return fault;
        if (experiment.Upgrades() && CheckUpgrade(experiment) is { } upgrade) yield return upgrade;
        foreach (var fault in VirtualTimeCheck.Faults(experiment)) yield return fault;
        foreach (var fault in FaultPlan.Check(experiment)) yield return fault;
        foreach (var fault in ClientCheck.Faults(experiment)) yield return fault;
    }

    private static IEnumerable<Diagnostic> CheckScheduler(Experiment experiment)
    {
        var scheduler = KnownSchedulers.TryFind(experiment.Scheduler.Name);
        if (scheduler is null)
        {
            return
            [
                Diagnostic.Error("scheduler-unknown", $"no scheduler is called '{experiment.Scheduler.Name}'") with
                {
                    Help = Suggestion.Help(experiment.Scheduler.Name, [.. KnownSchedulers.All.Select(s => s.Name), "reference"]),
                },
            ];
        }

        var faults = scheduler.Check(experiment.Options());
        return experiment.Machines.Driver != MachineDriver.Ssh && scheduler.CheckHead(experiment.Cluster.Head.Memory.Bytes, experiment.Options()) is { } small ? faults.Append(small) : faults;
    }

    /// <summary>The newer programs lie beside each node, as only containers have it; the jobs of emulated nodes end with their daemons.</summary>
    private static Diagnostic? CheckUpgrade(Experiment experiment) =>
        (experiment.Machines.Driver is not (MachineDriver.Auto or MachineDriver.Lxc), experiment.Cluster.Emulated) switch
        {
            (true, _) => Diagnostic.Error("slurm-upgrade-machines", "Slurm can be upgraded while a trial runs on containers only") with { Help = "machines=lxc, or leave scheduler.slurm.upgrade out" },
            (_, not null) => Diagnostic.Error("slurm-upgrade-machines", "the jobs of emulated nodes would end with the daemons that are upgraded") with { Help = "cluster.emulated=null, or leave scheduler.slurm.upgrade out" },
            _ => null,
        };

    private static PlanPoint PointOf(ComposedPoint point, SharedWorkload shared, CompiledWorkloads compiled, out ImmutableArray<Diagnostic> unrun)
    {
        var workload = shared.Workload;
        var experiment = point.Experiment;
        var machine = experiment.Machine();
        var reference = experiment.Scheduler.IsReference;
        var policy = reference ? experiment.Reference() : new ReferenceOptions();
        // Only a simulated trial asks for its schedule again.
        var schedule = reference ? compiled.Plan(shared.Jobs, workload.Name, machine, policy) : ReferenceScheduler.Run(compiled.Of(shared.Jobs, workload.Name), machine, policy);
        unrun = [.. RulesLeftOut.Unrun(schedule, workload.Name)];
        return new PlanPoint
        {
            Name = point.Name,
            Overrides = [.. point.Overrides],
            Experiment = point.Yaml,
            Scheduler = experiment.Scheduler.Name,
            Profile = reference ? policy.Name : experiment.Scheduler.Profile,
            Settings = reference || KnownSchedulers.Find(experiment.Scheduler.Name).Changes(experiment.Options()) is not { IsEmpty: false } changes ? null : changes,
            Faults = experiment.Faults.Plan.Count == 0 ? null : [.. FaultPlan.Of(experiment).Select(f => new PlannedFault(f.Act.Name, $"{f.Text}, {f.Trigger}"))],
            Machines = reference ? MachineKind.Simulation : KindOf(experiment.Machines.Driver),
            Processors = machine.Processors,
            Workers = machine.Nodes,
            Workload = workload.Name,
            Jobs = workload.Jobs.Length,
            RecordedWaits = workload.RecordedWaits,
            LastSubmission = workload.Jobs.Length == 0 ? TimeSpan.Zero : workload.Jobs[^1].Submit,
            Expected = schedule.Makespan,
            Real = experiment.Virtual() is { } time ? VirtualTimeEstimate.Of(time, schedule.Makespan, workload.Jobs.Length) : null,
        };
    }

    private static MachineKind KindOf(MachineDriver driver) => driver switch
    {
        MachineDriver.Qemu => MachineKind.Qemu,
        MachineDriver.QemuTcg => MachineKind.QemuTcg,
        MachineDriver.Lxc => MachineKind.Lxc,
        MachineDriver.Ssh => MachineKind.Ssh,
        _ => MachineKind.Auto,
    };

    private static Diagnostic BadName(string code, string summary, string example) => Diagnostic.Error(code, summary) with
    {
        Help = $"{PathName.Rule}, such as {example}",
    };
}
