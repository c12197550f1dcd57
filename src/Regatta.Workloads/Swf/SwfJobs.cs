namespace Regatta.Workloads;

/// <summary>Turns SWF records into jobs and back.</summary>
public static class SwfJobs
{
    /// <summary>Longer times than this (some 3,000 years, in seconds) are no times.</summary>
    private const double LongestTime = 1e11;

    private static readonly RecordedJob Nothing = new();

    /// <summary>Why a record is no job.</summary>
    internal enum Unusable
    {
        None,
        Partial,
        NeverRan,
        NoProcessors,
        NoRunTime,
        TimeRange,
    }

    /// <summary>
    /// Reads all jobs and sorts them by submit time. Left out, kept in <see cref="Workload.LeftOut"/> and counted in <see cref="Workload.Diagnostics"/>: partial records
    /// (status 2 to 4), jobs that were cancelled before they ran, jobs without processors or run time. A preceding job that is the same in every row, that job's own included, is no dependency. A job number used twice is replaced by
    /// a free one; a dependency on a job that is not there is dropped. Submit times are kept as they are; see <see cref="Workload.Jobs"/>.
    /// </summary>
    /// <exception cref="DiagnosticException">The file cannot be read, or no job is left.</exception>
    public static Workload Load(SwfReader reader, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var jobs = new List<Job>();
        var leftOut = new List<SwfRecord>();
        var dropped = new long[Enum.GetValues<Unusable>().Length];
        // Made when the numbers do not rise, or jobs wait for others.
        HashSet<long>? numbers = null;
        var sorted = true;
        var repeated = 0L;
        var highest = 0L;
        // The preceding job that every row names, and whether that job names itself.
        (long Job, bool Alike, bool Itself) before = (0, true, false);
        while (reader.Read(out var record, cancellationToken))
        {
            highest = Math.Max(highest, record.JobNumber);
            if (Check(record) is var reason and not Unusable.None)
            {
                dropped[(int)reason]++;
                leftOut.Add(record);
                continue;
            }

            if (jobs.Count == 0) before.Job = record.PrecedingJob;
            before = (before.Job, before.Alike && record.PrecedingJob == before.Job, before.Itself || record.PrecedingJob == record.JobNumber);
            var job = Convert(record);
            if (job.Id < 1 || !IsNew(job.Id, jobs, ref numbers))
            {
                repeated++;
                job = job with { Id = -repeated };
            }

            sorted &= jobs.Count == 0 || Compare(jobs[^1], job) <= 0;
            jobs.Add(job);
            JobLimit.Check(jobs.Count, name);
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

        if (numbers is null && jobs.Exists(job => !job.Dependencies.IsEmpty)) numbers = Numbers(jobs);
        if (repeated > 0)
        {
            for (var i = 0; i < jobs.Count; i++)
            {
                if (jobs[i].Id < 1) jobs[i] = jobs[i] with { Id = checked(++highest) };
            }

            diagnostics.Add(Diagnostic.Warning("workload-job-number", $"{name}: {repeated} job numbers were used twice or below 1 and got new numbers"));
        }

        if (before is { Job: > 0, Alike: true, Itself: true } && jobs.Count > 1)
        {
            for (var i = 0; i < jobs.Count; i++) jobs[i] = jobs[i] with { Dependencies = [] };
            diagnostics.Add(Diagnostic.Warning("workload-dependency", $"{name}: every job names job {before.Job} as its preceding job (field 17), that job itself too: the field holds no dependencies and was not read"));
        }

        var missing = DropMissingDependencies(jobs, numbers);
        if (missing > 0) diagnostics.Add(Diagnostic.Warning("workload-dependency", $"{name}: {missing} dependencies on jobs that are not in the workload were dropped"));
        if (!sorted || repeated > 0) jobs.Sort(Compare);
        var largest = jobs.MaxBy(job => job.Processors)!;
        var processors = MachineOf(reader.Header, largest.Processors, largest.Id, name, diagnostics);
        return new Workload
        {
            Name = name, Jobs = [.. jobs], LeftOut = [.. leftOut.OrderBy(row => row.Submit).ThenBy(row => row.JobNumber)], Header = reader.Header, SourceProcessors = processors, Description = $"Read from {name}.", Diagnostics = [.. diagnostics],
        };
    }

    /// <summary>
    /// The job of a record; null when it cannot be run (a partial record, no processors, no run time). Processors are the requested ones
    /// (field 8), else the allocated ones (field 5); a preceding job and think time become a dependency.
    /// </summary>
    public static Job? ToJob(in SwfRecord record) => Check(record) == Unusable.None ? Convert(record) : null;

    /// <summary>
    /// The record of a job, with what a trace recorded of it; without that, wait, CPU time, used memory and status are unknown. What SWF has no field for is lost; see
    /// <see cref="SwfFormat.Loses"/>.
    /// </summary>
    public static SwfRecord FromJob(Job job)
    {
        ArgumentNullException.ThrowIfNull(job);
        var before = job.Dependencies.IsDefaultOrEmpty ? null : job.Dependencies[0];
        var recorded = job.Recorded ?? Nothing;
        var sized = recorded.AllocatedProcessors is not null || recorded.RequestedProcessors is not null;
        return new SwfRecord
        {
            JobNumber = job.Id, Submit = job.Submit.TotalSeconds, Wait = recorded.Wait?.TotalSeconds ?? -1, RunTime = job.RunTime.TotalSeconds,
            AllocatedProcessors = sized ? recorded.AllocatedProcessors ?? -1 : job.Processors, AverageCpuTime = recorded.AverageCpuTime?.TotalSeconds ?? -1,
            UsedMemory = Kilobytes(recorded.UsedMemory), RequestedProcessors = sized ? recorded.RequestedProcessors ?? -1 : job.Processors,
            RequestedTime = job.RequestedTime?.TotalSeconds ?? -1, RequestedMemory = Kilobytes(job.MemoryPerProcessor), Status = recorded.SwfStatus ?? -1,
            User = job.User, Group = job.Group, Executable = recorded.Executable ?? -1, Queue = job.Queue, Partition = recorded.Partition ?? -1,
            PrecedingJob = before?.Job ?? -1, ThinkTime = before?.ThinkTime.TotalSeconds ?? -1,
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

    /// <summary>The order of rows: by submit time, then by number.</summary>
    internal static int Compare(SwfRecord a, SwfRecord b) => a.Submit != b.Submit ? a.Submit.CompareTo(b.Submit) : a.JobNumber.CompareTo(b.JobNumber);

    private static int Compare(Job a, Job b) => a.Submit != b.Submit ? a.Submit.CompareTo(b.Submit) : a.Id.CompareTo(b.Id);

    /// <summary>Whether a record is a job, or why not.</summary>
    internal static Unusable Check(in SwfRecord record) =>
        record.Status is 2 or 3 or 4 ? Unusable.Partial
        : record.RunTime < 0 ? record.Status == 5 ? Unusable.NeverRan : Unusable.NoRunTime
        : record.Status == 5 && record.RunTime == 0 ? Unusable.NeverRan
        : Processors(record) < 1 ? Unusable.NoProcessors
        : record.Submit is < 0 or > LongestTime || record.RunTime > LongestTime || record.RequestedTime > LongestTime || record.ThinkTime > LongestTime ? Unusable.TimeRange
        : Unusable.None;

    private static long Processors(in SwfRecord record) => record.RequestedProcessors > 0 ? record.RequestedProcessors : record.AllocatedProcessors;

    /// <summary>The job of a record that is one.</summary>
    internal static Job Convert(in SwfRecord record) => new()
    {
        Id = record.JobNumber, Submit = Time(record.Submit), Processors = (int)Math.Min(int.MaxValue, Processors(record)), RunTime = Time(record.RunTime),
        RequestedTime = record.RequestedTime > 0 ? Time(record.RequestedTime) : null,
        MemoryPerProcessor = record.RequestedMemory is > 0 and <= long.MaxValue / 1024 ? record.RequestedMemory * 1024 : null,
        User = record.User, Group = record.Group, Queue = record.Queue, Recorded = RecordedOf(record),
        Dependencies = record.PrecedingJob > 0 && record.PrecedingJob != record.JobNumber
            ? [new JobDependency(record.PrecedingJob, DependencyKind.After, Time(Math.Max(0, record.ThinkTime)))] : [],
    };

    private static RecordedJob? RecordedOf(in SwfRecord record)
    {
        static TimeSpan? Known(double seconds) => seconds is >= 0 and <= LongestTime ? Time(seconds) : null;
        if (record is { Wait: -1, AverageCpuTime: -1, UsedMemory: -1, Status: -1, Executable: -1, Partition: -1 } && record.AllocatedProcessors == record.RequestedProcessors) return null;
        var recorded = new RecordedJob
        {
            Wait = Known(record.Wait), AverageCpuTime = Known(record.AverageCpuTime), UsedMemory = record.UsedMemory is >= 0 and <= long.MaxValue / 1024 ? record.UsedMemory * 1024 : null,
            Status = record.Status < 0 ? null : record.Status, Executable = record.Executable < 0 ? null : record.Executable, Partition = record.Partition < 0 ? null : record.Partition,
        };
        // Most models write one size into both fields, which is what a job without a record is written with.
        if (record.AllocatedProcessors == record.RequestedProcessors) return recorded == Nothing ? null : recorded;
        return recorded with
        {
            AllocatedProcessors = record.AllocatedProcessors < 0 ? null : record.AllocatedProcessors,
            RequestedProcessors = record.RequestedProcessors < 0 ? null : record.RequestedProcessors,
        };
    }

    private static long Kilobytes(long? bytes) => bytes is { } known ? (known / 1024) + (known % 1024 > 0 ? 1 : 0) : -1;

    /// <summary>
    /// Processors of the machine that the log was recorded on: <c>MaxProcs</c>, else <c>MaxNodes</c>; where a job is larger, neither can be right, and the largest job
    /// is taken. Null when the header names neither.
    /// </summary>
    internal static int? MachineOf(SwfHeader header, int largest, long job, string name, List<Diagnostic> diagnostics)
    {
        if ((header.MaxProcs ?? header.MaxNodes) is not { } stated) return null;
        var label = header.MaxProcs is null ? "MaxNodes" : "MaxProcs";
        if (largest <= stated)
        {
            if (header.MaxProcs is null)
            {
                diagnostics.Add(Diagnostic.Hint("workload-machine", $"{name}: its header has no MaxProcs; MaxNodes is taken for the number of processors, {stated}") with
                {
                    Help = "if its nodes have several processors, say how many there were in all with scale_source",
                });
            }

            return stated;
        }

        diagnostics.Add(Diagnostic.Warning("workload-machine",
            $"{name}: its header states {label}: {stated}, but job {job} has {largest} processors; the machine is taken to have {largest}") with
        {
            Where = new SourceRange(name),
            Help = "if it was larger, say how many processors it had with scale_source",
        });
        return largest;
    }

    /// <summary>To the microsecond, the resolution of every time stamp.</summary>
    private static TimeSpan Time(double seconds) => TimeSpan.FromMicroseconds((long)Math.Round(seconds * 1e6));

    /// <summary>Whether no job has the number so far. Those of most files rise, and need no set of all.</summary>
    private static bool IsNew(long number, List<Job> jobs, ref HashSet<long>? numbers)
    {
        if (numbers is null && (jobs.Count == 0 || (jobs[^1].Id is > 0 and var last && number > last))) return true;
        numbers ??= Numbers(jobs);
        return numbers.Add(number);
    }

    private static HashSet<long> Numbers(List<Job> jobs) => [.. jobs.Select(job => job.Id)];

    private static long DropMissingDependencies(List<Job> jobs, HashSet<long>? numbers)
    {
        if (numbers is null) return 0;
        var missing = 0L;
        for (var i = 0; i < jobs.Count; i++)
        {
            if (jobs[i].Dependencies.IsEmpty || numbers.Contains(jobs[i].Dependencies[0].Job)) continue;
            jobs[i] = jobs[i] with { Dependencies = [] };
            missing++;
        }

        return missing;
    }

    /// <summary>What is said of records that are no jobs, from their numbers by reason.</summary>
    internal static IEnumerable<Diagnostic> Dropped(long[] counts, string name)
    {
        Diagnostic? One(Unusable reason, Severity severity, string code, string text) => counts[(int)reason] is > 0 and var count
            ? new Diagnostic(severity, code, $"{name}: {count} {text}") : null;
        Diagnostic?[] all =
        [
            One(Unusable.Partial, Severity.Hint, "workload-partial-record", "partial records of checkpointed jobs (status 2 to 4) are no part of the workload"),
            One(Unusable.NeverRan, Severity.Hint, "workload-never-ran", "jobs that were cancelled before they ran are no part of the workload"),
            One(Unusable.NoProcessors, Severity.Warning, "workload-no-processors", "jobs without a number of processors are no part of the workload"),
            One(Unusable.NoRunTime, Severity.Warning, "workload-no-run-time", "jobs without a run time are no part of the workload"),
            One(Unusable.TimeRange, Severity.Warning, "workload-time-range", "jobs with a time above 100,000,000,000 s are no part of the workload"),
        ];
        return all.OfType<Diagnostic>();
    }
}
