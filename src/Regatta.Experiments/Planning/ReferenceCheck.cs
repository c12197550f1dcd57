using Regatta.Experiments.Configuration;
using Regatta.Schedulers;
using Regatta.Schedulers.Slurm.Policy;
using Regatta.Workloads;

namespace Regatta.Experiments.Planning;

/// <summary>Finds what the reference scheduler cannot simulate, or simulates otherwise than it is meant.</summary>
internal static class ReferenceCheck
{
    /// <summary>What is wrong with an experiment by itself.</summary>
    public static IEnumerable<Diagnostic> Faults(Experiment experiment)
    {
        Diagnostic? fault = null;
        try
        {
            _ = experiment.Reference();
        }
        catch (DiagnosticException exception)
        {
            fault = exception.Diagnostics[0];
        }

        if (fault is not null) return [fault];
        if (SimulatedRules.There(experiment)) return Rules(experiment);
        var policy = new SlurmPolicy { Partitions = SlurmPolicies.Partitions(experiment) };
        return SlurmPolicyCheck.Policy(policy).Concat(SlurmPartitionCheck.Lines(policy, null)).Concat(SlurmPolicyCheck.Nodes(policy, experiment.Machine().Nodes));
    }

    /// <summary>What it will not do with the jobs as they are meant.</summary>
    public static IEnumerable<Diagnostic> Told(Experiment experiment, Workload workload)
    {
        foreach (var told in SimulatedPartitions.Check(experiment, workload)) yield return told;
        if (!SimulatedRules.There(experiment)) yield break;
        foreach (var fault in SlurmPolicyCheck.Jobs(SlurmPolicies.Of(experiment), workload.Jobs)) yield return fault;
        if (experiment.Gpus() is not { IsEmpty: false } gpus) yield break;
        foreach (var fault in GpuCheck.Jobs(gpus, experiment.Machine().Nodes, workload.Jobs)) yield return fault;
    }

    private static IEnumerable<Diagnostic> Rules(Experiment experiment)
    {
        if (SimulatedRules.Suspension(experiment) is { } suspension) return [suspension];
        var policy = SlurmPolicies.Of(experiment);
        return SlurmPolicyCheck.Policy(policy).Concat(SlurmPolicyCheck.Preemption(policy, SimulatedRules.Settings(experiment, policy))).Concat(SlurmPartitionCheck.Lines(policy, null))
            .Concat(SlurmPartitionCheck.Names(policy)).Concat(SlurmPolicyCheck.Nodes(policy, experiment.Machine().Nodes));
    }
}
