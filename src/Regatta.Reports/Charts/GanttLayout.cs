using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Reports.Charts;

/// <summary>
/// Lays the jobs of a trial out on lanes. Which core of a node a job ran on is not recorded, so lanes are chosen here: the free run of lanes
/// that fits best on each node the job was given. How a job is spread over its nodes is not recorded either: where a guess leaves a later job
/// without a lane, the guess is mended. A new lane is added only where more ran at once than the node has processors.
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
        // Lanes are given in the order of the scheduler's own decisions and held until the release it saw: a launch takes a moment, and jobs that were
        // decided together start in any order.
        foreach (var index in Enumerable.Range(0, started.Count).OrderBy(i => started[i].Decided ?? started[i].Start))
        {
            var job = started[index];
            var finish = job.Finish ?? job.Released ?? end;
            var booking = new Booking(index, Math.Min(job.Decided ?? job.Start!.Value, job.Start!.Value), job.Start!.Value, finish, Math.Max(job.Released ?? 0, finish));
            var own = NodesOf(job).Select(n => bands[n]).ToArray();
            var shares = Shares(job.Processors, [.. own.Select(b => b.FreeFor(booking))]);
            for (var n = 0; n < own.Length; n++)
            {
                while (own[n].FreeFor(booking) < shares[n] && Relieve(own[n], started, bands)) { }
                own[n].Take(shares[n], booking);
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

        var boxes = bands.Values.SelectMany(b => b.Boxes()).OrderBy(b => b.Job).ThenBy(b => b.Lane).ToList();
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
                Lane = [.. boxes.Select(b => b.Lane)],
                Lanes = [.. boxes.Select(b => b.Lanes)],
            },
            [
                .. trial.Faults.Select(f => new GanttFault(Seconds(f.Time, origin), f.Node, f.Text)),
                .. (trial.Injection?.Faults ?? []).Select(f => new GanttFault(Seconds(f.Began, origin), f.Node, f.Text) { Until = f.Healed is { } over ? Seconds(over, origin) : null }),
            ],
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
        for (var i = 0; i < workers.Length; i++) bands[workers[i]] = new Band(trial.ProcessorsOf(i));

        var lists = started.Select(j => j.NodeList).Distinct(StringComparer.Ordinal).Select(Names).ToList();
        foreach (var name in lists.SelectMany(names => names).Distinct(StringComparer.Ordinal)) bands.TryAdd(name, new Band(0));
        if (lists.Exists(names => names.IsEmpty)) bands[""] = new Band(placed ? 0 : trial.Processors);
        if (bands.Count == 0) bands[""] = new Band(trial.Processors);
        return bands;
    }

    // A job whose place is not known, or not understood, lies on the band without a name.
    private static ImmutableArray<string> NodesOf(JobRecord job) => Names(job.NodeList) is { IsEmpty: false } names ? names : [""];

    private static ImmutableArray<string> Names(string? list) => string.IsNullOrEmpty(list) ? [] : [.. HostList.Expand(list).Distinct(StringComparer.Ordinal)];

    // Moves one processor of a job that runs on several nodes from a full node to one that had a lane to spare all along.
    private static bool Relieve(Band full, List<JobRecord> started, SortedDictionary<string, Band> bands)
    {
        foreach (var (lane, booking) in full.Movable())
        {
            foreach (var other in NodesOf(started[booking.Job]).Select(n => bands[n]).Where(b => b != full))
            {
                if (other.FreeFor(booking) == 0) continue;
                full.Return(lane);
                other.Take(1, booking);
                return true;
            }
        }

        return false;
    }

    /// <summary>A job on a lane: decided, started, finished, released, in microseconds.</summary>
    private sealed record Booking(int Job, long From, long Start, long Finish, long Until);

    /// <summary>The lanes of one node and who has each, one after another.</summary>
    private sealed class Band(int lanes)
    {
        private readonly List<List<Booking>> _taken = [.. Enumerable.Range(0, lanes).Select(_ => new List<Booking>())];

        public int Lanes => _taken.Count;

        public int First { get; set; }

        public int FreeFor(Booking booking)
        {
            var free = 0;
            for (var lane = 0; lane < _taken.Count; lane++)
            {
                if (IsFree(lane, booking)) free++;
            }

            return free;
        }

        /// <summary>Lanes whose last job has others on this node, and so can spare one.</summary>
        public IEnumerable<(int Lane, Booking Booking)> Movable() =>
            _taken.Select((t, lane) => (Lane: lane, Last: t.Count > 0 ? t[^1] : null)).Where(l => l.Last is not null)
                .GroupBy(l => l.Last!.Job).Where(g => g.Count() > 1).Select(g => (g.Last().Lane, g.Last().Last!));

        public void Return(int lane) => _taken[lane].RemoveAt(_taken[lane].Count - 1);

        public void Take(int count, Booking booking)
        {
            while (count > 0)
            {
                var (lane, length) = BestRun(count, booking);
                if (length == 0)
                {
                    lane = _taken.Count;
                    length = count;
                    _taken.AddRange(Enumerable.Range(0, count).Select(_ => new List<Booking>()));
                }

                length = Math.Min(length, count);
                for (var i = lane; i < lane + length; i++) _taken[i].Add(booking);
                count -= length;
            }
        }

        /// <summary>Neighbouring lanes of the same job as one rectangle.</summary>
        public IEnumerable<(int Job, int Lane, int Lanes)> Boxes()
        {
            var open = new Dictionary<int, (int Lane, int Lanes)>();
            for (var lane = 0; lane < _taken.Count; lane++)
            {
                var here = new Dictionary<int, (int Lane, int Lanes)>();
                foreach (var job in _taken[lane].Select(b => b.Job))
                    here[job] = open.Remove(job, out var run) ? (run.Lane, run.Lanes + 1) : (lane, 1);
                foreach (var (job, run) in open) yield return (job, First + run.Lane, run.Lanes);
                open = here;
            }

            foreach (var (job, run) in open) yield return (job, First + run.Lane, run.Lanes);
        }

        // A scheduler may give processors on before it says that they are free; payloads that do not overlap can share a lane.
        private bool IsFree(int lane, Booking booking) =>
            _taken[lane].Count == 0 || _taken[lane][^1] is var last && (last.Until <= booking.From || last.Finish <= booking.Start);

        // The shortest free run that holds all, else the longest there is.
        private (int Lane, int Length) BestRun(int count, Booking booking)
        {
            (int Lane, int Length) best = (0, 0);
            for (var lane = 0; lane < _taken.Count;)
            {
                if (!IsFree(lane, booking))
                {
                    lane++;
                    continue;
                }

                var end = lane;
                while (end < _taken.Count && IsFree(end, booking)) end++;
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
