namespace Regatta.Reports.Charts;

/// <summary>Who ran where and when in one trial, laid out on lanes (one lane is one processor). Times are seconds from the start of the trial.</summary>
/// <param name="Point">The point.</param>
/// <param name="Repetition">Its repetition, from 1.</param>
/// <param name="Lanes">Lanes in all: the processors of the machine, and more where more ran at once than it has.</param>
/// <param name="Nodes">The nodes from top to bottom.</param>
/// <param name="Length">End of the time axis, in seconds.</param>
/// <param name="Jobs">The jobs, by start.</param>
/// <param name="Boxes">The rectangles: a job on several nodes has several.</param>
/// <param name="Faults">What went wrong and when.</param>
/// <param name="NeverStarted">Jobs without a start, which no lane shows.</param>
public sealed record GanttChart(
    string Point,
    int Repetition,
    int Lanes,
    ImmutableArray<GanttNode> Nodes,
    double Length,
    GanttJobs Jobs,
    GanttBoxes Boxes,
    ImmutableArray<GanttFault> Faults,
    int NeverStarted);

/// <summary>A node's band of lanes.</summary>
/// <param name="Name">The node; empty where the scheduler did not say which node a job ran on.</param>
/// <param name="First">Its first lane, from 0.</param>
/// <param name="Lanes">How many lanes it has.</param>
public sealed record GanttNode(string Name, int First, int Lanes);

/// <summary>The jobs as columns, which a page reads faster and stores smaller than objects.</summary>
public sealed record GanttJobs
{
    /// <summary>Job numbers.</summary>
    public ImmutableArray<long> Id { get; init; } = [];

    /// <summary>Submit times.</summary>
    public ImmutableArray<double> Submit { get; init; } = [];

    /// <summary>Start times.</summary>
    public ImmutableArray<double> Start { get; init; } = [];

    /// <summary>Finish times; the end of the trial for a job that was not seen to finish.</summary>
    public ImmutableArray<double> Finish { get; init; } = [];

    /// <summary>Processors.</summary>
    public ImmutableArray<int> Processors { get; init; } = [];

    /// <summary>Users; -1 unknown.</summary>
    public ImmutableArray<int> User { get; init; } = [];

    /// <summary>States, as the numbers of <see cref="Regatta.Workloads.JobState"/>.</summary>
    public ImmutableArray<int> State { get; init; } = [];
}

/// <summary>The rectangles as columns.</summary>
public sealed record GanttBoxes
{
    /// <summary>Index of the job.</summary>
    public ImmutableArray<int> Job { get; init; } = [];

    /// <summary>First lane.</summary>
    public ImmutableArray<int> Lane { get; init; } = [];

    /// <summary>Lanes.</summary>
    public ImmutableArray<int> Lanes { get; init; } = [];
}

/// <summary>A fault on the time axis.</summary>
/// <param name="Time">Seconds from the start of the trial.</param>
/// <param name="Node">The node; null for none.</param>
/// <param name="Text">What happened.</param>
public sealed record GanttFault(double Time, string? Node, string Text)
{
    /// <summary>When a fault that was brought about on purpose was over, in seconds from the start of the trial; null for others.</summary>
    public double? Until { get; init; }
}
