using System.Collections.Frozen;

namespace Regatta.Schedulers.Slurm.Sites;

/// <summary>What becomes of each setting of a site's slurm.conf: it is used, made from the cluster, kept, or left out for a reason that is said.</summary>
internal static class SiteKeys
{
    private const string NoDatabase = "needs an accounting database, which scheduler.slurm.accounting=true makes";
    private const string Structure = "describes nodes and partitions, which the site's section holds";

    /// <summary>What decides which job runs when: the policy that a site is compared for.</summary>
    private static readonly FrozenSet<string> Policy = Words("""
        CompleteWait DependencyParameters EnforcePartLimits FairShareDampeningFactor JobRequeue KillWait Licenses MaxArraySize MaxBatchRequeue MaxJobCount MinJobAge
        OverTimeLimit PreemptExemptTime PreemptMode PreemptParameters PreemptType PriorityCalcPeriod PriorityDecayHalfLife PriorityFavorSmall PriorityFlags
        PriorityMaxAge PriorityParameters PriorityType PriorityUsageResetPeriod PriorityWeightAge PriorityWeightAssoc PriorityWeightFairshare PriorityWeightJobSize
        PriorityWeightPartition PriorityWeightQOS PriorityWeightTRES RequeueExit RequeueExitHold ResvOverRun SchedulerParameters SchedulerTimeSlice SchedulerType
        """);

    private static readonly FrozenSet<string> Described = Words("NodeName PartitionName NodeSet DownNodes FrontendName");

    private static readonly FrozenSet<string> Databases = Words("AccountingStorageEnforce AccountingStorageTRES AccountingStorageType PriorityWeightAssoc PriorityWeightFairshare PriorityWeightQOS TrackWCKey");

    private static readonly (FrozenSet<string> Keys, string Reason)[] LeftOut =
    [
        (Words("""
            Epilog EpilogSlurmctld HealthCheckProgram JobCompLoc JobCompType JobSubmitPlugins MailProg PrEpPlugins PrEpParameters PrioritySiteFactorParameters PrioritySiteFactorPlugin Prolog PrologSlurmctld
            ResvEpilog ResvProlog SrunEpilog SrunProlog TaskEpilog TaskProlog UnkillableStepProgram CliFilterPlugins CliFilterParameters BcastExclude BcastParameters X11Parameters
            """), "names a program or plug-in of the site, which the nodes do not have"),
        (Words("""
            DebugFlags LogTimeFormat MailDomain SlurmctldDebug SlurmctldSyslogDebug SlurmdDebug SlurmdSyslogDebug SlurmSchedLogFile SlurmSchedLogLevel
            """), "says what daemons log, and Regatta's measurement reads their logs"),
        (Words("""
            AcctGatherEnergyType AcctGatherFilesystemType AcctGatherInfinibandType AcctGatherInterconnectType AcctGatherNodeFreq AcctGatherProfileType CpuFreqDef CpuFreqGovernors GpuFreqDef
            JobAcctGatherFrequency JobAcctGatherParams JobAcctGatherType
            """), "measures or sets what emulated nodes do not have"),
        (Words("DefMemPerCPU DefMemPerNode DefMemPerGPU DefCpuPerGPU MaxMemPerCPU MaxMemPerNode"), "is in proportion to the site's memory, and the nodes have another"),
        (Words("TopologyParam TopologyPlugin RoutePlugin TreeWidth SwitchType SwitchParameters"), "concerns the site's network, and the nodes have one network"),
    ];

    /// <summary>Settings of releases before 22.05, with the release that dropped them.</summary>
    private static readonly FrozenDictionary<string, string> Retired = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["CacheGroups"] = "16.05", ["CheckpointType"] = "19.05", ["JobCheckpointDir"] = "20.02", ["FastSchedule"] = "20.02", ["SchedulerPort"] = "18.08", ["SchedulerRootFilter"] = "18.08", ["SallocDefaultCommand"] = "20.11",
        ["CoreSpecPlugin"] = "22.05", ["MemLimitEnforce"] = "19.05", ["LayoutsList"] = "20.11", ["CryptoType"] = "19.05", ["ExtSensorsType"] = "23.11", ["ExtSensorsFreq"] = "23.11", ["KeepAliveTime"] = "24.05",
        ["PropagatePrioProcessGroup"] = "22.05", ["UseSPANK"] = "22.05", ["MsgAggregationParams"] = "20.11", ["SlurmctldPlugstack"] = "23.11", ["PowerSave"] = "22.05", ["AccountingStorageLoc"] = "23.02",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>What becomes of the settings of a line.</summary>
    private static IEnumerable<SiteKey> Of(SlurmConfLine line)
    {
        if (Described.Contains(line.First)) return [new SiteKey(line.First, line.Pairs[0].Value, KeyFate.Described, Structure, line.Where)];
        return line.Pairs.SelectMany(pair => pair.Key.Equals(SlurmTres.Weights, StringComparison.OrdinalIgnoreCase) ? Weights(pair.Value, line.Where) : [Of(pair.Key, pair.Value, line.Where)]);
    }

    /// <summary>Weights of resources: those that every Slurm counts are carried over, the others are kept for a cluster that has a database and counts them.</summary>
    private static IEnumerable<SiteKey> Weights(string value, SourceRange where)
    {
        var parts = SlurmTres.ByCounted(value, null);
        if (parts[true].Any()) yield return Of(SlurmTres.Weights, string.Join(',', parts[true]), where);
        if (parts[false].Any()) yield return new SiteKey(SlurmTres.Weights, string.Join(',', parts[false]), KeyFate.Kept, $"{NoDatabase}, as far as it weighs {string.Join(", ", SlurmTres.Names(parts[false]))}", where);
    }

    /// <summary>What becomes of the settings of a whole file: where preemption needs a database, its mode is kept with it, for slurmctld refuses one without the other.</summary>
    public static ImmutableArray<SiteKey> All(IEnumerable<SlurmConfLine> lines)
    {
        ImmutableArray<SiteKey> keys = [.. lines.SelectMany(Of)];
        return keys.Any(key => key is { Name: "PreemptType", Fate: KeyFate.Kept }) ? [.. keys.Select(key => key.Name is "PreemptMode" or "PreemptExemptTime" ? key with { Fate = KeyFate.Kept, Reason = "belongs to PreemptType, which needs an accounting database", Value = key.Value.Replace("-*,", "", StringComparison.Ordinal) } : key)] : keys;
    }

    /// <summary>The settings of a fate, the last of each name, spelt as the manual spells them.</summary>
    public static ImmutableSortedDictionary<string, string> Settings(IEnumerable<SiteKey> keys, KeyFate fate) =>
        keys.Where(key => key.Fate == fate).GroupBy(key => key.Name, StringComparer.Ordinal).ToImmutableSortedDictionary(group => group.Key, group => group.Last().Value, StringComparer.Ordinal);

    /// <summary>One warning for each reason, with all settings that it holds for, and one for each that nobody knows.</summary>
    public static IEnumerable<Diagnostic> Warnings(ImmutableArray<SiteKey> keys, string source)
    {
        foreach (var reason in keys.Where(key => key.Fate is KeyFate.LeftOut or KeyFate.Kept).GroupBy(key => (key.Fate, key.Reason)))
        {
            string[] names = [.. reason.Select(key => key.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            yield return Diagnostic.Warning("site-key-left-out", $"{source}: {(reason.Key.Fate == KeyFate.Kept ? "kept with the site, and not used, " : "left out ")}{(names.Length == 1 ? "is" : "are")} {string.Join(", ", names)}: {(names.Length == 1 ? "it" : "each")} {reason.Key.Reason}") with { Where = reason.First().Where };
        }
    }

    private static SiteKey Of(string key, string value, SourceRange where)
    {
        var known = SlurmManual.Settings.GetValueOrDefault(key);
        var name = known?.Name ?? key;
        SiteKey As(KeyFate fate, string reason, string? changed = null) => new(name, changed ?? value, fate, reason, where);
        if (Retired.TryGetValue(key, out var release)) return As(KeyFate.LeftOut, $"was dropped by Slurm {release} or before");
        if (known is null)
        {
            var near = Suggestion.Nearest(key, SlurmManual.Settings.Keys.Order(StringComparer.Ordinal));
            return As(KeyFate.LeftOut, $"is no setting of Slurm 22.05 to 26.05{(near is null ? "" : $" (did the site mean {near}?)")}");
        }

        if (Databases.Contains(key) || (name == "PreemptType" && value.Contains("qos", StringComparison.OrdinalIgnoreCase))) return As(KeyFate.Kept, NoDatabase);
        if (Policy.Contains(key)) return Carried(known, value, where);
        if (Array.Find(LeftOut, part => part.Keys.Contains(key)).Reason is { } reason) return As(KeyFate.LeftOut, reason);
        if (!SlurmKeys.Free.Contains(key)) return SlurmKeys.Refusal(key) is var refusal && refusal.StartsWith("is set by Regatta", StringComparison.Ordinal) ? As(KeyFate.Made, refusal) : As(KeyFate.LeftOut, refusal);
        return As(KeyFate.LeftOut, "does not decide which job runs when; scheduler.settings can carry it all the same");
    }

    /// <summary>A setting that is carried over: of a comma list the options that Slurm knows, in place of the profile's.</summary>
    private static SiteKey Carried(SlurmSetting setting, string value, SourceRange where)
    {
        if (setting.Kind != SlurmValue.List || setting.Options.IsEmpty)
        {
            return SlurmSettings.Faults(setting, value).FirstOrDefault(found => found.Severity == Severity.Error) is { } fault
                ? new SiteKey(setting.Name, value, KeyFate.LeftOut, $"cannot be carried over: {fault.Summary}", where)
                : new SiteKey(setting.Name, value, KeyFate.Used, "decides which job runs when", where);
        }

        var options = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToLookup(option => SlurmSettings.Faults(setting, option).All(fault => fault.Severity != Severity.Error));
        if (!options[true].Any()) return new SiteKey(setting.Name, value, KeyFate.LeftOut, $"holds no option that Slurm 22.05 to 26.05 knows ({value})", where);
        var lost = string.Join(",", options[false]);
        return new SiteKey(setting.Name, "-*," + string.Join(',', options[true]), KeyFate.Used, lost.Length == 0 ? "decides which job runs when" : $"decides which job runs when; without {lost}, which Slurm 22.05 to 26.05 do not know so", where);
    }

    private static FrozenSet<string> Words(string text) => text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
