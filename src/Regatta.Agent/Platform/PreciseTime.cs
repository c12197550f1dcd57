namespace Regatta.Agent.Platform;

/// <summary>
/// The time of a clock with timers that are due to the precision of the kernel instead of the runtime's tick, for one-shot timers. Callbacks run on
/// the timers' own thread, one after the other: what waits there is late. Timers that go off again and again are the runtime's, in real time.
/// </summary>
internal sealed class PreciseTime : TimeProvider, IDisposable
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<OneShot, long> _due = new();
    private readonly int _wake = Posix.NewEvent();
    private readonly NodeClock _clock;
    private bool _stopped;

    public PreciseTime(NodeClock? clock = null)
    {
        _clock = clock ?? NodeClock.System;
        new Thread(Run) { IsBackground = true, Name = "timers" }.Start();
    }

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => _clock.Ticks;

    public override DateTimeOffset GetUtcNow() => _clock.UtcNow;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period != Timeout.InfiniteTimeSpan) return System.CreateTimer(callback, state, dueTime, period);
        var timer = new OneShot(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Dispose()
    {
        lock (_lock) _stopped = true;
        Posix.Wake(_wake);
    }

    private void Run()
    {
        // Where real-time scheduling is not allowed, as in many containers, the niceness of the process has to do.
        _ = Posix.RunFirst();
        while (true)
        {
            OneShot? timer;
            long? wait = null;
            lock (_lock)
            {
                if (_stopped) break;
                if (_due.TryPeek(out timer, out var at))
                {
                    if (at > _clock.Ticks) (timer, wait) = (null, at);
                    else timer = _due.Dequeue().Take(at);
                }
                else
                {
                    timer = null;
                }
            }

            if (timer is not null) timer.Call();
            else if (wait is not null || Empty()) _clock.WaitFor(_wake, wait);
        }

        Posix.CloseEvent(_wake);
    }

    private bool Empty()
    {
        lock (_lock) return _due.Count == 0;
    }

    private sealed class OneShot(PreciseTime owner, TimerCallback callback, object? state) : ITimer
    {
        private long? _at;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._lock)
            {
                _at = dueTime == Timeout.InfiniteTimeSpan ? null : owner._clock.Ticks + (long)Math.Min(dueTime.Ticks * 100.0, long.MaxValue / 4);
                if (_at is { } at) owner._due.Enqueue(this, at);
            }

            Posix.Wake(owner._wake);
            return true;
        }

        /// <summary>This timer when it is due at that time still; null when it was changed since.</summary>
        public OneShot? Take(long at)
        {
            if (_at != at) return null;
            _at = null;
            return this;
        }

        public void Call() => callback(state);

        public void Dispose()
        {
            lock (owner._lock) _at = null;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
