namespace Regatta.Workloads;

/// <summary>Makes a workload of the accounting of a cluster: one job of all runs of a job, and a count of what is left out or changed, by reason.</summary>
/// <param name="name">Name of the file, for diagnostics.</param>
/// <param name="source">What it is read from.</param>
internal sealed class AccountedJobs(string name, AccountedSource source)
{
    private static readonly double Longest = JobValidation.Longest.TotalSeconds;

    private readonly TraceCollector _jobs = new(name);
    private readonly List<Run> _runs = [];
    private readonly List<SwfRecord> _leftOut = [];
    private readonly List<(int Place, string Text)> _dependencies = [];
    private readonly Dictionary<long, int> _byNumber = [];
    private double _first = double.NaN;

    private readonly record struct Run(bool Interrupted, bool Unfinished, bool Resized = false);

    /// <summary>The names, and what jobs asked for.</summary>
    public AccountedRequests Names { get; } = new();

    public NameNumbers Clusters { get; } = new();

    /// <summary>Counts a row of a step, which is a part of its job.</summary>
    public void Step() => _jobs.LeaveOut("rows of steps, which are parts of their jobs");

    /// <summary>Counts a row that cannot be read.</summary>
    public void Unreadable(long line) => _jobs.Unread(line);

    /// <summary>Takes a row.</summary>
    public void Add(in AccountedRow row)
    {
        _jobs.Seen(row.Id);
        if (double.IsNaN(_first)) _first = Math.Floor(row.Submit);
        var before = row.Id > 0 && _byNumber.TryGetValue(row.Id, out var there) ? there : -1;
        var resized = before >= 0 && _runs[before].Resized;
        // What follows a change of size is said to be submitted at that change, and (24.11) to have started when the job did.
        var job = JobOf(resized ? row with { Submit = Math.Min(row.Submit, row.Start) } : row, out var run);
        if (before >= 0)
        {
            if (resized)
            {
                Resize(before, job, run);
                return;
            }

            if (_runs[before].Interrupted)
            {
                Rerun(before, job, run);
                return;
            }

            // Job numbers wrap round, and begin anew with the state of the controller.
            if (job is not null) job = job with { Id = 0 };
        }

        if (job is null) return;
        var place = _jobs.Add(job);
        if (job.Id > 0) _byNumber[job.Id] = place;
        if (row.Dependency is { } text) _dependencies.Add((place, text));
        _runs.Add(run);
    }

    /// <summary>The workload of all rows.</summary>
    /// <param name="clock">What the times were read with; null for times that need none.</param>
    /// <param name="zone">Their zone; null when nobody said.</param>
    /// <exception cref="DiagnosticException">The rows are of several clusters, most cannot be read, or none is a job.</exception>
    public Workload Workload(SacctClock? clock = null, TimeZoneInfo? zone = null)
    {
        if (Clusters.Names.Length > 1) throw SacctFaults.Clusters(name, Clusters.Names);
        if (_jobs.Unreadable > _jobs.Jobs.Count + _leftOut.Count) throw source.Rows(name, _jobs.Unreadable, _jobs.FirstUnreadable);
        AccountedDependencies.Link(_jobs, _dependencies, _byNumber, place => !_runs[place].Unfinished);
        var jobs = _jobs.Numbered(place => !_runs[place].Unfinished);
        var diagnostics = Notes(clock, zone).ToImmutableArray();
        if (jobs.Count == 0) throw source.NoJobs(name, diagnostics);
        // Times count from the first row so far; most files begin with the earliest, and their jobs need not be made anew.
        var earliest = Math.Floor(Math.Min(jobs.Min(job => job.Submit.TotalSeconds), _leftOut.Count == 0 ? double.MaxValue : _leftOut.Min(row => row.Submit)));
        for (var i = 0; earliest != 0 && i < jobs.Count; i++) jobs[i] = jobs[i] with { Submit = jobs[i].Submit - TimeSpan.FromSeconds(earliest) };
        var names = new TraceNames(Names.Users.Names, Names.Accounts.Names, Names.Qos.Names, Names.Partitions.Names);
        return new Workload
        {
            Name = name, Description = $"Read from {name}, {source.What}.", Header = Header(_first + earliest, zone, names), Names = names, Diagnostics = diagnostics, Jobs = Regatta.Workloads.Workload.Sort(jobs),
            LeftOut = [.. _leftOut.Select(row => row with { Submit = row.Submit - earliest }).OrderBy(row => row.Submit).ThenBy(row => row.JobNumber)],
        };
    }

    /// <summary>A later run of a job replaces what the site interrupted; it was submitted when its first run was.</summary>
    private void Rerun(int before, Job? job, Run run)
    {
        _jobs.Change("rows of jobs that ran again after the site had interrupted them were joined with the first");
        var first = _jobs.Jobs[before];
        if (job is null)
        {
            // It has not started again: how long it runs nobody knows.
            _runs[before] = new Run(Interrupted: true, Unfinished: true);
            return;
        }

        var submit = first.Submit < job.Submit ? first.Submit : job.Submit;
        _jobs.Replace(before, job with { Submit = submit, Recorded = job.Recorded! with { Wait = first.Recorded!.Wait, Held = first.Recorded.Held, Requeues = (first.Recorded.Requeues ?? 0) + 1 } });
        _runs[before] = run;
    }

    /// <summary>A job that changed its size held processors from its first start to its last end, and was placed as large as it was at first.</summary>
    private void Resize(int before, Job? job, Run run)
    {
        _jobs.Change("rows of jobs that changed their size were joined with the first; they keep the size that they began with");
        if (job is null)
        {
            _runs[before] = new Run(Interrupted: false, Unfinished: true);
            return;
        }

        var (first, rest) = (_jobs.Jobs[before], job.Recorded!);
        var end = job.Submit + (rest.Wait ?? TimeSpan.Zero) + job.RunTime;
        var suspended = (first.Recorded!.Suspended ?? TimeSpan.Zero) + (rest.Suspended ?? TimeSpan.Zero);
        _jobs.Replace(before, first with
        {
            RunTime = end - first.Submit - (first.Recorded.Wait ?? TimeSpan.Zero), RequestedTime = job.RequestedTime,
            Recorded = first.Recorded with { State = rest.State, Status = rest.Status, Suspended = suspended > TimeSpan.Zero ? suspended : null },
        });
        _runs[before] = run;
    }

    private Job? JobOf(in AccountedRow row, out Run run)
    {
        if (row.Cron && row.State == AccountedState.Interrupted) _jobs.Change("runs of scrontab, which accounting calls requeued, are jobs of their own");
        run = new Run(row.State == AccountedState.Interrupted && !row.Cron, Unfinished: false, row.State == AccountedState.Resized);
        var processors = row.Allocated > 0 ? row.Allocated : row.Requested;
        var ran = double.IsNaN(row.Ran) ? row.End - row.Start : row.Ran;
        if (double.IsNaN(row.Start) || row.State == AccountedState.Waiting || (row.GivenNothing && ran is 0 or double.NaN) || (row.State == AccountedState.Cancelled && ran == 0))
        {
            _leftOut.Add(SwfRecord.Unknown(Math.Max(1, row.Id > 0 ? row.Id : row.Array), row.Submit - _first) with { Status = row.State == AccountedState.Cancelled ? 5 : -1, RequestedProcessors = row.Requested > 0 ? row.Requested : -1, User = row.User, Group = row.Group, Queue = row.Queue, Partition = row.Partition });
            return LeftOut("rows of jobs that never started");
        }

        if (row.State == AccountedState.Running || double.IsNaN(ran)) return LeftOut("rows of jobs that had not ended");
        if (processors < 1) return LeftOut("rows without processors");
        if (ran < 0 || row.Submit > row.Start + 3600 || Math.Max(ran, row.Submit) > Longest || row.Limit > Longest) return LeftOut("rows whose times run backwards or are out of all range");

        // Held, waiting for another job, or to begin later: until it was eligible no scheduler could have started it. What throttles an array is the scheduler's own.
        var submit = row.Submit;
        if (row.Array == 0 && row.Eligible > submit && row.Eligible <= row.Start)
        {
            if (row.Dependency is null) _jobs.Change("jobs that were held, waited for another or were to begin later are submitted when they were eligible");
            submit = row.Eligible;
        }

        if (row.Heterogeneous > 0) _jobs.Change("components of heterogeneous jobs are jobs of their own");
        if (row.Requested > 0 && processors > row.Requested) _jobs.Change("jobs were given more processors than they asked for, as with --exclusive; they have what they were given");
        return new Job
        {
            Id = row.Id, Submit = TimeSpan.FromSeconds(submit - _first), Processors = (int)Math.Min(int.MaxValue, processors), RunTime = TimeSpan.FromSeconds(ran),
            Nodes = row.Nodes > 1 ? (int)Math.Min(row.Nodes, processors) : 0, RequestedTime = row.Limit > 0 ? TimeSpan.FromSeconds(row.Limit) : null,
            MemoryPerProcessor = row.MemoryPerProcessor > 0 ? row.MemoryPerProcessor : null, User = row.User, Group = row.Group, Queue = row.Queue, Array = row.Array > 0 ? row.Array : null,
            ArrayTask = row.Array > 0 && row.ArrayTask >= 0 ? row.ArrayTask : null, HeterogeneousJob = row.Heterogeneous > 0 ? row.Heterogeneous : null, Request = Names.Of(row),
            Recorded = new RecordedJob
            {
                Wait = row.WithoutWait ? null : TimeSpan.FromSeconds(Math.Max(0, row.Start - submit)), Partition = row.Partition < 0 ? null : row.Partition, State = row.Ended,
                Held = submit > row.Submit ? TimeSpan.FromSeconds(submit - row.Submit) : null, Suspended = row.Suspended > 0 ? TimeSpan.FromSeconds(row.Suspended) : null,
                Status = row.State switch { AccountedState.Completed => 1, AccountedState.Cancelled => 5, AccountedState.Unknown => null, AccountedState.Interrupted when row is { Cron: true, Ended: null } => null, _ => 0 },
            },
        };
    }

    private Job? LeftOut(string reason)
    {
        _jobs.LeaveOut(reason);
        return null;
    }

    private SwfHeader Header(double origin, TimeZoneInfo? zone, TraceNames names)
    {
        static string Line(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter));
        var header = new SwfHeader(["; Version: 2.2"]).With("Computer", Clusters.Names.Length == 1 ? Line(Clusters.Names[0]) : source.Computer)
            .With("UnixStartTime", origin.ToString(CultureInfo.InvariantCulture));
        if (zone is not null) header = header.With("TimeZoneString", zone.Id);
        for (var i = 0; i < names.Queues.Length; i++) header = header.Add("Queue", string.Create(CultureInfo.InvariantCulture, $"{i + 1} {Line(names.Queues[i])}"));
        for (var i = 0; i < names.Partitions.Length; i++) header = header.Add("Partition", string.Create(CultureInfo.InvariantCulture, $"{i + 1} {Line(names.Partitions[i])}"));
        return header;
    }

    private IEnumerable<Diagnostic> Notes(SacctClock? clock, TimeZoneInfo? zone)
    {
        _jobs.Change("times lie in the hour that the end of summer time repeats, and are read as the first of the two", clock?.Ambiguous ?? 0);
        if (_jobs.Unreadable > 0) yield return source.Unreadable(name, _jobs.Unreadable, _jobs.FirstUnreadable);
        foreach (var note in _jobs.Notes()) yield return note;
        if (clock is { Local: true } && zone is null) yield return SacctFaults.NoZone(name);
    }
}
