using System.Collections.Immutable;
using System.Globalization;
using Regatta.Diagnostics;

namespace Regatta.Workloads;

/// <summary>Turns SWF records into jobs and back.</summary>
public static class SwfJobs
{
    /// <summary>Longer times than this (some 3,000 years, in seconds) are no times.</summary>
    private const double LongestTime = 1e11;

    private enum Unusable
    {
        None,
        Partial,
        NeverRan,
        NoProcessors,
        NoRunTime,
        TimeRange,
    }

    /// <summary>
    /// Reads all jobs and sorts them by submit time. Dropped, and counted in <see cref="Workload.Diagnostics"/>: partial records
    /// (status 2 to 4), jobs that were cancelled before they ran, jobs without processors or run time. A job number used twice is replaced by
    /// a free one; a dependency on a job that is not there is dropped. Submit times are kept as they are; see <see cref="Workload.Jobs"/>.
    /// </summary>
    /// <exception cref="DiagnosticException">The file cannot be read, or no job is left.</exception>
    public static Workload Load(SwfReader reader, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var jobs = new List<Job>();
        var dropped = new long[Enum.GetValues<Unusable>().Length];
        var numbers = new HashSet<long>();
        var sorted = true;
        var repeated = 0L;
        var highest = 0L;
        while (reader.Read(out var record, cancellationToken))
        {
            highest = Math.Max(highest, record.JobNumber);
            if (Check(record) is var reason and not Unusable.None)
            {
                dropped[(int)reason]++;
                continue;
            }

            var job = Convert(record);
            if (job.Id < 1 || !numbers.Add(job.Id))
            {
                repeated++;
                job = job with { Id = -repeated };
            }

            sorted &= jobs.Count == 0 || Compare(jobs[^1], job) <= 0;
            jobs.Add(job);
        }

        var diagnostics = new List<Diagnostic>(reader.Repairs.Diagnostics(name));
        diagnostics.AddRange(Dropped(dropped, name));
        if (jobs.Count == 0)
        {
            throw new DiagnosticException([Diagnostic.Error("workload-no-jobs", $"{name} holds no job that could be run") with
            {
                Where = new SourceRange(name),
                Help = "a job needs a submit time, processors (field 8 or 5) and a run time (field 4)",
            }, .. diagnostics]);
        }

        if (repeated > 0)
        {
            for (var i = 0; i < jobs.Count; i++)
            {
                if (jobs[i].Id < 1) jobs[i] = jobs[i] with { Id = checked(++highest) };
            }

            diagnostics.Add(Diagnostic.Warning("workload-job-number", $"{name}: {repeated} job numbers were used twice or below 1 and got new numbers"));
        }

        var missing = DropMissingDependencies(jobs, numbers);
        if (missing > 0) diagnostics.Add(Diagnostic.Warning("workload-dependency", $"{name}: {missing} dependencies on jobs that are not in the workload were dropped"));
        if (!sorted || repeated > 0) jobs.Sort(Compare);
        return new Workload
        {
            Name = name, Jobs = [.. jobs], Header = reader.Header, SourceProcessors = reader.Header.MaxProcs ?? reader.Header.MaxNodes,
            Description = $"Read from {name}.", Diagnostics = [.. diagnostics],
        };
    }

    /// <summary>
    /// The job of a record; null when it cannot be run (a partial record, no processors, no run time). Processors are the requested ones
    /// (field 8), else the allocated ones (field 5); a preceding job and think time become a dependency.
    /// </summary>
    public static Job? ToJob(in SwfRecord record) => Check(record) == Unusable.None ? Convert(record) : null;

    /// <summary>
    /// The record of a job that has not run: wait, CPU time, used memory and status are unknown. What SWF has no field for is lost: nodes,
    /// priority, draining, arrays, gangs, payloads, and dependencies but the first.
    /// </summary>
    public static SwfRecord FromJob(Job job)
    {
        ArgumentNullException.ThrowIfNull(job);
        var before = job.Dependencies.IsDefaultOrEmpty ? null : job.Dependencies[0];
        return SwfRecord.Unknown(job.Id, job.Submit.TotalSeconds) with
        {
            RunTime = job.RunTime.TotalSeconds, AllocatedProcessors = job.Processors, RequestedProcessors = job.Processors,
            RequestedTime = job.RequestedTime?.TotalSeconds ?? -1, RequestedMemory = job.MemoryPerProcessor is { } memory ? (memory + 1023) / 1024 : -1,
            User = job.User, Group = job.Group, Queue = job.Queue, PrecedingJob = before?.Job ?? -1, ThinkTime = before?.ThinkTime.TotalSeconds ?? -1,
        };
    }

    /// <summary>The record of a job that was measured.</summary>
    /// <param name="job">What became of it. A job that never started has wait and run time unknown.</param>
    /// <param name="origin">Start of the log, in UTC microseconds since 1970-01-01: submit times count from here.</param>
    public static SwfRecord FromRecord(JobRecord job, long origin)
    {
        ArgumentNullException.ThrowIfNull(job);
        var submit = job.Sent ?? job.Planned ?? origin;
        return SwfRecord.Unknown(job.Job, Math.Max(0, submit - origin) / 1e6) with
        {
            Wait = job.Start is { } start ? Math.Max(0, start - submit) / 1e6 : -1,
            RunTime = job is { Start: { } begin, Finish: { } end } ? Math.Max(0, end - begin) / 1e6 : -1,
            AllocatedProcessors = job.Start is null ? -1 : job.Processors,
            RequestedProcessors = job.Processors,
            RequestedTime = job.RequestedTime is { } limit ? limit / 1e6 : -1,
            Status = job.State switch
            {
                JobState.Completed => 1,
                JobState.Cancelled or JobState.Rejected => 5,
                JobState.Failed or JobState.TimedOut or JobState.NodeFailed or JobState.Lost => 0,
                _ => -1,
            },
            User = job.User, Group = job.Group, Queue = job.Queue,
        };
    }

    /// <summary>Writes a workload as SWF, its header completed by what the format asks for.</summary>
    /// <returns>A warning for everything that SWF has no field for.</returns>
    public static ImmutableArray<Diagnostic> Write(Workload workload, Stream stream, bool gzip = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workload);
        using (var writer = new SwfWriter(stream, Complete(workload), gzip))
        {
            foreach (var job in workload.Jobs)
            {
                if ((writer.Count & 0xfff) == 0) cancellationToken.ThrowIfCancellationRequested();
                writer.Write(FromJob(job));
            }
        }

        var lost = new List<string>();
        void Lose(string what, Func<Job, bool> has)
        {
            var count = workload.Jobs.Count(has);
            if (count > 0) lost.Add($"{what} of {count} jobs");
        }

        Lose("nodes", job => job.Nodes > 0);
        Lose("priority", job => job.Priority != 0);
        Lose("draining", job => job.Drains);
        Lose("array", job => job.Array is not null);
        Lose("gang minimum", job => job.GangMinimum > 0);
        Lose("payload", job => job.Payload.Kind != PayloadKind.Sleep);
        Lose("further dependencies", job => job.Dependencies.Length > 1);
        Lose("kind of dependency", job => job.Dependencies.Any(d => d.Kind != DependencyKind.After));
        return lost.Count == 0 ? [] :
            [Diagnostic.Warning("swf-loses", $"the Standard Workload Format has no field for: {string.Join(", ", lost)}") with { Help = "write a file ending in .jsonl to keep everything" }];
    }

    private static SwfHeader Complete(Workload workload)
    {
        var header = workload.Header;
        if (header["Version"] is null) header = new SwfHeader(header.Lines.Insert(0, "; Version: 2.2"));
        string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
        header = header.With("MaxJobs", Number(workload.Jobs.Length)).With("MaxRecords", Number(workload.Jobs.Length));
        if (header["MaxProcs"] is null && workload.SourceProcessors is { } processors) header = header.With("MaxProcs", Number(processors));
        return header;
    }

    private static int Compare(Job a, Job b) => a.Submit != b.Submit ? a.Submit.CompareTo(b.Submit) : a.Id.CompareTo(b.Id);

    private static Unusable Check(in SwfRecord record) =>
        record.Status is 2 or 3 or 4 ? Unusable.Partial
        : record.RunTime < 0 ? record.Status == 5 ? Unusable.NeverRan : Unusable.NoRunTime
        : record.Status == 5 && record.RunTime == 0 ? Unusable.NeverRan
        : Processors(record) < 1 ? Unusable.NoProcessors
        : record.Submit is < 0 or > LongestTime || record.RunTime > LongestTime || record.RequestedTime > LongestTime || record.ThinkTime > LongestTime ? Unusable.TimeRange
        : Unusable.None;

    private static long Processors(in SwfRecord record) => record.RequestedProcessors > 0 ? record.RequestedProcessors : record.AllocatedProcessors;

    private static Job Convert(in SwfRecord record) => new()
    {
        Id = record.JobNumber, Submit = Time(record.Submit), Processors = (int)Math.Min(int.MaxValue, Processors(record)), RunTime = Time(record.RunTime),
        RequestedTime = record.RequestedTime > 0 ? Time(record.RequestedTime) : null,
        MemoryPerProcessor = record.RequestedMemory is > 0 and <= long.MaxValue / 1024 ? record.RequestedMemory * 1024 : null,
        User = record.User, Group = record.Group, Queue = record.Queue,
        Dependencies = record.PrecedingJob > 0 && record.PrecedingJob != record.JobNumber
            ? [new JobDependency(record.PrecedingJob, DependencyKind.After, Time(Math.Max(0, record.ThinkTime)))] : [],
    };

    /// <summary>To the microsecond, the resolution of every time stamp.</summary>
    private static TimeSpan Time(double seconds) => TimeSpan.FromMicroseconds((long)Math.Round(seconds * 1e6));

    private static long DropMissingDependencies(List<Job> jobs, HashSet<long> numbers)
    {
        var missing = 0L;
        for (var i = 0; i < jobs.Count; i++)
        {
            if (jobs[i].Dependencies.IsEmpty || numbers.Contains(jobs[i].Dependencies[0].Job)) continue;
            jobs[i] = jobs[i] with { Dependencies = [] };
            missing++;
        }

        return missing;
    }

    private static IEnumerable<Diagnostic> Dropped(long[] counts, string name)
    {
        Diagnostic? One(Unusable reason, Severity severity, string code, string text) => counts[(int)reason] is > 0 and var count
            ? new Diagnostic(severity, code, $"{name}: {count} {text}") : null;
        Diagnostic?[] all =
        [
            One(Unusable.Partial, Severity.Hint, "workload-partial-record", "partial records of checkpointed jobs (status 2 to 4) left out"),
            One(Unusable.NeverRan, Severity.Hint, "workload-never-ran", "jobs that were cancelled before they ran left out"),
            One(Unusable.NoProcessors, Severity.Warning, "workload-no-processors", "jobs without a number of processors left out"),
            One(Unusable.NoRunTime, Severity.Warning, "workload-no-run-time", "jobs without a run time left out"),
            One(Unusable.TimeRange, Severity.Warning, "workload-time-range", "jobs with a time above 100,000,000,000 s left out"),
        ];
        return all.OfType<Diagnostic>();
    }
}
