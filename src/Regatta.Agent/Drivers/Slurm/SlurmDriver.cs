using System.Collections.Concurrent;
using Regatta.Agent.Platform;
using Regatta.Agent.Sampling;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>Slurm: submits through slurmrestd, observes slurmctld's log, and asks slurmrestd where the log leaves something open.</summary>
internal sealed class SlurmDriver(ReplayHeader header, SlurmOptions options, TimeProvider time)
    : TrackingDriver<SlurmTracker>(new SlurmTracker(new Dictionary<long, Job>(), _ => { }), "Slurm takes jobs again")
{
    private const int UnknownJob = 2017;

    // What a job waits for is not there, or cannot be waited for.
    private const int DependencyProblem = 2038;

    private static readonly TimeSpan CountWithin = TimeSpan.FromSeconds(5);

    // In virtual time each write is heard of; a log that was put in the place of the other is found by looking.
    private static readonly TimeSpan LogPoll = TimeSpan.FromMilliseconds(10), LogLook = TimeSpan.FromSeconds(1);

    private readonly SlurmRest _rest = new(options.Socket, options.Api, header.Connections + 2);
    private readonly LogTail _log = new(options.Log);
    private readonly SemaphoreSlim _slots = new(header.Connections);
    // A virtual clock must not go on before the end of a job is known that another one is sent after.
    private bool _reacts;
    private SlurmQueueWatch? _queue;
    private readonly ConcurrentDictionary<string, int> _warnings = new(StringComparer.Ordinal);

    public override IReadOnlyList<(string Process, bool Client)> Daemons { get; } = [("slurmctld", false), ("slurmrestd", true), ("munged", false)];

    public override async Task OpenAsync(IReadOnlyList<Job> jobs, CancellationToken cancellation)
    {
        var found = await _rest.FindAsync(cancellation);
        _reacts = header.Clock is not null && jobs.Any(j => j.Dependencies.Any(d => d.ThinkTime > TimeSpan.Zero));
        var named = jobs.ToDictionary(j => j.Id);
        // Where the scheduler is looked into anyway, and where it weighs priorities.
        if (options.Priorities || header.SampleEvery is not null)
            _queue = new SlurmQueueWatch(Gate, options.Priorities ? id => Tracker.JobOf(id) is { } job && SlurmSubmission.IsPlain(named[job]) : null, id => Tracker.JobOf(id), time);
        Tracker = new SlurmTracker(named, Report) { Release = _rest.Release };
        // All connections are made now, so that the first jobs find them.
        var answers = found.Result != RestResult.Done ? [found] : await Task.WhenAll(Enumerable.Range(0, header.Connections).Select(_ => _rest.PingAsync(cancellation)));
        if (answers.FirstOrDefault(a => a.Result != RestResult.Done) is { } failed)
        {
            throw new DiagnosticException(Diagnostic.Error("replay-slurmrestd", $"slurmrestd does not answer on {options.Socket}") with
            {
                Detail = failed.Words, Help = $"look at: systemctl status regatta-slurmrestd slurmctld; versions {SlurmDialect.All[0].Interface} to {SlurmDialect.Newest.Interface} of its interface are understood",
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
        if (SlurmDialect.Untested(_rest.Release) is { } untested) Notes = [.. Notes, untested.Summary + "."];
    }

    // scontrol twice for each.
    public override TimeSpan Notice => TimeSpan.FromSeconds(options.Reservations.Length);

    public override async Task PrepareAsync(long begin, CancellationToken cancellation)
    {
        foreach (var reservation in options.Reservations) Reservations = [.. Reservations, await SlurmReservations.MakeAsync(SlurmReservations.From(begin, reservation), cancellation)];
    }

    public override async Task<Answer> SubmitAsync(Submission submission, Action<long> sent, CancellationToken cancellation)
    {
        var after = submission.After;
        var (request, spoken) = (_rest.Written(Request(submission)), _rest.Interface);
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
                    if (answer.Words is { } warning) _warnings.AddOrUpdate(warning, 1, (_, count) => count + 1);
                    return Taken(submission.Job.Id, id, now, trouble is null ? answer.Words : $"taken at try {tries}; first: {trouble}");
                }

                if (answer.Result is RestResult.Done or RestResult.Refused)
                {
                    Reachable(now);
                    if (answer.Response?.Errors?.Any(e => e.Code == DependencyProblem) == true && StillToWaitFor(after) is { } left)
                    {
                        // From 24.11 on a job that Slurm has forgotten cannot be waited for; one that ended as it had to need not be.
                        (after, trouble) = (left, trouble ?? answer.Words);
                        (request, spoken) = (_rest.Written(Request(submission with { After = after })), _rest.Interface);
                        continue;
                    }

                    return new Answer(now, null, answer.Words ?? "slurmrestd gave no job id");
                }

                trouble ??= answer.Words;
                Unreachable(now, answer.Words);
                var found = answer.Result == RestResult.Unclear;
                do
                {
                    await pauses.WaitAsync(cancellation);
                    // slurmrestd may have been replaced by another version meanwhile.
                    if (await _rest.FollowAsync(spoken, cancellation)) (request, spoken) = (_rest.Written(Request(submission with { After = after })), _rest.Interface);
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

    public override async Task<IReadOnlyList<SchedulingPasses>> PassesAsync(CancellationToken cancellation)
    {
        using var within = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        within.CancelAfter(CountWithin);
        try
        {
            return await _rest.DiagAsync(within.Token) is { Result: RestResult.Done, Response.Statistics: { } statistics } ? statistics.Passes : [];
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // A controller that hangs does not say what it counted, and a replay goes without.
            return [];
        }
    }

    public override StartOrderCheck? StartOrder => _queue?.Order;

    public override StartPredictions? Predictions => _queue?.Predictions;

    public override IReadOnlyList<ISampleSource> Sources() => [new SlurmDiagSource(options.Socket, () => _rest.Interface)];

    public override ValueTask DisposeAsync()
    {
        _rest.Dispose();
        _log.Dispose();
        _slots.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override Task WatchAsync(CancellationToken cancellation) => Task.WhenAll(FollowLogAsync(cancellation), AskAsync(cancellation), _queue?.WatchAsync(cancellation) ?? Task.CompletedTask);

    protected override void Finish()
    {
        foreach (var line in _log.Read()) Take(line);
        Tracker.Conclude();
        foreach (var untold in Tracker.Untold()) Report(new ReplayFault(Micros.Now(time), null, untold + (Dialect.StartsFlag is { } flag ? $"; Slurm {Dialect.Release} and newer tell of backfill's starts only under DebugFlags={flag}" : "")));
        Notes = [.. Notes, .. _queue?.Notes ?? [], .. _warnings.OrderByDescending(w => w.Value).Take(5).Select(w => string.Create(CultureInfo.InvariantCulture, $"slurmrestd warned at {w.Value} {(w.Value == 1 ? "submission" : "submissions")}: {w.Key}"))];
    }

    /// <summary>Those of the jobs that have not ended as they had to; null where all are left, and where one never can.</summary>
    private List<(string SchedulerId, DependencyKind Kind)>? StillToWaitFor(IReadOnlyList<(string SchedulerId, DependencyKind Kind)> after)
    {
        lock (Gate)
        {
            var ends = after.Select(a => (After: a, End: Tracker.EndOf(a.SchedulerId))).ToList();
            if (ends.Exists(e => e.End is { } end && e.After.Kind.Refuses(end == JobState.Completed))) return null;
            var left = ends.Where(e => e.End is null).Select(e => e.After).ToList();
            return left.Count == after.Count ? null : left;
        }
    }

    /// <summary>The name that a job is submitted under.</summary>
    private string NameOf(long job) => string.Create(CultureInfo.InvariantCulture, $"regatta-{header.Trial}-{job}");

    private SubmitRequest Request(Submission submission) => SlurmSubmission.Of(submission, NameOf(submission.Job.Id), options, header.Clock);

    private Answer Taken(long job, long id, long now, string? detail)
    {
        lock (Gate) Tracker.Register(job, id);
        return new Answer(now, id.ToString(CultureInfo.InvariantCulture), detail);
    }

    private async Task FollowLogAsync(CancellationToken cancellation)
    {
        if (_reacts)
        {
            await Task.Factory.StartNew(() => FollowWrites(cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            cancellation.ThrowIfCancellationRequested();
        }

        using var tick = new PeriodicTimer(LogPoll, time);
        while (await tick.WaitForNextTickAsync(cancellation))
        {
            lock (Gate)
            {
                foreach (var line in _log.Read()) Take(line);
            }
        }
    }

    /// <summary>
    /// The log as it is written: the kernel wakes this thread by the write, so that a virtual clock finds it running, and does not go on before it has looked.
    /// </summary>
    private void FollowWrites(CancellationToken cancellation)
    {
        using var watch = new DirectoryWatch(options.Log, writes: true);
        using var stop = cancellation.Register(watch.Stop);
        while (watch.Wait(LogLook))
        {
            lock (Gate)
            {
                foreach (var line in _log.Read()) Take(line);
            }
        }
    }

    private void Take(string line)
    {
        if (SlurmLogLine.Parse(line) is not { } parsed) return;
        Tracker.Read(parsed);
        _queue?.Read(parsed);
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

    private SlurmDialect Dialect => SlurmDialect.Of(Tracker.Release ?? _rest.Release);

    private void Unreachable(long now, string? words) => Trouble.Begin("slurmctld", now, $"Slurm does not take jobs: {words}");

    private void Reachable(long now) => Trouble.End("slurmctld", now);
}
