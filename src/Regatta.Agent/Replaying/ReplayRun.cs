using System.Collections.Immutable;
using Regatta.Agent.Drivers;
using Regatta.Agent.Platform;
using Regatta.Workloads;

namespace Regatta.Agent.Replaying;

/// <summary>
/// One replay: sends every job at its time whatever became of the others (an open loop), and follows them to their ends.
/// </summary>
/// <param name="header">What is asked for.</param>
/// <param name="jobs">The schedule.</param>
/// <param name="driver">The scheduler.</param>
/// <param name="record">Takes every event as it happens, from any thread.</param>
/// <param name="broken">Ends when events cannot be recorded any more; its failure ends the replay.</param>
/// <param name="time">The clock; its timers call from one thread, on which a job is sent.</param>
internal sealed class ReplayRun(ReplayHeader header, IReadOnlyList<Job> jobs, ISchedulerDriver driver, Action<JobEvent> record, Task broken, TimeProvider time)
{
    private static readonly TimeSpan CancelGrace = TimeSpan.FromSeconds(30), AnswerGrace = TimeSpan.FromSeconds(10), ReleaseGrace = TimeSpan.FromSeconds(10), FirstReleaseGrace = TimeSpan.FromSeconds(2);

    private readonly Dictionary<long, JobProgress> _progress = jobs.ToDictionary(j => j.Id, j => new JobProgress(j));
    private readonly Lock _lock = new();
    private readonly List<long> _lateness = [], _accepting = [];
    private readonly List<ReplayFault> _faults = [];
    private readonly TaskCompletionSource _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = jobs.Count;
    private int _underWay;
    private long _originUtc;
    private long _originTick;
    private long _lastActivity;

    /// <summary>Runs the replay to its end.</summary>
    /// <param name="cancel">Asks to cancel the jobs and end.</param>
    /// <exception cref="Diagnostics.DiagnosticException">The scheduler does not answer before anything was sent.</exception>
    /// <exception cref="IOException">Events cannot be recorded any more.</exception>
    public async Task<ReplaySummary> RunAsync(CancellationToken cancel)
    {
        await driver.OpenAsync(jobs, cancel);
        var daemons = new ProcessCosts(driver.Daemons);
        daemons.Look();
        var cpu = Environment.CpuUsage.TotalTime;
        var (tick, utc) = SameMoment();
        _originTick = tick + (long)(header.StartDelay.TotalSeconds * time.TimestampFrequency);
        _originUtc = utc + Micros.From(header.StartDelay);
        _lastActivity = _originTick;

        using var submitting = new CancellationTokenSource();
        using var answering = new CancellationTokenSource();
        using var observing = new CancellationTokenSource();
        var observation = ObserveAsync(observing.Token);
        var sending = SendAllAsync(submitting.Token, answering.Token);
        using var stop = new CancellationTokenSource();
        var looking = LookAsync(daemons, stop.Token);
        ReplayOutcome outcome;
        try
        {
            if (jobs.Count == 0) _allEnded.TrySetResult();
            outcome = await WaitAsync(cancel);
            await submitting.CancelAsync();
            if (outcome == ReplayOutcome.Cancelled) await CancelAsync();
            await SettleAsync(cancel);
        }
        catch
        {
            await submitting.CancelAsync();
            await CancelAsync();
            throw;
        }
        finally
        {
            await submitting.CancelAsync();
            await answering.CancelAsync();
            await stop.CancelAsync();
            await observing.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await observation.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (var rest in driver.Conclude()) Take(rest);
        daemons.Look();
        lock (_lock)
        {
            return new ReplaySummary
            {
                Trial = header.Trial,
                Outcome = outcome,
                Started = _originUtc,
                Ended = Micros.Now(time),
                States = _progress.Values.GroupBy(p => p.State).ToImmutableSortedDictionary(g => g.Key, g => g.Count()),
                Unfinished = [.. _progress.Values.Where(p => p.State == JobState.Unfinished).Select(p => p.Job.Id)],
                Lateness = LatenessSummary.Of(_lateness),
                AcceptLatency = LatenessSummary.Of(_accepting),
                CpuSeconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds,
                PeakRss = ProcessCosts.OwnPeak(),
                Daemons = daemons.Costs(),
                Faults = [.. _faults],
                Notes = [.. driver.Notes],
                ReleaseSource = driver.ReleaseSource,
            };
        }
    }

    /// <summary>
    /// One moment on both clocks. Of many readings the closest counts: whatever passed between the two would shift every lateness.
    /// </summary>
    private (long Tick, long Utc) SameMoment()
    {
        const int readings = 50;
        var (best, tick, utc) = (long.MaxValue, 0L, 0L);
        for (var i = 0; i < readings; i++)
        {
            var before = time.GetTimestamp();
            var now = Micros.Now(time);
            var gap = time.GetTimestamp() - before;
            if (gap < best) (best, tick, utc) = (gap, before + (gap / 2), now);
        }

        return (tick, utc);
    }

    private async Task SendAllAsync(CancellationToken cancellation, CancellationToken answering)
    {
        try
        {
            var thinking = jobs.Where(j => j.Dependencies.Any(Kept)).Select(j => ThinkAsync(j, cancellation, answering)).ToList();
            foreach (var job in jobs.Where(j => !j.Dependencies.Any(Kept)).OrderBy(j => j.Submit).ThenBy(j => j.Id))
            {
                await UntilAsync(job.Submit, cancellation).ConfigureAwait(false);
                Watch(SendAsync(job, job.Submit, cancellation, answering));
            }

            await Task.WhenAll(thinking).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _failed.TrySetException(exception);
        }
    }

    /// <summary>The agent keeps the job for this dependency, and not the scheduler.</summary>
    private bool Kept(JobDependency dependency) => dependency.ThinkTime > TimeSpan.Zero || !driver.KeepsDependencies;

    private async Task ThinkAsync(Job job, CancellationToken cancellation, CancellationToken answering)
    {
        var due = job.Submit;
        foreach (var dependency in job.Dependencies.Where(Kept))
        {
            await _progress[dependency.Job].Ended.Task.WaitAsync(cancellation).ConfigureAwait(false);
            var since = time.GetElapsedTime(_originTick) + dependency.ThinkTime;
            if (since > due) due = since;
        }

        await UntilAsync(due, cancellation).ConfigureAwait(false);
        Watch(SendAsync(job, due, cancellation, answering));
    }

    private void Watch(Task sending) => _ = sending.ContinueWith(
        s => _failed.TrySetException(s.Exception!.GetBaseException()),
        CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Waits for a moment of the workload; goes on upon the clock's timer thread.</summary>
    private async ValueTask UntilAsync(TimeSpan moment, CancellationToken cancellation)
    {
        while (moment - time.GetElapsedTime(_originTick) is var left && left > TimeSpan.Zero)
        {
            var due = new TaskCompletionSource();
            await using var timer = time.CreateTimer(_ => due.TrySetResult(), null, left, Timeout.InfiniteTimeSpan);
            await using var cancelled = cancellation.Register(() => due.TrySetCanceled(cancellation));
            await due.Task.ConfigureAwait(false);
        }

        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Sends a job, unless <paramref name="cancellation"/> says not to, and takes the answer, for which <paramref name="answering"/> says how long to wait.</summary>
    private async Task SendAsync(Job job, TimeSpan due, CancellationToken cancellation, CancellationToken answering)
    {
        var planned = _originUtc + Micros.From(due);
        Volatile.Write(ref _lastActivity, time.GetTimestamp());
        var (after, never) = await AfterAsync(job, cancellation).ConfigureAwait(false);
        if (never is not null)
        {
            Emit(new JobEvent(job.Id, JobEventKind.Rejected, Micros.Now(time), "agent") { Detail = never });
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
                Emit(new JobEvent(job.Id, JobEventKind.Sent, sent, "agent") { Planned = planned });
            }, answering).ConfigureAwait(false);
            lock (_lock) _accepting.Add(answer.Time - sentAt);
            Volatile.Write(ref _lastActivity, time.GetTimestamp());
            Emit(answer.SchedulerId is null
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
            var before = _progress[dependency.Job];
            // A scheduler forgets jobs that ended: one that did is not named to it any more.
            var id = before.Ended.Task.IsCompleted ? null : await before.Accepted.Task.WaitAsync(cancellation).ConfigureAwait(false);
            if (!before.Ended.Task.IsCompleted && id is not null) after.Add((id, dependency.Kind));
            else if (dependency.Kind == DependencyKind.AfterOk && before.State != JobState.Completed)
                return ([], $"never sent: job {dependency.Job}, which it waits for, ended as {before.State}");
        }

        return (after, null);
    }

    private async Task ObserveAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var observation in driver.ObserveAsync(cancellation).ConfigureAwait(false)) Take(observation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            _failed.TrySetException(exception);
        }
    }

    private void Take(Observation observation)
    {
        if (observation.Fault is { } fault)
        {
            lock (_lock) _faults.Add(fault);
        }

        if (observation.Event is { } happened) Emit(happened);
    }

    private void Emit(JobEvent happened)
    {
        record(happened);
        var progress = _progress[happened.Job];
        switch (happened.Kind)
        {
            case JobEventKind.Accepted:
                progress.Accepted.TrySetResult(happened.SchedulerId);
                break;
            case JobEventKind.Rejected:
                End(progress, JobState.Rejected);
                break;
            case JobEventKind.Ended:
                End(progress, happened.State ?? JobState.Failed);
                break;
        }
    }

    private void End(JobProgress progress, JobState state)
    {
        lock (_lock)
        {
            if (progress.State != JobState.Unfinished) return;
            progress.State = state;
            _open--;
            if (_open == 0) _allEnded.TrySetResult();
        }

        progress.Ended.TrySetResult();
        progress.Accepted.TrySetResult(null);
    }

    private async Task<ReplayOutcome> WaitAsync(CancellationToken cancel)
    {
        while (true)
        {
            var last = jobs.Count == 0 ? TimeSpan.Zero : jobs.Max(j => j.Submit);
            var activity = time.GetElapsedTime(_originTick, Volatile.Read(ref _lastActivity));
            var left = (activity > last ? activity : last) + header.DrainTimeout - time.GetElapsedTime(_originTick);
            if (left <= TimeSpan.Zero) return ReplayOutcome.DrainTimeout;
            using var waking = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var drained = Task.Delay(left, time, waking.Token);
            var first = await Task.WhenAny(_allEnded.Task, _failed.Task, broken, drained);
            await waking.CancelAsync();
            if (first == _failed.Task || first == broken) await first;
            if (first == _allEnded.Task) return ReplayOutcome.Drained;
            if (cancel.IsCancellationRequested) return ReplayOutcome.Cancelled;
        }
    }

    private async Task CancelAsync()
    {
        using var limit = new CancellationTokenSource(CancelGrace, time);
        try
        {
            await AnswersAsync(limit.Token);
            List<long> open;
            lock (_lock) open = [.. _progress.Values.Where(p => p.State == JobState.Unfinished && p.Accepted.Task.IsCompletedSuccessfully).Select(p => p.Job.Id)];
            await driver.CancelAsync(open, limit.Token);
            while (true)
            {
                lock (_lock)
                {
                    if (_progress.Values.All(p => p.State != JobState.Unfinished || !p.Accepted.Task.IsCompletedSuccessfully)) return;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(20), time, limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Take(new ReplayFault(Micros.Now(time), null, $"not all jobs ended within {CancelGrace.TotalSeconds:0} s after they were cancelled"));
        }
    }

    /// <summary>A job can be cancelled once the scheduler's name for it is known: what was sent is waited for.</summary>
    private async Task AnswersAsync(CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (Volatile.Read(ref _underWay) > 0)
        {
            if (time.GetElapsedTime(start) > AnswerGrace)
            {
                Take(new ReplayFault(Micros.Now(time), null, $"jobs that were sent had no answer {AnswerGrace.TotalSeconds:0} s after the replay was cancelled, and may be left in the queue"));
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellation);
        }
    }

    private async Task SettleAsync(CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        while (!driver.Settled && !cancel.IsCancellationRequested
            && time.GetElapsedTime(start) < (driver.ReleaseSource == "epilog" ? ReleaseGrace : FirstReleaseGrace))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, CancellationToken.None);
        }
    }

    private async Task LookAsync(ProcessCosts daemons, CancellationToken cancellation)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(5), time);
        while (await tick.WaitForNextTickAsync(cancellation)) daemons.Look();
    }

    /// <summary>How far a job is.</summary>
    private sealed class JobProgress(Job job)
    {
        public Job Job { get; } = job;

        public JobState State { get; set; }

        /// <summary>The scheduler's name for it; null when it was never taken or ended before that was known.</summary>
        public TaskCompletionSource<string?> Accepted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
