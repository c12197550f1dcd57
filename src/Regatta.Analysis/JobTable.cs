using System.Runtime.InteropServices;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>
/// The jobs of one trial by columns, in the order they were given. Stamps and durations are microseconds; stamps count from
/// 1970-01-01 UTC. What was not seen is <see cref="Missing"/> in a stamp or requested time, and <see cref="NoExitCode"/> in an exit code.
/// </summary>
public sealed partial class JobTable
{
    /// <summary>A stamp or requested time that is not known.</summary>
    public const long Missing = long.MinValue;

    /// <summary>An exit code that is not known.</summary>
    public const int NoExitCode = int.MinValue;

    private readonly long[] _job, _runTime, _requestedTime, _planned, _sent, _accepted, _eligible, _decided, _start, _finish, _released;
    private readonly int[] _user, _processors;
    private readonly RareColumn _group, _queue, _nodes, _nodeList, _exitCode, _requeues, _drains, _request;
    private readonly byte[] _state;
    private readonly List<string> _nodeLists = [];
    private readonly Dictionary<string, int> _nodeListNumbers = new(StringComparer.Ordinal);
    private string?[]? _schedulerId;

    private JobTable(int count)
        : this(count, new long[count], new int[count], stagesCostNothing: false)
    {
    }

    /// <param name="count">How many jobs.</param>
    /// <param name="job">Their numbers.</param>
    /// <param name="processors">Their processors.</param>
    /// <param name="stagesCostNothing">Whether a job is accepted and eligible as it is sent, starts as it is decided and is released as it finishes: each of these stamps is one column then.</param>
    private JobTable(int count, long[] job, int[] processors, bool stagesCostNothing)
    {
        Count = count;
        _job = job;
        _runTime = new long[count];
        _requestedTime = new long[count];
        _planned = new long[count];
        _sent = new long[count];
        _start = new long[count];
        _finish = new long[count];
        _accepted = stagesCostNothing ? _sent : new long[count];
        _eligible = stagesCostNothing ? _sent : new long[count];
        _decided = stagesCostNothing ? _start : new long[count];
        _released = stagesCostNothing ? _finish : new long[count];
        _user = new int[count];
        _processors = processors;
        _group = new(count, -1);
        _queue = new(count, -1);
        _nodes = new(count, 0);
        _nodeList = new(count, 0);
        _exitCode = new(count, 0);
        _requeues = new(count, 0);
        _drains = new(count, 0);
        _request = new(count, 0);
        _state = new byte[count];
    }

    /// <summary>A table without jobs.</summary>
    public static JobTable Empty { get; } = new(0);

    /// <summary>How many jobs it holds.</summary>
    public int Count { get; }

    /// <summary>Job numbers.</summary>
    public ReadOnlySpan<long> Job => _job;

    /// <summary>User numbers; -1 unknown.</summary>
    public ReadOnlySpan<int> User => _user;

    /// <summary>Processors, <c>q</c>.</summary>
    public ReadOnlySpan<int> Processors => _processors;

    /// <summary>Run times that the workload gives.</summary>
    public ReadOnlySpan<long> RunTime => _runTime;

    /// <summary>Requested times, or <see cref="Missing"/>.</summary>
    public ReadOnlySpan<long> RequestedTime => _requestedTime;

    /// <summary>When the schedule said that each be sent.</summary>
    public ReadOnlySpan<long> Planned => _planned;

    /// <summary>Sent: the submit time <c>r</c>.</summary>
    public ReadOnlySpan<long> Sent => _sent;

    /// <summary>Accepted by the scheduler.</summary>
    public ReadOnlySpan<long> Accepted => _accepted;

    /// <summary>Eligible, <c>e</c>.</summary>
    public ReadOnlySpan<long> Eligible => _eligible;

    /// <summary>Decided, <c>d</c>.</summary>
    public ReadOnlySpan<long> Decided => _decided;

    /// <summary>Start, <c>s</c>.</summary>
    public ReadOnlySpan<long> Start => _start;

    /// <summary>Finish, <c>f</c>.</summary>
    public ReadOnlySpan<long> Finish => _finish;

    /// <summary>Released, <c>x</c>.</summary>
    public ReadOnlySpan<long> Released => _released;

    /// <summary>How often the job in row <paramref name="row"/> was put back into the queue.</summary>
    public int Requeues(int row) => _requeues[row];

    /// <summary>Whether the workload wants that nothing else starts from the submission of the job in row <paramref name="row"/> until it has ended.</summary>
    public bool Drains(int row) => _drains[row] != 0;

    /// <summary>The exit code of the job in row <paramref name="row"/>; null when it is not known.</summary>
    public int? ExitCode(int row) => _exitCode[row] == NoExitCode ? null : _exitCode[row];

    /// <summary>How the job in row <paramref name="row"/> ended.</summary>
    public JobState State(int row) => (JobState)_state[row];

    /// <summary>The nodes that the job in row <paramref name="row"/> ran on, in the scheduler's notation; null for none.</summary>
    public string? NodeList(int row) => _nodeList[row] == 0 ? null : _nodeLists[_nodeList[row] - 1];

    /// <summary>Which of <see cref="NodeLists"/> lists of nodes the job in row <paramref name="row"/> ran on; -1 for none.</summary>
    internal int NodeListIndex(int row) => _nodeList[row] - 1;

    /// <summary>How many different lists of nodes there are.</summary>
    internal int NodeLists => _nodeLists.Count;

    /// <summary>The scheduler's own name for the job in row <paramref name="row"/>; null when it is not known.</summary>
    public string? SchedulerId(int row) => _schedulerId?[row];

    /// <summary>The job in row <paramref name="row"/>.</summary>
    public JobRecord this[int row] => new()
    {
        Job = _job[row],
        User = _user[row],
        Group = _group[row],
        Queue = _queue[row],
        Processors = _processors[row],
        Nodes = _nodes[row],
        NodeList = NodeList(row),
        Request = Request(row),
        RunTime = _runTime[row],
        Drains = _drains[row] != 0,
        RequestedTime = Known(_requestedTime[row]),
        Planned = Known(_planned[row]),
        Sent = Known(_sent[row]),
        Accepted = Known(_accepted[row]),
        Eligible = Known(_eligible[row]),
        Decided = Known(_decided[row]),
        Start = Known(_start[row]),
        Finish = Known(_finish[row]),
        Released = Known(_released[row]),
        State = State(row),
        ExitCode = ExitCode(row),
        Requeues = _requeues[row],
        SchedulerId = SchedulerId(row),
    };

    /// <summary>All jobs, row by row.</summary>
    public IEnumerable<JobRecord> Records
    {
        get
        {
            for (var row = 0; row < Count; row++) yield return this[row];
        }
    }

    /// <summary>A table of <paramref name="jobs"/> in their order.</summary>
    public static JobTable From(IEnumerable<JobRecord> jobs)
    {
        if (!jobs.TryGetNonEnumeratedCount(out var count))
        {
            var list = jobs.ToList();
            (jobs, count) = (list, list.Count);
        }

        return From(jobs, count);
    }

    /// <summary>A table of exactly <paramref name="count"/> jobs, taken one by one so that they need not be in memory at once.</summary>
    /// <exception cref="ArgumentException">There are more or fewer jobs than <paramref name="count"/>.</exception>
    public static JobTable From(IEnumerable<JobRecord> jobs, int count)
    {
        var table = new JobTable(count);
        var row = 0;
        foreach (var job in jobs)
        {
            if (row == count) throw new ArgumentException($"more than {count} jobs", nameof(jobs));
            table.Set(row++, job);
        }

        return row == count ? table : throw new ArgumentException($"{row} jobs instead of {count}", nameof(jobs));
    }

    private void Set(int row, JobRecord job)
    {
        _job[row] = job.Job;
        _user[row] = job.User;
        _group[row] = job.Group;
        _queue[row] = job.Queue;
        _processors[row] = job.Processors;
        _nodes[row] = job.Nodes;
        _nodeList[row] = NodeListNumber(job.NodeList);
        _runTime[row] = job.RunTime;
        _drains[row] = job.Drains ? 1 : 0;
        _request[row] = NumberOf(job.Request);
        _requestedTime[row] = job.RequestedTime ?? Missing;
        _planned[row] = job.Planned ?? Missing;
        _sent[row] = job.Sent ?? Missing;
        _accepted[row] = job.Accepted ?? Missing;
        _eligible[row] = job.Eligible ?? Missing;
        _decided[row] = job.Decided ?? Missing;
        _start[row] = job.Start ?? Missing;
        _finish[row] = job.Finish ?? Missing;
        _released[row] = job.Released ?? Missing;
        _state[row] = (byte)job.State;
        _exitCode[row] = job.ExitCode ?? NoExitCode;
        _requeues[row] = job.Requeues;
        if (job.SchedulerId is not null) (_schedulerId ??= new string?[Count])[row] = job.SchedulerId;
    }

    // The text itself is kept, where there is one.
    private int NodeListNumber(string? nodes)
    {
        if (string.IsNullOrEmpty(nodes)) return 0;
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_nodeListNumbers, nodes, out var known);
        if (known) return number;
        _nodeLists.Add(nodes);
        return number = _nodeLists.Count;
    }

    private int NodeListNumber(ReadOnlySpan<char> nodes)
    {
        if (nodes.IsEmpty) return 0;
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_nodeListNumbers.GetAlternateLookup<ReadOnlySpan<char>>(), nodes, out var known);
        if (known) return number;
        _nodeLists.Add(nodes.ToString());
        return number = _nodeLists.Count;
    }

    private static long? Known(long stamp) => stamp == Missing ? null : stamp;
}
