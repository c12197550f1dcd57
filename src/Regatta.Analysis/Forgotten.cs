namespace Regatta.Analysis;

/// <summary>Memory of what is no longer needed.</summary>
public static class Forgotten
{
    private const int Many = 200_000;

    /// <summary>
    /// Gives back what the last step took for a trial of so many jobs; small ones, of which there are thousands, are left to the collector. Left to itself it keeps the columns of one step beside
    /// those of the next, since each is large and lives for long: of a million jobs that is half of all that a trial or its verifying takes. To look takes some tens of milliseconds.
    /// </summary>
    /// <param name="jobs">How many jobs the step was about.</param>
    /// <param name="compact">Whether what is left is moved together, too: that frees more, and touches as much memory again as there is left.</param>
    public static void Collect(int jobs, bool compact = false)
    {
        if (jobs >= Many) GC.Collect(GC.MaxGeneration, compact ? GCCollectionMode.Aggressive : GCCollectionMode.Forced, blocking: true, compacting: compact);
    }
}
