using Regatta.Analysis;
using Regatta.Reports.Charts;

namespace Regatta.Reports.Model;

/// <summary>Everything that a report says, before it is said in HTML or on a terminal. Pure: the same runs give the same model.</summary>
public sealed record ReportModel
{
    /// <summary>Title: what was raced.</summary>
    public required string Title { get; init; }

    /// <summary>Line under the title: when, on what.</summary>
    public required string Subtitle { get; init; }

    /// <summary>The run directories' names.</summary>
    public required ImmutableArray<string> Runs { get; init; }

    /// <summary>How it was made.</summary>
    public required ReportSettings Settings { get; init; }

    /// <summary>Who was better, in words.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>A few numbers to begin with.</summary>
    public ImmutableArray<Fact> Glance { get; init; } = [];

    /// <summary>Environment and provenance, in groups.</summary>
    public ImmutableArray<FactGroup> Provenance { get; init; } = [];

    /// <summary>What was equal and what was not.</summary>
    public required FairnessView Fairness { get; init; }

    /// <summary>Names of all points, race by race.</summary>
    public required ImmutableArray<string> Points { get; init; }

    /// <summary>What is compared with what: one race, or one for each workload where several points ran several workloads.</summary>
    public required ImmutableArray<RaceView> Races { get; init; }

    /// <summary>The trials in the order in which they ran.</summary>
    public ImmutableArray<TrialRow> Trials { get; init; } = [];

    /// <summary>Schedulers from inside, of the trials that were sampled.</summary>
    public ImmutableArray<InsideView> Inside { get; init; } = [];

    /// <summary>What must be known of trials in virtual time; null where there are none.</summary>
    public VirtualTimeView? VirtualTime { get; init; }

    /// <summary>What clients beside the workload met; null where none called.</summary>
    public ClientView? Clients { get; init; }

    /// <summary>Gantt charts; those of the first repetitions first.</summary>
    public ImmutableArray<GanttChart> Gantt { get; init; } = [];

    /// <summary>Which trials have no Gantt chart in the page, and why; null when none is left out.</summary>
    public string? GanttLeftOut { get; init; }

    /// <summary>What validators and analysers concluded, the weightiest first.</summary>
    public ImmutableArray<Diagnostic> Conclusions { get; init; } = [];

    /// <summary>The methodology checklist.</summary>
    public ImmutableArray<ChecklistItem> Checklist { get; init; } = [];

    /// <summary>How a run is done again: one command for each.</summary>
    public ImmutableArray<string> Reproduce { get; init; } = [];

    /// <summary>The archives that the runs are in, the newest of each last.</summary>
    public ImmutableArray<ReportedArchive> Archives { get; init; } = [];

    /// <summary>The composed experiments, by run.</summary>
    public ImmutableArray<Fact> Experiments { get; init; } = [];
}

/// <summary>Points that ran the same jobs, compared with each other.</summary>
public sealed record RaceView
{
    /// <summary>Their workload; several in one line where the workload is what is compared.</summary>
    public required string Workload { get; init; }

    /// <summary>Names of the points; the first is what the others are measured against.</summary>
    public required ImmutableArray<string> Points { get; init; }

    /// <summary>Who was better on these jobs.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The comparison, metric by metric.</summary>
    public ImmutableArray<ComparisonRow> Comparison { get; init; } = [];

    /// <summary>What the columns of the comparison mean: how many runs, which intervals, which tests.</summary>
    public string Note { get; init; } = "";

    /// <summary>What the charts draw.</summary>
    public required RaceCharts Charts { get; init; }

    /// <summary>Waits and slowdowns by size and run time.</summary>
    public ImmutableArray<HeatMap> HeatMaps { get; init; } = [];

    /// <summary>Jobs by state, user, size and run time.</summary>
    public ImmutableArray<GroupTable> Groups { get; init; } = [];
}

/// <summary>How sure a verdict is.</summary>
public enum VerdictTone
{
    /// <summary>A difference that the numbers bear out.</summary>
    Clear,

    /// <summary>No difference that they bear out, or too few runs to tell.</summary>
    Unsure,

    /// <summary>Nothing can be said: trials are invalid, or there is nothing to compare.</summary>
    Void,
}

/// <summary>The verdict in words.</summary>
/// <param name="Tone">How sure it is.</param>
/// <param name="Headline">The one sentence.</param>
/// <param name="Sentences">How much, how sure, on what, and what limits it.</param>
public sealed record Verdict(VerdictTone Tone, string Headline, ImmutableArray<string> Sentences)
{
    /// <summary>Where there are several workloads, the verdict on each; else empty.</summary>
    public ImmutableArray<WorkloadVerdict> Workloads { get; init; } = [];
}

/// <summary>The verdict on one of several workloads.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="Verdict">The verdict.</param>
public sealed record WorkloadVerdict(string Workload, Verdict Verdict);

/// <summary>A named value.</summary>
public sealed record Fact(string Name, string Value);

/// <summary>Named values under a heading.</summary>
public sealed record FactGroup(string Title, ImmutableArray<Fact> Facts);

/// <summary>The fairness contract between the points.</summary>
/// <param name="Summary">One sentence.</param>
/// <param name="Differences">What differs between points.</param>
/// <param name="Equal">What was checked and is equal.</param>
public sealed record FairnessView(string Summary, ImmutableArray<FairnessRow> Differences, ImmutableArray<Fact> Equal);

/// <summary>A setting that differs.</summary>
/// <param name="Setting">Its name.</param>
/// <param name="Values">Its value for each point, in their order; null where it is not recorded.</param>
/// <param name="Status">What that means for the comparison.</param>
/// <param name="Explained">True when the difference is what is being compared.</param>
public sealed record FairnessRow(string Setting, ImmutableArray<string?> Values, string Status, bool Explained);

/// <summary>One metric over all points.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Cells">One cell a point.</param>
/// <param name="Bound">The lower bound, where there is one.</param>
public sealed record ComparisonRow(Metric Metric, ImmutableArray<ComparisonCell> Cells, double? Bound);

/// <summary>Whether a point did better than the first.</summary>
public enum CellOutcome
{
    /// <summary>It is the first, or there is no comparison.</summary>
    None,

    /// <summary>Better, and borne out.</summary>
    Better,

    /// <summary>Worse, and borne out.</summary>
    Worse,

    /// <summary>No difference that the runs bear out.</summary>
    Unclear,

    /// <summary>Too few runs for any test.</summary>
    TooFewRuns,
}

/// <summary>What one point reached on one metric.</summary>
public sealed record ComparisonCell
{
    /// <summary>Mean over the runs; null when it is not defined.</summary>
    public double? Value { get; init; }

    /// <summary>Lower end of the 95 % interval of the mean; null with too few runs.</summary>
    public double? Low { get; init; }

    /// <summary>Upper end of it.</summary>
    public double? High { get; init; }

    /// <summary>How often such an interval of so few runs held the true mean in a simulation; null from ten runs on.</summary>
    public SimulatedCoverage? Coverage { get; init; }

    /// <summary>Runs that it rests on.</summary>
    public int Runs { get; init; }

    /// <summary>Change against the first point: the Hodges–Lehmann shift in the metric's unit.</summary>
    public double? Shift { get; init; }

    /// <summary>Lower end of the shift's interval.</summary>
    public double? ShiftLow { get; init; }

    /// <summary>Upper end of it.</summary>
    public double? ShiftHigh { get; init; }

    /// <summary>What confidence that interval has, from 0 to 1: with few runs less than was asked for.</summary>
    public double? ShiftConfidence { get; init; }

    /// <summary>How often such an interval of a shift held it in a simulation; null from ten runs or blocks on.</summary>
    public SimulatedCoverage? ShiftCoverage { get; init; }

    /// <summary>The shift as a share of the first point's value.</summary>
    public double? Relative { get; init; }

    /// <summary>p-value, corrected for the number of tests.</summary>
    public double? P { get; init; }

    /// <summary>Cliff's delta.</summary>
    public double? Effect { get; init; }

    /// <summary>What the reference scheduler reaches with the nearest policy on the same jobs without overhead; null where it was not simulated or has no such number.</summary>
    public double? Reference { get; init; }

    /// <summary>Whether it did better than the first.</summary>
    public CellOutcome Outcome { get; init; }
}

/// <summary>A table of one mean by size and run-time class.</summary>
/// <param name="Point">The point.</param>
/// <param name="Metric">What is averaged, such as <c>mean wait</c>.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Columns">Run-time classes.</param>
/// <param name="Rows">Size classes with a cell for each column.</param>
public sealed record HeatMap(string Point, string Metric, Unit Unit, ImmutableArray<string> Columns, ImmutableArray<HeatRow> Rows);

/// <summary>One size class.</summary>
public sealed record HeatRow(string Name, ImmutableArray<HeatCell> Cells);

/// <summary>One class of jobs.</summary>
/// <param name="Value">The mean; null without a job.</param>
/// <param name="Jobs">Jobs in it.</param>
public sealed record HeatCell(double? Value, int Jobs);

/// <summary>One item of the checklist.</summary>
/// <param name="Source">Where it comes from, such as <c>Hoefler &amp; Belli, rule 3</c>.</param>
/// <param name="Item">What is asked for.</param>
/// <param name="Kept">True when this report keeps it, false when not, null when it does not apply.</param>
/// <param name="Done">What this report did about it.</param>
public sealed record ChecklistItem(string Source, string Item, bool? Kept, string Done);

/// <summary>What the charts of one race draw, and what the figures for papers are made of.</summary>
public sealed record RaceCharts
{
    /// <summary>Names of the points, in the order of colours.</summary>
    public required ImmutableArray<string> Points { get; init; }

    /// <summary>Distributions of the wait, in seconds; repetition 0 is all repetitions together.</summary>
    public ImmutableArray<Curve> Waits { get; init; } = [];

    /// <summary>Distributions of the bounded slowdown; repetition 0 is all repetitions together.</summary>
    public ImmutableArray<Curve> Slowdowns { get; init; } = [];

    /// <summary>Courses over time.</summary>
    public ImmutableArray<TimeCourse> Courses { get; init; } = [];

    /// <summary>Faults on the time axes.</summary>
    public ImmutableArray<FaultMark> Faults { get; init; } = [];

    /// <summary>The stages of a wait.</summary>
    public ImmutableArray<StageBar> Stages { get; init; } = [];

    /// <summary>Each job's wait as the simulation predicts it and as it was measured.</summary>
    public ImmutableArray<Prediction> Predicted { get; init; } = [];
}

/// <summary>A fault on the time axis of a trial.</summary>
/// <param name="Point">The point.</param>
/// <param name="Repetition">Its repetition.</param>
/// <param name="Time">Seconds from the start of the trial.</param>
/// <param name="Text">What happened.</param>
public sealed record FaultMark(string Point, int Repetition, double Time, string Text)
{
    /// <summary>When a fault that was brought about on purpose was over, in seconds from the start of the trial; null for others.</summary>
    public double? Until { get; init; }
}

/// <summary>One stage of the wait at one point, in seconds.</summary>
public sealed record StageBar(string Point, string Stage, double Mean, double P50, double P90, double P99);

/// <summary>Waits of the same jobs, predicted with a policy and measured, in seconds.</summary>
public sealed record Prediction(string Point, int Repetition, string Policy, ImmutableArray<double> Predicted, ImmutableArray<double> Measured);
