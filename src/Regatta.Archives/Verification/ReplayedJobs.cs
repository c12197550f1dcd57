using Regatta.Workloads;

namespace Regatta.Archives.Verification;

/// <summary>The jobs that trials replayed.</summary>
public static class ReplayedJobs
{
    private static readonly JsonLinesFormat Lines = new();

    /// <summary>Reads the jobs of a trial from a file of an archive, by their numbers.</summary>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    public static IReadOnlyDictionary<long, Job> Read(string file, CancellationToken cancellation) => ReadAll(file, cancellation).Jobs.ToDictionary(j => j.Id);

    /// <summary>Reads the jobs of a trial from a file of an archive.</summary>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    public static Workload ReadAll(string file, CancellationToken cancellation)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        return Lines.Read(stream, Path.GetFileName(file), new TraceReading(SwfMode.Strict), cancellation);
    }

    /// <summary>A job as far as the row of a table says what it was.</summary>
    internal static Job AsRecorded(JobRecord row) => new()
    {
        Id = row.Job,
        Submit = TimeSpan.Zero,
        Processors = row.Processors,
        RunTime = TimeSpan.FromMicroseconds(row.RunTime),
        RequestedTime = row.RequestedTime is { } limit ? TimeSpan.FromMicroseconds(limit) : null,
        User = row.User,
        Group = row.Group,
        Queue = row.Queue,
        Request = row.Request,
        Drains = row.Drains,
    };
}
