using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>
/// Makes events of jobs out of the lines of slurmctld's log. Slurm gives an id out again when it was killed and forgot the job, so each
/// submission of an id is followed apart. Pure: it neither reads files nor clocks.
/// </summary>
internal sealed class SlurmTracker(IReadOnlyDictionary<long, Job> jobs, Action<Observation> report) : IJobTracker
{
    /// <summary>Who stamped what the log says.</summary>
    public const string Source = "slurmctld.log";

    /// <summary>Who stamped a release that is only known by the job's end.</summary>
    public const string EndSource = "slurmctld.log/end";

    private readonly Dictionary<long, SlurmRun> _byId = [];
    private readonly Dictionary<long, SlurmRun> _byJob = [];
    private readonly Dictionary<long, long> _waiting = [];
    private readonly Dictionary<long, long> _ended = [];
    private readonly HashSet<string> _silent = new(StringComparer.Ordinal);
    private readonly ILookup<long, long> _dependents = jobs.Values.SelectMany(j => j.Dependencies.Select(d => (d.Job, j.Id))).ToLookup(p => p.Job, p => p.Id);

    private int _releasedByEnd;

    /// <summary>The version of slurmctld: as it is set, until the log tells of one that started; null while it is not known.</summary>
    public string? Release { get; set; }

    /// <summary>Nodes tell when they have released a job.</summary>
    public bool EpilogSeen { get; private set; }

    /// <summary>Where releases came from so far: <c>epilog</c>, <c>end</c>, <c>mixed</c> or <c>none</c>.</summary>
    public string ReleaseSource => (EpilogSeen, _releasedByEnd) switch
    {
        (true, 0) => "epilog",
        (true, _) => "mixed",
        (false, 0) => "none",
        _ => "end",
    };

    /// <summary>No job that ended holds nodes still.</summary>
    public bool Settled => EpilogSeen && _byJob.Values.All(r => !r.Ended || r.Holding.Count == 0 || r.State == JobState.NodeFailed);

    /// <summary>Slurm's id of a job; null when it has none yet.</summary>
    public long? IdOf(long job) => _byJob.TryGetValue(job, out var run) ? run.Id : null;

    /// <summary>The job that has an id of Slurm's now; null for an id that none has.</summary>
    public long? JobOf(long id) => _byId.GetValueOrDefault(id)?.Job;

    /// <summary>How the submission ended that has an id of Slurm's now; null while it has not, and for an id that none has.</summary>
    public JobState? EndOf(string id) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && _byId.TryGetValue(number, out var run) && run.Ended ? run.State : null;

    /// <summary>Slurm answered that <paramref name="job"/> has the id <paramref name="id"/>; the log may have spoken of it before.</summary>
    public void Register(long job, long id)
    {
        if (!_byId.TryGetValue(id, out var run))
        {
            Bind(_byId[id] = new SlurmRun(id), job);
        }
        else if (run.Job is null)
        {
            Bind(run, job);
        }
        // An id given out twice, and the log has not come to its second submission.
        else if (run.Job != job) _waiting[id] = job;
    }

    /// <summary>Takes one line of the log.</summary>
    public void Read(SlurmLogLine line)
    {
        switch (line.Kind)
        {
            case SlurmLogKind.NodesSilent:
                // It is said again and again until the node is set down or responds.
                foreach (var node in HostList.Expand(line.Nodes ?? "").Where(_silent.Add)) report(new ReplayFault(line.Time, node, $"the node {node} does not respond to slurmctld") { Code = ReplayFault.Responding });
                return;
            case SlurmLogKind.NodesDown or SlurmLogKind.NodesDrained:
                foreach (var node in HostList.Expand(line.Nodes ?? "")) report(new ReplayFault(line.Time, node, line.Kind == SlurmLogKind.NodesDown ? $"slurmctld set the node {node} down: it does not respond" : $"slurmctld drained the node {node} of its own accord: no further job starts there"));
                return;
            case SlurmLogKind.NodeBack:
                _silent.Remove(line.Nodes ?? "");
                report(new ReplayFault(line.Time, line.Nodes, $"the node {line.Nodes} responds again") { Code = ReplayFault.Responding });
                return;
            case SlurmLogKind.ControllerStarted:
                var replaced = Release is { } before && before != line.Nodes ? $" as version {line.Nodes}" : "";
                Release = line.Nodes;
                report(new ReplayFault(line.Time, null, $"slurmctld was started again{replaced}") { Code = ReplayFault.Restarted });
                foreach (var run in _byJob.Values.Where(r => !r.Ended)) run.Doubtful = true;
                return;
            case SlurmLogKind.Submitted:
                Submitted(line);
                return;
        }

        EpilogSeen |= line.Kind == SlurmLogKind.EpilogDone;
        if (!_byId.TryGetValue(line.JobId, out var current))
        {
            // A job of someone else, or one whose answer has not arrived.
            _byId[line.JobId] = current = new SlurmRun(line.JobId);
        }

        if (current.Job is null) current.Early.Add(line);
        else Apply(current, line);
    }

    /// <summary>Jobs that Slurm should be asked about at <paramref name="now"/>, UTC microseconds: first the unclear ones, then those of which nothing was heard for a minute.</summary>
    public IReadOnlyList<(long Job, long Id)> ToAsk(long now)
    {
        var open = _byJob.Values.Where(r => !r.Ended).OrderBy(r => r.Asked).ToList();
        var unclear = open.Where(r => r.Doubtful || r.KillAsked is not null || Overdue(r, now)).Take(4).ToList();
        if (unclear.Count == 0) unclear = [.. open.Where(r => now - Math.Max(r.News, r.Asked) > 60_000_000).Take(1)];
        foreach (var run in unclear)
        {
            run.Asked = now;
            if (run.News == 0) run.News = now;
        }

        return [.. unclear.Select(r => (r.Job!.Value, r.Id))];
    }

    /// <summary>Takes Slurm's answer about a job; null when it knows none of that id and name. True when the job can never start and should be cancelled.</summary>
    public bool Told(long job, long id, SlurmJob? answer, long now)
    {
        if (!_byJob.TryGetValue(job, out var run) || run.Id != id || run.Ended) return false;
        if (answer is null)
        {
            // The log may be a little behind: what is gone twice is gone.
            if (run.Unknown++ > 0) End(run, JobState.Lost, now, "slurmrestd", detail: "slurmctld does not know it any more");
            run.Doubtful = true;
            return false;
        }

        run.Unknown = 0;
        if (answer.Ended is not { } state)
        {
            if (run.KillAsked is null) run.Doubtful = false;
            return answer.StateReason == "DependencyNeverSatisfied";
        }

        if (state == JobState.Cancelled && run.KillAsked is { } asked) End(run, state, asked, Source);
        else if (run.Told++ > 0) End(run, state, answer.EndTime * 1_000_000, "slurmrestd", answer.Code);
        else run.Doubtful = true;
        return false;
    }

    /// <summary>What can be said when nothing more is waited for: of jobs whose nodes did not tell of a release, the end stands for it.</summary>
    public void Conclude()
    {
        foreach (var run in _byJob.Values.Where(r => r is { Ended: true, Decided: true, Holding.Count: > 0, State: not (JobState.NodeFailed or JobState.Lost) }))
        {
            _releasedByEnd++;
            report(new JobEvent(run.Job!.Value, JobEventKind.Released, run.EndTime, EndSource));
        }
    }

    /// <summary>What the log should have told of jobs and did not, in sentences.</summary>
    public IEnumerable<string> Untold() => SlurmUntold.Of([.. _byJob.Values]);

    private bool Overdue(SlurmRun run, long now) =>
        run.Decided && jobs[run.Job!.Value] is { Payload.Kind: not PayloadKind.Exec } job && now > run.News + Micros.From(job.RunTime) + 5_000_000;

    private void Bind(SlurmRun run, long job)
    {
        run.Job = job;
        _byJob[job] = run;
        if (run.Submitted is { } at) Accepted(run, at);
        foreach (var line in run.Early) Apply(run, line);
        run.Early.Clear();
    }

    private void Submitted(SlurmLogLine line)
    {
        // A job may be started a moment before the line of its submission is written.
        if (_byId.TryGetValue(line.JobId, out var run) && run.Submitted is null && run.Early.TrueForAll(e => e.Kind is SlurmLogKind.Allocated or SlurmLogKind.Backfilled && line.Time - e.Time < 1_000_000))
        {
            run.Submitted = line.Time;
            if (run.Job is not null) Accepted(run, line.Time);
            return;
        }

        if (run is { Job: not null, Ended: false }) End(run, JobState.Lost, line.Time, Source, detail: $"slurmctld gave its id {line.JobId} to another job");
        _byId[line.JobId] = run = new SlurmRun(line.JobId) { Submitted = line.Time };
        if (_waiting.Remove(line.JobId, out var job)) Bind(run, job);
    }

    private void Accepted(SlurmRun run, long at)
    {
        run.News = Math.Max(run.News, at);
        if (!jobs[run.Job!.Value].Dependencies.IsEmpty) return;
        var decided = run.Early.Count > 0 ? run.Early[0].Time : run.DecidedAt;
        report(new JobEvent(run.Job.Value, JobEventKind.Eligible, Math.Min(at, decided ?? at), Source));
    }

    private void Apply(SlurmRun run, SlurmLogLine line)
    {
        var job = run.Job!.Value;
        run.News = Math.Max(run.News, line.Time);
        if (line.Kind == SlurmLogKind.EpilogDone)
        {
            Released(run, line);
            return;
        }

        // One that is killed for another has ended by the line before.
        if (line.Kind == SlurmLogKind.Preempted) report(new JobEvent(job, JobEventKind.Preempted, line.Time, Source) { By = JobOf(line.For) });
        if (run.Ended) return;
        switch (line.Kind)
        {
            case SlurmLogKind.Allocated or SlurmLogKind.Backfilled:
                Decided(run, line, job);
                break;
            case SlurmLogKind.Exited:
                (run.Exit, run.Signal) = (line.Number, null);
                break;
            case SlurmLogKind.Signalled:
                (run.Exit, run.Signal) = (128 + line.Number, line.Number);
                break;
            case SlurmLogKind.RequeuedAtEnd:
                run.RequeuedAtEnd = true;
                break;
            case SlurmLogKind.Done when run.RequeuedAtEnd:
                Requeue(run, line.Time, "its node or its user sent it back");
                break;
            case SlurmLogKind.Done when run.Exit is { } code:
                End(run, code == 0 ? JobState.Completed : JobState.Failed, line.Time, Source, code, run.Signal is { } signal ? $"ended by signal {signal}" : null);
                break;
            case SlurmLogKind.Done or SlurmLogKind.NeverSatisfied:
                run.Doubtful = true;
                break;
            case SlurmLogKind.KillAsked:
                run.KillAsked = line.Time;
                break;
            case SlurmLogKind.KilledPending or SlurmLogKind.KilledRunning:
                End(run, JobState.Cancelled, line.Time, Source);
                break;
            case SlurmLogKind.TimeLimit:
                End(run, JobState.TimedOut, line.Time, Source);
                break;
            case SlurmLogKind.Requeued:
                Requeue(run, line.Time, null);
                break;
            case SlurmLogKind.NodeLost:
                End(run, JobState.NodeFailed, line.Time, Source, node: line.Nodes);
                break;
            case SlurmLogKind.Recovered:
                run.Doubtful = false;
                break;
            case SlurmLogKind.Purged:
                End(run, JobState.Lost, line.Time, Source, detail: "slurmctld was started again without it");
                break;
        }
    }

    private void Decided(SlurmRun run, SlurmLogLine line, long job)
    {
        var dependencies = jobs[job].Dependencies;
        if (!dependencies.IsEmpty && !run.EligibleSaid)
        {
            // The log says nothing of it: a job may start once it is submitted and what it waits for has ended.
            var at = dependencies.Select(d => _ended.GetValueOrDefault(d.Job)).Append(run.Submitted ?? 0).Max();
            if (at > 0) report(new JobEvent(job, JobEventKind.Eligible, at, Source));
            run.EligibleSaid = true;
        }

        run.DecidedAt = line.Time;
        run.Holding.Clear();
        run.Holding.UnionWith(HostList.Expand(line.Nodes!));
        report(new JobEvent(job, JobEventKind.Decided, line.Time, Source) { Nodes = line.Nodes });
    }

    private void Released(SlurmRun run, SlurmLogLine line)
    {
        if (!run.Holding.Remove(line.Nodes!)) return;
        run.LastRelease = Math.Max(run.LastRelease, line.Time);
        if (run.Holding.Count == 0 && run.Ended) report(new JobEvent(run.Job!.Value, JobEventKind.Released, run.LastRelease, Source));
    }

    private void Requeue(SlurmRun run, long time, string? detail)
    {
        run.Holding.Clear();
        (run.DecidedAt, run.RequeuedAtEnd, run.Exit, run.Signal, run.LastRelease) = (null, false, null, null, 0);
        report(new JobEvent(run.Job!.Value, JobEventKind.Requeued, time, Source) { Detail = detail });
    }

    private void End(SlurmRun run, JobState state, long time, string source, int? code = null, string? detail = null, string? node = null)
    {
        var job = run.Job!.Value;
        (run.Ended, run.State, run.EndTime) = (true, state, time);
        _ended[job] = time;
        report(new JobEvent(job, JobEventKind.Ended, time, source) { State = state, ExitCode = code, Detail = detail, Node = node });
        if (run.Decided && run.Holding.Count == 0 && run.LastRelease > 0) report(new JobEvent(job, JobEventKind.Released, run.LastRelease, Source));
        if (state == JobState.Completed) return;
        foreach (var dependent in _dependents[job])
        {
            if (_byJob.TryGetValue(dependent, out var waiting)) waiting.Doubtful = true;
        }
    }
}
