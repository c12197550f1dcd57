using Regatta.Workloads;

namespace Regatta.Experiments.Replay;

/// <summary>Tells stamps that payloads make from others.</summary>
internal static class StampCheck
{
    private const int Shown = 5;

    /// <summary>The stamps that a payload on a worker can have made, and what is wrong with the others.</summary>
    /// <param name="worker">The worker whose file they are from.</param>
    /// <param name="nodes">All nodes of the cluster.</param>
    /// <param name="jobs">Numbers of the jobs of the workload.</param>
    /// <param name="stamps">What is in the file.</param>
    public static (List<JobEvent> Taken, string? Fault) FromPayloads(string worker, IReadOnlyCollection<string> nodes, IReadOnlySet<long> jobs, IReadOnlyList<JobEvent> stamps)
    {
        var taken = stamps.Where(Possible).ToList();
        if (taken.Count == stamps.Count) return (taken, null);
        var first = stamps.First(s => !Possible(s));
        return (taken, string.Create(CultureInfo.InvariantCulture,
            $"{stamps.Count - taken.Count} of the stamps of {worker} cannot be a payload's there, the first: {first.Kind} of job {first.Job}, by {first.Source} on {first.Node ?? "no node"}"));

        // A machine that exists may call itself otherwise; that it calls itself as another node does cannot be.
        bool Possible(JobEvent stamp) =>
            stamp is { Kind: JobEventKind.Started or JobEventKind.Finished, Source: "payload" } && jobs.Contains(stamp.Job) && (stamp.Node == worker || !nodes.Contains(stamp.Node ?? ""));
    }

    /// <summary>What stamps say that cannot be so: more starts or finishes than the job had runs, or one on a node that it was not given. Null when nothing does.</summary>
    /// <param name="events">All events of the trial.</param>
    public static string? Contradiction(IEnumerable<JobEvent> events)
    {
        var wrong = new List<string>();
        foreach (var job in events.GroupBy(e => e.Job).OrderBy(g => g.Key))
        {
            var runs = 1 + job.Count(e => e.Kind == JobEventKind.Requeued);
            foreach (var kind in new[] { JobEventKind.Started, JobEventKind.Finished })
            {
                var most = job.Where(e => e.Kind == kind && e.Source == "payload").GroupBy(e => e.Member ?? "").Select(g => g.Count()).DefaultIfEmpty().Max();
                if (most > runs) wrong.Add(string.Create(CultureInfo.InvariantCulture, $"job {job.Key} {(kind == JobEventKind.Started ? "started" : "finished")} {most} times in {(runs == 1 ? "one run" : $"{runs} runs")}"));
            }
        }

        return wrong.Count == 0 ? null : $"stamps contradict each other: {string.Join(", ", wrong.Take(Shown))}{(wrong.Count > Shown ? ", …" : "")}";
    }
}
