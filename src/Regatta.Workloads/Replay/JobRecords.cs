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
        return [.. jobs.Select(job => Of(job, byJob[job.Id]))];
    }

    /// <summary>The row of one job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="events">What happened to it, of all sources; those of one source in the order in which they happened.</param>
    public static JobRecord Of(Job job, IEnumerable<JobEvent> events)
    {
        var record = new JobRecord
        {
            Job = job.Id,
            User = job.User,
            Group = job.Group,
            Queue = job.Queue,
            Request = job.Request,
            Processors = job.Processors,
            RunTime = job.RunTime.Ticks / TimeSpan.TicksPerMicrosecond,
            RequestedTime = job.RequestedTime?.Ticks / TimeSpan.TicksPerMicrosecond,
            Drains = job.Drains,
        };
        JobEvent? ended = null, payloadEnd = null;
        var members = new Dictionary<string, (long Start, long? Finish)>(StringComparer.Ordinal);
        var ordered = events.OrderBy(e => e.Time).ToList();
        var requeue = ordered.LastOrDefault(e => e.Kind == JobEventKind.Requeued)?.Time;
        foreach (var e in ordered)
        {
            switch (e.Kind)
            {
                case JobEventKind.Sent:
                    record = record with { Sent = record.Sent ?? e.Time, Planned = record.Planned ?? e.Planned };
                    break;
                case JobEventKind.Accepted:
                    record = record with { Accepted = record.Accepted ?? e.Time, SchedulerId = e.SchedulerId ?? record.SchedulerId };
                    break;
                case JobEventKind.Eligible:
                    record = record with { Eligible = record.Eligible ?? e.Time };
                    break;
                case JobEventKind.Requeued:
                    record = record with { Requeues = record.Requeues + 1, Decided = null, Start = null, Finish = null, Released = null, Nodes = 0, NodeList = null };
                    (ended, payloadEnd) = (null, null);
                    members.Clear();
                    break;
                case JobEventKind.Decided:
                    var nodes = e.Nodes is null ? [] : HostList.Expand(e.Nodes);
                    record = record with { Decided = e.Time, Nodes = nodes.Length, NodeList = nodes.IsEmpty ? e.Nodes : string.Join(',', nodes) };
                    break;
                case JobEventKind.Started:
                    // The run that was broken off may still go on upon a lost node.
                    members[e.Member ?? ""] = (e.Time, null);
                    payloadEnd = null;
                    break;
                case JobEventKind.Finished when members.TryGetValue(e.Member ?? "", out var begun):
                    members[e.Member ?? ""] = (begun.Start, e.Time);
                    payloadEnd = e;
                    break;
                case JobEventKind.Finished when requeue is null && e.Member is null:
                    record = record with { Finish = e.Time };
                    payloadEnd = e;
                    break;
                case JobEventKind.Released:
                    record = record with { Released = e.Time };
                    break;
                case JobEventKind.Ended or JobEventKind.Rejected:
                    ended = e;
                    break;
            }
        }

        // A job of several members runs from the first start to the last finish; while one runs, so does the job.
        if (members.Count > 0)
            record = record with { Start = members.Values.Min(m => m.Start), Finish = members.Values.Any(m => m.Finish is null) ? null : members.Values.Max(m => m.Finish) };
        return record with
        {
            State = ended?.Kind == JobEventKind.Rejected ? JobState.Rejected : ended?.State ?? JobState.Unfinished,
            ExitCode = ended?.ExitCode ?? payloadEnd?.ExitCode,
        };
    }
}
