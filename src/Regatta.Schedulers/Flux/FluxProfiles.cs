using Regatta.Workloads;

namespace Regatta.Schedulers.Flux;

/// <summary>
/// The one table of Flux's profiles. <c>docs/profiles.md</c> shows it, and a test holds the two together.
/// </summary>
internal static class FluxProfiles
{
    /// <summary>The setting that pins the scheduler.</summary>
    public const string Scheduler = "modules.alternatives.sched";

    /// <summary>Fluxion's queue policy.</summary>
    public const string QueuePolicy = "sched-fluxion-qmanager.queue-policy";

    /// <summary>What looks at a job before it is taken.</summary>
    public const string Validators = "ingest.validator.plugins";

    /// <summary>Settings that all profiles share, so that they differ in policy alone.</summary>
    public static ImmutableArray<SchedulerSetting> Common { get; } =
    [
        new("exec.kill-timeout", "5s", "from SIGTERM to SIGKILL at the time limit, as on Slurm"),
        new("job-manager.inactive-num-limit", "200000", "ended jobs stay known until the trial is over"),
        new(Validators, """["jobspec","feasibility"]""", "a job that can never run is rejected at once instead of waiting for ever"),
        new("tbon.tcp_user_timeout", "20s", "until a node whose link is cut is lost"),
    ];

    private static readonly ImmutableArray<SchedulerSetting> InOrder =
    [
        new(Scheduler, "sched-simple", "flux-core's own scheduler: first fit in the order of the queue, stops at the first job that cannot start"),
        new("sched-simple.args", """["queue-depth=8"]""", "jobs that the job manager asks for ahead; the order of starts is the same with any"),
    ];

    /// <summary>The profiles.</summary>
    public static ImmutableArray<SchedulerProfile> All { get; } =
    [
        new(
            "fifo",
            "strict first come, first served: a job that cannot start holds back all behind it",
            InOrder,
            Traits(Backfill.None, Admission.Validators)),
        new(
            "backfill",
            "EASY backfill: later jobs may start early where they do not delay the first job that waits",
            [
                new(Scheduler, "sched-fluxion-qmanager", "Fluxion, the graph-based scheduler that centres run"),
                new(QueuePolicy, "easy", "one reservation, for the first waiting job (EASY)"),
                new("sched-fluxion-qmanager.queue-params.queue-depth", "1000", "looks at as many waiting jobs as Slurm's backfill does"),
            ],
            Traits(Backfill.Easy, Admission.Validators)),
        new(
            "throughput",
            "as many short jobs a second as it can",
            [
                new(Scheduler, "sched-simple", "the least work for each job; it does not backfill, since no scheduler of Flux backfills in coarse, rare passes"),
                new("sched-simple.args", """["queue-depth=8"]""", "a longer queue costs more for each job"),
                new("ingest.validator.disable", "true", "no look at a job before it is taken"),
            ],
            Traits(Backfill.None, Admission.None)),
        new(
            "gang",
            "as `fifo`: every job of Flux gets all its processors at once, or waits",
            InOrder,
            Traits(Backfill.None, Admission.Validators)),
    ];

    private static SchedulerTraits Traits(Backfill backfill, Admission admission) => new()
    {
        Admission = admission,
        Backfill = backfill,
        Gang = Gang.WholeJob,
        Memory = MemoryScheduling.None,
        TaskLaunch = TaskLaunch.FluxShellByBroker,
        TimeLimitCheck = TimeLimitCheck.AtLimit,
    };
}
