using System.Collections.Frozen;

namespace Regatta.Schedulers.Slurm;

/// <summary>The keys of slurm.conf (Slurm 22.05) that a user may set, and those that Regatta makes from the cluster.</summary>
internal static class SlurmKeys
{
    /// <summary>Keys that a user may set; each can be read back with <c>scontrol show config</c>.</summary>
    public static FrozenSet<string> Free { get; } = Words("""
        AccountingStorageEnforce AccountingStorageTRES AccountingStorageType AllowSpecResourcesUsage BatchStartTimeout BcastExclude
        BcastParameters CommunicationParameters CompleteWait CpuFreqDef CpuFreqGovernors DebugFlags DependencyParameters DisableRootJobs
        EioTimeout EnforcePartLimits Epilog EpilogMsgTime EpilogSlurmctld FirstJobId GetEnvTimeout GpuFreqDef GroupUpdateForce
        GroupUpdateTime HealthCheckInterval HealthCheckNodeState HealthCheckProgram InactiveLimit JobAcctGatherFrequency
        JobAcctGatherParams JobAcctGatherType JobCompLoc JobCompType JobFileAppend JobRequeue JobSubmitPlugins KillOnBadExit KillWait
        LaunchParameters LogTimeFormat MailDomain MailProg MaxArraySize MaxJobCount MaxJobId MaxMemPerNode MaxStepCount MaxTasksPerNode
        MessageTimeout MinJobAge MpiDefault MpiParams OverTimeLimit PreemptExemptTime PreemptMode PreemptType PriorityParameters
        PriorityType PrivateData Prolog PrologEpilogTimeout PrologFlags PrologSlurmctld PropagatePrioProcess PropagateResourceLimits
        RequeueExit RequeueExitHold ResumeTimeout ResvOverRun ReturnToService RoutePlugin SchedulerParameters SchedulerTimeSlice
        SchedulerType SlurmctldDebug SlurmctldParameters SlurmctldSyslogDebug SlurmctldTimeout SlurmdDebug SlurmdSyslogDebug
        SlurmdTimeout SrunPortRange SuspendTime SwitchType TaskEpilog TaskPluginParam TaskProlog TCPTimeout TmpFS TopologyParam
        TopologyPlugin TreeWidth UnkillableStepTimeout VSizeFactor WaitTime
        """);

    /// <summary>Keys that Regatta makes from the cluster.</summary>
    public static FrozenSet<string> Made { get; } = Words("""
        AuthType ClusterName CredType DefMemPerCPU NodeName PartitionName ProctrackType SelectType SelectTypeParameters SlurmctldHost
        SlurmctldLogFile SlurmctldPidFile SlurmctldPort SlurmdLogFile SlurmdParameters SlurmdPidFile SlurmdPort SlurmdSpoolDir SlurmdUser
        SlurmUser StateSaveLocation TaskPlugin
        """);

    private static FrozenSet<string> Words(string text) =>
        text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
