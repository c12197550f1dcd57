using Regatta.Workloads;

namespace Regatta.Experiments.Planning;

/// <summary>How long a trial in virtual time takes in real time.</summary>
internal static class VirtualTimeEstimate
{
    // Measured with containers on two shared cores: what a job costs, and a virtual second in which only Slurm's own timers go off.
    private static readonly TimeSpan PerJob = TimeSpan.FromMilliseconds(150), PerSecond = TimeSpan.FromMilliseconds(1);

    /// <summary>The real time of a trial.</summary>
    /// <param name="time">How its clock goes.</param>
    /// <param name="makespan">How long the jobs take at best.</param>
    /// <param name="jobs">How many jobs.</param>
    public static TimeSpan Of(VirtualTime time, TimeSpan makespan, int jobs)
    {
        var computing = (PerJob * jobs) + (PerSecond * makespan.TotalSeconds);
        var waiting = time.Speed == 0 ? TimeSpan.Zero : makespan / time.Speed;
        return computing + waiting < makespan ? computing + waiting : makespan;
    }
}
