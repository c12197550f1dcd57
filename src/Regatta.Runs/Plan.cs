using System.Text.Json.Serialization;
using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Runs;

/// <summary>What a run will do, as <c>plan.json</c> holds it. Made before anything starts, and never changed after.</summary>
public sealed record Plan
{
    /// <summary>Version of the contract that is written, and the newest that can be read.</summary>
    public const int CurrentVersion = 2;

    /// <summary>Version of this contract. Plans of version 1 do not say how trials are measured.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Name of the experiment.</summary>
    public required string Name { get; init; }

    /// <summary>Seed of the order of trials, and of the workloads that name none.</summary>
    public required long Seed { get; init; }

    /// <summary>What is compared.</summary>
    public required ImmutableArray<PlanPoint> Points { get; init; }

    /// <summary>The trials, in the order in which they run.</summary>
    public required ImmutableArray<PlannedTrial> Trials { get; init; }

    /// <summary>How trials are measured; null in plans of version 1, which are measured by the defaults.</summary>
    public PlannedMeasure? Measure { get; init; }

    /// <summary>When repeating ends before the last planned trial; null runs them all.</summary>
    public EarlyEnd? EarlyEnd { get; init; }

    /// <summary>Points that the experiment names and that cannot run here; the report names them, too.</summary>
    public ImmutableArray<PointLeftOut> LeftOut
    {
        // The generated reader sets what an older plan leaves out to its default.
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>How long it is expected to take in all, without building images.</summary>
    public TimeSpan Expected { get; init; }

    /// <summary>The point with this name.</summary>
    public PlanPoint Point(string name) => Points.First(p => p.Name == name);

    /// <summary>Whether each point runs all its repetitions in turn, rather than all points side by side in blocks.</summary>
    public bool IsInTurn() => Points.Length > 1 && Trials.Length > 1 && Trials[0].Point == Trials[1].Point;

    /// <summary>The trials that need not be run once <paramref name="next"/> need not: those behind it; where points run in turn, those of its point.</summary>
    public IEnumerable<PlannedTrial> NotNeededWithout(PlannedTrial next) => Trials.Where(t => t.Order >= next.Order && (!IsInTurn() || t.Point == next.Point));
}

/// <summary>How the trials of a run are measured.</summary>
/// <param name="WarmUp">Jobs submitted earlier than this after the first submission are left out of the metrics; not negative.</param>
/// <param name="CoolDown">Jobs submitted later than this before the last submission are left out; not negative.</param>
/// <param name="Tau">Bound of the bounded slowdowns; above zero.</param>
public sealed record PlannedMeasure(TimeSpan WarmUp, TimeSpan CoolDown, TimeSpan Tau)
{
    /// <summary>The metrics that the verdict is about, names of the catalogue; the usual ones in plans that name none.</summary>
    public ImmutableArray<string> Judged
    {
        get => field.IsDefaultOrEmpty ? ComparisonSettings.Default.Judged : field;
        init;
    }

    /// <summary>The settings of the analysis.</summary>
    public MeasureSettings ToSettings() => MeasureSettings.Default with { WarmUp = WarmUp, CoolDown = CoolDown, Tau = Tau };
}

/// <summary>Adaptive repetitions: blocks are run until the interval of a metric's mean is narrow at every point, or a budget ends.</summary>
public sealed record EarlyEnd
{
    /// <summary>The metric, a name of the catalogue.</summary>
    public required string Metric { get; init; }

    /// <summary>Half of the interval's width over the mean that is narrow enough; null when only the budget ends the run.</summary>
    public double? Precision { get; init; }

    /// <summary>Fewest valid repetitions of a point.</summary>
    public required int Fewest { get; init; }

    /// <summary>Longest time for all trials together; null for no limit.</summary>
    public TimeSpan? Budget { get; init; }
}

/// <summary>A point that cannot run on this host.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Reason">What is missing, such as <c>no Flux image: regatta image lock flux --payload flux=…</c>.</param>
public sealed record PointLeftOut(string Name, string Reason);

/// <summary>One configuration that takes part in a comparison.</summary>
public sealed record PlanPoint
{
    /// <summary>Name, unique in the plan, fit for a directory.</summary>
    public required string Name { get; init; }

    /// <summary>Overrides that make it out of the experiment, as a user would type them.</summary>
    public required ImmutableArray<string> Overrides { get; init; }

    /// <summary>The experiment with these overrides, composed and resolved, as YAML: all that a trial of the point depends on.</summary>
    public string Experiment { get; init; } = "";

    /// <summary>Scheduler, such as <c>slurm</c>.</summary>
    public required string Scheduler { get; init; }

    /// <summary>Profile, such as <c>backfill</c>; the policy of the reference scheduler.</summary>
    public required string Profile { get; init; }

    /// <summary>Settings of the scheduler that the user changed in the profile, as they result, empty for one that is left to the scheduler's own default; null for none.</summary>
    public ImmutableSortedDictionary<string, string>? Settings { get; init; }

    /// <summary>The faults that each of its trials brings about on purpose; null for none.</summary>
    public ImmutableArray<PlannedFault>? Faults { get; init; }

    /// <summary>How its machines are had: a driver such as <c>lxc</c>, <c>auto</c>, or <c>simulation</c>.</summary>
    public required MachineKind Machines { get; init; }

    /// <summary>Schedulable processors of the machine.</summary>
    public required int Processors { get; init; }

    /// <summary>Worker nodes.</summary>
    public required int Workers { get; init; }

    /// <summary>What the workload is, in a few words.</summary>
    public required string Workload { get; init; }

    /// <summary>Jobs of the workload.</summary>
    public required int Jobs { get; init; }

    /// <summary>How long its jobs waited where they were recorded; null where that is not known.</summary>
    public RecordedWaits? RecordedWaits { get; init; }

    /// <summary>The last submission, from the start.</summary>
    public required TimeSpan LastSubmission { get; init; }

    /// <summary>How long one trial is expected to take: the makespan of the same jobs on the reference scheduler.</summary>
    public required TimeSpan Expected { get; init; }

    /// <summary>How much real time that is expected to take, in virtual time; null in real time.</summary>
    public TimeSpan? Real { get; init; }
}

/// <summary>A fault that is brought about on purpose.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Text">What it is and when, such as <c>slurmctld killed on head, after 20 s</c>.</param>
public sealed record PlannedFault(string Name, string Text);

/// <summary>One trial of the plan.</summary>
/// <param name="Order">Place in the order in which trials run, from 1.</param>
/// <param name="Point">Name of its point.</param>
/// <param name="Repetition">Repetition of the point, from 1.</param>
/// <param name="Block">Block, from 1; each block holds every point once.</param>
/// <param name="Seed">Seed of its workload.</param>
public sealed record PlannedTrial(int Order, string Point, int Repetition, int Block, long Seed)
{
    /// <summary>Directory of the trial, relative to the run's.</summary>
    public string Directory => Path.Combine("trials", Point, Repetition.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary><c>point/repetition</c>.</summary>
    public string Id => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Point}/{Repetition}");

    /// <summary>What its jobs are called by on the nodes: small letters, digits and hyphens, at most 40. A point's name may hold more than that; the place in the order then tells two trials apart.</summary>
    [JsonIgnore]
    public string Label
    {
        get
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{Point}-{Repetition}");
            if (name.Length <= 40 && name.All(IsOfLabel)) return name;
            var fitted = string.Create(CultureInfo.InvariantCulture, $"t{Order}-{string.Concat(name.ToLowerInvariant().Select(c => IsOfLabel(c) ? c : '-'))}");
            return fitted[..Math.Min(fitted.Length, 40)].TrimEnd('-');
        }
    }

    private static bool IsOfLabel(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-';
}
