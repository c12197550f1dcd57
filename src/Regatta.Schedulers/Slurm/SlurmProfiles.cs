using Regatta.Workloads;

namespace Regatta.Schedulers.Slurm;

/// <summary>
/// The one table of Slurm's profiles. <c>docs/profiles.md</c> shows it, and a test holds the two together.
/// </summary>
internal static class SlurmProfiles
{
    // The controller looks at once and not in waves of three seconds, and as deep as the queue is.
    private const string Prompt = "batch_sched_delay=0,sched_min_interval=10000,default_queue_depth=10000";

    /// <summary>Settings that all profiles share, so that they differ in policy alone.</summary>
    public static ImmutableArray<SchedulerSetting> Common { get; } =
    [
        new("AccountingStorageType", "accounting_storage/none", "no accounting database"),
        new("EnforcePartLimits", "ALL", "a job that can never run is rejected at once instead of waiting for ever"),
        new("Epilog", "/bin/true", "a node tells at once that a job has ended; without it release waits for a one-second loop"),
        new("JobAcctGatherType", "jobacct_gather/none", "no sampling of jobs"),
        new("JobCompType", "jobcomp/none", "no job completion log"),
        new("JobRequeue", "0", "a job on a lost node ends as NODE_FAIL; a requeued one would wait two minutes"),
        new("KillWait", "5", "seconds between SIGTERM and SIGKILL at the time limit"),
        new("LogTimeFormat", "iso8601_ms", "milliseconds in the controller's log, where decisions are read"),
        new("MailProg", "/bin/true", "no mail"),
        new("MaxJobCount", "200000", "large workloads fit"),
        new("MessageTimeout", "30", "a busy controller is not taken for a dead one"),
        new("MinJobAge", "60", "seconds for which ended jobs stay in memory"),
        new("MpiDefault", "none", "no MPI set-up for jobs that use none"),
        new("PreemptType", "preempt/none", "no preemption"),
        new("PriorityType", "priority/basic", "queue order is submit order"),
        new("ReturnToService", "2", "a node that comes back is used again"),
        new("SlurmctldDebug", "debug2", "the log names each node's release of a job"),
        new("SlurmdDebug", "info", "the nodes' own log"),
        new("SlurmdTimeout", "30", "seconds until a silent node is down"),
    ];

    /// <summary>The profiles.</summary>
    public static ImmutableArray<SchedulerProfile> All { get; } =
    [
        new(
            "fifo",
            "strict first come, first served: a job that cannot start holds back all behind it",
            [
                new("SchedulerType", "sched/builtin", "stops at the first job that cannot start"),
                new("SchedulerParameters", Prompt, "looks at once, as deep as the queue is"),
            ],
            Traits(Backfill.None)),
        new(
            "backfill",
            "EASY backfill: later jobs may start early where they do not delay the first job that waits",
            [
                new("SchedulerType", "sched/backfill", "fills gaps before the reservation of a waiting job"),
                new(
                    "SchedulerParameters",
                    Prompt + ",bf_interval=1,bf_resolution=1,bf_window=1440,bf_max_job_test=1000,bf_job_part_count_reserve=1",
                    "a pass each second, planned to the second over one day; one reservation, for the first waiting job (EASY)"),
            ],
            Traits(Backfill.Easy)),
        new(
            "throughput",
            "as many short jobs a second as it can: backfill in coarse, rare passes, ended jobs soon forgotten",
            [
                new("SchedulerType", "sched/backfill", "fills gaps, but seldom"),
                new("SchedulerParameters", Prompt + ",bf_interval=5,bf_resolution=60,bf_max_job_test=100", "a pass every five seconds over at most 100 jobs"),
                new("MinJobAge", "10", "ended jobs leave memory soon"),
            ],
            Traits(Backfill.Conservative)),
        new(
            "gang",
            "as `fifo`: every job of Slurm gets all its processors at once, or waits",
            [
                new("SchedulerType", "sched/builtin", "stops at the first job that cannot start"),
                new("SchedulerParameters", Prompt, "looks at once, as deep as the queue is"),
            ],
            Traits(Backfill.None)),
    ];

    private static SchedulerTraits Traits(Backfill backfill) => new()
    {
        Admission = Admission.PartitionLimits,
        Backfill = backfill,
        EmptyEpilog = true,
        Gang = Gang.WholeJob,
        Memory = MemoryScheduling.Always,
        TaskLaunch = TaskLaunch.Slurmstepd,
        TimeLimitCheck = TimeLimitCheck.Every30Seconds,
    };
}
