namespace Regatta.Workloads;

/// <summary>How often a scheduler went through its queue over a replay, and how long that took, by its own count.</summary>
/// <param name="Kind"><c>main</c> for the passes that start what fits in the order of the queue, <c>backfill</c> for those that fill gaps.</param>
/// <param name="Passes">How many passes there were.</param>
/// <param name="Seconds">How long all of them took, seconds.</param>
/// <param name="Jobs">How many jobs they looked at, a job once for each pass.</param>
public sealed record SchedulingPasses(string Kind, long Passes, double Seconds, long Jobs)
{
    /// <summary>The passes that the main scheduler makes.</summary>
    public const string Main = "main";

    /// <summary>The passes of backfill.</summary>
    public const string Backfill = "backfill";

    /// <summary>How many jobs they started; null where the scheduler does not count that.</summary>
    public long? Started { get; init; }

    /// <summary>What was counted since an earlier look; all of it where the counters began anew in between.</summary>
    public SchedulingPasses Since(SchedulingPasses earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        // Midnight resets passes and not what they started; a scheduler that was started again counts both from nothing.
        var began = this with { Started = Started >= earlier.Started ? Started - earlier.Started : Started };
        return earlier.Passes > Passes ? began : began with { Passes = Passes - earlier.Passes, Seconds = Math.Max(0, Seconds - earlier.Seconds), Jobs = Math.Max(0, Jobs - earlier.Jobs) };
    }
}
