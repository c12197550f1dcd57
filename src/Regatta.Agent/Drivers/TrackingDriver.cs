using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Regatta.Agent.Sampling;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers;

/// <summary>Makes events of jobs out of what a scheduler tells.</summary>
internal interface IJobTracker
{
    /// <summary>Where releases came from so far.</summary>
    string ReleaseSource { get; }

    /// <summary>No job that ended holds nodes still.</summary>
    bool Settled { get; }
}

/// <summary>What the drivers share: a tracker that several watchers feed, one at a time, and the stream of what it reports.</summary>
/// <typeparam name="TTracker">The tracker.</typeparam>
internal abstract class TrackingDriver<TTracker> : ISchedulerDriver
    where TTracker : class, IJobTracker
{
    private readonly Channel<Observation> _observed = Channel.CreateUnbounded<Observation>();

    /// <summary>Makes a driver that is not open.</summary>
    /// <param name="tracker">The tracker until it is.</param>
    /// <param name="over">What is said when the scheduler answers again.</param>
    protected TrackingDriver(TTracker tracker, string over) => (Tracker, Trouble) = (tracker, new Outage(f => Report(f), over));

    /// <inheritdoc/>
    public abstract IReadOnlyList<(string Process, bool Client)> Daemons { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes { get; protected set; } = [];

    /// <inheritdoc/>
    public IReadOnlyList<ReservedTime> Reservations { get; protected set; } = [];

    /// <inheritdoc/>
    public virtual StartOrderCheck? StartOrder => null;

    /// <inheritdoc/>
    public virtual StartPredictions? Predictions => null;

    /// <inheritdoc/>
    public virtual bool KeepsDependencies => true;

    /// <inheritdoc/>
    public string ReleaseSource
    {
        get
        {
            lock (Gate) return Tracker.ReleaseSource;
        }
    }

    /// <inheritdoc/>
    public bool Settled
    {
        get
        {
            lock (Gate) return Tracker.Settled;
        }
    }

    /// <summary>Whoever has to do with the tracker holds it.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>The tracker.</summary>
    protected TTracker Tracker { get; set; }

    /// <summary>The time in which the scheduler does not answer.</summary>
    protected Outage Trouble { get; }

    /// <inheritdoc/>
    public abstract Task OpenAsync(IReadOnlyList<Job> jobs, CancellationToken cancellation);

    /// <inheritdoc/>
    public virtual TimeSpan Notice => TimeSpan.Zero;

    /// <inheritdoc/>
    public virtual Task PrepareAsync(long begin, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public abstract Task<Answer> SubmitAsync(Submission submission, Action<long> sent, CancellationToken cancellation);

    /// <inheritdoc/>
    public abstract Task CancelAsync(IReadOnlyCollection<long> jobs, CancellationToken cancellation);

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<SchedulingPasses>> PassesAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<SchedulingPasses>>([]);

    /// <inheritdoc/>
    public virtual IReadOnlyList<ISampleSource> Sources() => [];

    public abstract ValueTask DisposeAsync();

    /// <inheritdoc/>
    public async IAsyncEnumerable<Observation> ObserveAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watching = WatchAsync(stop.Token);
        // A fault of the watchers is a fault of the observation.
        _ = watching.ContinueWith(w => _observed.Writer.TryComplete(w.Exception?.GetBaseException()), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            await foreach (var observation in _observed.Reader.ReadAllAsync(cancellation)) yield return observation;
        }
        finally
        {
            await stop.CancelAsync();
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Observation> Conclude()
    {
        lock (Gate) Finish();
        var rest = new List<Observation>();
        while (_observed.Reader.TryRead(out var observation)) rest.Add(observation);
        return rest;
    }

    /// <summary>Watches the scheduler until it is cancelled.</summary>
    protected abstract Task WatchAsync(CancellationToken cancellation);

    /// <summary>Lets the tracker say what it can when nothing more is waited for; called with the gate held.</summary>
    protected virtual void Finish()
    {
    }

    /// <summary>Tells what was observed.</summary>
    protected void Report(Observation observation) => _observed.Writer.TryWrite(observation);
}
