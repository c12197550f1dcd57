using Regatta.Config;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration.WorkloadKinds;

/// <summary>A workload whose jobs are made for a machine of some size.</summary>
public abstract record MachineWorkload : WorkloadSection
{
    /// <summary>Machine to generate for.</summary>
    [ConfigKey("Processors of the machine that jobs are made for; null for those of the cluster.", Minimum = 1, Maximum = MachineSize.MostProcessors)]
    public int? Processors { get; init; }
}
