namespace Regatta.Schedulers.Slurm.Policy;

/// <summary>Partitions as a cluster can carry them: those of a site name groups, accounts and resources that it may lack, and slurmctld would refuse every job of theirs, or not start.</summary>
internal static class SlurmPartitions
{
    private const string Billing = "TRESBillingWeights";

    private static readonly ImmutableArray<string> Accounted = ["AllowAccounts", "DenyAccounts", "AllowQos", "DenyQos", "QOS"];

    // The nodes have no groups of the site's, and are reached from one head.
    private static readonly ImmutableArray<string> Never = ["AllowGroups", "DenyGroups", "AllocNodes"];

    /// <summary>The partitions without what the cluster cannot carry, where they are a site's.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="settings">The settings of slurm.conf as they result.</param>
    public static ImmutableArray<SlurmPartition> Fitted(SlurmPolicy policy, IReadOnlyDictionary<string, string> settings) =>
        policy.OfSite ? [.. policy.Partitions.Select(partition => Fitted(partition, policy.Accounting, settings))] : policy.Partitions;

    /// <summary>What of a site's partitions is left out, and what of the user's own cannot be.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="settings">The settings of slurm.conf as they result.</param>
    public static IEnumerable<Diagnostic> Check(SlurmPolicy policy, IReadOnlyDictionary<string, string> settings)
    {
        if (!policy.OfSite)
        {
            foreach (var partition in policy.Partitions)
            {
                var malformed = SlurmTres.Malformed($"{Billing} of the partition '{partition.Name}'", partition.Setting(Billing) ?? "").ToList();
                foreach (var fault in malformed) yield return fault;
                if (malformed.Count == 0 && SlurmTres.Names(Weights(partition, settings)[false]).ToList() is { Count: > 0 } unknown)
                    yield return Diagnostic.Error("slurm-tres-unknown", $"{Billing} of the partition '{partition.Name}' weighs {string.Join(", ", unknown)}, which Slurm does not count, and slurmctld would end at its start") with { Help = SlurmTres.Help(unknown) };
            }

            yield break;
        }

        var lost = policy.Partitions.Zip(Fitted(policy, settings), (before, after) => (before.Name, Keys: before.Settings.Where(s => after.Settings.GetValueOrDefault(s.Key) != s.Value).Select(s => s.Key).ToList())).Where(part => part.Keys.Count > 0).ToList();
        if (lost.Count == 0) yield break;
        yield return Diagnostic.Warning("slurm-partition-settings", $"the site's partitions are used without {string.Join(", ", lost.SelectMany(part => part.Keys.Select(key => $"{key} of {part.Name}")))}") with
        {
            Help = policy.Accounting ? "the nodes have no groups of the site's, and resources that Slurm does not count cannot be billed"
                : "accounts and qualities of service need scheduler.slurm.accounting=true; the nodes have no groups of the site's, and resources that Slurm does not count cannot be billed",
        };
    }

    private static SlurmPartition Fitted(SlurmPartition partition, bool accounting, IReadOnlyDictionary<string, string> settings)
    {
        var kept = partition.Settings.RemoveRange(partition.Settings.Keys.Where(key => Never.Contains(key, StringComparer.OrdinalIgnoreCase) || (!accounting && Accounted.Contains(key, StringComparer.OrdinalIgnoreCase))).ToList());
        if (kept.Keys.FirstOrDefault(key => key.Equals(Billing, StringComparison.OrdinalIgnoreCase)) is not { } billing) return partition with { Settings = kept };
        var weights = Weights(partition, settings);
        if (weights[false].Any()) kept = weights[true].Any() ? kept.SetItem(billing, string.Join(',', weights[true])) : kept.Remove(billing);
        return partition with { Settings = kept };
    }

    private static ILookup<bool, string> Weights(SlurmPartition partition, IReadOnlyDictionary<string, string> settings) =>
        SlurmTres.ByCounted(partition.Settings.FirstOrDefault(s => s.Key.Equals(Billing, StringComparison.OrdinalIgnoreCase)).Value ?? "", settings.GetValueOrDefault(SlurmTres.Counted));
}
