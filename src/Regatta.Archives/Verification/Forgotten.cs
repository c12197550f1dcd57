namespace Regatta.Archives.Verification;

/// <summary>Memory of what is no longer needed.</summary>
internal static class Forgotten
{
    private const int Many = 200_000;

    /// <summary>
    /// Gives back what the last step took for a trial of so many jobs. Left to itself the collector keeps the columns of one step beside those of the next, since each is large and lives
    /// for long: of a million jobs that is half of all that verifying takes.
    /// </summary>
    public static void Collect(int jobs)
    {
        if (jobs >= Many) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
