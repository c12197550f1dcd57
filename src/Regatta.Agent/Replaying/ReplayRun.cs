using Regatta.Agent.Drivers;
using Regatta.Agent.Sampling;
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
    private readonly List<ReplayFault> _faults = [];
    private readonly TaskCompletionSource _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = jobs.Count;
    private long _originTick;

    /// <summary>File that samples go to; null for none.</summary>
    public string? Samples { get; init; }

    /// <summary>The first tick from one on at which it may begin; null where any is as good as another.</summary>
    public Func<long, long>? Begins { get; init; }

    /// <summary>Runs the replay to its end.</summary>
    /// <param name="cancel">Asks to cancel the jobs and end.</param>
    /// <exception cref="Diagnostics.DiagnosticException">The scheduler does not answer before anything was sent.</exception>
    /// <exception cref="IOException">Events cannot be recorded any more.</exception>
    public async Task<ReplaySummary> RunAsync(CancellationToken cancel)
    {
        await driver.OpenAsync(jobs, cancel);
        var earlier = await driver.PassesAsync(cancel);
        var daemons = new ProcessCosts(driver.Daemons);
        daemons.Look();
        var cpu = Environment.CpuUsage.TotalTime;
        var (tick, utc) = SameMoment();
        var earliest = tick + (long)((header.StartDelay + driver.Notice).TotalSeconds * time.TimestampFrequency);
        _originTick = Begins?.Invoke(earliest) ?? BesideBeat(tick, utc, earliest);
        var originUtc = utc + Micros.From(time.GetElapsedTime(tick, _originTick));
        await driver.PrepareAsync(originUtc, cancel);
        using var sampler = header.SampleEvery is { } every && Samples is { } samples
            ? new Sampler(samples, [new ProcessSource([.. driver.Daemons.Select(d => d.Process), "regatta-agent"]), .. driver.Sources()], TimeProvider.System, every) : null;
        var sender = new JobSender(jobs, _progress, driver, _originTick, originUtc, Emit, exception => _failed.TrySetException(exception), time);

        using var submitting = new CancellationTokenSource();
        using var answering = new CancellationTokenSource();
        using var observing = new CancellationTokenSource();
        var observation = ObserveAsync(observing.Token);
        var sending = sender.SendAllAsync(submitting.Token, answering.Token);
        using var stop = new CancellationTokenSource();
        var looking = LookAsync(daemons, stop.Token);
        ReplayOutcome outcome;
        try
        {
            if (jobs.Count == 0) _allEnded.TrySetResult();
            outcome = await WaitAsync(sender, cancel);
            await submitting.CancelAsync();
            if (outcome == ReplayOutcome.Cancelled) await CancelAsync(sender);
            await SettleAsync(cancel);
        }
        catch
        {
            await submitting.CancelAsync();
            await CancelAsync(sender);
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
        var sampling = sampler?.End();
        var passes = await driver.PassesAsync(CancellationToken.None);
        lock (_lock)
        {
            return new ReplaySummary
            {
                Trial = header.Trial,
                Outcome = outcome,
                Started = originUtc,
                Ended = Micros.Now(time),
                States = _progress.Values.GroupBy(p => p.State).ToImmutableSortedDictionary(g => g.Key, g => g.Count()),
                Unfinished = [.. _progress.Values.Where(p => p.State == JobState.Unfinished).Select(p => p.Job.Id)],
                Lateness = sender.Lateness,
                AcceptLatency = sender.AcceptLatency,
                CpuSeconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds,
                PeakRss = ProcessCosts.OwnPeak(),
                Daemons = daemons.Costs(),
                Passes = [.. passes.Select(p => earlier.FirstOrDefault(e => e.Kind == p.Kind) is { } before ? p.Since(before) : p)],
                Sampling = sampling,
                Faults = [.. _faults],
                Notes = [.. driver.Notes],
                Reservations = [.. driver.Reservations],
                StartOrder = driver.StartOrder,
                Predictions = driver.Predictions,
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

    /// <summary>The first tick from one on that keeps its distance to the scheduler's own beats, in real time.</summary>
    private long BesideBeat(long tick, long utc, long earliest)
    {
        if (header.Beat <= TimeSpan.Zero || driver.Daemons.Where(d => !d.Client).Select(d => d.Process).FirstOrDefault() is not { } scheduler) return earliest;
        var started = Beat.Started(scheduler, utc) ?? throw new DiagnosticException(Diagnostic.Error("replay-beat", $"no {scheduler} runs whose beats the replay could keep a distance to") with { Help = "look at: systemctl status; or measure.beat=0s" });
        var begins = Beat.After(utc + Micros.From(time.GetElapsedTime(tick, earliest)), started, Micros.From(header.Beat));
        return tick + ((begins - utc) * time.TimestampFrequency / 1_000_000);
    }

    private async Task ObserveAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var observation in driver.ObserveAsync(cancellation)) Take(observation);
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

    private async Task<ReplayOutcome> WaitAsync(JobSender sender, CancellationToken cancel)
    {
        while (true)
        {
            var last = jobs.Count == 0 ? TimeSpan.Zero : jobs.Max(j => j.Submit);
            var activity = time.GetElapsedTime(_originTick, sender.LastActivity);
            var left = (activity > last ? activity : last) + header.DrainTimeout - time.GetElapsedTime(_originTick);
            if (left <= TimeSpan.Zero) return ReplayOutcome.DrainTimeout;
            using var waking = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var drained = Task.Delay(Durations.ForTimer(left), time, waking.Token);
            var first = await Task.WhenAny(_allEnded.Task, _failed.Task, broken, drained);
            await waking.CancelAsync();
            if (first == _failed.Task || first == broken) await first;
            if (first == _allEnded.Task) return ReplayOutcome.Drained;
            if (cancel.IsCancellationRequested) return ReplayOutcome.Cancelled;
        }
    }

    private async Task CancelAsync(JobSender sender)
    {
        using var limit = new CancellationTokenSource(CancelGrace, time);
        try
        {
            await AnswersAsync(sender, limit.Token);
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
    private async Task AnswersAsync(JobSender sender, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (sender.UnderWay > 0)
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
}
