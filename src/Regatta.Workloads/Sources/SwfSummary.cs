namespace Regatta.Workloads;

/// <summary>
/// Summarises a trace while it is read, without keeping its jobs, when it is as nearly all are: jobs in the order of their submit times, numbers that rise,
/// no dependencies, times that do not count from 1970. Whatever else a file holds needs all of its jobs at once: <see cref="SwfJobs.Load"/>.
/// </summary>
internal static class SwfSummary
{
    /// <summary>The summary and what is said of the file; null when all jobs are needed.</summary>
    /// <param name="reader">The file, from its first record on.</param>
    /// <param name="name">Its name.</param>
    /// <param name="processors">Processors to count load for; null takes those of the header, or the largest job's.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="DiagnosticException">The file cannot be read.</exception>
    public static (WorkloadSummary Summary, ImmutableArray<Diagnostic> Diagnostics)? Of(SwfReader reader, string name, int? processors, CancellationToken cancellationToken)
    {
        var counts = new WorkloadCounts(reader.Header);
        var dropped = new long[Enum.GetValues<SwfJobs.Unusable>().Length];
        var (number, submit, records) = (0L, TimeSpan.MinValue, 0L);
        while (reader.Read(out var record, cancellationToken))
        {
            if (records++ == 0 && record.Submit >= WorkloadFile.SinceEpoch.TotalSeconds) return null;
            if (SwfJobs.Check(record) is var reason and not SwfJobs.Unusable.None)
            {
                dropped[(int)reason]++;
                continue;
            }

            var job = SwfJobs.Convert(record);
            if (job.Id <= number || job.Submit < submit || !job.Dependencies.IsEmpty) return null;
            (number, submit) = (job.Id, job.Submit);
            counts.Add(job);
            JobLimit.Check(counts.Jobs, name);
        }

        if (counts.Jobs == 0) return null;
        var diagnostics = new List<Diagnostic>(reader.Repairs.Diagnostics(name));
        diagnostics.AddRange(SwfJobs.Dropped(dropped, name));
        var machine = SwfJobs.MachineOf(reader.Header, counts.Largest.Processors, counts.Largest.Id, name, diagnostics);
        return (counts.Summary(name, processors ?? machine), [.. diagnostics]);
    }
}
