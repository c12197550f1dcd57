using System.Collections.Immutable;
using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Reports.Charts;

/// <summary>
/// Lays the jobs of a trial out on lanes. Which core of a node a job ran on is not recorded, so lanes are chosen here: the free run of lanes
/// that fits best on each node the job was given, and a new lane where the node has no free one left (then more ran at once than its share).
/// </summary>
public static class GanttLayout
{
    /// <summary>The chart of one trial.</summary>
    public static GanttChart Of(Trial of)
    {
        var trial = of.Record;
        var started = of.Jobs.Records.Where(j => j.Start is not null).OrderBy(j => j.Start).ThenBy(j => j.Job).ToList();
        var origin = trial.Started;
        var end = Curves.EndOf(of);
        var bands = Bands(trial, started);
        var boxes = new List<(int Job, Band Band, int Lane, int Lanes)>(started.Count);
        // Lanes are given in the order of the scheduler's own decisions and held until the release it saw: a launch takes a moment, and jobs that were
        // decided together start in any order.
        foreach (var index in Enumerable.Range(0, started.Count).OrderBy(i => started[i].Decided ?? started[i].Start))
        {
            var job = started[index];
            var from = Math.Min(job.Decided ?? job.Start!.Value, job.Start!.Value);
            var until = Math.Max(job.Released ?? 0, job.Finish ?? job.Released ?? end);
            var names = NodesOf(job, bands);
            var shares = Shares(job.Processors, [.. names.Select(n => bands[n].FreeAt(from))]);
            for (var n = 0; n < names.Length; n++)
            {
                var band = bands[names[n]];
                foreach (var (lane, lanes) in band.Take(shares[n], from, until)) boxes.Add((index, band, lane, lanes));
            }
        }

        var first = 0;
        var nodes = ImmutableArray.CreateBuilder<GanttNode>(bands.Count);
        foreach (var (name, band) in bands)
        {
            band.First = first;
            nodes.Add(new GanttNode(name, first, band.Lanes));
            first += band.Lanes;
        }

        return new GanttChart(
            trial.Point,
            trial.Repetition,
            first,
            nodes.ToImmutable(),
            Seconds(end, origin),
            new GanttJobs
            {
                Id = [.. started.Select(j => j.Job)],
                Submit = [.. started.Select(j => Seconds(j.Sent ?? j.Planned ?? j.Start!.Value, origin))],
                Start = [.. started.Select(j => Seconds(j.Start!.Value, origin))],
                Finish = [.. started.Select(j => Seconds(j.Finish ?? j.Released ?? end, origin))],
                Processors = [.. started.Select(j => j.Processors)],
                User = [.. started.Select(j => j.User)],
                State = [.. started.Select(j => (int)j.State)],
            },
            new GanttBoxes
            {
                Job = [.. boxes.Select(b => b.Job)],
                Lane = [.. boxes.Select(b => b.Band.First + b.Lane)],
                Lanes = [.. boxes.Select(b => b.Lanes)],
            },
            [.. trial.Faults.Select(f => new GanttFault(Seconds(f.Time, origin), f.Node, f.Text))],
            of.Jobs.Count - started.Count);
    }

    // Milliseconds are finer than any screen, and keep the page small.
    internal static double Seconds(long time, long origin) => Math.Round((time - origin) / 1e6, 3);

    // How a job's processors are spread over its nodes is not recorded: one on each, the rest where most lanes are free (as schedulers
    // do that keep jobs together), and evenly what finds none.
    private static int[] Shares(int processors, int[] free)
    {
        var shares = new int[free.Length];
        for (var n = 0; n < shares.Length && processors > 0; n++, processors--) shares[n] = 1;
        foreach (var n in Enumerable.Range(0, shares.Length).OrderByDescending(n => free[n]))
        {
            var more = Math.Clamp(free[n] - shares[n], 0, processors);
            shares[n] += more;
            processors -= more;
        }

        for (var n = 0; processors > 0; n = (n + 1) % shares.Length, processors--) shares[n]++;
        return shares;
    }

    private static SortedDictionary<string, Band> Bands(TrialRecord trial, List<JobRecord> started)
    {
        var bands = new SortedDictionary<string, Band>(NodeOrder.Instance);
        var placed = started.Any(j => j.NodeList is not null);
        var workers = placed ? trial.Workers : [];
        for (var i = 0; i < workers.Length; i++)
        {
            bands[workers[i]] = new Band(trial.NodeProcessors.TryGetValue(workers[i], out var own) ? own
                : (trial.Processors / workers.Length) + (i < trial.Processors % workers.Length ? 1 : 0));
        }

        foreach (var name in started.Where(j => j.NodeList is not null).SelectMany(j => Split(j.NodeList!)).Distinct(StringComparer.Ordinal))
            bands.TryAdd(name, new Band(0));
        if (started.Any(j => j.NodeList is null)) bands[""] = new Band(placed ? 0 : trial.Processors);
        if (bands.Count == 0) bands[""] = new Band(trial.Processors);
        return bands;
    }

    private static string[] NodesOf(JobRecord job, SortedDictionary<string, Band> bands) =>
        job.NodeList is null || Split(job.NodeList) is not { Length: > 0 } names ? [""] : [.. names.Where(bands.ContainsKey)];

    private static string[] Split(string nodes) => nodes.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The lanes of one node and until when each is taken.</summary>
    private sealed class Band(int lanes)
    {
        private readonly List<long> free = [.. Enumerable.Repeat(long.MinValue, lanes)];

        public int Lanes => free.Count;

        public int First { get; set; }

        public int FreeAt(long time) => free.Count(until => until <= time);

        public List<(int Lane, int Lanes)> Take(int count, long start, long finish)
        {
            var taken = new List<(int, int)>();
            while (count > 0)
            {
                var (lane, length) = BestRun(count, start);
                if (length == 0)
                {
                    lane = free.Count;
                    length = count;
                    free.AddRange(Enumerable.Repeat(long.MinValue, count));
                }

                length = Math.Min(length, count);
                for (var i = lane; i < lane + length; i++) free[i] = finish;
                taken.Add((lane, length));
                count -= length;
            }

            return taken;
        }

        // The shortest free run that holds all, else the longest there is.
        private (int Lane, int Length) BestRun(int count, long start)
        {
            (int Lane, int Length) best = (0, 0);
            for (var lane = 0; lane < free.Count;)
            {
                if (free[lane] > start)
                {
                    lane++;
                    continue;
                }

                var end = lane;
                while (end < free.Count && free[end] <= start) end++;
                var length = end - lane;
                if (best.Length == 0 || (length >= count ? best.Length < count || length < best.Length : length > best.Length)) best = (lane, length);
                lane = end;
            }

            return best;
        }
    }

    /// <summary>Names with numbers in the order that people count: <c>worker2</c> before <c>worker10</c>; jobs without a node come last.</summary>
    private sealed class NodeOrder : IComparer<string>
    {
        public static NodeOrder Instance { get; } = new();

        public int Compare(string? x, string? y)
        {
            if (string.IsNullOrEmpty(x) || string.IsNullOrEmpty(y)) return string.IsNullOrEmpty(x).CompareTo(string.IsNullOrEmpty(y));
            return string.Compare(x, y, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.CompareOptions.NumericOrdering) is var order and not 0
                ? order
                : string.CompareOrdinal(x, y);
        }
    }
}
