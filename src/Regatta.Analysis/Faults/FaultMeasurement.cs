using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>Holds faults that were brought about on purpose against what became of the jobs.</summary>
public static class FaultMeasurement
{
    /// <summary>Jobs that began in so long before a fault are what the rate after it is held against, in microseconds.</summary>
    public const long Window = 10_000_000;

    // Fewer starts than these say nothing of a rate.
    private const int FewestStarts = 5;

    /// <summary>The share of the rate before that counts as full throughput.</summary>
    private const double Full = 0.9;

    /// <summary>Measures faults.</summary>
    /// <param name="faults">The faults.</param>
    /// <param name="missed">Names of those that did not come about.</param>
    /// <param name="jobs">What became of the jobs, as the scheduler tells it.</param>
    /// <param name="events">Every event, the stamps of the payloads included.</param>
    /// <param name="told">What the replay told of.</param>
    /// <param name="ended">When the replay ended, UTC microseconds.</param>
    public static FaultInjection Of(
        IEnumerable<InjectedFault> faults, ImmutableArray<string> missed, IReadOnlyList<JobRecord> jobs, IReadOnlyList<JobEvent> events, IReadOnlyList<ReplayFault> told, long ended)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(events);
        long[] starts = [.. events.Where(e => e is { Kind: JobEventKind.Started, Source: PayloadRuns.Source }).Select(e => e.Time).Order()];
        ImmutableArray<InjectedFault> brought = [.. faults.OrderBy(f => f.Began)];
        var runs = PayloadRuns.Of(events, ended, jobs.ToDictionary(j => j.Job, j => j.Processors), [.. brought.Where(f => f.Off && f.Began > 0).Select(f => (f.Node, f.Acted))]);
        var away = SubmissionOutages.Of(told, ended);
        var (lost, twice, falsely, failed, work) = (0, 0, 0, 0, 0.0);
        foreach (var job in jobs)
        {
            var own = runs.GetValueOrDefault(job.Job, PayloadRuns.None);
            var worked = own.Whole > 0;
            if (!worked && job.State is not JobState.Rejected && job.Accepted is not null) lost++;
            if (own.Whole > 1 || own.Begun > 1 + job.Requeues) twice++;
            if (job.State == JobState.Completed && !worked) falsely++;
            if (worked && job.State is not (JobState.Completed or JobState.Rejected)) failed++;
            work += own.Wasted * job.Processors;
        }

        return new FaultInjection(
            [.. brought.Select(f => f.Began == 0 ? f : f with { FirstStart = FirstStart(starts, f.Acted), FullThroughput = FullThroughput(starts, f.Acted) })],
            new FaultEffects
            {
                Lost = lost,
                Requeued = jobs.Sum(j => j.Requeues),
                RunTwice = twice,
                FalselyCompleted = falsely,
                FalselyFailed = failed,
                WorkLost = work,
                Refused = away.Sum(a => a.To - a.From),
                Delayed = SubmissionOutages.Delayed(away, jobs),
                Rejected = jobs.Count(j => j.State == JobState.Rejected),
            })
        {
            Missed = missed,
        };
    }

    private static long? FirstStart(long[] starts, long at)
    {
        var place = After(starts, at);
        return place == starts.Length ? null : starts[place] - at;
    }

    /// <summary>The first moment from which, for a window, so many began as nine tenths of those in the window before the fault.</summary>
    private static long? FullThroughput(long[] starts, long at)
    {
        var after = After(starts, at);
        var before = after - After(starts, at - Window);
        if (before < FewestStarts) return null;
        var wanted = (int)Math.Ceiling(before * Full);
        for (var first = after; first + wanted <= starts.Length; first++)
        {
            if (starts[first + wanted - 1] - starts[first] <= Window) return starts[first] - at;
        }

        return null;
    }

    // The place of the first that is later.
    private static int After(long[] starts, long at)
    {
        var place = Array.BinarySearch(starts, at);
        if (place < 0) return ~place;
        while (place < starts.Length && starts[place] == at) place++;
        return place;
    }
}
