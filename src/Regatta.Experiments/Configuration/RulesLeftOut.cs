using System.Collections.Frozen;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration;

/// <summary>What of a policy that the reference scheduler simulates it leaves out, by the names of Slurm, and what came of its jobs that their users would not want.</summary>
internal static class RulesLeftOut
{
    private static readonly FrozenSet<string> OfPartitions = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "MaxTime", "DefaultTime", "MaxNodes", "Default", "State", "PriorityTier", "PriorityJobFactor", "PreemptMode",
        "LLN", "AllowQos", "DenyQos", "AllowAccounts", "DenyAccounts");

    private static readonly FrozenSet<string> OfSettings = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "PriorityType", "PriorityWeightAge", "PriorityWeightFairshare", "PriorityWeightJobSize", "PriorityWeightPartition",
        "PriorityWeightQOS", "PriorityMaxAge", "PriorityCalcPeriod", "PriorityDecayHalfLife", "PriorityFavorSmall", "PreemptType", "PreemptMode");

    // What makes no difference to a simulation in which nobody but the jobs is there.
    private static readonly FrozenSet<string> OfFlags = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "MAINT", "OVERLAP", "IGNORE_JOBS", "SPEC_NODES", "FAIR_TREE", "NO_FAIR_TREE", "ACCRUE_ALWAYS");

    /// <summary>What is left out, as a list; empty for nothing.</summary>
    /// <param name="experiment">An experiment whose policy is simulated.</param>
    /// <param name="workload">Its jobs.</param>
    public static string Of(Experiment experiment, Workload workload)
    {
        var policy = SlurmPolicies.Of(experiment);
        var settings = SimulatedRules.Settings(experiment, policy);
        var weighed = settings.GetValueOrDefault("PriorityType") == "priority/multifactor";
        IEnumerable<string> left =
        [
            .. policy.Accounting ? SlurmLimits.LeftOut(policy.Qos, policy.Associations) : [],
            .. policy.Partitions.SelectMany(partition => partition.Settings.Keys.Where(key => !OfPartitions.Contains(key) && !(key.Equals("OverSubscribe", StringComparison.OrdinalIgnoreCase) && partition.Settings[key].Equals("NO", StringComparison.OrdinalIgnoreCase)))),
            .. settings.Keys.Where(key => ((weighed && key.StartsWith("Priority", StringComparison.OrdinalIgnoreCase)) || key.StartsWith("Preempt", StringComparison.OrdinalIgnoreCase)) && !OfSettings.Contains(key) && !key.Equals("PriorityFlags", StringComparison.OrdinalIgnoreCase)),
            .. weighed ? Words(settings.GetValueOrDefault("PriorityFlags")).Where(flag => flag[0] != '-').Select(flag => flag.TrimStart('+')).Where(flag => !OfFlags.Contains(flag)) : [],
            .. settings.Keys.Where(key => key.Equals("SchedulerParameters", StringComparison.OrdinalIgnoreCase)),
            .. policy.Reservations.SelectMany(reservation => reservation.Flags.Where(flag => !OfFlags.Contains(flag))),
            .. workload.Jobs.Any(job => job.Request?.Constraint is not null) ? ["features of nodes"] : Array.Empty<string>(),
            .. workload.Jobs.Any(job => job.Request?.Licenses is not null) && !settings.ContainsKey("Licenses") ? ["licences"] : Array.Empty<string>(),
            .. workload.Jobs.Any(job => GenericResource.Parse(job.Request?.Gres).Any(resource => resource.Name != "gpu")) ? ["generic resources other than GPUs"] : Array.Empty<string>(),
            .. workload.Jobs.Any(job => job.Request is { Gpus: > 0 }) && experiment.Gpus().IsEmpty ? ["GPUs"] : Array.Empty<string>(),
        ];
        string[] names = [.. left.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];
        return Listed(names);
    }

    /// <summary>Names as a sentence has them: <c>a, b and c</c>.</summary>
    public static string Listed(string[] names) => names.Length > 1 ? $"{string.Join(", ", names[..^1])} and {names[^1]}" : string.Concat(names);

    /// <summary>Jobs that a policy keeps waiting for ever, or refuses.</summary>
    /// <param name="schedule">What was simulated.</param>
    /// <param name="name">Name of the workload.</param>
    public static IEnumerable<Diagnostic> Unrun(Schedule schedule, string name)
    {
        if (schedule.Outcome is not { } outcome) yield break;
        var count = schedule.Jobs.Count;
        foreach (var reason in outcome.Waiting.GroupBy(job => job.Value, job => job.Key, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            yield return Diagnostic.Warning("reference-waits-for-ever", $"{reason.Count()} of {count} jobs of {name} never start, the first of them job {schedule.Jobs.Numbers[reason.Min()]}: {Why(reason.Key)}") with
            {
                Help = "as on Slurm; raise the limit, or leave these jobs out",
            };
        }

        if (schedule.NotRun.Values.Count(job => job.State == JobState.Rejected) is > 0 and var refused)
        {
            yield return Diagnostic.Warning("reference-refused", $"{refused} of {count} jobs of {name} are refused as they are sent: by a limit, or since their partition, quality of service, account or reservation does not take them") with
            {
                Help = "as on Slurm; the trial's job table names them",
            };
        }
    }

    private static string[] Words(string? text) => text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static string Why(string reason) => reason switch
    {
        "time" => "they ask for more time than their quality of service or account allows",
        "limit" => "they ask for more than a limit of their quality of service or account allows",
        "dependency" => "they wait for jobs that never start",
        _ => "nowhere in their partition or reservation is there what they ask for",
    };
}
