using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Regatta.Schedulers.Slurm;

/// <summary>
/// Weights of resources that Slurm can count (<c>PriorityWeightTRES=CPU=1000,GRES/gpu=3000</c>). slurmctld ends at its start when one names a resource that is neither always counted nor
/// named by <c>AccountingStorageTRES</c>.
/// </summary>
internal static partial class SlurmTres
{
    /// <summary>The setting that weighs resources.</summary>
    public const string Weights = "PriorityWeightTRES";

    /// <summary>The setting that names resources to count beside those that always are.</summary>
    public const string Counted = "AccountingStorageTRES";

    // What slurmctld counts whatever is configured.
    private static readonly FrozenSet<string> Always = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "cpu", "mem", "energy", "node", "billing", "fs/disk", "vmem", "pages");

    /// <summary>The weights, each with whether its resource is counted.</summary>
    /// <param name="weights">The weights, divided by commas.</param>
    /// <param name="counted">What <see cref="Counted"/> names; null for nothing.</param>
    public static ILookup<bool, string> ByCounted(string weights, string? counted)
    {
        var names = Parts(counted ?? "").ToHashSet(StringComparer.OrdinalIgnoreCase);
        return Parts(weights).ToLookup(part => Name(part) is var name && (Always.Contains(name) || names.Contains(name)));
    }

    /// <summary>The names of resources in weights.</summary>
    public static IEnumerable<string> Names(IEnumerable<string> weights) => weights.Select(Name);

    /// <summary>Weights that are none: slurmctld would ignore them all, or end at its start.</summary>
    /// <param name="what">What has them, such as <c>PriorityWeightTRES</c>.</param>
    /// <param name="weights">The weights, divided by commas; one with '-' in front takes the profile's out.</param>
    public static IEnumerable<Diagnostic> Malformed(string what, string weights) =>
        Parts(weights).Where(part => part[0] != '-' && !Weight().IsMatch(part)).Select(part => Diagnostic.Error("slurm-setting-value", $"{what} cannot have '{part.ReplaceLineEndings("\\n")}'") with
        {
            Help = "write a resource, '=' and a number, divided by commas, such as CPU=1.0,Mem=0.25G",
        });

    /// <summary>A policy's weights without those whose resources are not counted.</summary>
    /// <param name="settings">Settings by the names of slurm.conf.</param>
    public static ImmutableSortedDictionary<string, string> Kept(ImmutableSortedDictionary<string, string> settings)
    {
        if (settings.GetValueOrDefault(Weights) is not { } weights) return settings;
        var kept = string.Join(',', ByCounted(weights, settings.GetValueOrDefault(Counted))[true]);
        return kept.Length == 0 ? settings.Remove(Weights) : settings.SetItem(Weights, kept);
    }

    /// <summary>What of a policy's weights is left out, and what of the user's own cannot be.</summary>
    /// <param name="options">The options.</param>
    /// <param name="merged">The settings as they result.</param>
    public static IEnumerable<Diagnostic> Check(SchedulerOptions options, IReadOnlyDictionary<string, string> merged)
    {
        var counted = merged.GetValueOrDefault(Counted);
        if (options.Policy.Settings.GetValueOrDefault(Weights) is { } site && Names(ByCounted(site, counted)[false]).ToList() is { Count: > 0 } lost)
        {
            yield return Diagnostic.Warning("slurm-tres-left-out", $"the site's {Weights} is used without {string.Join(", ", lost)}: the cluster does not count {(lost.Count == 1 ? "it" : "them")}, and slurmctld would end at its start") with
            {
                Help = Help(lost),
            };
        }

        if (options.Settings.FirstOrDefault(s => s.Key.Equals(Weights, StringComparison.OrdinalIgnoreCase)).Value is not { } own) yield break;
        foreach (var fault in Malformed(Weights, own)) yield return fault;
        if (merged.GetValueOrDefault("PriorityType", "") != "priority/multifactor") yield break;
        if (Names(ByCounted(own, counted)[false].Where(part => part.Contains('=', StringComparison.Ordinal))).ToList() is { Count: > 0 } unknown)
        {
            yield return Diagnostic.Error("slurm-tres-unknown", $"{Weights} weighs {string.Join(", ", unknown)}, which Slurm does not count, and slurmctld would end at its start") with { Help = Help(unknown) };
        }
    }

    /// <summary>What to do about resources that are not counted.</summary>
    public static string Help(List<string> names) => names.TrueForAll(n => n.StartsWith("gres/gpu", StringComparison.OrdinalIgnoreCase))
        ? $"nodes with GPUs (cluster.gpus) and scheduler.settings.{Counted}={string.Join(',', names).ToLowerInvariant()} make it count them, or leave the weight out"
        : $"scheduler.settings.{Counted}={string.Join(',', names).ToLowerInvariant()} makes it count {(names.Count == 1 ? "it" : "them")} where there are any, or leave the weight out";

    private static string[] Parts(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string Name(string part) => part.Split('=')[0].Trim();

    // A number's unit is K, M, G, T or P.
    [GeneratedRegex(@"^[A-Za-z][^=\s]*=([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?[KMGTPkmgtp]?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Weight();
}
