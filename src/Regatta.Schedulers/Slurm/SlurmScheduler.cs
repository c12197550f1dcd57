using System.Text.Json.Nodes;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Schedulers.Slurm.Policy;
using Regatta.Workloads;

namespace Regatta.Schedulers.Slurm;

/// <summary>Slurm: processors and memory as resources; one partition <c>main</c> over all workers and no accounting, unless the options hold a policy.</summary>
public sealed class SlurmScheduler : IScheduler
{
    private const long MiB = 1024 * 1024;
    private const string Basic = "priority/basic";
    private const string Database = "accounting_storage/slurmdbd";

    /// <inheritdoc/>
    public string Name => "slurm";

    /// <inheritdoc/>
    public string Role => "slurm";

    /// <inheritdoc/>
    public string Image => "slurm@trixie";

    /// <inheritdoc/>
    public bool IsIn(ImageManifest image) => image.Holds("slurmctld") && image.Holds("slurmd");

    /// <inheritdoc/>
    public string? VersionIn(ImageContents image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return image.PayloadVersion("slurm") ?? OfDebian(image);
    }

    /// <inheritdoc/>
    public Diagnostic? Unfit(ImageContents image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var (own, debian) = (SlurmDialect.ReleaseOf(image.PayloadVersion("slurm")), SlurmDialect.ReleaseOf(OfDebian(image)));
        if (own is null || debian is null || string.CompareOrdinal(own, debian) >= 0) return null;
        // From 23.11 on Debian's units start the daemons with --systemd, which older ones do not know.
        return Diagnostic.Error("slurm-build-older", $"the build is Slurm {image.PayloadVersion("slurm")}, and image '{image.Name}' starts its daemons as {debian} wants it") with
        {
            Help = "take an image whose Slurm is as old or older: 'regatta image list' shows them, and a newer build runs in an older image",
        };
    }

    /// <inheritdoc/>
    public Diagnostic? Untested(string version) => SlurmDialect.Untested(version);

    /// <inheritdoc/>
    public ImmutableArray<SchedulerProfile> Profiles => SlurmProfiles.All;

    /// <inheritdoc/>
    public ImmutableArray<SchedulerSetting> CommonSettings => SlurmProfiles.Common;

    /// <summary>Whether slurm.conf has a setting of this name; case does not matter.</summary>
    public static bool HasSetting(string name) => SlurmManual.Settings.ContainsKey(name);

    /// <inheritdoc/>
    public ImmutableArray<string> Logs(NodeRole role) => role == NodeRole.Head ? [NodeLayout.SlurmctldLog, NodeLayout.SlurmdbdLog, NodeLayout.DatabaseLog] : [NodeLayout.SlurmdLog];

    /// <inheritdoc/>
    public ImmutableArray<SchedulerDaemon> Daemons(SchedulerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ImmutableArray<SchedulerDaemon> daemons =
        [
            new(DaemonRole.Controller, NodeRole.Head, "slurmctld", "slurmctld"), new(DaemonRole.Node, NodeRole.Worker, "slurmd", "slurmd"),
            new(DaemonRole.Api, NodeRole.Head, "slurmrestd", "regatta-slurmrestd"),
        ];
        return options.Policy.Accounting ? daemons.Add(new(DaemonRole.Database, NodeRole.Head, "slurmdbd", "slurmdbd")) : daemons;
    }

    /// <inheritdoc/>
    public (string Drain, string Resume)? Drain(string node, bool evict) => (
        $"scontrol update nodename={node} state=drain reason=regatta{(evict ? $"; squeue --noheader --states=running --nodelist={node} --format=%A | xargs --no-run-if-empty scontrol requeue" : "")}",
        $"scontrol show node {node} | grep -q DRAIN || exit 0; scontrol update nodename={node} state=resume");

    /// <summary>Whether an image holds what accounting needs.</summary>
    public static bool Accounts(ImageContents image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return image.Packages.Any(p => p.Name == "slurmdbd") && image.Packages.Any(p => p.Name == "mariadb-server-core");
    }

    /// <inheritdoc/>
    public IEnumerable<Diagnostic> Check(SchedulerOptions options)
    {
        if (Profiles.All(p => p.Name != options.Profile)) yield return this.UnknownProfile(options.Profile);
        if (options.ProcessorsPerNode is < 1)
            yield return Diagnostic.Error("scheduler-processors", $"a node cannot offer {options.ProcessorsPerNode} processors") with { Help = "give at least 1, or nothing for as many as it has" };
        if (SlurmDialect.Untested(options.Version) is { } untested) yield return untested;
        var merged = SlurmSettings.Merged(options, OfProfile(options));
        foreach (var fault in SlurmPolicyCheck.Policy(options.Policy).Concat(SlurmPolicyCheck.Preemption(options.Policy, merged)).Concat(SlurmPartitions.Check(options.Policy, merged)).Concat(SlurmPartitionCheck.Names(options.Policy)).Concat(SlurmPartitionCheck.Lines(options.Policy, options.Version))) yield return fault;
        if (!options.Policy.Accounting && options.Settings.Any(s => s.Key.Equals("AccountingStorageType", StringComparison.OrdinalIgnoreCase) && s.Value.Equals(Database, StringComparison.OrdinalIgnoreCase)))
            yield return Diagnostic.Error("slurm-accounting-off", $"AccountingStorageType={Database} needs a database, and there is none") with { Help = "set scheduler.slurm.accounting=true instead, which makes one and sets this" };
        var faults = SlurmSettings.Check(options, OfProfile(options));
        // What the daemons are upgraded to must know the settings as well.
        if (options.Upgrade is { } newer) faults = faults.Concat(SlurmSettings.Check(options with { Version = newer }, OfProfile(options))).Concat(SlurmUpgrade.Check(options)).Distinct();
        foreach (var fault in faults) yield return fault;
    }

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, string> Settings(SchedulerOptions options)
    {
        Require(options);
        return SlurmSettings.Merged(options, OfProfile(options));
    }

    /// <inheritdoc/>
    public SchedulerTraits Traits(SchedulerOptions options)
    {
        Require(options);
        var traits = this.Profile(options).Traits;
        var settings = Settings(options);
        string? Plugin(string key, string none) => settings.GetValueOrDefault(key, none) is var plugin && plugin == none ? null : plugin;
        // What the user set decides, not what the profile meant.
        if (Changes(options, "SchedulerType") || Changes(options, "SchedulerParameters"))
        {
            traits = traits with
            {
                Backfill = settings.GetValueOrDefault("SchedulerType", "sched/backfill") != "sched/backfill" ? Backfill.None
                    : settings.GetValueOrDefault("SchedulerParameters", "").Split(',').Contains("bf_job_part_count_reserve=1") ? Backfill.Easy : Backfill.Conservative,
            };
        }

        return traits with
        {
            AccountingPlugin = Plugin("AccountingStorageType", "accounting_storage/none"),
            PreemptionPlugin = Plugin("PreemptType", "preempt/none"),
            PriorityPlugin = Plugin("PriorityType", Basic),
            Gpus = options.Gpus,
            Partitions = [.. options.Policy.Partitions.Select(partition => (partition.Name, partition.Nodes ?? NodeNumbers.All))],
            VirtualTime = options.Virtual,
            Emulation = options.Emulated is { } nodes ? new NodeEmulation(nodes, EmulationKind.ManySlurmd) : null,
        };
    }

    /// <inheritdoc/>
    public Capacity Capacity(IEnumerable<(int Processors, long Memory)> workers, SchedulerOptions options) =>
        Schedulers.Capacity.Of(workers, options, (memory, processors) => MemoryPerProcessor(memory, processors) * MiB);

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, JsonNode?> Variables(Cluster cluster, SchedulerOptions options) =>
        ImmutableSortedDictionary<string, JsonNode?>.Empty
            .Add("slurm_settings", new JsonObject(Settings(options).Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))))
            .Add("slurm_restart", options.Restart)
            .Add("munge_key_file", ClusterSecret.FileOf(cluster, "munge.key"))
            .Add("slurm_emulated_nodes", options.Emulated ?? 0)
            .AddRange(ClockVariables.Of(options))
            .Add("slurm_ready_timeout", cluster.ReadyTimeout(60, emulated: 240) + ((options.Emulated ?? 0) / 10))
            .AddRange(SlurmGpus.Variables(options, cluster.NodeNames(options).Length))
            .AddRange(Policy(cluster, options).Variables(cluster.NodeNames(options), options.Emulated is not null));

    /// <inheritdoc/>
    public ImmutableArray<string>? Client(ClientKind kind, SchedulerOptions options) => kind switch
    {
        ClientKind.Queue => ["squeue"],
        ClientKind.Nodes => ["sinfo"],
        // Without a database there is nothing to ask.
        ClientKind.History => options.Policy.Accounting ? ["sacct", "--allusers", "--starttime=now-1hour"] : null,
        ClientKind.Job => ["scontrol", "show", "job", ClientStream.JobWord],
        // Emulated nodes have no processes that steps could run in.
        ClientKind.Step => options.Emulated is null ? ["srun", "--jobid=" + ClientStream.JobWord, "--overlap", "--ntasks=1", "--quiet", "true"] : null,
        ClientKind.Submit => ["sbatch", "--hold", "--ntasks=1", "--time=1", "--job-name=regatta-clients", "--output=/dev/null", "--wrap=true"],
        _ => null,
    };

    /// <inheritdoc/>
    public ImmutableArray<string> UndoClients => ["scancel", "--name=regatta-clients"];

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, string> AgentOptions(Cluster cluster, SchedulerOptions options)
    {
        var own = Policy(cluster, options).AgentOptions(cluster.NodeNames(options));
        if (!options.Gpus.IsEmpty) own = own.Add("gpus", "true");
        // A look costs virtual time.
        return Traits(options).PriorityPlugin is not null && options.Virtual is null ? own.Add("priorities", "true") : own;
    }

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

    private static string? OfDebian(ImageContents image) => image.Packages.FirstOrDefault(p => p.Name == "slurmctld")?.Upstream;

    private static bool Changes(SchedulerOptions options, string key) =>
        options.Settings.Keys.Concat(options.Without).Contains(key, StringComparer.OrdinalIgnoreCase);

    /// <summary>The settings of a profile, common ones included; the common ones alone for a profile that there is not.</summary>
    private ImmutableSortedDictionary<string, string> OfProfile(SchedulerOptions options)
    {
        var settings = CommonSettings.Concat(Profiles.FirstOrDefault(p => p.Name == options.Profile)?.Settings ?? [])
            .Aggregate(ImmutableSortedDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase), (all, setting) => all.SetItem(setting.Key, setting.Value));
        // The state of nodes that are not there need not be asked for, and a week of pings costs hours.
        if (options.Virtual is not null) settings = settings.SetItem("SlurmdTimeout", "0");
        if (!options.Policy.Accounting) return settings;
        if (!options.Gpus.IsEmpty) settings = settings.SetItem(SlurmTres.Counted, string.Join(',', options.Gpus.Select(g => "gres/gpu:" + g.Model).Distinct(StringComparer.Ordinal).Prepend("gres/gpu")));
        return SlurmTres.Kept(settings.SetItem("AccountingStorageEnforce", "associations,limits,qos").SetItems(options.Policy.Settings).SetItem("AccountingStorageType", Database));
    }

    /// <summary>The policy of the options, when the nodes that it names are there.</summary>
    private SlurmPolicy Policy(Cluster cluster, SchedulerOptions options)
    {
        var faults = SlurmPolicyCheck.Nodes(options.Policy, cluster.NodeNames(options).Length).ToList();
        return faults.Count == 0 ? options.Policy with { Partitions = SlurmPartitions.Fitted(options.Policy, Settings(options)) } : throw new DiagnosticException(faults);
    }

    private void Require(SchedulerOptions options)
    {
        var faults = Check(options).ToList();
        if (faults.Exists(f => f.Severity == Severity.Error)) throw new DiagnosticException(faults);
    }
}
