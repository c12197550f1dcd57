using Regatta.Agent.Drivers.Slurm;
using Regatta.Diagnostics;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers;

/// <summary>The drivers by the name of their scheduler.</summary>
internal static class KnownDrivers
{
    private static readonly string[] Names = ["slurm"];

    /// <summary>Checks the driver and the options that the header names, without touching the scheduler.</summary>
    /// <exception cref="DiagnosticException">There is none of that name, or an option of it is wrong.</exception>
    public static void Check(ReplayHeader header)
    {
        if (!Names.Contains(header.Scheduler)) throw Unknown(header.Scheduler);
        _ = SlurmOptions.Read(header);
    }

    /// <summary>The driver that the header names.</summary>
    /// <exception cref="DiagnosticException">There is none of that name, or an option of it is wrong.</exception>
    public static ISchedulerDriver Create(ReplayHeader header, TimeProvider time) => header.Scheduler switch
    {
        "slurm" => new SlurmDriver(header, SlurmOptions.Read(header), time),
        _ => throw Unknown(header.Scheduler),
    };

    private static DiagnosticException Unknown(string name) =>
        new(Diagnostic.Error("replay-scheduler", $"there is no driver for the scheduler '{name}'") with { Help = Suggestion.Help(name, Names) });
}
