using CsCheck;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Tests.Simulation;

public sealed class ReferenceSchedulerTests
{
    public static TheoryData<ReferencePolicy> Policies => [.. Enum.GetValues<ReferencePolicy>()];

    private static Job Job(long id, double submit, int processors, double run, double? requested = null, params long[] after) => new()
    {
        Id = id, Submit = TimeSpan.FromSeconds(submit), Processors = processors, RunTime = TimeSpan.FromSeconds(run),
        RequestedTime = requested is { } limit ? TimeSpan.FromSeconds(limit) : null, Dependencies = [.. after.Select(job => new JobDependency(job, DependencyKind.After))],
    };

    private static Schedule Run(ReferencePolicy policy, int processors, params Job[] jobs) =>
        ReferenceScheduler.Run(QueuedJobs.Of(jobs), new MachineSize(processors), new ReferenceOptions { Policy = policy });

    private static double[] Starts(ReferencePolicy policy, int processors, params Job[] jobs) => [.. Run(policy, processors, jobs).Starts.Select(t => t < 0 ? -1 : t / 1e6)];

    // R. L. Graham, "Bounds on multiprocessing timing anomalies", SIAM J. Appl. Math. 17(2), 1969, the example of section 2: nine tasks on three
    // processors take 12 units; a fourth processor makes it 15, and shortening every task by one makes it 13.
    private static Job[] Graham(double shorter)
    {
        double[] lengths = [3, 2, 2, 2, 4, 4, 4, 4, 9];
        return [.. lengths.Select((length, i) => Job(i + 1, 0, 1, length - shorter, null, i switch { 8 => [1], >= 4 => [4], _ => [] }))];
    }

    [Theory]
    [InlineData(3, 0, 12, new double[] { 0, 0, 0, 2, 4, 4, 8, 8, 3 })]
    [InlineData(4, 0, 15, new double[] { 0, 0, 0, 0, 2, 2, 2, 3, 6 })]
    [InlineData(3, 1, 13, new double[] { 0, 0, 0, 1, 2, 2, 2, 5, 5 })]
    public void Graham_1969_list_schedules_and_their_anomalies(int processors, double shorter, double makespan, double[] starts)
    {
        var schedule = Run(ReferencePolicy.Fcfs, processors, Graham(shorter));
        Assert.Equal(makespan, schedule.Makespan.TotalSeconds);
        Assert.Equal(starts, schedule.Starts.Select(t => t / 1e6));
    }

    // Ten processors, drawn by hand. Job 1 holds six until 10; job 2 wants eight and waits; 3 fits the hole and ends by 10; 4 does not end by
    // 10 but is no larger than the two processors that job 2 leaves; 5 is too large for what is left; 6 is small, but the extra ones are used up.
    private static readonly Job[] Holes = [Job(1, 0, 6, 10), Job(2, 1, 8, 5), Job(3, 2, 2, 8), Job(4, 3, 2, 20), Job(5, 4, 4, 3), Job(6, 5, 1, 30)];

    [Fact]
    public void Fcfs_leaves_the_holes() => Assert.Equal([0, 10, 10, 15, 15, 15], Starts(ReferencePolicy.Fcfs, 10, Holes));

    [Fact]
    public void Easy_fills_holes_without_delaying_the_head() => Assert.Equal([0, 10, 2, 3, 15, 15], Starts(ReferencePolicy.Easy, 10, Holes));

    // The difference that Mu'alem and Feitelson (IEEE TPDS 12(6), 2001, section 2.2) draw between the two: EASY lets a job go ahead that delays
    // the second in the queue; conservative keeps every reservation. Four processors: 1 holds three until 10, 2 wants two and gets 10 to 20,
    // 3 wants all four and is promised 20. Job 4 wants one for 30: under EASY it is "extra" beside job 2 and delays job 3 to 33.
    private static readonly Job[] Promises = [Job(1, 0, 3, 10), Job(2, 1, 2, 10), Job(3, 2, 4, 5), Job(4, 3, 1, 30)];

    [Fact]
    public void Easy_may_delay_the_second_in_the_queue() => Assert.Equal([0, 10, 33, 3], Starts(ReferencePolicy.Easy, 4, Promises));

    [Fact]
    public void Conservative_delays_nobody() => Assert.Equal([0, 10, 20, 25], Starts(ReferencePolicy.Conservative, 4, Promises));

    // Mu'alem and Feitelson, section 2.3: when a job ends early the reservations are compressed. Job 1 said 20 and takes 10.
    [Fact]
    public void Conservative_compresses_in_queue_order() =>
        Assert.Equal([0, 10, 15, 1], Starts(ReferencePolicy.Conservative, 4, Job(1, 0, 3, 10, 20), Job(2, 1, 3, 5, 10), Job(3, 1, 4, 2, 2), Job(4, 1, 1, 14, 14)));

    [Fact]
    public void Shortest_first_lets_the_head_block_and_with_backfill_not()
    {
        Job[] jobs = [Job(1, 0, 3, 10), Job(2, 1, 1, 9), Job(3, 2, 4, 2), Job(4, 3, 1, 5), Job(5, 3, 1, 5)];
        Assert.Equal([0, 1, 10, 12, 12], Starts(ReferencePolicy.Sjf, 4, jobs));
        Job[] queued = [Job(1, 0, 3, 10), Job(2, 1, 2, 9), Job(3, 2, 4, 2), Job(4, 3, 1, 5), Job(5, 3, 1, 6), Job(6, 3, 1, 2)];
        Assert.Equal([0, 14, 10, 12, 12, 12], Starts(ReferencePolicy.Sjf, 4, queued));
        Assert.Equal([0, 12, 10, 5, 12, 3], Starts(ReferencePolicy.SjfEasy, 4, queued));
    }

    [Fact]
    public void Jobs_are_killed_at_their_limit()
    {
        var schedule = Run(ReferencePolicy.Fcfs, 2, Job(1, 0, 2, 10, 4), Job(2, 0, 2, 3, 6));
        Assert.Equal([0L, 4_000_000], schedule.Starts);
        var records = schedule.Records(1_000_000).ToList();
        Assert.Equal(JobState.TimedOut, records[0].State);
        Assert.Equal(5_000_000, records[0].Finish);
        Assert.Equal(10_000_000, records[0].RunTime);
        Assert.Equal(JobState.Completed, records[1].State);
        Assert.Equal((5_000_000, 5_000_000, 8_000_000, 8_000_000), (records[1].Decided, records[1].Start, records[1].Finish, records[1].Released));
    }

    [Fact]
    public void Think_time_closes_the_loop_and_a_lost_condition_cancels()
    {
        var think = Job(2, 0, 1, 1) with { Dependencies = [new(1, DependencyKind.After, TimeSpan.FromSeconds(7))] };
        var never = Job(3, 0, 1, 1) with { Dependencies = [new(1, DependencyKind.AfterOk)] };
        var chained = Job(4, 0, 1, 1) with { Dependencies = [new(3, DependencyKind.AfterOk)] };
        var schedule = Run(ReferencePolicy.Easy, 4, Job(1, 2, 1, 10, 5), think, never, chained);
        Assert.Equal([14_000_000, -1, -1, 2_000_000], schedule.Starts);
        Assert.Equal([14_000_000, -1, -1, 2_000_000], schedule.Submits);
        Assert.Equal([JobState.Completed, JobState.Cancelled, JobState.Cancelled, JobState.TimedOut], schedule.Records().Select(record => record.State));
        // What never runs was sent when that was certain: as the job before it ended.
        Assert.Equal([14_000_000, 7_000_000, 7_000_000, 2_000_000], schedule.Records().Select(record => record.Sent!.Value));
    }

    [Fact]
    public void Whole_nodes_are_shared_with_nobody()
    {
        Job[] jobs = [Job(1, 0, 3, 10), Job(2, 0, 1, 10), Job(3, 0, 1, 5), Job(4, 0, 5, 5)];
        var machine = MachineSize.Of(2, 4);
        var schedule = ReferenceScheduler.Run(QueuedJobs.Of(jobs), machine, new ReferenceOptions { Policy = ReferencePolicy.Fcfs, WholeNodes = true });
        Assert.Equal([0L, 0, 10_000_000, 15_000_000], schedule.Starts);
        Assert.Equal(["w1", "w2", "w1", "w[1-2]"], schedule.Records(0, "w").Select(record => record.NodeList));
        Assert.Equal([0L, 0, 0, 10_000_000], ReferenceScheduler.Run(QueuedJobs.Of(jobs), machine, new ReferenceOptions { Policy = ReferencePolicy.Fcfs }).Starts);
    }

    [Fact]
    public void A_job_larger_than_the_machine_is_refused_by_name()
    {
        var exception = Assert.Throws<DiagnosticException>(() => Run(ReferencePolicy.Easy, 4, Job(1, 0, 4, 1), Job(2, 0, 5, 1)));
        Assert.Equal(
            "error[workload-too-large]: 1 of 2 jobs cannot fit a machine of 4 processors\n  job 2: 5 processors\n"
            + "  help: scale=fit keeps each job's share of the machine, scale=clamp cuts at the machine's size, or take a larger machine",
            exception.Message);
    }

    [Fact]
    public void A_machine_of_nothing_is_refused() =>
        Assert.StartsWith("error[machine-size]: a machine of 0 processors has nothing to run jobs on", Assert.Throws<DiagnosticException>(() => Run(ReferencePolicy.Easy, 0, Job(1, 0, 1, 1))).Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_policy_names_the_nearest() =>
        Assert.Equal("error[reference-policy]: the reference scheduler has no policy 'esay'\n  help: did you mean 'easy'?", Assert.Throws<DiagnosticException>(() => ReferenceOptions.Parse("esay")).Message);

    [Theory]
    [MemberData(nameof(Policies))]
    public void The_fast_one_and_the_obvious_one_agree(ReferencePolicy policy) =>
        Gen.Int[1, 12].SelectMany(capacity => RandomWorkloads.Plain(40, capacity).Select(jobs => (capacity, jobs))).Sample((capacity, jobs) => Agree(policy, capacity, jobs), iter: 4000);

    [Theory]
    [MemberData(nameof(Policies))]
    public void They_agree_on_jobs_that_wait_for_others(ReferencePolicy policy) =>
        Gen.Int[1, 12].SelectMany(capacity => RandomWorkloads.WithDependencies(25, capacity).Select(jobs => (capacity, jobs))).Sample((capacity, jobs) => Agree(policy, capacity, jobs), iter: 2000);

    [Theory]
    [MemberData(nameof(Policies))]
    public void They_agree_on_jobs_that_drain_the_queue(ReferencePolicy policy) =>
        Gen.Int[1, 12].SelectMany(capacity => RandomWorkloads.WithDrains(30, capacity).Select(jobs => (capacity, jobs))).Sample((capacity, jobs) => Agree(policy, capacity, jobs), iter: 3000);

    [Theory]
    [MemberData(nameof(Policies))]
    public void Nothing_starts_from_the_submission_of_a_draining_job_until_it_has_run(ReferencePolicy policy) =>
        RandomWorkloads.WithDrains(40, 9).Sample(jobs =>
        {
            var schedule = Run(policy, 9, jobs);
            var table = schedule.Jobs;
            foreach (var row in Enumerable.Range(0, table.Count).Where(row => table.Drains[row] && schedule.Starts[row] >= 0))
            {
                for (var other = 0; other < table.Count; other++)
                {
                    // Two draining jobs take turns; a job of the same instant may have come and gone before, in no time.
                    if (other == row || table.Drains[other] || schedule.Starts[other] < 0) continue;
                    var (start, from, to) = (schedule.Starts[other], schedule.Submits[row], schedule.Finish(row));
                    Assert.False(start > from && start < to, $"job {table.Numbers[other]} starts at {start} while job {table.Numbers[row]} drains from {from} to {to}");
                }
            }
        }, iter: 1000);

    // Ten processors by hand. Z wants all of them at 2, when 1 runs until 10 and 2 waits: it goes first, at 10, and 3 may not fill the hole meanwhile.
    [Theory]
    [MemberData(nameof(Policies))]
    public void A_draining_job_goes_before_all_who_wait_and_nobody_fills_the_hole(ReferencePolicy policy) =>
        Assert.Equal([0, 15, 10, 15], Starts(policy, 10, Job(1, 0, 6, 10), Job(2, 1, 8, 5), Job(3, 2, 10, 5) with { Drains = true }, Job(4, 3, 2, 6)));

    [Theory]
    [MemberData(nameof(Policies))]
    public void They_agree_on_longer_queues(ReferencePolicy policy) =>
        Gen.Int[20, 40].SelectMany(capacity => RandomWorkloads.Plain(250, capacity).Select(jobs => (capacity, jobs))).Sample((capacity, jobs) => Agree(policy, capacity, jobs), iter: 40);

    [Theory]
    [MemberData(nameof(Policies))]
    public void They_agree_on_whole_nodes(ReferencePolicy policy) =>
        RandomWorkloads.Plain(30, 12).Sample(jobs =>
        {
            var machine = MachineSize.Of(3, 4);
            var fast = ReferenceScheduler.Run(QueuedJobs.Of(jobs), machine, new ReferenceOptions { Policy = policy, WholeNodes = true });
            var slow = new SlowScheduler(jobs, policy, 3, job => (job.Processors + 3) / 4).Run().Starts;
            return Enumerable.Range(0, jobs.Length).All(row => fast.Starts[row] == slow[fast.Jobs.Numbers[row]]);
        }, iter: 500);

    [Theory]
    [MemberData(nameof(Policies))]
    public void No_processor_is_used_twice_and_nothing_starts_before_its_submission(ReferencePolicy policy) =>
        RandomWorkloads.WithDependencies(40, 9).Sample(jobs =>
        {
            var schedule = Run(policy, 9, jobs);
            var placement = Placement.Of(schedule);
            var uses = Enumerable.Range(0, jobs.Length).Where(row => schedule.Starts[row] >= 0)
                .SelectMany(row => placement[row].SelectMany(range => Enumerable.Range(range.First, range.Count)).Select(processor => (processor, start: schedule.Starts[row], end: schedule.Finish(row))))
                .GroupBy(use => use.processor);
            foreach (var processor in uses)
            {
                Assert.InRange(processor.Key, 0, 8);
                var last = -1L;
                foreach (var (_, start, end) in processor.OrderBy(use => use.start).ThenBy(use => use.end))
                {
                    Assert.True(start >= last);
                    last = end;
                }
            }

            for (var row = 0; row < jobs.Length; row++)
            {
                if (schedule.Starts[row] < 0) continue;
                Assert.True(schedule.Starts[row] >= schedule.Jobs.Submits[row]);
                Assert.Equal(schedule.Jobs.Processors[row], placement[row].Sum(range => range.Count));
            }
        }, iter: 1000);

    [Fact]
    public void Easy_never_delays_the_head_beyond_its_reservation() =>
        RandomWorkloads.Plain(40, 9).Sample(jobs =>
        {
            var schedule = Run(ReferencePolicy.Easy, 9, jobs);
            var table = schedule.Jobs;
            var reach = 0L;
            for (var row = 0; row < table.Count; row++)
            {
                // It is the head from when all before it have started, or from its submission. What runs then ends by its estimate.
                var head = Math.Max(reach, table.Submits[row]);
                reach = Math.Max(reach, schedule.Starts[row]);
                if (schedule.Starts[row] <= head) continue;
                var running = Enumerable.Range(0, table.Count).Where(k => k != row && schedule.Starts[k] <= head && (schedule.Finish(k) > head || (schedule.Finish(k) == head && schedule.Starts[k] == head))).ToList();
                var times = running.Select(k => schedule.Starts[k] + table.Estimates[k]).Append(head).Order();
                var promise = times.First(t => 9 - running.Where(k => schedule.Starts[k] + table.Estimates[k] > t).Sum(k => table.Processors[k]) >= table.Processors[row]);
                Assert.True(schedule.Starts[row] <= promise);
            }
        }, iter: 2000);

    [Fact]
    public void Conservative_keeps_every_reservation() =>
        RandomWorkloads.Plain(40, 9).Sample(jobs =>
        {
            var promised = new SlowScheduler(jobs, ReferencePolicy.Conservative, 9).Run().FirstReservations;
            var schedule = Run(ReferencePolicy.Conservative, 9, jobs);
            return Enumerable.Range(0, jobs.Length).All(row => schedule.Starts[row] <= promised[schedule.Jobs.Numbers[row]]);
        }, iter: 1000);

    [Fact]
    public void Conservative_with_exact_estimates_lets_nobody_feel_later_arrivals() =>
        Gen.Select(RandomWorkloads.Plain(30, 9), Gen.Int[0, 29]).Sample((jobs, cut) =>
        {
            jobs = [.. jobs.Select(job => job with { RequestedTime = null, RunTime = job.RunTime + TimeSpan.FromSeconds(1) })];
            var whole = Run(ReferencePolicy.Conservative, 9, jobs);
            var rows = Math.Min(jobs.Length, cut + 1);
            var part = Run(ReferencePolicy.Conservative, 9, [.. whole.Jobs.Jobs!.Take(rows)]);
            return part.Starts.SequenceEqual(whole.Starts.Take(rows));
        }, iter: 1000);

    [Fact]
    public void Fcfs_starts_in_queue_order() =>
        RandomWorkloads.Plain(40, 9).Sample(jobs => Run(ReferencePolicy.Fcfs, 9, jobs).Starts is var starts && starts.Zip(starts.Skip(1)).All(pair => pair.First <= pair.Second), iter: 500);

    private static void Agree(ReferencePolicy policy, int capacity, Job[] jobs)
    {
        var fast = Run(policy, capacity, jobs);
        var slow = new SlowScheduler(jobs, policy, capacity).Run();
        for (var row = 0; row < jobs.Length; row++)
        {
            var number = fast.Jobs.Numbers[row];
            if (fast.Starts[row] != slow.Starts[number] || fast.Submits[row] != slow.Joins[number])
                Assert.Fail($"job {number}: fast joins {fast.Submits[row]} starts {fast.Starts[row]}, slow joins {slow.Joins[number]} starts {slow.Starts[number]}");
        }
    }
}
