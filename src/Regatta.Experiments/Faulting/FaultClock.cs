using Regatta.Workloads;

namespace Regatta.Experiments.Faulting;

/// <summary>Tells when what faults wait for has come, out of the events of a replay as they arrive.</summary>
/// <param name="jobs">The jobs.</param>
/// <param name="processors">Processors of the machine.</param>
/// <param name="time">The clock of this host.</param>
internal sealed class FaultClock(IReadOnlyList<Job> jobs, int processors, TimeProvider time)
{
    private readonly Dictionary<long, Job> _jobs = jobs.ToDictionary(j => j.Id);
    private readonly HashSet<long> _given = [], _running = [];
    private readonly List<(FaultTrigger Trigger, TaskCompletionSource Come)> _waiting = [];
    private readonly TaskCompletionSource<(long Origin, long Ahead, long Tick)> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private long _busy;

    /// <summary>Takes an event.</summary>
    public void See(JobEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        switch (happened.Kind)
        {
            case JobEventKind.Sent when happened.Planned is { } planned:
                // The head's clock said this time when the job was sent, and the word of it took no time that matters.
                var origin = planned - Micros.From(_jobs[happened.Job].Submit);
                _begun.TrySetResult((origin, happened.Time - origin, time.GetTimestamp()));
                return;
            case JobEventKind.Decided:
                lock (_gate)
                {
                    _given.Add(happened.Job);
                    if (_running.Add(happened.Job)) _busy += _jobs[happened.Job].Processors;
                    foreach (var (trigger, come) in _waiting.Where(w => Has(w.Trigger))) come.TrySetResult();
                }

                return;
            case JobEventKind.Ended or JobEventKind.Requeued:
                lock (_gate)
                {
                    if (_running.Remove(happened.Job)) _busy -= _jobs[happened.Job].Processors;
                }

                return;
        }
    }

    /// <summary>Waits until what a fault waits for has come.</summary>
    /// <returns>When it was to be, in UTC microseconds on the head's clock; null where it waited for no time.</returns>
    public async Task<long?> WaitAsync(FaultTrigger trigger, CancellationToken cancellation)
    {
        if (trigger.At is { } at)
        {
            var (origin, ahead, tick) = await _begun.Task.WaitAsync(cancellation);
            while (at - TimeSpan.FromMicroseconds(ahead) - time.GetElapsedTime(tick) is var left && left > TimeSpan.Zero) await Task.Delay(Durations.ForTimer(left), time, cancellation);
            return origin + Micros.From(at);
        }

        TaskCompletionSource come = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (Has(trigger)) return null;
            _waiting.Add((trigger, come));
        }

        await come.Task.WaitAsync(cancellation);
        return null;
    }

    private bool Has(FaultTrigger trigger) => trigger.Starts is { } starts ? _given.Count >= starts : _busy >= trigger.Load * processors;
}
