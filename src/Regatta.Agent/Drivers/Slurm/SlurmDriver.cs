using System.Text.Json.Nodes;
using Regatta.Agent.Platform;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>Slurm: submits through slurmrestd, observes slurmctld's log, and asks slurmrestd where the log leaves something open.</summary>
internal sealed class SlurmDriver(ReplayHeader header, SlurmOptions options, TimeProvider time)
    : TrackingDriver<SlurmTracker>(new SlurmTracker(new Dictionary<long, Job>(), _ => { }), "Slurm takes jobs again")
{
    private const int UnknownJob = 2017;

    private static readonly TimeSpan LogPoll = TimeSpan.FromMilliseconds(10);

    private readonly SlurmRest _rest = new(options.Socket, options.Api, header.Connections + 2);
    private readonly LogTail _log = new(options.Log);
    private readonly SemaphoreSlim _slots = new(header.Connections);

    public override IReadOnlyList<(string Process, bool Client)> Daemons { get; } = [("slurmctld", false), ("slurmrestd", true), ("munged", false)];

    public override async Task OpenAsync(IReadOnlyList<Job> jobs, CancellationToken cancellation)
    {
        Tracker = new SlurmTracker(jobs.ToDictionary(j => j.Id), Report);
        var found = await _rest.FindAsync(cancellation);
        // All connections are made now, so that the first jobs find them.
        var answers = found.Result != RestResult.Done ? [found] : await Task.WhenAll(Enumerable.Range(0, header.Connections).Select(_ => _rest.PingAsync(cancellation)));
        if (answers.FirstOrDefault(a => a.Result != RestResult.Done) is { } failed)
        {
            throw new DiagnosticException(Diagnostic.Error("replay-slurmrestd", $"slurmrestd does not answer on {options.Socket}") with
            {
                Detail = failed.Words, Help = $"look at: systemctl status regatta-slurmrestd slurmctld; versions {SlurmApi.Known[^1]} to {SlurmApi.Known[0]} of its interface are understood",
            });
        }

        try
        {
            _log.SkipToEnd();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(Diagnostic.Error("replay-slurmctld-log", $"slurmctld's log {options.Log} cannot be read") with { Detail = exception.Message }, exception);
        }

        var ranked = jobs.Count(j => j.Priority != 0);
        if (ranked > 0) Notes = [$"The priorities of {ranked} jobs are left out: Slurm lets only operators raise them."];
    }

    public override async Task<Answer> SubmitAsync(Submission submission, Action<long> sent, CancellationToken cancellation)
    {
        var request = _rest.Written(Request(submission));
        var name = NameOf(submission.Job.Id);
        await _slots.WaitAsync(cancellation);
        try
        {
            sent(Micros.Now(time));
            var pauses = Backoff.ForSchedulers(time);
            string? trouble = null;
            for (var tries = 1; ; tries++)
            {
                var answer = await _rest.SubmitAsync(request, cancellation);
                var now = Micros.Now(time);
                if (answer is { Result: RestResult.Done, Response.JobId: { } id })
                {
                    Reachable(now);
                    return Taken(submission.Job.Id, id, now, trouble is null ? answer.Words : $"taken at try {tries}; first: {trouble}");
                }

                if (answer.Result is RestResult.Done or RestResult.Refused)
                {
                    Reachable(now);
                    return new Answer(now, null, answer.Words ?? "slurmrestd gave no job id");
                }

                trouble ??= answer.Words;
                Unreachable(now, answer.Words);
                var found = answer.Result == RestResult.Unclear;
                do
                {
                    await pauses.WaitAsync(cancellation);
                    if (!found) break;
                    // Slurm may have taken the job and not been able to say so: it is sent again only when Slurm answers that it has none of that name.
                    var jobs = await _rest.JobsAsync(cancellation);
                    if (jobs.Result != RestResult.Done) continue;
                    Reachable(Micros.Now(time));
                    if (jobs.Response!.Jobs?.FirstOrDefault(j => j.Name == name) is { } present)
                        return Taken(submission.Job.Id, present.JobId, Micros.Now(time), $"found by its name at try {tries}; first: {trouble}");
                    found = false;
                }
                while (found);
            }
        }
        finally
        {
            _slots.Release();
        }
    }

    public override async Task CancelAsync(IReadOnlyCollection<long> jobs, CancellationToken cancellation)
    {
        await Parallel.ForEachAsync(jobs, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation }, async (job, token) =>
        {
            long? id;
            lock (Gate) id = Tracker.IdOf(job);
            if (id is not { } known) return;
            var answer = await _rest.CancelAsync(known, token);
            if (answer.Result != RestResult.Done) Report(new ReplayFault(Micros.Now(time), null, $"job {job} could not be cancelled: {answer.Words}"));
        });
    }

    public override ValueTask DisposeAsync()
    {
        _rest.Dispose();
        _log.Dispose();
        _slots.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override Task WatchAsync(CancellationToken cancellation) => Task.WhenAll(FollowLogAsync(cancellation), AskAsync(cancellation));

    protected override void Finish()
    {
        foreach (var line in _log.Read()) Take(line);
        Tracker.Conclude();
    }

    /// <summary>The name that a job is submitted under.</summary>
    private string NameOf(long job) => string.Create(CultureInfo.InvariantCulture, $"regatta-{header.Trial}-{job}");

    private SubmitRequest Request(Submission submission)
    {
        var job = submission.Job;
        return new SubmitRequest(options.Script(job), new SubmitJob
        {
            Name = NameOf(job.Id),
            Partition = options.Partition,
            Tasks = job.Processors,
            Nodes = job.Nodes > 0 ? job.Nodes : null,
            TimeLimit = job.RequestedTime is { } limit ? Math.Max(1, (long)Math.Ceiling(limit.TotalMinutes)) : null,
            MemoryPerCpu = job.MemoryPerProcessor is { } memory ? Math.Max(1, (memory + (1024 * 1024) - 1) / (1024 * 1024)) : null,
            Dependency = submission.After.Count == 0 ? null
                : string.Join(',', submission.After.Select(a => $"{(a.Kind == DependencyKind.AfterOk ? "afterok" : "afterany")}:{a.SchedulerId}")),
            CurrentWorkingDirectory = options.Directory,
            StandardOutput = options.Output,
            StandardError = options.Output,
            Environment = new JsonObject { ["PATH"] = "/usr/local/bin:/usr/bin:/bin" },
        });
    }

    private Answer Taken(long job, long id, long now, string? detail)
    {
        lock (Gate) Tracker.Register(job, id);
        return new Answer(now, id.ToString(CultureInfo.InvariantCulture), detail);
    }

    private async Task FollowLogAsync(CancellationToken cancellation)
    {
        using var tick = new PeriodicTimer(LogPoll, time);
        while (await tick.WaitForNextTickAsync(cancellation))
        {
            lock (Gate)
            {
                foreach (var line in _log.Read()) Take(line);
            }
        }
    }

    private void Take(string line)
    {
        if (SlurmLogLine.Parse(line) is { } parsed) Tracker.Read(parsed);
    }

    private async Task AskAsync(CancellationToken cancellation)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await tick.WaitForNextTickAsync(cancellation))
        {
            IReadOnlyList<(long Job, long Id)> open;
            lock (Gate) open = Tracker.ToAsk(Micros.Now(time));
            foreach (var (job, id) in open)
            {
                var answer = await _rest.JobAsync(id, cancellation);
                // No answer says nothing of the job; one without the job says that Slurm has none.
                if (answer.Result != RestResult.Done && answer.Response?.Errors?.Any(e => e.Code == UnknownJob) != true) break;
                var known = answer.Response?.Jobs?.FirstOrDefault(j => j.JobId == id && j.Name == NameOf(job));
                bool never;
                lock (Gate) never = Tracker.Told(job, id, known, Micros.Now(time));
                if (never) await _rest.CancelAsync(id, cancellation);
            }
        }
    }

    private void Unreachable(long now, string? words) => Trouble.Begin("slurmctld", now, $"Slurm does not take jobs: {words}");

    private void Reachable(long now) => Trouble.End("slurmctld", now);
}
