using Regatta.Agent.Drivers;
using Regatta.Workloads;

namespace Regatta.Agent.Replaying;

/// <summary>Sends every job at its time, whatever became of the others; one that waits for another one's end, and thinks, is sent after it.</summary>
/// <param name="jobs">The schedule.</param>
/// <param name="progress">How far each job is, by its id.</param>
/// <param name="driver">The scheduler.</param>
/// <param name="originTick">The moment of the schedule's zero, as a time stamp of the clock.</param>
/// <param name="originUtc">The same moment, in microseconds since 1970.</param>
/// <param name="happened">Takes every event.</param>
/// <param name="failed">Takes what ends the replay.</param>
/// <param name="time">The clock; its timers call from one thread, on which a job is sent.</param>
internal sealed class JobSender(
    IReadOnlyList<Job> jobs, IReadOnlyDictionary<long, JobProgress> progress, ISchedulerDriver driver, long originTick, long originUtc,
    Action<JobEvent> happened, Action<Exception> failed, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<long> _lateness = [], _accepting = [];
    private int _underWay;
    private long _lastActivity;

    /// <summary>How many jobs were sent and have no answer.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>When a job was last sent or answered for, as a time stamp of the clock; the schedule's zero before.</summary>
    public long LastActivity => Volatile.Read(ref _lastActivity);

    /// <summary>How late jobs were sent.</summary>
    public LatenessSummary? Lateness
    {
        get
        {
            lock (_lock) return LatenessSummary.Of(_lateness);
        }
    }

    /// <summary>How long the scheduler took to answer.</summary>
    public LatenessSummary? AcceptLatency
    {
        get
        {
            lock (_lock) return LatenessSummary.Of(_accepting);
        }
    }

    /// <summary>Sends all jobs.</summary>
    /// <param name="cancellation">Ends the sending.</param>
    /// <param name="answering">Ends the waiting for answers to what was sent.</param>
    public async Task SendAllAsync(CancellationToken cancellation, CancellationToken answering)
    {
        Volatile.Write(ref _lastActivity, originTick);
        try
        {
            var thinking = jobs.Where(j => j.Dependencies.Any(Kept)).Select(j => ThinkAsync(j, cancellation, answering)).ToList();
            foreach (var job in jobs.Where(j => !j.Dependencies.Any(Kept)).OrderBy(j => j.Submit).ThenBy(j => j.Id))
            {
                await UntilAsync(job.Submit, cancellation);
                Watch(SendAsync(job, job.Submit, cancellation, answering));
            }

            await Task.WhenAll(thinking);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            failed(exception);
        }
    }

    /// <summary>The agent keeps the job for this dependency, and not the scheduler.</summary>
    private bool Kept(JobDependency dependency) => dependency.ThinkTime > TimeSpan.Zero || !driver.KeepsDependencies;

    private async Task ThinkAsync(Job job, CancellationToken cancellation, CancellationToken answering)
    {
        var due = job.Submit;
        foreach (var dependency in job.Dependencies.Where(Kept))
        {
            await progress[dependency.Job].Ended.Task.WaitAsync(cancellation);
            var since = time.GetElapsedTime(originTick) + dependency.ThinkTime;
            if (since > due) due = since;
        }

        await UntilAsync(due, cancellation);
        Watch(SendAsync(job, due, cancellation, answering));
    }

    private void Watch(Task sending) => _ = sending.ContinueWith(
        s => failed(s.Exception!.GetBaseException()),
        CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Waits for a moment of the workload; goes on upon the clock's timer thread.</summary>
    private async ValueTask UntilAsync(TimeSpan moment, CancellationToken cancellation)
    {
        while (moment - time.GetElapsedTime(originTick) is var left && left > TimeSpan.Zero)
        {
            var due = new TaskCompletionSource();
            await using var timer = time.CreateTimer(_ => due.TrySetResult(), null, left, Timeout.InfiniteTimeSpan);
            await using var cancelled = cancellation.Register(() => due.TrySetCanceled(cancellation));
            await due.Task;
        }

        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Sends a job, unless <paramref name="cancellation"/> says not to, and takes the answer, for which <paramref name="answering"/> says how long to wait.</summary>
    private async Task SendAsync(Job job, TimeSpan due, CancellationToken cancellation, CancellationToken answering)
    {
        var planned = originUtc + Micros.From(due);
        Volatile.Write(ref _lastActivity, time.GetTimestamp());
        var (after, never) = await AfterAsync(job, cancellation);
        if (never is not null)
        {
            happened(new JobEvent(job.Id, JobEventKind.Rejected, Micros.Now(time), "agent") { Detail = never });
            return;
        }

        Interlocked.Increment(ref _underWay);
        try
        {
            // Only now: whoever cancels first forbids to send, then waits for what is under way.
            cancellation.ThrowIfCancellationRequested();
            var sentAt = 0L;
            var answer = await driver.SubmitAsync(new Submission(job, after), sent =>
            {
                sentAt = sent;
                lock (_lock) _lateness.Add(sent - planned);
                happened(new JobEvent(job.Id, JobEventKind.Sent, sent, "agent") { Planned = planned });
            }, answering);
            lock (_lock) _accepting.Add(answer.Time - sentAt);
            Volatile.Write(ref _lastActivity, time.GetTimestamp());
            happened(answer.SchedulerId is null
                ? new JobEvent(job.Id, JobEventKind.Rejected, answer.Time, "agent") { Detail = answer.Detail }
                : new JobEvent(job.Id, JobEventKind.Accepted, answer.Time, "agent") { SchedulerId = answer.SchedulerId, Detail = answer.Detail });
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    /// <summary>What the scheduler must be told to wait for; or why the job can never start.</summary>
    private async ValueTask<(IReadOnlyList<(string, DependencyKind)> After, string? Never)> AfterAsync(Job job, CancellationToken cancellation)
    {
        if (job.Dependencies.IsEmpty) return ([], null);
        var after = new List<(string, DependencyKind)>();
        foreach (var dependency in job.Dependencies)
        {
            var before = progress[dependency.Job];
            // A scheduler forgets jobs that ended: one that did is not named to it any more.
            var id = before.Ended.Task.IsCompleted ? null : await before.Accepted.Task.WaitAsync(cancellation);
            if (!before.Ended.Task.IsCompleted && id is not null) after.Add((id, dependency.Kind));
            else if (dependency.Kind.Refuses(before.State == JobState.Completed))
                return ([], $"never sent: job {dependency.Job}, which it waits for, ended as {before.State}");
        }

        return (after, null);
    }
}
