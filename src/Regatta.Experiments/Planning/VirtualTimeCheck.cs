using Regatta.Experiments.Configuration;
using Regatta.Machines;
using Regatta.Workloads;

namespace Regatta.Experiments.Planning;

/// <summary>What cannot run in virtual time.</summary>
internal static class VirtualTimeCheck
{
    private static readonly TimeSpan LargestQuantum = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    private const string Help = "cluster.time=real, or see docs/virtual-time.md for what virtual time takes";

    /// <summary>What of the jobs of an experiment cannot come to its end in virtual time: Slurm counts and packs times that are not beyond all bounds.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="workload">Its jobs.</param>
    public static Diagnostic? End(Experiment experiment, Workload workload)
    {
        if (experiment.Virtual() is null || workload.Jobs.IsEmpty) return null;
        var last = workload.Jobs.MaxBy(j => j.Submit + j.RunTime)!;
        return last.Submit + last.RunTime <= Longest ? null
            : Diagnostic.Error("virtual-time-end", FormattableString.Invariant($"job {last.Id} ends after {(last.Submit + last.RunTime).TotalDays:0} days, and virtual time ends after {Longest.TotalDays:0}")) with
            {
                Help = "leave such jobs out, or workload.time_scale=0.1",
            };
    }

    /// <summary>What is wrong with the virtual time of an experiment; nothing in real time.</summary>
    public static IEnumerable<Diagnostic> Faults(Experiment experiment)
    {
        var cluster = experiment.Cluster;
        if (cluster.Time == ClusterTime.Real)
        {
            if (cluster.TimeSpeed != 0 || cluster.TimeCharge != 1) yield return Diagnostic.Warning("virtual-time-off", "cluster.time_speed and cluster.time_charge say nothing in real time") with { Help = "cluster.time=virtual" };
            yield break;
        }

        if (cluster.TimeSpeed == 1)
            yield return Diagnostic.Error("virtual-time-speed", "a virtual time that goes no faster than real time is real time") with { Help = "cluster.time_speed=0 for no limit, or at least 2" };
        if (cluster.TimeQuantum > LargestQuantum)
            yield return Diagnostic.Error("virtual-time-quantum", $"virtual time cannot go on in steps of {cluster.TimeQuantum.TotalSeconds:0.###} s: Slurm's own timers go off each second") with { Help = "cluster.time_quantum=10ms, at most 1s" };
        if (experiment.Scheduler.IsReference) yield break;
        if (experiment.Scheduler.Name is not ("slurm" or "flux"))
            yield return Diagnostic.Error("virtual-time-scheduler", $"{experiment.Scheduler.Name} does not run in virtual time: Slurm and Flux do") with { Help = Help };
        else if (experiment.Scheduler.Name == "slurm" && experiment.Options().Version is { } version && SlurmDialect.Of(version) is var dialect && !(dialect.IsTestedInVirtualTime && dialect.Release == SlurmDialect.ReleaseOf(version)) && !cluster.TimeUntested)
        {
            yield return Diagnostic.Error("virtual-time-version", $"Slurm {version} was not tried in virtual time") with
            {
                Help = $"{string.Join(", ", SlurmDialect.All.Where(d => d.IsTestedInVirtualTime).Select(d => d.Release))} were; cluster.time_untested=true runs it all the same, and what a trial does not cover makes it invalid",
            };
        }

        if (cluster.Emulated is null)
            yield return Diagnostic.Error("virtual-time-emulated", "virtual time needs emulated nodes") with { Help = "cluster.emulated=64, or cluster.time=real" };
        if (experiment.Machines.Driver is not (MachineDriver.Auto or MachineDriver.Lxc))
            yield return Diagnostic.Error("virtual-time-machines", "virtual time is for containers: the clock needs a kernel that sees all that runs") with { Help = "machines=lxc, or cluster.time=real" };
        if (experiment.Clients.Rates.Any())
            yield return Diagnostic.Error("virtual-time-clients", "clients call at rates of real time, and the trial goes by virtual time") with { Help = "clients=none, or cluster.time=real" };
        if (experiment.Upgrades())
            yield return Diagnostic.Error("virtual-time-upgrade", "an upgrade goes by real time, and the trial by virtual time") with { Help = "leave scheduler.slurm.upgrade out, or cluster.time=real" };
    }
}
