using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>How long clients of one kind waited for the scheduler over a trial. A call that timed out took as long as it might; one that failed, and one that the end of the trial cut, has no latency.</summary>
/// <param name="Kind">What they did.</param>
/// <param name="Command">What was run.</param>
/// <param name="Rate">Calls a second that were asked for.</param>
/// <param name="Calls">Calls but those that were cut.</param>
/// <param name="Failed">Those that ended with an error.</param>
/// <param name="TimedOut">Those that were ended since they took too long.</param>
/// <param name="LeftOut">Those that were not begun, since too many were under way.</param>
/// <param name="P50">Median, microseconds (nearest rank); null where none has a latency.</param>
/// <param name="P90">90th percentile.</param>
/// <param name="P99">99th percentile.</param>
/// <param name="Max">Largest.</param>
public sealed record ClientLatency(ClientKind Kind, string Command, double Rate, int Calls, int Failed, int TimedOut, int LeftOut, long? P50, long? P90, long? P99, long? Max)
{
    /// <summary>Bound on the 90th percentile that the experiment asks about, microseconds.</summary>
    public long Bound { get; init; } = 1_000_000;

    /// <summary>The latencies of a storm, kind by kind.</summary>
    public static ImmutableArray<ClientLatency> Of(ClientStorm storm, IReadOnlyList<ClientCall> calls)
    {
        ArgumentNullException.ThrowIfNull(storm);
        var byKind = calls.Where(c => c.Outcome != ClientOutcome.Cut).ToLookup(c => c.Kind);
        return
        [
            .. storm.Streams.Select(stream =>
            {
                var own = byKind[stream.Kind].ToList();
                var took = own.Where(c => c.Outcome is ClientOutcome.Done or ClientOutcome.TimedOut).Select(c => c.Took).Order().ToArray();
                long? Rank(int percent) => took.Length == 0 ? null : LatenessSummary.Rank(took, percent);
                int Count(ClientOutcome outcome) => own.Count(c => c.Outcome == outcome);
                return new ClientLatency(
                    stream.Kind, string.Join(' ', stream.Command), stream.Rate, own.Count, Count(ClientOutcome.Failed), Count(ClientOutcome.TimedOut), Count(ClientOutcome.LeftOut), Rank(50), Rank(90), Rank(99), took.Length == 0 ? null : took[^1]) { Bound = Micros.From(storm.Bound) };
            }),
        ];
    }
}
