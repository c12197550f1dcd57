using Regatta.Agent.Sampling;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers;

/// <summary>What a replay needs of a scheduler. A further scheduler is one more folder with one of these.</summary>
internal interface ISchedulerDriver : IAsyncDisposable
{
    /// <summary>Names of the processes on the head whose cost is recorded; those marked belong to the submitting side.</summary>
    IReadOnlyList<(string Process, bool Client)> Daemons { get; }

    /// <summary>Where release stamps came from so far: <c>epilog</c>, <c>end</c>, <c>mixed</c>, <c>free</c> or <c>none</c>.</summary>
    string ReleaseSource { get; }

    /// <summary>The scheduler itself keeps a job until those before it have ended; where it cannot, the agent does, and sends the job then.</summary>
    bool KeepsDependencies => true;

    /// <summary>Gets ready before the clock starts: opens connections, notes where the scheduler's log stands.</summary>
    /// <exception cref="Diagnostics.DiagnosticException">The scheduler does not answer.</exception>
    Task OpenAsync(IReadOnlyList<Job> jobs, CancellationToken cancellation);

    /// <summary>
    /// Submits one job and waits for the scheduler's answer. While the scheduler cannot be reached it tries again, and makes sure first
    /// that the job did not arrive after all. <paramref name="sent"/> is called once, with the stamp of the first submission.
    /// </summary>
    Task<Answer> SubmitAsync(Submission submission, Action<long> sent, CancellationToken cancellation);

    /// <summary>What the scheduler says of the jobs, as it happens; ends only by cancellation.</summary>
    IAsyncEnumerable<Observation> ObserveAsync(CancellationToken cancellation);

    /// <summary>No job that ended holds nodes still, as far as the scheduler tells.</summary>
    bool Settled { get; }

    /// <summary>What of the jobs the scheduler cannot be told, in sentences; known once it is open.</summary>
    IReadOnlyList<string> Notes => [];

    /// <summary>How long before the replay begins it must be told when that is.</summary>
    TimeSpan Notice => TimeSpan.Zero;

    /// <summary>Makes what begins at a time after the start of the replay, such as reservations; after it is opened.</summary>
    /// <param name="begin">When the replay begins, UTC microseconds since 1970-01-01.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    Task PrepareAsync(long begin, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Reservations of nodes, as the scheduler made them; none before it is prepared.</summary>
    IReadOnlyList<ReservedTime> Reservations => [];

    /// <summary>The order of starts, held against the priorities that the scheduler reports; null where it is not.</summary>
    StartOrderCheck? StartOrder => null;

    /// <summary>The starts that the scheduler foretold, held against those that came; null where there are none.</summary>
    StartPredictions? Predictions => null;

    /// <summary>How the scheduler went through its queue up to now; empty where it does not count that, or does not answer.</summary>
    Task<IReadOnlyList<SchedulingPasses>> PassesAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<SchedulingPasses>>([]);

    /// <summary>What is sampled beside its processes; asked for once it is open.</summary>
    IReadOnlyList<ISampleSource> Sources() => [];

    /// <summary>What can still be said once <see cref="ObserveAsync"/> was cancelled.</summary>
    IReadOnlyList<Observation> Conclude();

    /// <summary>Asks the scheduler to end these jobs.</summary>
    Task CancelAsync(IReadOnlyCollection<long> jobs, CancellationToken cancellation);
}

/// <summary>One job on its way to the scheduler.</summary>
/// <param name="Job">The job.</param>
/// <param name="After">The scheduler's names of the jobs that it waits for.</param>
internal sealed record Submission(Job Job, IReadOnlyList<(string SchedulerId, DependencyKind Kind)> After);

/// <summary>The scheduler's answer to a submission.</summary>
/// <param name="Time">When it came, UTC microseconds.</param>
/// <param name="SchedulerId">The scheduler's own name for the job; null when it was rejected.</param>
/// <param name="Detail">The scheduler's words, and what it took to get them.</param>
internal sealed record Answer(long Time, string? SchedulerId, string? Detail);

/// <summary>Something that was observed: an event of a job, or a fault.</summary>
internal readonly record struct Observation(JobEvent? Event, ReplayFault? Fault)
{
    public static implicit operator Observation(JobEvent happened) => new(happened, null);

    public static implicit operator Observation(ReplayFault fault) => new(null, fault);
}
