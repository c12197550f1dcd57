using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>What preemption did in a trial.</summary>
public sealed record Preemptions
{
    /// <summary>Times that a job lost what it held to another.</summary>
    public required int Victims { get; init; }

    /// <summary>How many of them were in vain: no job that others were preempted for took what they freed.</summary>
    public required int Needless { get; init; }

    /// <summary>Work that came to nothing, in processor-seconds: what victims that began anew or never again had worked.</summary>
    public required double WorkLost { get; init; }

    /// <summary>From the first job that was preempted for another to that other's start, in microseconds, of each that started.</summary>
    public ImmutableArray<long> Starts { get; init; } = [];

    /// <summary>What preemption did; null where nothing was preempted.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="events">Every event of the trial.</param>
    public static Preemptions? Of(IReadOnlyList<JobRecord> jobs, IReadOnlyList<JobEvent> events)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(events);
        var preempted = events.Where(e => e.Kind == JobEventKind.Preempted).ToList();
        // Most trials have none, and many events.
        if (preempted.Count == 0) return null;
        var byJob = events.ToLookup(e => e.Job);
        var victims = preempted.Select(e => Victim.Of(e, byJob[e.Job])).OfType<Victim>().ToList();
        if (victims.Count == 0) return null;
        // It may be said of one run more than once.
        victims = [.. victims.OrderBy(v => v.At).DistinctBy(v => (v.Job, v.Began))];
        var processors = jobs.ToDictionary(j => j.Job, j => j.Processors);
        var (starts, winners) = (ImmutableArray.CreateBuilder<long>(), new List<(long At, ImmutableArray<string> Nodes, int Processors)>());
        foreach (var made in victims.Where(v => v.By is not null).GroupBy(v => v.By!.Value))
        {
            var first = made.Min(v => v.At);
            var later = byJob[made.Key].Where(e => e.Time >= first).OrderBy(e => e.Time).ToList();
            if (later.Find(e => e is { Kind: JobEventKind.Decided, Nodes: not null }) is not { } given) continue;
            starts.Add((later.Find(e => e.Kind == JobEventKind.Started) ?? given).Time - first);
            winners.Add((given.Time, HostList.Expand(given.Nodes!), processors.GetValueOrDefault(made.Key)));
        }

        return new Preemptions
        {
            Victims = victims.Count,
            Needless = victims.Count - Needed(winners, [.. victims.Select(v => (v.At, v.Nodes, processors.GetValueOrDefault(v.Job)))]),
            WorkLost = victims.Sum(v => Math.Max(0, v.At - v.Began) * (double)processors.GetValueOrDefault(v.Job)) / 1e6,
            Starts = starts.ToImmutable(),
        };
    }

    /// <summary>
    /// How many victims freed something that was taken: each winner, in the order of their starts, takes on each of its nodes the largest of what was freed there and not taken yet, until it
    /// has its share. Whom a job is preempted for is not always who gets its nodes.
    /// </summary>
    private static int Needed(IEnumerable<(long At, ImmutableArray<string> Nodes, int Processors)> winners, IReadOnlyList<(long At, ImmutableArray<string> Nodes, int Processors)> victims)
    {
        var freed = victims.SelectMany((v, index) => v.Nodes.Select(node => (Node: node, v.At, Part: v.Processors / (double)v.Nodes.Length, Index: index)))
            .GroupBy(f => f.Node, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.OrderByDescending(f => f.Part).ToList(), StringComparer.Ordinal);
        var taken = new HashSet<int>();
        foreach (var winner in winners.OrderBy(w => w.At))
        {
            foreach (var node in winner.Nodes)
            {
                var wanted = winner.Processors / (double)winner.Nodes.Length;
                while (wanted > 0 && freed.TryGetValue(node, out var there) && there.FindIndex(f => f.At <= winner.At) is >= 0 and var next)
                {
                    wanted -= there[next].Part;
                    taken.Add(there[next].Index);
                    there.RemoveAt(next);
                }
            }
        }

        return taken.Count;
    }

    private sealed record Victim(long Job, long? By, long At, long Began, ImmutableArray<string> Nodes)
    {
        /// <summary>The run that was ended; null where none was under way.</summary>
        public static Victim? Of(JobEvent preempted, IEnumerable<JobEvent> own)
        {
            var before = own.Where(e => e.Time <= preempted.Time).OrderBy(e => e.Time).ToList();
            if (before.FindLast(e => e.Kind == JobEventKind.Decided) is not { } decided) return null;
            var started = before.FindLast(e => e.Kind == JobEventKind.Started && e.Time >= decided.Time);
            return new(preempted.Job, preempted.By, preempted.Time, (started ?? decided).Time, HostList.Expand(decided.Nodes ?? ""));
        }
    }
}
