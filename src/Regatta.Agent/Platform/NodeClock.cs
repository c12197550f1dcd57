using System.Diagnostics;

namespace Regatta.Agent.Platform;

/// <summary>The clock that a replay goes by. Ticks are nanoseconds that never go back.</summary>
internal abstract class NodeClock
{
    /// <summary>The system's.</summary>
    public static NodeClock System { get; } = new SystemClock();

    /// <summary>Now.</summary>
    public abstract long Ticks { get; }

    /// <summary>Now, UTC.</summary>
    public abstract DateTimeOffset UtcNow { get; }

    /// <summary>Waits until the descriptor was woken (<see cref="Posix.Wake"/>) or the moment has come; null waits for the descriptor alone.</summary>
    public abstract void WaitFor(int descriptor, long? until);

    private sealed class SystemClock : NodeClock
    {
        public override long Ticks => Stopwatch.GetTimestamp();

        public override DateTimeOffset UtcNow => DateTimeOffset.UtcNow;

        public override void WaitFor(int descriptor, long? until)
        {
            var left = until is { } moment ? Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), moment) : (TimeSpan?)null;
            if (left is null || left > TimeSpan.Zero) Posix.WaitFor(descriptor, left);
        }
    }
}
