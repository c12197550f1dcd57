using Regatta.Agent.Drivers;
using Regatta.Agent.Drivers.Flux;
using Regatta.Agent.Drivers.Kubernetes;
using Regatta.Agent.Drivers.Slurm;
using Regatta.Agent.Drivers.Volcano;
using Regatta.Agent.Clients;
using Regatta.Workloads;

namespace Regatta.Agent;

/// <summary>The drivers by the name of their scheduler. Each reads its own options before it is made.</summary>
internal static class KnownDrivers
{
    private static readonly SortedDictionary<string, Func<ReplayHeader, Func<TimeProvider, ISchedulerDriver>>> Drivers = new(StringComparer.Ordinal)
    {
        ["flux"] = header =>
        {
            var options = FluxOptions.Read(header);
            return time => new FluxDriver(header, options, time);
        },
        ["kubernetes"] = header =>
        {
            var options = KubernetesOptions.Read(header);
            return time => new KubernetesDriver(header, options, new BatchJobs(options.Gangs ? new PodGroups() : null), time);
        },
        ["slurm"] = header =>
        {
            var options = SlurmOptions.Read(header);
            return time => new SlurmDriver(header, options, time);
        },
        ["volcano"] = header =>
        {
            var options = KubernetesOptions.Read(header);
            return time => new KubernetesDriver(header, options, new VolcanoJobs(options.Queue), time);
        },
    };

    /// <summary>Checks the driver and the options that the header names, without touching the scheduler.</summary>
    /// <exception cref="DiagnosticException">There is none of that name, an option of it is wrong, or a client's program is not there.</exception>
    public static void Check(ReplayHeader header)
    {
        _ = Reader(header)(header);
        if (header.Clients is { } clients) ClientCheck.Require(clients);
    }

    /// <summary>The driver that the header names.</summary>
    /// <exception cref="DiagnosticException">There is none of that name, or an option of it is wrong.</exception>
    public static ISchedulerDriver Create(ReplayHeader header, TimeProvider time) => Reader(header)(header)(time);

    private static Func<ReplayHeader, Func<TimeProvider, ISchedulerDriver>> Reader(ReplayHeader header) =>
        Drivers.TryGetValue(header.Scheduler, out var reader) ? reader
        : throw new DiagnosticException(Diagnostic.Error("replay-scheduler", $"there is no driver for the scheduler '{header.Scheduler}'") with
        {
            Help = Suggestion.Help(header.Scheduler, [.. Drivers.Keys]),
        });
}
