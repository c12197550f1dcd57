namespace Regatta.Agent.Platform;

/// <summary>Pauses between tries, each twice as long as the one before up to the longest.</summary>
internal sealed class Backoff
{
    private readonly TimeSpan _first, _longest;
    private readonly TimeProvider _time;
    private TimeSpan _next;

    /// <summary>Begins with the first pause.</summary>
    /// <param name="first">The first pause.</param>
    /// <param name="longest">The longest.</param>
    /// <param name="time">The clock.</param>
    public Backoff(TimeSpan first, TimeSpan longest, TimeProvider time) => (_first, _longest, _time, _next) = (first, longest, time, first);

    /// <summary>From 0.1 s to 1 s: what a scheduler is asked again with.</summary>
    public static Backoff ForSchedulers(TimeProvider time) => new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), time);

    /// <summary>Waits for the next pause.</summary>
    public Task WaitAsync(CancellationToken cancellation)
    {
        var pause = _next;
        _next = pause + pause < _longest ? pause + pause : _longest;
        return Task.Delay(pause, _time, cancellation);
    }

    /// <summary>Begins with the first pause again.</summary>
    public void Reset() => _next = _first;
}
