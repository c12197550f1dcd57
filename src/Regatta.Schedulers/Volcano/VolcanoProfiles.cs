using Regatta.Schedulers.Kubernetes;
using Regatta.Workloads;

namespace Regatta.Schedulers.Volcano;

/// <summary>
/// The one table of Volcano's profiles. <c>docs/profiles.md</c> shows it, and a test holds the two together.
/// </summary>
internal static class VolcanoProfiles
{
    /// <summary>What the scheduler does in each session, in this order.</summary>
    public const string Actions = "volcano.actions";

    /// <summary>Its plugins: tiers divided by semicolons.</summary>
    public const string Plugins = "volcano.plugins";

    /// <summary>Whether admission webhooks look at jobs, pods, PodGroups and queues.</summary>
    public const string Webhooks = "volcano.webhooks";

    private const string Ordered = "priority,gang,conformance;predicates,proportion,nodeorder";

    private static readonly SchedulerSetting
        Placing = new(Actions, "enqueue,allocate", "lets jobs in while there are resources, then places them"),
        InOrder = new(Plugins, Ordered, "no fair shares that would change the order"),
        Checked = new(Webhooks, "on", "an unknown queue or a wrong job is refused at once instead of waiting for ever");

    /// <summary>Settings that all profiles share; the scheduler that places nothing of the jobs keeps its own.</summary>
    public static ImmutableArray<SchedulerSetting> Common { get; } =
    [
        .. KubernetesProfiles.Common.Where(s => !s.Key.StartsWith(KubernetesSettings.SchedulerConfiguration, StringComparison.Ordinal)),
        new("vc-controller-manager.worker-threads", "10", "controllers at work on jobs; the default of 3 holds back bursts"),
        new("vc-scheduler.schedule-period", "1s", "a session each second, as by default"),
    ];

    /// <summary>The profiles.</summary>
    public static ImmutableArray<SchedulerProfile> All { get; } =
    [
        new(
            "fifo",
            "jobs in the order of creation, each whole or not at all; there is no strict order on this scheduler: what does not fit is passed over",
            [Placing, InOrder, Checked],
            Traits(Admission.Webhooks)),
        new(
            "backfill",
            "as `fifo`, and pods that ask for nothing fill gaps: Volcano's backfill reserves nothing for a job that waits",
            [
                new(Actions, "enqueue,allocate,backfill", "the action `backfill` places pods without requests alone"),
                InOrder,
                Checked,
            ],
            Traits(Admission.Webhooks)),
        new(
            "throughput",
            "as many short jobs a second as it can: no webhooks, no scores of nodes",
            [
                Placing,
                new(Plugins, "gang,conformance;predicates,proportion", "the first node that fits is good enough"),
                new(Webhooks, "off", "no call of a webhook for each job and each pod"),
            ],
            Traits(Admission.ApiServerPlugins)),
        new(
            "gang",
            "all members that a job needs at once get nodes, or none: a job that waits holds nothing",
            [
                Placing,
                new(Plugins, Ordered, "`gang` is what this profile is about; the others keep the order"),
                Checked,
            ],
            Traits(Admission.Webhooks)),
    ];

    private static SchedulerTraits Traits(Admission admission) =>
        KubernetesProfiles.All[0].Traits with { Admission = admission, ControllerQueue = ControllerQueue.VolcanoController, Gang = Gang.WholeJob };
}
