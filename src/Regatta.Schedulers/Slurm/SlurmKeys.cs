using System.Collections.Frozen;

namespace Regatta.Schedulers.Slurm;

/// <summary>Which settings of slurm.conf a user may set, and why the others cannot be set.</summary>
internal static class SlurmKeys
{
    /// <summary>Settings that a user may set; each can be read back with <c>scontrol show config</c>.</summary>
    public static FrozenSet<string> Free { get; } = Words("""
        AccountingStorageEnforce AccountingStorageTRES AccountingStorageType AllowSpecResourcesUsage BatchStartTimeout BcastExclude
        BcastParameters CommunicationParameters CompleteWait CpuFreqDef CpuFreqGovernors DebugFlags DependencyParameters DisableRootJobs
        EioTimeout EnforcePartLimits Epilog EpilogMsgTime EpilogSlurmctld EpilogTimeout FairShareDampeningFactor FirstJobId GetEnvTimeout GpuFreqDef
        GroupUpdateForce GroupUpdateTime HealthCheckInterval HealthCheckNodeState HealthCheckProgram HealthCheckTimeout InactiveLimit
        InteractiveStepOptions JobAcctGatherFrequency JobAcctGatherParams JobAcctGatherType JobCompLoc JobCompType JobFileAppend JobRequeue
        JobSubmitPlugins KillOnBadExit KillWait LaunchParameters Licenses LogTimeFormat MailDomain MailProg MaxArraySize MaxBatchRequeue MaxJobCount
        MaxJobId MaxMemPerCPU MaxMemPerNode MaxStepCount MaxTasksPerNode MCSParameters MCSPlugin MessageTimeout MinJobAge MpiDefault MpiParams
        OverTimeLimit PreemptExemptTime PreemptMode PreemptParameters PreemptType PrEpParameters PrEpPlugins PriorityCalcPeriod PriorityDecayHalfLife
        PriorityFavorSmall PriorityFlags PriorityMaxAge PriorityParameters PrioritySiteFactorParameters PrioritySiteFactorPlugin PriorityType
        PriorityUsageResetPeriod PriorityWeightAge PriorityWeightAssoc PriorityWeightFairshare PriorityWeightJobSize PriorityWeightPartition
        PriorityWeightQOS PriorityWeightTRES PrivateData Prolog PrologEpilogTimeout PrologFlags PrologSlurmctld PrologTimeout PropagatePrioProcess
        PropagateResourceLimits PropagateResourceLimitsExcept ReconfigFlags RequeueExit RequeueExitHold ResumeTimeout ResvEpilog ResvOverRun
        ResvProlog ReturnToService RoutePlugin SchedulerParameters SchedulerTimeSlice SchedulerType ScronParameters SlurmctldDebug
        SlurmctldParameters SlurmctldSyslogDebug SlurmctldTimeout SlurmdDebug SlurmdSyslogDebug SlurmdTimeout SlurmSchedLogFile SlurmSchedLogLevel
        SrunEpilog SrunPortRange SrunProlog SuspendTime SwitchParameters SwitchType TaskEpilog TaskPluginParam TaskProlog TCPTimeout TmpFS
        TopologyParam TopologyPlugin TrackWCKey TreeWidth UnkillableStepProgram UnkillableStepTimeout UsePAM VSizeFactor WaitTime X11Parameters
        """);

    /// <summary>Settings that do nothing, and do not read back, under <c>PriorityType=priority/basic</c>.</summary>
    public static FrozenSet<string> Multifactor { get; } = Words("""
        FairShareDampeningFactor PriorityCalcPeriod PriorityDecayHalfLife PriorityFavorSmall PriorityFlags PriorityMaxAge PriorityUsageResetPeriod
        PriorityWeightAge PriorityWeightAssoc PriorityWeightFairshare PriorityWeightJobSize PriorityWeightPartition PriorityWeightQOS PriorityWeightTRES
        """);

    /// <summary>Weights of what only an accounting database can tell: without one, these factors are 0 for every job.</summary>
    public static FrozenSet<string> Accounted { get; } = Words("PriorityWeightAssoc PriorityWeightFairshare PriorityWeightQOS");

    private static readonly (FrozenSet<string> Keys, string Reason)[] Refused =
    [
        (Words("""
            AuthType ClusterName ControlAddr ControlMachine CredType DefMemPerCPU DownNodes FrontendName MaxNodeCount NodeName NodeSet PartitionName
            ProctrackType SelectType SelectTypeParameters SlurmctldAddr SlurmctldHost SlurmctldLogFile SlurmctldPidFile SlurmctldPort SlurmdLogFile
            SlurmdParameters SlurmdPidFile SlurmdPort SlurmdSpoolDir SlurmdUser SlurmUser StateSaveLocation TaskPlugin
            """), "is set by Regatta from the cluster"),
        (Words("DefCpuPerGPU DefMemPerGPU DefMemPerNode"), "cannot be set beside DefMemPerCPU, which is set by Regatta from the cluster"),
        (Words("""
            AccountingStorageBackupHost AccountingStorageExternalHost AccountingStorageHost AccountingStorageLoc AccountingStorageParameters
            AccountingStoragePass AccountingStoragePort AccountingStorageUser AccountingStoreFlags AccountingStoreJobComment FederationParameters
            JobCompHost JobCompParams JobCompPass JobCompPassScript JobCompPort JobCompUser MaxDBDMsgs
            """), "is set by Regatta where scheduler.slurm.accounting makes a database"),
        (Words("BackupAddr BackupController SlurmctldPrimaryOffProg SlurmctldPrimaryOnProg"), "needs a second controller, and Regatta's clusters have one"),
        (Words("""
            AuthAltParameters AuthAltTypes AuthInfo CertgenParameters CertgenType CertmgrParameters CertmgrType CryptoType HashPlugin
            JobCredentialPrivateKey JobCredentialPublicCertificate TLSParameters TLSType
            """), "decides how the daemons trust each other, which Regatta sets up"),
        (Words("""
            PowerAction PowerParameters PowerPlugin RebootProgram ResumeFailProgram ResumeProgram ResumeRate SuspendExcNodes SuspendExcParts
            SuspendExcStates SuspendProgram SuspendRate SuspendTimeout
            """), "needs programs that start and stop nodes, and Regatta's nodes stay on"),
        (Words("BurstBufferParameters BurstBufferType GresTypes NodeFeaturesPlugins PlugStackConfig"), "needs a configuration file or devices that Regatta's nodes do not have"),
    ];

    /// <summary>Why a setting that slurm.conf knows cannot be set: a predicate to its name.</summary>
    public static string Refusal(string key) =>
        Refused.FirstOrDefault(r => r.Keys.Contains(key)).Reason ?? "is not among the settings that can be compared";

    private static FrozenSet<string> Words(string text) =>
        text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
