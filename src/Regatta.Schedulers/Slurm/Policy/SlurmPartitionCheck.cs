using Regatta.Workloads;

namespace Regatta.Schedulers.Slurm.Policy;

/// <summary>Finds what slurmctld would refuse or ignore in the lines of partitions, before anything starts.</summary>
public static class SlurmPartitionCheck
{
    // Which a job of the role has while it looks whether all nodes work.
    private const string Ready = "regatta-ready";
    private static readonly ImmutableArray<string> Accounts = ["AllowAccounts", "DenyAccounts"];
    private static readonly ImmutableArray<string> Accounted = [.. Accounts, "AllowQos", "DenyQos", "QOS"];

    /// <summary>What is wrong with the names and settings of partitions, whatever schedules them.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="version">Slurm's version; null where only the nodes know, or no Slurm schedules.</param>
    public static IEnumerable<Diagnostic> Lines(SlurmPolicy policy, string? version)
    {
        ArgumentNullException.ThrowIfNull(policy);
        foreach (var partition in policy.Partitions)
        {
            if (NameFault(partition.Name) is { } help)
                yield return Diagnostic.Error("slurm-partition-name", $"'{partition.Name.ReplaceLineEndings("\\n")}' cannot name a partition") with { Help = help };
            foreach (var fault in partition.Settings.Select(s => Setting(partition.Name, s.Key, s.Value, version)).OfType<Diagnostic>()) yield return fault;
        }

        if (policy.Partitions.Where(p => p.IsDefault).Select(p => $"'{p.Name}'").ToList() is { Count: > 1 } defaults)
            yield return Diagnostic.Error("slurm-partition-default", $"{string.Join(" and ", defaults)} are both the default partition") with { Help = "write Default: 'YES' in the settings of one; without it the first is" };
    }

    /// <summary>What partitions of the user's own name that is not in the accounting database; of a site's, the names of what is gone are no harm.</summary>
    /// <param name="policy">The policy.</param>
    public static IEnumerable<Diagnostic> Names(SlurmPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (policy.OfSite) yield break;
        var there = policy.Associations.Select(a => a.Account).Append(SlurmPolicy.Root).Concat(policy.HasUsers ? [] : [NodeLayout.JobUser]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (partition, key) in policy.Partitions.SelectMany(p => Accounted.Where(key => Listed(p, key).Length > 0).Select(key => (p, key))))
        {
            if (!policy.Accounting)
            {
                yield return Diagnostic.Error("slurm-partition-accounting", $"{key} of the partition '{partition.Name}' needs an accounting database, and there is none") with
                {
                    Help = "scheduler.slurm.accounting=true makes one, or leave it out",
                };
            }
            else if (Accounts.Contains(key))
            {
                foreach (var name in Listed(partition, key).Where(name => !there.Contains(name)))
                {
                    yield return Diagnostic.Error("slurm-account-unknown", $"the partition '{partition.Name}' names the account '{name}', which is not there") with
                    {
                        Help = Suggestion.Nearest(name, there.Order(StringComparer.Ordinal)) is { } near ? $"did you mean '{near}'?" : "add it to scheduler.slurm.accounts",
                    };
                }
            }
        }
    }

    private static string[] Listed(SlurmPartition partition, string key) => partition.Setting(key) is { } text && !text.Equals("ALL", StringComparison.OrdinalIgnoreCase)
        ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];

    private static string? NameFault(string name) =>
        name.Length == 0 || name[0] == '-' || name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || ",=#\"'\\;:*()[]|&<>$`".Contains(c, StringComparison.Ordinal)) ? "write letters, digits, '-', '_' and '.', and no '-' in front"
            : name.Equals("DEFAULT", StringComparison.OrdinalIgnoreCase) ? "in slurm.conf, DEFAULT is no partition but what all others begin with: take another name"
            : name == Ready ? "Regatta makes one of this name itself while it looks whether all nodes work: take another name"
            : null;

    private static Diagnostic? Setting(string partition, string key, string value, string? version)
    {
        if (!SlurmPartitionKeys.All.TryGetValue(key, out var known))
        {
            return Diagnostic.Error("slurm-setting-unknown", $"a partition of slurm.conf has no setting '{key}', which '{partition}' sets") with
            {
                Help = Suggestion.Nearest(key, SlurmPartitionKeys.All.Values.Where(k => k.Kind != SlurmPartitionValue.Made).Select(k => k.Name).Order(StringComparer.Ordinal)) is { } near ? $"did you mean '{near}'?" : "man slurm.conf says what a partition may have",
            };
        }

        if (known.Kind == SlurmPartitionValue.Made)
            return Diagnostic.Error("slurm-setting-refused", $"{known.Name} of the partition '{partition}' is set by Regatta") with { Help = "the key of the partition is its name, and nodes: 1-2,4 beside settings its nodes" };
        if (SlurmVersions.Lacks(version, known.Versions)) return SlurmVersions.Fault($"a partition's {known.Name}", known.Versions, version);
        return known.Fault(value) is { } help ? Diagnostic.Error("slurm-setting-value", $"{known.Name} of the partition '{partition}' cannot be '{value.ReplaceLineEndings("\\n")}'") with { Help = help } : null;
    }
}
