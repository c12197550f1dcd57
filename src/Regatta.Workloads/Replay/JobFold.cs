namespace Regatta.Workloads;

/// <summary>One thing that happened to a job, as far as its row depends on it.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Time">When, UTC microseconds since 1970-01-01.</param>
public readonly record struct JobHappening(JobEventKind Kind, long Time)
{
    /// <summary>When it was planned to be sent.</summary>
    public long? Planned { get; init; }

    /// <summary>The member of the job that it speaks of; null for the job as one.</summary>
    public string? Member { get; init; }

    /// <summary>The nodes that were allocated, in the scheduler's notation.</summary>
    public string? Nodes { get; init; }

    /// <summary>The scheduler's own name for the job.</summary>
    public string? SchedulerId { get; init; }

    /// <summary>How it ended.</summary>
    public JobState? State { get; init; }

    /// <summary>Exit code, where one is known.</summary>
    public int? ExitCode { get; init; }

    /// <summary>What an event says.</summary>
    public static JobHappening Of(JobEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        return new(happened.Kind, happened.Time)
        {
            Planned = happened.Planned, Member = happened.Member, Nodes = happened.Nodes, SchedulerId = happened.SchedulerId, State = happened.State, ExitCode = happened.ExitCode,
        };
    }
}

/// <summary>
/// Folds what happened to one job into its row, event by event in the order of their times; used for one job after the other. A job that was put back into the queue has the
/// stamps of its last run. A scheduler that was killed may forget that it started a job and decide on it again: such a decision counts only once that run begins. This is the one place that knows what a row says of events, while a trial runs and when it is recomputed.
/// </summary>
/// <param name="expand">The number of the nodes that a list stands for, and the list as the row has it.</param>
public sealed class JobFold(Func<string, (int Count, string List)> expand)
{
    private readonly Dictionary<string, (long Start, long? Finish)> _members = new(StringComparer.Ordinal);
    private bool _requeued, _rejected, _hasEnded;
    private JobState? _ended;
    private int? _endCode, _payloadCode;
    private (long Time, string? Nodes)? _decidedAgain;

    /// <summary>When it was planned to be sent.</summary>
    public long? Planned { get; private set; }

    /// <summary>Sent.</summary>
    public long? Sent { get; private set; }

    /// <summary>Accepted.</summary>
    public long? Accepted { get; private set; }

    /// <summary>Eligible.</summary>
    public long? Eligible { get; private set; }

    /// <summary>Decided.</summary>
    public long? Decided { get; private set; }

    /// <summary>Start; known after <see cref="End"/>.</summary>
    public long? Start { get; private set; }

    /// <summary>Finish; known after <see cref="End"/>.</summary>
    public long? Finish { get; private set; }

    /// <summary>Released.</summary>
    public long? Released { get; private set; }

    /// <summary>How often it was put back into the queue.</summary>
    public int Requeues { get; private set; }

    /// <summary>How many nodes it was allocated.</summary>
    public int Nodes { get; private set; }

    /// <summary>The nodes that it was allocated; null for none.</summary>
    public string? NodeList { get; private set; }

    /// <summary>The scheduler's own name for it.</summary>
    public string? SchedulerId { get; private set; }

    /// <summary>How it ended.</summary>
    public JobState State => _rejected ? JobState.Rejected : _ended ?? JobState.Unfinished;

    /// <summary>Exit code, where one is known.</summary>
    public int? ExitCode => (_hasEnded ? _endCode : null) ?? _payloadCode;

    /// <summary>Begins the next job.</summary>
    /// <param name="requeued">Whether one of its events is that it was put back into the queue.</param>
    public void Begin(bool requeued)
    {
        (Planned, Sent, Accepted, Eligible, SchedulerId, Requeues) = (null, null, null, null, null, 0);
        _requeued = requeued;
        BeginRun();
    }

    /// <summary>Adds an event, none of whose predecessors is later.</summary>
    public void Add(in JobHappening happened)
    {
        switch (happened.Kind)
        {
            case JobEventKind.Sent:
                (Sent, Planned) = (Sent ?? happened.Time, Planned ?? happened.Planned);
                break;
            case JobEventKind.Accepted:
                (Accepted, SchedulerId) = (Accepted ?? happened.Time, happened.SchedulerId ?? SchedulerId);
                break;
            case JobEventKind.Eligible:
                Eligible ??= happened.Time;
                break;
            case JobEventKind.Requeued:
                Requeues++;
                BeginRun();
                break;
            case JobEventKind.Decided when Decided is not null && _members.Count > 0:
                _decidedAgain = (happened.Time, happened.Nodes);
                break;
            case JobEventKind.Decided:
                Decide(happened.Time, happened.Nodes);
                break;
            case JobEventKind.Started:
                if (_decidedAgain is { } again) Decide(again.Time, again.Nodes);
                // The run that was broken off may still go on upon a lost node.
                _members[happened.Member ?? ""] = (happened.Time, null);
                _payloadCode = null;
                break;
            case JobEventKind.Finished when _members.TryGetValue(happened.Member ?? "", out var begun):
                _members[happened.Member ?? ""] = (begun.Start, happened.Time);
                _payloadCode = happened.ExitCode;
                break;
            case JobEventKind.Finished when !_requeued && happened.Member is null:
                (Finish, _payloadCode) = (happened.Time, happened.ExitCode);
                break;
            case JobEventKind.Released:
                Released = happened.Time;
                break;
            case JobEventKind.Ended or JobEventKind.Rejected:
                (_hasEnded, _rejected, _ended, _endCode) = (true, happened.Kind == JobEventKind.Rejected, happened.State, happened.ExitCode);
                break;
        }
    }

    /// <summary>Ends the job: a job of several members runs from the first start to the last finish, and while one runs, so does the job.</summary>
    public void End()
    {
        if (_members.Count == 0) return;
        (Start, Finish) = (long.MaxValue, long.MinValue);
        foreach (var (start, finish) in _members.Values)
        {
            Start = Math.Min(Start.Value, start);
            Finish = finish is { } known && Finish is { } latest ? Math.Max(latest, known) : null;
        }
    }

    /// <summary>The row of a job that these were the events of.</summary>
    public JobRecord Row(Job job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new JobRecord
        {
            Job = job.Id,
            User = job.User,
            Group = job.Group,
            Queue = job.Queue,
            Request = job.Request,
            Processors = job.Processors,
            Nodes = Nodes,
            NodeList = NodeList,
            RunTime = Micros.From(job.RunTime),
            RequestedTime = job.RequestedTime is { } limit ? Micros.From(limit) : null,
            Drains = job.Drains,
            Planned = Planned,
            Sent = Sent,
            Accepted = Accepted,
            Eligible = Eligible,
            Decided = Decided,
            Start = Start,
            Finish = Finish,
            Released = Released,
            State = State,
            ExitCode = ExitCode,
            Requeues = Requeues,
            SchedulerId = SchedulerId,
        };
    }

    private void Decide(long time, string? nodes)
    {
        (Decided, _decidedAgain) = (time, null);
        (Nodes, NodeList) = nodes is null ? (0, null) : expand(nodes);
    }

    private void BeginRun()
    {
        _decidedAgain = null;
        (Decided, Start, Finish, Released, Nodes, NodeList) = (null, null, null, null, 0, null);
        (_hasEnded, _rejected, _ended, _endCode, _payloadCode) = (false, false, null, null, null);
        _members.Clear();
    }
}
