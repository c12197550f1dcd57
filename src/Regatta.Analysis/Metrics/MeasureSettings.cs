namespace Regatta.Analysis;

/// <summary>How a trial is measured; recorded with every result.</summary>
public sealed record MeasureSettings
{
    /// <summary>The usual settings: no cut, tau of 10 s.</summary>
    public static MeasureSettings Default { get; } = new();

    /// <summary>Jobs submitted earlier than this after the first submission are left out; they stay running. Not negative.</summary>
    public TimeSpan WarmUp { get; init; }

    /// <summary>Jobs submitted later than this before the last submission are left out; they stay running. Not negative.</summary>
    public TimeSpan CoolDown { get; init; }

    /// <summary>The bound <c>tau</c> of the bounded slowdowns; above zero.</summary>
    public TimeSpan Tau { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Upper ends of the size classes as shares of the machine, rising; the last class holds what is larger.</summary>
    public ImmutableArray<double> SizeClasses { get; init; } = [1 / 32.0, 1 / 8.0, 1 / 2.0];

    /// <summary>Upper ends of the run-time classes, rising; the last class holds what is longer.</summary>
    public ImmutableArray<TimeSpan> RunTimeClasses { get; init; } =
        [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1)];

    /// <summary>
    /// How many jobs may be simulated for fair starts, each job with those that it met; 0 for none. Where all would take more, jobs evenly spaced over the trial stand for all.
    /// </summary>
    public long FairStartWork { get; init; } = 300_000;

    /// <summary>How much later than its fair start a job may start before that is a miss: the reference decides and launches in no time, a scheduler does not.</summary>
    public TimeSpan FairStartTolerance { get; init; } = TimeSpan.FromSeconds(1);
}
