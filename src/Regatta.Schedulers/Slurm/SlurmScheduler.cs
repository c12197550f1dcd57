using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Regatta.Diagnostics;
using Regatta.Machines;
using Regatta.Workloads;

namespace Regatta.Schedulers.Slurm;

/// <summary>Slurm: one partition <c>main</c> over all workers, processors and memory as resources, no accounting.</summary>
public sealed class SlurmScheduler : IScheduler
{
    private const long MiB = 1024 * 1024;

    /// <inheritdoc/>
    public string Name => "slurm";

    /// <inheritdoc/>
    public string Role => "slurm";

    /// <inheritdoc/>
    public string Image => "slurm";

    /// <inheritdoc/>
    public ImmutableArray<SchedulerProfile> Profiles => SlurmProfiles.All;

    /// <inheritdoc/>
    public ImmutableArray<SchedulerSetting> CommonSettings => SlurmProfiles.Common;

    /// <inheritdoc/>
    public ImmutableArray<string> Logs(NodeRole role) => role == NodeRole.Head ? [NodeLayout.SlurmctldLog] : [NodeLayout.SlurmdLog];

    /// <inheritdoc/>
    public IEnumerable<Diagnostic> Check(SchedulerOptions options)
    {
        if (Profiles.All(p => p.Name != options.Profile)) yield return this.UnknownProfile(options.Profile);
        if (options.ProcessorsPerNode is < 1)
            yield return Diagnostic.Error("scheduler-processors", $"a node cannot offer {options.ProcessorsPerNode} processors") with { Help = "give at least 1, or nothing for as many as it has" };
        foreach (var (key, value) in options.Settings)
        {
            if (SlurmKeys.Made.Contains(key))
                yield return Diagnostic.Error("slurm-setting-made", $"slurm.conf's {key} is made from the cluster and cannot be set");
            else if (!SlurmKeys.Free.Contains(key))
                yield return Diagnostic.Error("slurm-setting-unknown", $"slurm.conf has no setting '{key}'") with { Help = Nearest(key) };
            else if (value.Length == 0 || value.Any(char.IsControl) || value.Contains('#', StringComparison.Ordinal))
                yield return Diagnostic.Error("slurm-setting-value", $"slurm.conf's {key} cannot be '{value.ReplaceLineEndings("\\n")}'") with { Help = "a value is one line without '#'" };
        }
    }

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, string> Settings(SchedulerOptions options)
    {
        Require(options);
        var settings = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in CommonSettings.Concat(this.Profile(options).Settings)) settings[setting.Key] = setting.Value;
        foreach (var (key, value) in options.Settings)
        {
            // The user's spelling of a key gives way to Slurm's.
            settings.Remove(key);
            settings[SlurmKeys.Free.TryGetValue(key, out var known) ? known : key] = value;
        }

        return settings.ToImmutable().WithComparers(StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, string> Traits(SchedulerOptions options)
    {
        Require(options);
        var traits = this.Profile(options).Traits;
        var settings = Settings(options);
        // What the user set decides, not what the profile meant.
        if (options.Settings.ContainsKey("SchedulerType") || options.Settings.ContainsKey("SchedulerParameters"))
        {
            traits = traits.SetItem("backfill", settings["SchedulerType"] != "sched/backfill" ? "none"
                : settings["SchedulerParameters"].Split(',').Contains("bf_job_part_count_reserve=1") ? "easy" : "conservative");
        }

        if (options.Emulated is { } nodes)
            traits = traits.Emulated(nodes, "many slurmd on each worker", "machines and networks of their own: the slurmd of a worker share its processors and memory, and nothing binds jobs to processors");
        return traits
            .SetItem("accounting", settings["AccountingStorageType"] == "accounting_storage/none" ? "none" : settings["AccountingStorageType"])
            .SetItem("preemption", settings["PreemptType"] == "preempt/none" ? "none" : settings["PreemptType"]);
    }

    /// <inheritdoc/>
    public Capacity Capacity(IEnumerable<(int Processors, long Memory)> workers, SchedulerOptions options)
    {
        var nodes = workers.ToImmutableArray();
        var processors = nodes.Select(n => options.ProcessorsPerNode ?? n.Processors).ToImmutableArray();
        return new Capacity(
            nodes.Length,
            processors.IsEmpty ? 0 : processors.Min(),
            processors.Sum(),
            nodes.IsEmpty ? 0 : nodes.Zip(processors, (n, p) => MemoryPerProcessor(n.Memory, p)).Min() * MiB);
    }

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, JsonNode?> Variables(Cluster cluster, SchedulerOptions options) =>
        ImmutableSortedDictionary<string, JsonNode?>.Empty
            .Add("slurm_settings", new JsonObject(Settings(options).Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))))
            .Add("munge_key_file", ClusterSecret.FileOf(cluster, "munge.key"))
            .Add("slurm_emulated_nodes", options.Emulated ?? 0)
            .Add("slurm_ready_timeout", (cluster.Machines == "qemu-tcg" ? 240 : 60) + ((options.Emulated ?? 0) / 10));

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, JsonNode?> Variables(Node node, SchedulerOptions options)
    {
        if (node.Role == NodeRole.Head) return ImmutableSortedDictionary<string, JsonNode?>.Empty;
        var processors = options.ProcessorsPerNode ?? node.Processors;
        return ImmutableSortedDictionary<string, JsonNode?>.Empty
            .Add("slurm_processors", processors)
            .Add("slurm_memory", UsableMemory(node.Memory))
            .Add("slurm_memory_per_processor", MemoryPerProcessor(node.Memory, processors));
    }

    /// <summary>Memory of a node that jobs may have, in MiB: a tenth, and at least 64 MiB, stays with the system.</summary>
    private static long UsableMemory(long memory) => Math.Max(1, (memory - Math.Max(memory / 10, 64 * MiB)) / MiB);

    private static long MemoryPerProcessor(long memory, int processors) => Math.Max(1, UsableMemory(memory) / processors);

    private static string Nearest(string key) =>
        Suggestion.Nearest(key, SlurmKeys.Free.Order(StringComparer.Ordinal)) is { } nearest
            ? $"did you mean '{nearest}'?"
            : "docs/profiles.md says what can be set; man slurm.conf says what each setting means";

    private void Require(SchedulerOptions options)
    {
        var faults = Check(options).ToList();
        if (faults.Count > 0) throw new DiagnosticException(faults);
    }
}
