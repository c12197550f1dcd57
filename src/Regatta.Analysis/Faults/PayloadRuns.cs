using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>How often the payload of a job ran, by its own stamps. A job of several members is stamped by each of them, and did its work when all of them did.</summary>
/// <param name="Whole">How often the whole work was done: each member ended with exit code 0.</param>
/// <param name="Begun">How often it began; a part of it counts as a whole one.</param>
/// <param name="Wasted">Seconds of runs that came to nothing, each member counting by its share of the job.</param>
internal sealed record PayloadRuns(int Whole, int Begun, double Wasted)
{
    /// <summary>Who stamps starts and finishes.</summary>
    public const string Source = "payload";

    // As far as the clocks of two nodes may be apart.
    private const long Slack = 5_000;

    /// <summary>A job whose payload never ran.</summary>
    public static PayloadRuns None { get; } = new(0, 0, 0);

    /// <summary>The runs of each job that has any.</summary>
    /// <param name="events">All events.</param>
    /// <param name="ended">When the replay ended: what was not seen to end before lasted until then at most.</param>
    /// <param name="processors">Processors of each job: it has no more members.</param>
    /// <param name="off">Nodes that were switched off, and when: what ran there ended with them.</param>
    public static Dictionary<long, PayloadRuns> Of(IEnumerable<JobEvent> events, long ended, IReadOnlyDictionary<long, int> processors, IReadOnlyList<(string Node, long Time)> off) =>
        events.GroupBy(e => e.Job).Select(job => (Job: job.Key, Runs: OfJob([.. job], ended, processors.GetValueOrDefault(job.Key, int.MaxValue), off))).Where(j => j.Runs is not null).ToDictionary(j => j.Job, j => j.Runs!);

    private static PayloadRuns? OfJob(List<JobEvent> events, long ended, int most, IReadOnlyList<(string Node, long Time)> off)
    {
        var stamps = events.Where(e => e.Source == Source).ToList();
        if (stamps.Count == 0) return null;
        long[] requeues = [.. events.Where(e => e.Kind == JobEventKind.Requeued).Select(e => e.Time).Order()];
        // What put the job back or ended it ended the run that has no finish.
        long[] ends = [.. events.Where(e => e.Kind is JobEventKind.Requeued or JobEventKind.Ended).Select(e => e.Time).Order()];
        // A member that was replaced has another name: as many are needed as began between two times that the job was put back.
        var needed = Math.Min(Math.Max(1, most), stamps.Where(s => s.Kind == JobEventKind.Started)
            .GroupBy(s => requeues.Count(r => r <= s.Time)).Select(part => part.Select(s => s.Member ?? "").Distinct(StringComparer.Ordinal).Count()).DefaultIfEmpty(1).Max());
        var begun = 0;
        var (spent, good) = (0.0, new List<double>());
        foreach (var member in stamps.GroupBy(s => s.Member ?? ""))
        {
            long? since = null;
            foreach (var stamp in member.OrderBy(s => s.Time))
            {
                if (stamp.Kind == JobEventKind.Started)
                {
                    if (since is { } open) spent += Seconds(open, Math.Min(stamp.Time, EndAfter(open)));
                    since = stamp.Time;
                    begun++;
                }
                else if (since is { } start)
                {
                    spent += Seconds(start, stamp.Time);
                    if (stamp.ExitCode is null or 0) good.Add(Seconds(start, stamp.Time));
                    since = null;
                }
            }

            if (since is { } last) spent += Seconds(last, EndAfter(last));
        }

        // One whole run counts; what was done once more came to nothing.
        return new PayloadRuns(good.Count / needed, (begun + needed - 1) / needed, Math.Max(0, spent - good.Take(needed).Sum()) / needed);

        long EndAfter(long start) => Math.Min(ends.FirstOrDefault(e => e > start) is > 0 and var end ? end : Math.Max(start, ended), OffAfter(start));

        // Which nodes a run was given is what was decided last before it: a scheduler may tell long after that one of them is gone.
        long OffAfter(long start)
        {
            if (off.Count == 0 || events.Where(e => e.Kind == JobEventKind.Decided && e.Time <= start + Slack).MaxBy(e => e.Time) is not { Nodes: { } nodes }) return long.MaxValue;
            return off.Where(o => o.Time > start && HostList.Expand(nodes).Contains(o.Node)).Select(o => o.Time).DefaultIfEmpty(long.MaxValue).Min();
        }
    }

    private static double Seconds(long from, long to) => Math.Max(0, to - from) / 1e6;
}
