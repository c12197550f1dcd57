using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>What came of a simulation under rules beside the starts: of a job that was put back into the queue, all is of its last run.</summary>
/// <param name="Ends">When each job ended.</param>
/// <param name="States">How each that ran ended.</param>
/// <param name="Lost">The runs that others ended, in the order of their ends.</param>
/// <param name="Waiting">Jobs that never started though they were taken, by row, with the reason.</param>
public sealed record RuledOutcome(long[] Ends, JobState[] States, ImmutableArray<LostRun> Lost, IReadOnlyDictionary<int, string> Waiting)
{
    /// <summary>What each job held in its last run, by row; empty where it never ran.</summary>
    internal Held[][] Held { get; init; } = [];

    /// <summary>The nodes of a job's last run, from 0, in rising order.</summary>
    public ImmutableArray<int> NodesOf(int row) => Nodes(Held[row]);

    internal static ImmutableArray<int> Nodes(Held[] held) => [.. RuledMachine.NodesOf(held).Order()];
}

/// <summary>A run that another job ended.</summary>
/// <param name="Row">The row of the job.</param>
/// <param name="Start">When it had started.</param>
/// <param name="End">When it was ended.</param>
/// <param name="By">The row of the job that took its nodes.</param>
/// <param name="Requeued">Whether the job waits again.</param>
/// <param name="Nodes">Its nodes, from 0, in rising order.</param>
public sealed record LostRun(int Row, long Start, long End, int By, bool Requeued, ImmutableArray<int> Nodes);
