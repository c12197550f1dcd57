using System.Collections.Frozen;
using Regatta.Schedulers.Slurm.Policy;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration;

/// <summary>The partitions of an experiment as the reference scheduler simulates them, and what of them it does not.</summary>
internal static class SimulatedPartitions
{
    private const string MaxTime = "MaxTime", DefaultTime = "DefaultTime", MaxNodes = "MaxNodes", Default = "Default";

    // What says how a partition is simulated, and what makes no difference where partitions share no nodes and deciding takes no time.
    private static readonly FrozenSet<string> Simulated = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, MaxTime, DefaultTime, MaxNodes, Default, "State", "PriorityTier", "PriorityJobFactor", "TRESBillingWeights");

    /// <summary>The partitions; null for one that has all nodes.</summary>
    /// <exception cref="DiagnosticException">A limit cannot be read.</exception>
    public static ReferencePartitions? Of(Experiment experiment)
    {
        var partitions = SlurmPolicies.Partitions(experiment);
        return partitions.IsEmpty ? null : new ReferencePartitions([.. partitions.Select(partition => new ReferencePartition(partition.Name, partition.Nodes?.ToString() ?? "")
        {
            IsDefault = partition.Setting(Default) is { } usual && usual.Equals("YES", StringComparison.OrdinalIgnoreCase),
            MaxTime = partition.Time(MaxTime), DefaultTime = partition.Time(DefaultTime), MaxNodes = partition.Number(MaxNodes),
            Tier = partition.Number("PriorityTier") ?? 1, JobFactor = partition.Number("PriorityJobFactor") ?? 1, Preempted = SimulatedRules.Mode(partition.Setting("PreemptMode")),
            LeastLoaded = partition.Is("LLN"),
            AllowedQos = Listed(partition, "AllowQos"), DeniedQos = Listed(partition, "DenyQos"), AllowedAccounts = Listed(partition, "AllowAccounts"), DeniedAccounts = Listed(partition, "DenyAccounts"),
        })]);
    }

    /// <summary>What is wrong with the partitions and the jobs, and what of a policy is not simulated.</summary>
    /// <param name="experiment">An experiment of the reference scheduler.</param>
    /// <param name="workload">Its jobs.</param>
    public static IEnumerable<Diagnostic> Check(Experiment experiment, Workload workload)
    {
        var partitions = SlurmPolicies.Partitions(experiment);
        var ruled = SimulatedRules.There(experiment);
        if ((ruled ? RulesLeftOut.Of(experiment, workload) : LeftOut(experiment, partitions, workload)) is { Length: > 0 } left)
        {
            yield return Diagnostic.Hint("reference-policy-left-out", ruled ? $"the reference scheduler simulates the policy without {left}" : $"the reference scheduler simulates partitions with MaxTime, DefaultTime and MaxNodes, without {left}") with
            {
                Help = ruled || experiment.Site is null ? "scheduler=slurm keeps what its cluster can carry" : "scheduler.slurm.accounting=true simulates most of it; scheduler=slurm keeps what its cluster can carry",
            };
        }

        if (Of(experiment) is not { } simulated) yield break;
        var nodes = experiment.Machine().Nodes;
        foreach (var shared in ruled ? [] : simulated.Shared(nodes))
        {
            yield return Diagnostic.Warning("reference-partitions-shared", $"the partitions {string.Join(", ", shared)} share nodes, and are simulated as one with the nodes of all of them") with
            {
                Help = "their jobs run on any of these nodes in the order of submission, and no tier goes first; scheduler.slurm.accounting=true keeps them apart, as does the real Slurm",
            };
        }

        foreach (var told in Jobs(experiment, workload)) yield return told;
    }

    /// <summary>Jobs whose partition does not take them, or is one that they do not name.</summary>
    /// <param name="experiment">An experiment of Slurm or of the reference scheduler.</param>
    /// <param name="workload">Its jobs.</param>
    public static IEnumerable<Diagnostic> Jobs(Experiment experiment, Workload workload)
    {
        if (Of(experiment) is not { } partitions) yield break;
        var usual = partitions.All.FirstOrDefault(partition => partition.IsDefault) ?? partitions.All[0];
        if (partitions.All.Length > 1 && workload.Jobs.Count(job => job.Request?.Partition is null) is > 0 and var unnamed)
            yield return Diagnostic.Hint("partition-default", $"{unnamed} of {workload.Jobs.Length} jobs of {workload.Name} name no partition, and go to {usual.Name}, the default") with { Help = "request.partition of a job in JSON lines names another" };
        if (Over(partitions, usual, workload, experiment.Machine()) is > 0 and var refused)
        {
            yield return Diagnostic.Warning("partition-limits", $"{refused} of {workload.Jobs.Length} jobs of {workload.Name} ask for more than MaxTime or MaxNodes of their partition, and are not run") with
            {
                Help = "Slurm rejects them under EnforcePartLimits=ALL, which every profile sets; raise the limits of the partitions, or leave these jobs out",
            };
        }
    }

    // What an experiment says of a policy, and its jobs ask for, that makes no difference here.
    private static string LeftOut(Experiment experiment, ImmutableArray<SlurmPartition> partitions, Workload workload)
    {
        var (section, settings, site) = (experiment.Scheduler.Slurm, experiment.Scheduler.Settings.Keys, experiment.Site is not null);
        (string What, bool There)[] parts =
        [
            ("priorities", site || settings.Any(key => key.StartsWith("Priority", StringComparison.OrdinalIgnoreCase))),
            ("accounts", site || section.Accounts.Count > 0),
            ("qualities of service", site || section.Qos.Count > 0),
            ("preemption", site || settings.Any(key => key.StartsWith("Preempt", StringComparison.OrdinalIgnoreCase))),
            ("reservations", section.Reservations.Count > 0 || workload.Jobs.Any(job => job.Request?.Reservation is not null)),
            ("licences", site || workload.Jobs.Any(job => job.Request?.Licenses is not null)),
            ("SchedulerParameters", !site && settings.Contains("SchedulerParameters", StringComparer.OrdinalIgnoreCase)),
            ("GPUs", site || workload.Jobs.Any(job => job.Request?.Gres is not null)),
        ];
        string[] policy = [.. parts.Where(part => part.There).Select(part => part.What)];
        string[] keys = [.. partitions.SelectMany(partition => partition.Settings.Keys.Where(key => !Simulated.Contains(key))).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];
        return string.Join(" and ", new[] { RulesLeftOut.Listed(policy), string.Join(", ", keys) }.Where(part => part.Length > 0));
    }

    private static Sequence<string> Listed(SlurmPartition partition, string key) => partition.Setting(key) is { } text && !text.Equals("ALL", StringComparison.OrdinalIgnoreCase)
        ? new(text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) : Sequence.Empty<string>();

    private static int Over(ReferencePartitions partitions, ReferencePartition usual, Workload workload, MachineSize machine)
    {
        var byName = partitions.All.ToDictionary(partition => partition.Name, StringComparer.Ordinal);
        return workload.Jobs.Count(job => (job.Request?.Partition is { } name ? byName.GetValueOrDefault(name.Split(',')[0]) : usual) is { } partition && !partition.Takes(job, machine));
    }
}
