using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>What an upgrade of the scheduler did to the jobs of the trial that it happened in.</summary>
/// <param name="From">The version before.</param>
/// <param name="To">The version after.</param>
/// <param name="Steps">The daemons that were replaced, in the order of time.</param>
public sealed record TrialUpgrade(string From, string To, ImmutableArray<UpgradeStep> Steps)
{
    // A daemon that was replaced is heard of a little later.
    private const long Settling = 10_000_000;

    private static readonly string[] Expected = [ReplayFault.Away, ReplayFault.Back, ReplayFault.Restarted, ReplayFault.Responding];

    /// <summary>How long submissions were not taken, in microseconds: from the first that was not to the first that was again, all such times together.</summary>
    public long Refused { get; init; }

    /// <summary>Jobs whose submission fell into such a time; all of them were sent again until they were taken.</summary>
    public int Delayed { get; init; }

    /// <summary>The longest time from sending a job to the answer that it was taken, microseconds.</summary>
    public long LongestAnswer { get; init; }

    /// <summary>Jobs that were taken and did not end by themselves: forgotten, lost with a node, cancelled, or never seen to end.</summary>
    public int Lost { get; init; }

    /// <summary>Jobs that were put back into the queue.</summary>
    public int Requeued { get; init; }

    /// <summary>When the first daemon was told to end, UTC microseconds since 1970-01-01.</summary>
    public long Began => Steps.IsDefaultOrEmpty ? 0 : Steps.Min(s => s.Began);

    /// <summary>When the last one answered, UTC microseconds since 1970-01-01.</summary>
    public long Ended => Steps.IsDefaultOrEmpty ? 0 : Steps.Max(s => s.Ready);

    /// <summary>Holds an upgrade against what happened in its trial.</summary>
    /// <param name="from">The version before.</param>
    /// <param name="to">The version after.</param>
    /// <param name="steps">The daemons that were replaced.</param>
    /// <param name="faults">What the replay told of.</param>
    /// <param name="jobs">What became of the jobs.</param>
    /// <param name="ended">When the replay ended, UTC microseconds; a time without an end lasts until then.</param>
    public static TrialUpgrade Of(string from, string to, ImmutableArray<UpgradeStep> steps, IReadOnlyList<ReplayFault> faults, IReadOnlyList<JobRecord> jobs, long ended)
    {
        var away = SubmissionOutages.Of(faults, ended);
        var answered = jobs.Where(j => j is { Sent: not null, Accepted: not null }).ToList();
        return new TrialUpgrade(from, to, [.. steps.OrderBy(s => s.Began)])
        {
            Refused = away.Sum(a => a.To - a.From),
            Delayed = SubmissionOutages.Delayed(away, jobs),
            LongestAnswer = answered.Count == 0 ? 0 : answered.Max(j => j.Accepted!.Value - j.Sent!.Value),
            Lost = jobs.Count(j => j.State is JobState.Lost or JobState.NodeFailed or JobState.Cancelled or JobState.Unfinished && j.SchedulerId is not null),
            Requeued = jobs.Count(j => j.Requeues > 0),
        };
    }

    /// <summary>Whether something that a replay told of is what an upgrade brings about by itself, and no fault of the trial.</summary>
    public bool Explains(ReplayFault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return Expected.Contains(fault.Code) && fault.Time >= Began && fault.Time <= Ended + Settling;
    }

    /// <summary>What is to be said of it in one sentence.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"Slurm was upgraded from {From} to {To} while jobs ran: {string.Join(", ", Steps.Select(s => $"{s.Daemon} on {s.Node} in {(s.Ready - s.Began) / 1e6:0.0} s"))}; submissions were refused for {Refused / 1e6:0.0} s ({(Delayed == 1 ? "1 job was" : $"{Delayed} jobs were")} taken later, the longest wait for an answer was {LongestAnswer / 1e6:0.0} s), {(Lost == 1 ? "1 job was lost" : $"{Lost} jobs were lost")}, {Requeued} requeued.");
}
