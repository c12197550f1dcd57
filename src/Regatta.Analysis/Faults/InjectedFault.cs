namespace Regatta.Analysis;

/// <summary>A fault that was brought about on purpose while a trial ran. Times are UTC microseconds since 1970-01-01, stamped where it was done.</summary>
/// <param name="Name">Its name in the plan.</param>
/// <param name="Text">What was done, such as <c>slurmctld killed on head</c>.</param>
/// <param name="Node">The node that it was done to.</param>
/// <param name="Began">Just before it was done.</param>
/// <param name="Acted">Just after it was done.</param>
public sealed record InjectedFault(string Name, string Text, string Node, long Began, long Acted)
{
    /// <summary>When it was to be done; null where what it waited for was no time.</summary>
    public long? Due { get; init; }

    /// <summary>When it was over: undone, or what was killed began anew; null when that is not known.</summary>
    public long? Healed { get; init; }

    /// <summary>Whether the node was switched off: all that ran on it ended at that moment.</summary>
    public bool Off { get; init; }

    /// <summary>Why it could not be done or undone; null when all went well.</summary>
    public string? Failure { get; init; }

    /// <summary>From the fault to the first payload that began after it, in microseconds; null when none did.</summary>
    public long? FirstStart { get; init; }

    /// <summary>From the fault until jobs began as often as before it, in microseconds; null when that was not so again, or too few began before it.</summary>
    public long? FullThroughput { get; init; }
}

/// <summary>What faults that were brought about on purpose did to the jobs of a trial, held against the stamps of the payloads themselves.</summary>
public sealed record FaultEffects
{
    /// <summary>Jobs that were taken and whose work was not done: forgotten, lost with a node, cancelled, failed, or never seen to end.</summary>
    public int Lost { get; init; }

    /// <summary>Times that a job was put back into the queue.</summary>
    public int Requeued { get; init; }

    /// <summary>Jobs whose payload began more often than the scheduler told, or did its whole work more than once.</summary>
    public int RunTwice { get; init; }

    /// <summary>Jobs that the scheduler calls completed and whose payload did not do its work: none is the goal.</summary>
    public int FalselyCompleted { get; init; }

    /// <summary>Jobs that the scheduler calls anything but completed though their payload did its work.</summary>
    public int FalselyFailed { get; init; }

    /// <summary>Processor-seconds of runs of payloads that came to nothing.</summary>
    public double WorkLost { get; init; }

    /// <summary>How long submissions were not taken, in microseconds: from the first that was not to the first that was again, all such times together.</summary>
    public long Refused { get; init; }

    /// <summary>Jobs whose submission fell into such a time and was taken later.</summary>
    public int Delayed { get; init; }

    /// <summary>Submissions that were refused for good.</summary>
    public int Rejected { get; init; }
}

/// <summary>The faults of a trial that were planned, and what they did.</summary>
/// <param name="Faults">Those that were brought about, in the order of time.</param>
/// <param name="Effects">What they did to the jobs.</param>
public sealed record FaultInjection(ImmutableArray<InjectedFault> Faults, FaultEffects Effects)
{
    // A node that comes back and jobs that are put back are told of by the scheduler when it looks again.
    private const long Settling = 120_000_000;

    /// <summary>Names of those whose time had not come when the trial ended.</summary>
    public ImmutableArray<string> Missed { get; init; } = [];

    /// <summary>Whether something that the scheduler told of at a time may come of these faults: from the first until two minutes after the last was healed.</summary>
    /// <param name="time">UTC microseconds.</param>
    public bool Explains(long time) => !Faults.IsDefaultOrEmpty && time >= Faults.Min(f => f.Began) && time <= Faults.Max(f => f.Healed ?? long.MaxValue - Settling) + Settling;

    /// <summary>One sentence on the faults and what they did.</summary>
    public override string ToString()
    {
        var done = string.Join(", ", Faults.Select(f => f.Text));
        return string.Create(CultureInfo.InvariantCulture,
            $"On purpose: {done}; {Jobs(Effects.Lost)} lost, {Effects.Requeued} requeued, {Effects.RunTwice} run twice, {Effects.FalselyCompleted} called completed without having run, {Effects.FalselyFailed} called failed after having run, {Effects.WorkLost:0.0} processor-seconds of work lost, submissions refused for {Effects.Refused / 1e6:0.0} s.");
    }

    private static string Jobs(int count) => count == 1 ? "1 job" : string.Create(CultureInfo.InvariantCulture, $"{count} jobs");
}
