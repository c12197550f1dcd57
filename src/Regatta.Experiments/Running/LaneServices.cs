using System.Collections.Concurrent;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Machines.Faults;
using Regatta.Runs;
using Regatta.Schedulers;

namespace Regatta.Experiments.Running;

/// <summary>What the lanes of a run share.</summary>
/// <param name="Images">Builds images.</param>
/// <param name="Machines">Brings machines up.</param>
/// <param name="Configurator">Configures them.</param>
/// <param name="Agent">The agent.</param>
/// <param name="Clock">The virtual clock.</param>
/// <param name="Journal">Its journal.</param>
/// <param name="Provenance">What the run depends on; lanes add what they make.</param>
/// <param name="Time">The clock.</param>
public sealed record LaneServices(
    IImageBuilder Images,
    IMachineProvider Machines,
    ClusterConfigurator Configurator,
    AgentBinary Agent,
    ClockBinary Clock,
    Journal Journal,
    RunProvenance Provenance,
    TimeProvider Time)
{
    /// <summary>Names of the clusters of the run that are up.</summary>
    public ConcurrentDictionary<string, byte> Up { get; } = new(StringComparer.Ordinal);

    /// <summary>Who does and undoes faults on a cluster; null for <see cref="FaultActor"/> as it is.</summary>
    public Func<Cluster, FaultActor>? Faults { get; init; }

    /// <summary>Who does and undoes faults on a cluster.</summary>
    public FaultActor FaultsOn(Cluster cluster) => Faults?.Invoke(cluster) ?? new FaultActor(cluster, Time);
}
