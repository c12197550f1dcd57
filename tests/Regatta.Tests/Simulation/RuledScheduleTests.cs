using Regatta.Simulation;
using Regatta.Simulation.Priorities;
using Regatta.Workloads;

namespace Regatta.Tests.Simulation;

/// <summary>Schedules under rules, small enough to be drawn by hand: limits, reservations, preemption, licences, GPUs, partitions that share nodes, priorities.</summary>
public sealed class RuledScheduleTests
{
    // Four nodes of four processors.
    private static readonly MachineSize Machine = MachineSize.Of(4, 4);

    private static Job Job(long id, double submit, int processors, double run, JobRequest? request = null, double? requested = null, params JobDependency[] after) => new()
    {
        Id = id, Submit = TimeSpan.FromSeconds(submit), Processors = processors, RunTime = TimeSpan.FromSeconds(run), RequestedTime = TimeSpan.FromSeconds(requested ?? run), Request = request, Dependencies = [.. after],
    };

    private static Schedule Run(ReferenceRules rules, IReadOnlyList<Job> jobs, ReferencePolicy policy = ReferencePolicy.Easy, bool wholeNodes = false, params ReferencePartition[] partitions) =>
        ReferenceScheduler.Run(QueuedJobs.Of(jobs), Machine, new ReferenceOptions { Policy = policy, WholeNodes = wholeNodes, Partitions = partitions.Length == 0 ? null : new([.. partitions]), Rules = rules });

    private static double[] Starts(Schedule schedule) => [.. schedule.Starts.Select(start => start < 0 ? -1 : start / 1e6)];

    private static JobRequest Of(string user, string? qos = null, string? account = null) => new() { User = user, Qos = qos, Account = account };

    private static Sequence<T> Some<T>(params T[] items) => new(items);

    [Fact]
    public void A_limit_of_jobs_of_each_user_holds_back_nobody_else()
    {
        var rules = new ReferenceRules { Qos = Some(new ReferenceQos("low") { PerUser = new() { Jobs = 1 } }) };
        Job[] jobs = [Job(1, 0, 4, 10, Of("a", "low")), Job(2, 0, 4, 10, Of("a", "low")), Job(3, 1, 4, 10, Of("b", "low")), Job(4, 1, 4, 10, Of("a"))];
        Assert.Equal([0, 10, 1, 1], Starts(Run(rules, jobs, ReferencePolicy.Fcfs)));
    }

    [Fact]
    public void Limits_of_resources_hold_for_all_jobs_of_a_quality_of_service_and_for_each_user()
    {
        var rules = new ReferenceRules
        {
            Qos = Some(new ReferenceQos("q") { All = new() { Resources = Some(new ResourceLimit("cpu", 8)) }, PerUser = new() { Resources = Some(new ResourceLimit("cpu", 6)) } }),
        };
        Job[] jobs = [Job(1, 0, 4, 10, Of("a", "q")), Job(2, 0, 4, 20, Of("a", "q")), Job(3, 0, 4, 5, Of("b", "q")), Job(4, 0, 4, 5, Of("c", "q"))];
        // Job 2 is over its user's six until 10; job 4 over the eight of all until 5.
        Assert.Equal([0, 10, 0, 5], Starts(Run(rules, jobs)));
    }

    [Fact]
    public void Limits_of_accounts_hold_for_all_below_unless_the_quality_of_service_has_its_own()
    {
        var rules = new ReferenceRules
        {
            Qos = Some(new ReferenceQos("own") { All = new() { Jobs = 5 } }),
            Associations = Some(
                new ReferenceAssociation("physics", "root", null) { All = new() { Jobs = 1 } },
                new ReferenceAssociation("lab", "physics", null), new ReferenceAssociation("lab", null, "a"), new ReferenceAssociation("physics", null, "b")),
        };
        Job[] jobs = [Job(1, 0, 1, 10, Of("a")), Job(2, 0, 1, 10, Of("b")), Job(3, 0, 1, 10, Of("b", "own"))];
        Assert.Equal([0, 10, 0], Starts(Run(rules, jobs)));
    }

    [Fact]
    public void What_can_never_start_waits_for_ever_or_is_refused()
    {
        var rules = new ReferenceRules
        {
            Qos = Some(
                new ReferenceQos("waits") { PerJob = new() { Wall = TimeSpan.FromSeconds(60) } }, new ReferenceQos("denies") { PerJob = new() { Resources = Some(new ResourceLimit("cpu", 4)) }, Denies = true },
                new ReferenceQos("two") { PerUser = new() { Submits = 2 } }),
        };
        Job[] jobs =
        [
            Job(1, 0, 1, 1, Of("a", "waits"), 61), Job(2, 0, 5, 1, Of("a", "denies")), Job(3, 0, 4, 1, Of("a", "denies")), Job(4, 0, 1, 5, Of("a", "two")), Job(5, 0, 1, 5, Of("a", "two")), Job(6, 1, 1, 5, Of("a", "two")),
            Job(7, 6, 1, 5, Of("a", "two")), Job(8, 0, 1, 1, Of("a", "nowhere")), Job(9, 0, 1, 1, null, null, new JobDependency(1, DependencyKind.After)),
        ];
        var schedule = Run(rules, jobs);
        // In queue order: 1, 2, 3, 4, 5, 8, 9, 6, 7.
        Assert.Equal([-1, -1, 0, 0, 0, -1, -1, -1, 6], Starts(schedule));
        Assert.Equal(
            [JobState.Unfinished, JobState.Rejected, JobState.Completed, JobState.Completed, JobState.Completed, JobState.Rejected, JobState.Unfinished, JobState.Rejected, JobState.Completed],
            Enumerable.Range(0, 9).Select(schedule.StateOf));
        Assert.Equal(["0=time", "6=dependency"], schedule.Outcome!.Waiting.OrderBy(w => w.Key).Select(w => $"{w.Key}={w.Value}"));
    }

    [Fact]
    public void Licences_are_a_limit_of_all()
    {
        var rules = new ReferenceRules { Licenses = Some(new ResourceLimit("license/matlab", 3)) };
        var two = new JobRequest { Licenses = "matlab:2" };
        Assert.Equal([0, 10, 0], Starts(Run(rules, [Job(1, 0, 1, 10, two), Job(2, 0, 1, 10, two), Job(3, 0, 1, 10, new JobRequest { Licenses = "matlab:1" })], ReferencePolicy.Fcfs)));
    }

    [Fact]
    public void Nobody_runs_into_a_maintenance_window()
    {
        var rules = new ReferenceRules { Reservations = Some(new ReferenceReservation("window", TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(160), "1-3")) };
        Job[] jobs = [Job(1, 0, 4, 50, requested: 100), Job(2, 0, 4, 20, requested: 101), Job(3, 0, 8, 10, requested: 101), Job(4, 1, 4, 10, requested: 99), Job(5, 1, 4, 10, requested: 100), Job(6, 170, 16, 1)];
        // Only the fourth node is without a window, and holds the longer small jobs one after the other; the large one waits until the window is over.
        Assert.Equal([0, 0, 160, 1, 20, 170], Starts(Run(rules, jobs)));
        Assert.Equal(3, Run(rules, jobs).Outcome!.NodesOf(1).Single());
    }

    [Fact]
    public void A_reservation_takes_those_it_names_on_its_nodes_while_it_lasts()
    {
        var rules = new ReferenceRules { Reservations = Some(new ReferenceReservation("course", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(70), "2") { Users = Some("a") }) };
        JobRequest Asks(string user) => new() { User = user, Reservation = "course" };
        var schedule = Run(rules, [Job(1, 0, 2, 20, Asks("a")), Job(2, 0, 2, 100, Asks("a")), Job(3, 0, 2, 20, Asks("b")), Job(4, 20, 4, 60, Asks("a"))]);
        // Job 2 ends with the reservation, and job 4 finds its node taken until then.
        Assert.Equal([10, 10, -1, -1], Starts(schedule));
        Assert.Equal((70_000_000, JobState.TimedOut), (schedule.Finish(1), schedule.StateOf(1)));
        Assert.Equal((JobState.Rejected, JobState.Unfinished, 1), (schedule.StateOf(2), schedule.StateOf(3), schedule.Outcome!.NodesOf(0).Single()));
    }

    private static readonly ReferencePartition Low = new("low", "all") { IsDefault = true }, High = new("high", "all") { Tier = 10 };

    private static JobRequest In(string partition, bool? requeue = null) => new() { Partition = partition, Requeue = requeue };

    [Fact]
    public void A_job_of_a_higher_tier_goes_first_and_without_preemption_waits()
    {
        Job[] jobs = [Job(1, 0, 16, 10), Job(2, 1, 16, 10), Job(3, 2, 16, 10, In("high"))];
        Assert.Equal([0, 20, 10], Starts(Run(new ReferenceRules(), jobs, partitions: [Low, High])));
    }

    [Fact]
    public void Who_is_cancelled_by_a_higher_tier_ends_there()
    {
        var rules = new ReferenceRules { Preemption = PreemptionBy.Partition, Mode = PreemptionMode.Cancel };
        Job[] jobs = [Job(1, 0, 8, 100), Job(2, 1, 4, 100), Job(3, 2, 4, 100), Job(4, 5, 6, 10, In("high")), Job(5, 6, 1, 1, after: new JobDependency(1, DependencyKind.AfterOk))];
        var schedule = Run(rules, jobs, partitions: [Low, High]);
        // The larger job goes first, and makes room enough.
        Assert.Equal([0, 1, 2, 5, -1], Starts(schedule));
        Assert.Equal((5_000_000, JobState.Cancelled, JobState.Cancelled), (schedule.Finish(0), schedule.StateOf(0), schedule.StateOf(4)));
        Assert.Equal((0, 3, false), (schedule.Outcome!.Lost.Single().Row, schedule.Outcome.Lost.Single().By, schedule.Outcome.Lost.Single().Requeued));
    }

    [Fact]
    public void Who_is_requeued_begins_anew_two_minutes_later_at_the_earliest()
    {
        var rules = new ReferenceRules { Preemption = PreemptionBy.Qos, Mode = PreemptionMode.Requeue, Qos = Some(new ReferenceQos("high") { Preempts = Some("normal"), Priority = 10 }) };
        Job[] jobs = [Job(1, 0, 16, 30), Job(2, 10, 8, 10, Of("a", "high")), Job(3, 15, 16, 10), Job(4, 16, 16, 1, new JobRequest { Requeue = false })];
        var schedule = Run(rules, jobs);
        Assert.Equal([130, 10, 20, 30], Starts(schedule));
        Assert.Equal(160_000_000, schedule.Finish(0));
        var events = RuledEvents.Of(schedule, 0, "n");
        Assert.Equal(["Sent 0", "Accepted 0", "Eligible 0", "Decided 0", "Started 0", "Preempted 10", "Requeued 10", "Decided 130", "Started 130", "Finished 160", "Ended 160", "Released 160"], events.Where(e => e.Job == 1).Select(e => $"{e.Kind} {e.Time / 1_000_000}"));
        Assert.Equal((1, 2L), (JobRecords.From(jobs, events)[0].Requeues, events.Single(e => e.Kind == JobEventKind.Preempted).By));
    }

    [Fact]
    public void A_job_that_may_not_be_put_back_is_cancelled()
    {
        var rules = new ReferenceRules { Preemption = PreemptionBy.Partition, Mode = PreemptionMode.Requeue };
        var schedule = Run(rules, [Job(1, 0, 16, 30, In("low", requeue: false)), Job(2, 1, 16, 1, In("high"))], partitions: [Low, High]);
        Assert.Equal((JobState.Cancelled, 1_000_000), (schedule.StateOf(0), schedule.Starts[1]));
        Assert.Equal([0, 30], Starts(Run(rules, [Job(1, 0, 16, 30, In("low")), Job(2, 1, 16, 1, In("high"))], partitions: [Low with { Preempted = PreemptionMode.Off }, High])));
    }

    [Fact]
    public void Jobs_wait_for_gpus_of_their_model_while_processors_are_free()
    {
        var rules = new ReferenceRules { Gpus = Some(new NodeGpus("a100", "1-2", 2), new NodeGpus("h100", "3", 2)) };
        JobRequest Asks(string gpus) => new() { Gres = gpus };
        Job[] jobs = [Job(1, 0, 1, 10, Asks("gpu:a100:1")), Job(2, 0, 1, 20, Asks("gpu:a100:2")), Job(3, 0, 1, 30, Asks("gpu:a100:2")), Job(4, 0, 1, 10, Asks("gpu:h100:2")), Job(5, 0, 1, 5, Asks("gpu:2")), Job(6, 0, 4, 5)];
        var schedule = Run(rules, jobs);
        Assert.Equal([0, 0, 10, 0, 10, 0], Starts(schedule));
        // Without GPUs it goes where there are none.
        Assert.Equal([3], schedule.Outcome!.NodesOf(5));
        Assert.Equal([0, 4], Starts(Run(rules, [Job(1, 0, 1, 4, Asks("gpu:a100:1")), Job(2, 0, 2, 4, Asks("gpu:a100:4"))])));
    }

    [Fact]
    public void Jobs_are_packed_or_go_to_the_least_loaded_nodes()
    {
        int[] Places(bool spread) => [.. Enumerable.Range(0, 4).Select(row => Run(new ReferenceRules(), [Job(1, 0, 1, 9), Job(2, 0, 1, 9), Job(3, 0, 2, 9), Job(4, 0, 1, 9)], partitions: Low with { LeastLoaded = spread }).Outcome!.NodesOf(row).Single())];
        Assert.Equal([0, 0, 0, 1], Places(false));
        Assert.Equal([0, 1, 2, 3], Places(true));
    }

    [Fact]
    public void Partitions_share_nodes_and_the_first_that_waits_is_kept_room_for()
    {
        ReferencePartition a = new("a", "1-3"), b = new("b", "3-4");
        Job[] jobs = [Job(1, 0, 12, 10, In("a")), Job(2, 0, 8, 10, In("b")), Job(3, 0, 4, 100, In("b")), Job(4, 0, 4, 10, In("b"))];
        // Job 2 is kept nodes three and four from 10 on: the fourth may be had until then.
        Assert.Equal([0, 10, 20, 0], Starts(Run(new ReferenceRules(), jobs, partitions: [a, b])));
        Assert.Equal([0, 10, 20, 20], Starts(Run(new ReferenceRules(), jobs, ReferencePolicy.Fcfs, partitions: [a, b])));
    }

    [Fact]
    public void Priorities_put_the_queue_in_order_and_change_with_what_was_used()
    {
        var rules = new ReferenceRules
        {
            Associations = Some(new ReferenceAssociation("x", "root", null), new ReferenceAssociation("x", null, "a"), new ReferenceAssociation("y", "root", null), new ReferenceAssociation("y", null, "b")),
            Priorities = new ReferencePriorities(new PriorityWeights { Fairshare = 1000 }, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), FairTree: true),
        };
        Job[] jobs = [Job(1, 0, 16, 100, Of("a")), Job(2, 1, 16, 10, Of("a")), Job(3, 2, 16, 10, Of("b"))];
        // From 60 on it counts that a has used what b has not.
        Assert.Equal([0, 110, 100], Starts(Run(rules, jobs)));
        Assert.Equal([0, 50, 60], Starts(Run(rules, [jobs[0] with { RunTime = TimeSpan.FromSeconds(50), RequestedTime = TimeSpan.FromSeconds(50) }, jobs[1], jobs[2]])));
        Assert.Equal([0, 20, 10], Starts(Run(rules with { Associations = Sequence.Empty<ReferenceAssociation>(), Priorities = rules.Priorities with { Weights = new PriorityWeights { Qos = 10 } }, Qos = Some(new ReferenceQos("high") { Priority = 5 }) },
            [Job(1, 0, 16, 10), Job(2, 1, 16, 10), Job(3, 2, 16, 10, Of("a", "high"))])));
    }

    [Fact]
    public void A_job_that_drains_lets_nobody_start_and_whole_nodes_are_shared_with_nobody()
    {
        var drains = Job(2, 1, 4, 10) with { Drains = true };
        Assert.Equal([0, 1, 11], Starts(Run(new ReferenceRules(), [Job(1, 0, 1, 5), drains, Job(3, 2, 1, 1)])));
        Assert.Equal([0, 0, 0, 0, 10], Starts(Run(new ReferenceRules(), [.. Enumerable.Range(1, 5).Select(id => Job(id, 0, 1, 10))], wholeNodes: true)));
    }
}
