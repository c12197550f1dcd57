namespace Regatta.Agent.Drivers.Slurm;

/// <summary>A job as <c>squeue</c> shows it, on a node whose clock goes by UTC.</summary>
/// <param name="Id">Slurm's own id.</param>
/// <param name="Waits">Whether it is pending.</param>
/// <param name="Priority">Its priority; that of a job that runs is the one it started with.</param>
/// <param name="Partition">Its partition, or several.</param>
/// <param name="Reason">Why it is pending.</param>
/// <param name="Start">When it is expected to start, or started, UTC microseconds; null where that is not said.</param>
internal readonly record struct QueuedJob(long Id, bool Waits, long Priority, string Partition, string Reason, long? Start)
{
    /// <summary>What <c>squeue</c> is asked, so that <see cref="Parse"/> reads it.</summary>
    public static ImmutableArray<string> Arguments { get; } = ["--noheader", "--all", "--states=all", "--array", "--format=%A|%t|%Q|%P|%r|%S"];

    /// <summary>Reads a line; null when it is none.</summary>
    public static QueuedJob? Parse(string line) =>
        line.Split('|') is [var id, var state, var priority, var partition, var reason, var start]
        && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && long.TryParse(priority, NumberStyles.None, CultureInfo.InvariantCulture, out var rank)
            ? new QueuedJob(number, state == "PD", rank, partition, reason, SlurmCommand.Time(start)) : null;
}
