namespace Regatta.Workloads;

/// <summary>Folds what happened to jobs into one row each.</summary>
public static class JobRecords
{
    /// <summary>
    /// One row for each job, in the order of <paramref name="jobs"/>. Events may come in any order of sources; those of one job and source come in
    /// the order in which they happened. A job that was put back into the queue has the stamps of its last run.
    /// Events of jobs that are not asked for are left out.
    /// </summary>
    /// <param name="jobs">The jobs of the workload.</param>
    /// <param name="events">What happened, of all sources.</param>
    public static IReadOnlyList<JobRecord> From(IReadOnlyList<Job> jobs, IEnumerable<JobEvent> events)
    {
        var byJob = events.ToLookup(e => e.Job);
        var fold = new JobFold(Expanded);
        return [.. jobs.Select(job => Row(fold, job, [.. byJob[job.Id].OrderBy(e => e.Time)]))];
    }

    private static JobRecord Row(JobFold fold, Job job, IReadOnlyList<JobEvent> ordered)
    {
        fold.Begin(ordered.Any(e => e.Kind == JobEventKind.Requeued));
        foreach (var happened in ordered) fold.Add(JobHappening.Of(happened));
        fold.End();
        return fold.Row(job);
    }

    private static (int Count, string List) Expanded(string list)
    {
        var nodes = HostList.Expand(list);
        return (nodes.Length, nodes.IsEmpty ? list : string.Join(',', nodes));
    }
}
