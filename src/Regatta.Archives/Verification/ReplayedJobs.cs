using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Archives.Verification;

/// <summary>The jobs that trials replayed.</summary>
public static class ReplayedJobs
{
    private static readonly JsonLinesFormat Lines = new();

    /// <summary>Reads the jobs of a trial from a file of an archive.</summary>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    public static Workload ReadAll(string file, CancellationToken cancellation)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        return Lines.Read(stream, Path.GetFileName(file), new TraceReading(SwfMode.Strict), cancellation);
    }

    /// <summary>What jobs asked for, in the order of the rows of a table; null when they are not the jobs of the table.</summary>
    /// <param name="jobs">The jobs of the workload.</param>
    /// <param name="places">The rows of the table.</param>
    /// <param name="known">How many of the jobs the table has.</param>
    internal static JobTable? InOrder(IReadOnlyList<Job> jobs, JobPlaces places, out int known)
    {
        var ordered = new Job?[places.Count];
        known = 0;
        foreach (var job in jobs)
        {
            if (places.Find(job.Id) is not (>= 0 and var place)) continue;
            known++;
            ordered[place] = job;
        }

        return known == places.Count && jobs.Count == places.Count ? JobTable.AskedFor(ordered!, places.Count) : null;
    }
}
