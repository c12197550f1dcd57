using System.Text.Json.Serialization;

namespace Regatta.Workloads;

/// <summary>How a replay ended.</summary>
public enum ReplayOutcome
{
    /// <summary>Every job ended.</summary>
    Drained,

    /// <summary>The time to drain passed while jobs were left.</summary>
    DrainTimeout,

    /// <summary>It was cancelled.</summary>
    Cancelled,
}

/// <summary>What a replay says of itself at its end: <c>summary.json</c>.</summary>
public sealed record ReplaySummary
{
    /// <summary>Version of this contract.</summary>
    public int Version { get; init; } = ReplayHeader.Newest;

    /// <summary>Id of the trial.</summary>
    public required string Trial { get; init; }

    /// <summary>How it ended.</summary>
    public required ReplayOutcome Outcome { get; init; }

    /// <summary>Start of the workload (its time zero), UTC microseconds since 1970-01-01.</summary>
    public required long Started { get; init; }

    /// <summary>When nothing more was waited for, UTC microseconds since 1970-01-01.</summary>
    public required long Ended { get; init; }

    /// <summary>Jobs by how they ended.</summary>
    public ImmutableSortedDictionary<JobState, int> States { get; init; } = ImmutableSortedDictionary<JobState, int>.Empty;

    /// <summary>Numbers of the jobs whose end was not seen.</summary>
    public ImmutableArray<long> Unfinished { get; init; } = [];

    /// <summary>Sent minus planned; null when nothing was sent.</summary>
    public LatenessSummary? Lateness { get; init; }

    /// <summary>Accepted minus sent; null when nothing was accepted.</summary>
    public LatenessSummary? AcceptLatency { get; init; }

    /// <summary>CPU seconds of the agent itself, from the start of the replay to its end.</summary>
    public double CpuSeconds { get; init; }

    /// <summary>Peak resident memory of the agent, in bytes.</summary>
    public long PeakRss { get; init; }

    /// <summary>What the processes that serve the scheduler used on the head.</summary>
    public ImmutableArray<DaemonCost> Daemons { get; init; } = [];

    /// <summary>How the scheduler went through its queue, where it counts that.</summary>
    public ImmutableArray<SchedulingPasses> Passes { get; init; } = [];

    /// <summary>What sampling did and cost; null where nothing was sampled.</summary>
    public SamplingSummary? Sampling { get; init; }

    /// <summary>Reservations of nodes, as the scheduler made them.</summary>
    public ImmutableArray<ReservedTime> Reservations { get; init; } = [];

    /// <summary>The order of starts, held against the priorities that the scheduler reports; null where it was not.</summary>
    public StartOrderCheck? StartOrder { get; init; }

    /// <summary>The starts that the scheduler foretold, held against those that came; null where it foretold none, or was not asked.</summary>
    public StartPredictions? Predictions { get; init; }

    /// <summary>What went wrong on the way: a node that was lost, a controller that started again.</summary>
    public ImmutableArray<ReplayFault> Faults { get; init; } = [];

    /// <summary>What the virtual clock says; null in real time.</summary>
    public ClockReport? Clock { get; init; }

    /// <summary>What of the jobs the scheduler could not be told, in sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Where release stamps come from: <c>epilog</c> (each node's own), <c>end</c> (the job's end), <c>mixed</c> (nodes told of some),
    /// <c>free</c> (the scheduler's own event) or <c>none</c>.</summary>
    public string ReleaseSource { get; init; } = "none";
}

/// <summary>When nodes are reserved.</summary>
/// <param name="Name">Name of the reservation.</param>
/// <param name="Start">From when, UTC microseconds since 1970-01-01.</param>
/// <param name="End">Until when, UTC microseconds since 1970-01-01.</param>
/// <param name="Nodes">The nodes, in the scheduler's notation.</param>
public sealed record ReservedTime(string Name, long Start, long End, string Nodes);

/// <summary>How far off the starts were that the scheduler foretold: of each job the first that it told while the job waited. Start minus foretold, in microseconds.</summary>
/// <param name="Jobs">How many jobs.</param>
/// <param name="MeanOff">Mean without sign.</param>
/// <param name="Bias">Mean with sign: above 0 where jobs started later than foretold.</param>
/// <param name="P50">Median without sign (nearest rank).</param>
/// <param name="P90">90th percentile without sign (nearest rank).</param>
public sealed record StartPredictions(int Jobs, double MeanOff, double Bias, long P50, long P90);

/// <summary>The order of starts, held against the priorities that the scheduler itself reports.</summary>
/// <param name="Looks">How often its queue was looked at.</param>
/// <param name="Starts">How many starts in the order of priorities were between two looks.</param>
/// <param name="OutOfOrder">How many of them passed over a job of their partition that waited in its turn, before the start and after it, with a higher priority.</param>
public sealed record StartOrderCheck(int Looks, int Starts, int OutOfOrder)
{
    /// <summary>The first thousand of them.</summary>
    public ImmutableArray<PassedOver> Passed { get; init; } = [];
}

/// <summary>A job that was started before one that was before it.</summary>
/// <param name="Job">The job that started.</param>
/// <param name="Time">When, UTC microseconds since 1970-01-01.</param>
/// <param name="Priority">Its priority.</param>
/// <param name="Before">The job of the highest priority that it passed over.</param>
/// <param name="BeforePriority">That job's priority.</param>
public sealed record PassedOver(long Job, long Time, long Priority, long Before, long BeforePriority);

/// <summary>Percentiles of a delay in microseconds (nearest rank).</summary>
/// <param name="Count">How many.</param>
/// <param name="P50">Median.</param>
/// <param name="P99">99th percentile.</param>
/// <param name="Max">Largest.</param>
public sealed record LatenessSummary(int Count, long P50, long P99, long Max)
{
    /// <summary>The percentiles of <paramref name="delays"/>; null when there are none.</summary>
    public static LatenessSummary? Of(IEnumerable<long> delays)
    {
        var sorted = delays.Order().ToArray();
        return sorted.Length == 0 ? null : OfSorted(sorted);
    }

    /// <summary>The percentiles of delays that rise, at least one.</summary>
    public static LatenessSummary OfSorted(IReadOnlyList<long> sorted)
    {
        ArgumentNullException.ThrowIfNull(sorted);
        return new LatenessSummary(sorted.Count, Rank(sorted, 50), Rank(sorted, 99), sorted[^1]);
    }

    /// <summary>A percentile of values that rise, at least one: the nearest rank.</summary>
    /// <param name="sorted">The values.</param>
    /// <param name="percent">1 to 100.</param>
    public static long Rank(IReadOnlyList<long> sorted, int percent)
    {
        ArgumentNullException.ThrowIfNull(sorted);
        return sorted[(int)((((long)sorted.Count * percent) + 99) / 100) - 1];
    }
}

/// <summary>What a sampler did, and what it cost.</summary>
/// <param name="Samples">Times that it asked.</param>
/// <param name="Missed">Times that it was to ask and was late for.</param>
/// <param name="CpuSeconds">Processor time of its thread; what it made the scheduler do is in the scheduler's own.</param>
public sealed record SamplingSummary(int Samples, int Missed, double CpuSeconds)
{
    /// <summary>Why it ended before the replay; null when it did not.</summary>
    public string? Failure { get; init; }
}

/// <summary>What one daemon used between the start and the end of a replay.</summary>
/// <param name="Process">Its name.</param>
/// <param name="CpuSeconds">CPU seconds, of all that had this name.</param>
/// <param name="PeakRss">Largest peak resident memory of one of them, in bytes.</param>
/// <param name="Client">It belongs to the submitting side, not to the scheduler.</param>
public sealed record DaemonCost(string Process, double CpuSeconds, long PeakRss, bool Client);

/// <summary>Something that went wrong during a replay.</summary>
/// <param name="Time">UTC microseconds since 1970-01-01.</param>
/// <param name="Node">The node it concerns; null for none.</param>
/// <param name="Text">What happened.</param>
public sealed record ReplayFault(long Time, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Node, string Text)
{
    /// <summary>The scheduler stopped taking jobs.</summary>
    public const string Away = "scheduler-away";

    /// <summary>The scheduler takes jobs again.</summary>
    public const string Back = "scheduler-back";

    /// <summary>The controller was started again.</summary>
    public const string Restarted = "controller-restarted";

    /// <summary>A node does not answer, or answers again.</summary>
    public const string Responding = "node-responding";

    /// <summary>What it is, where replacing the scheduler's daemons brings it about by itself; null for anything else.</summary>
    public string? Code { get; init; }
}
