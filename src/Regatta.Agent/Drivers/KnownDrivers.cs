using Regatta.Agent.Drivers.Kubernetes;
using Regatta.Agent.Drivers.Slurm;
using Regatta.Agent.Drivers.Volcano;
using Regatta.Diagnostics;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers;

/// <summary>The drivers by the name of their scheduler.</summary>
internal static class KnownDrivers
{
    private static readonly string[] Names = ["slurm", "kubernetes", "volcano"];

    /// <summary>Checks the driver and the options that the header names, without touching the scheduler.</summary>
    /// <exception cref="DiagnosticException">There is none of that name, or an option of it is wrong.</exception>
    public static void Check(ReplayHeader header)
    {
        switch (header.Scheduler)
        {
            case "slurm":
                _ = SlurmOptions.Read(header);
                break;
            case "kubernetes" or "volcano":
                _ = KubernetesOptions.Read(header);
                break;
            default:
                throw Unknown(header.Scheduler);
        }
    }

    /// <summary>The driver that the header names.</summary>
    /// <exception cref="DiagnosticException">There is none of that name, or an option of it is wrong.</exception>
    public static ISchedulerDriver Create(ReplayHeader header, TimeProvider time) => header.Scheduler switch
    {
        "slurm" => new SlurmDriver(header, SlurmOptions.Read(header), time),
        "kubernetes" => new KubernetesDriver(header, KubernetesOptions.Read(header), new BatchJobs(), time),
        "volcano" when KubernetesOptions.Read(header) is var options => new KubernetesDriver(header, options, new VolcanoJobs(options.Queue), time),
        _ => throw Unknown(header.Scheduler),
    };

    private static DiagnosticException Unknown(string name) =>
        new(Diagnostic.Error("replay-scheduler", $"there is no driver for the scheduler '{name}'") with { Help = Suggestion.Help(name, Names) });
}
