using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>A table that is made again from jobs and events, column by column.</summary>
public sealed partial class JobTable
{
    private static readonly JobRequest NoRequest = new();

    /// <summary>A table of what jobs asked for, to which nothing has happened yet.</summary>
    /// <param name="jobs">The jobs, in the order of the rows.</param>
    /// <param name="count">How many there are.</param>
    /// <exception cref="ArgumentException">There are more or fewer jobs than <paramref name="count"/>.</exception>
    public static JobTable AskedFor(IEnumerable<Job> jobs, int count)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var (table, row) = (new JobTable(count), 0);
        foreach (var job in jobs)
        {
            if (row == count) throw new ArgumentException($"more than {count} jobs", nameof(jobs));
            table._job[row] = job.Id;
            table._user[row] = job.User;
            table._group[row] = job.Group;
            table._queue[row] = job.Queue;
            table._request[row] = table.NumberOf(job.Request);
            table._processors[row] = job.Processors;
            table._runTime[row] = Micros.From(job.RunTime);
            table._requestedTime[row] = job.RequestedTime is { } limit ? Micros.From(limit) : Missing;
            table._drains[row++] = job.Drains ? 1 : 0;
        }

        return row == count ? table : throw new ArgumentException($"{row} jobs instead of {count}", nameof(jobs));
    }

    /// <summary>A table of what the jobs of this one asked for.</summary>
    public JobTable AskedFor()
    {
        var table = new JobTable(Count);
        _job.CopyTo(table._job, 0);
        _user.CopyTo(table._user, 0);
        _processors.CopyTo(table._processors, 0);
        _runTime.CopyTo(table._runTime, 0);
        _requestedTime.CopyTo(table._requestedTime, 0);
        for (var row = 0; row < Count; row++)
        {
            (table._group[row], table._queue[row], table._drains[row]) = (_group[row], _queue[row], _drains[row]);
            table._request[row] = table.NumberOf(Request(row));
        }

        return table;
    }

    /// <summary>Fills in what events say happened to the jobs, each in its row.</summary>
    /// <param name="events">The events, whose places are the rows.</param>
    /// <param name="planned">When each was planned to be sent, where events do not say; null to leave it out.</param>
    public void Fill(EventColumns events, JobTable? planned)
    {
        ArgumentNullException.ThrowIfNull(events);
        events.Fold((row, fold) =>
        {
            _nodes[row] = fold.Nodes;
            _nodeList[row] = NodeListNumber(fold.NodeList);
            _planned[row] = planned is null ? fold.Planned ?? Missing : planned._planned[row];
            _sent[row] = fold.Sent ?? Missing;
            _accepted[row] = fold.Accepted ?? Missing;
            _eligible[row] = fold.Eligible ?? Missing;
            _decided[row] = fold.Decided ?? Missing;
            _start[row] = fold.Start ?? Missing;
            _finish[row] = fold.Finish ?? Missing;
            _released[row] = fold.Released ?? Missing;
            _state[row] = (byte)fold.State;
            _exitCode[row] = fold.ExitCode ?? NoExitCode;
            _requeues[row] = fold.Requeues;
            if (fold.SchedulerId is { } id) (_schedulerId ??= new string?[Count])[row] = id;
        });
    }

    /// <summary>Whether a row says the same as that of another table, but for the list of nodes.</summary>
    internal bool SaysTheSame(JobTable other, int row) =>
        _job[row] == other._job[row] && _user[row] == other._user[row] && _group[row] == other._group[row] && _queue[row] == other._queue[row] && _processors[row] == other._processors[row]
        && _nodes[row] == other._nodes[row] && _runTime[row] == other._runTime[row] && _requestedTime[row] == other._requestedTime[row] && _planned[row] == other._planned[row]
        && _sent[row] == other._sent[row] && _accepted[row] == other._accepted[row] && _eligible[row] == other._eligible[row] && _decided[row] == other._decided[row]
        && _start[row] == other._start[row] && _finish[row] == other._finish[row] && _released[row] == other._released[row] && _state[row] == other._state[row]
        && _exitCode[row] == other._exitCode[row] && _requeues[row] == other._requeues[row] && _drains[row] == other._drains[row]
        && SchedulerId(row) == other.SchedulerId(row) && SameNames(Request(row), other.Request(row));

    // What a table says of a wish; of the rest, such as memory, it has no columns.
    private static bool SameNames(JobRequest? first, JobRequest? second)
    {
        if (ReferenceEquals(first, second)) return true;
        var (one, other) = (first ?? NoRequest, second ?? NoRequest);
        foreach (var (_, of) in RequestTexts)
        {
            if (of(one) != of(other)) return false;
        }

        return true;
    }

    /// <summary>What a table says of a wish; empty for nothing.</summary>
    internal static string Named(JobRequest? request) => request is null ? "" : string.Join(", ", RequestTexts.Where(c => c.Of(request) is not null).Select(c => $"{c.Name} {c.Of(request)}"));
}
