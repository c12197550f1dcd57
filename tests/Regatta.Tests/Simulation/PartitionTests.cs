using CsCheck;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Tests.Simulation;

/// <summary>Machines with partitions: each is a machine of its own, to the jobs that ask for it.</summary>
public sealed class PartitionTests
{
    // Nodes of two processors: a has three of them, b two, and one is in no partition.
    private static readonly MachineSize Machine = MachineSize.Of(6, 2);
    private static readonly ReferencePartition A = new("a", "1,4-5"), B = new("b", "2-3");

    public static TheoryData<ReferencePolicy> Policies => [.. Enum.GetValues<ReferencePolicy>()];

    private static Job Job(long id, double submit, int processors, double run, string? partition, double? requested = null, params JobDependency[] after) => new()
    {
        Id = id, Submit = TimeSpan.FromSeconds(submit), Processors = processors, RunTime = TimeSpan.FromSeconds(run), RequestedTime = requested is { } limit ? TimeSpan.FromSeconds(limit) : null,
        Request = partition is null ? null : new JobRequest { Partition = partition }, Dependencies = [.. after],
    };

    private static Schedule Run(IReadOnlyList<Job> jobs, ReferencePolicy policy = ReferencePolicy.Easy, bool wholeNodes = false, params ReferencePartition[] partitions) =>
        ReferenceScheduler.Run(QueuedJobs.Of(jobs), Machine, new ReferenceOptions { Policy = policy, WholeNodes = wholeNodes, Partitions = partitions.Length == 0 ? null : new([.. partitions]) });

    private static double[] Starts(Schedule schedule) => [.. schedule.Starts.Select(start => start < 0 ? -1 : start / 1e6)];

    [Theory]
    [MemberData(nameof(Policies))]
    public void Jobs_of_a_partition_start_as_if_there_were_no_other(ReferencePolicy policy) =>
        Gen.Select(RandomWorkloads.Plain(40, 4), Gen.Bool).Sample((jobs, wholeNodes) =>
        {
            Job[] placed = [.. jobs.Select(job => job with { Request = new JobRequest { Partition = job.Id % 3 == 0 ? "b" : "a" } })];
            var both = Run(placed, policy, wholeNodes, A, B);
            return Alone("a", 3) && (placed.Length < 3 || Alone("b", 2));

            bool Alone(string partition, int nodes)
            {
                var own = ReferenceScheduler.Run(QueuedJobs.Of([.. placed.Where(job => job.Request!.Partition == partition)]), MachineSize.Of(nodes, 2), new ReferenceOptions { Policy = policy, WholeNodes = wholeNodes });
                return Enumerable.Range(0, placed.Length).Where(row => both.Jobs.Jobs![row].Request!.Partition == partition).Select(row => (both.Jobs.Numbers[row], both.Starts[row], both.Submits[row]))
                    .SequenceEqual(Enumerable.Range(0, own.Jobs.Count).Select(row => (own.Jobs.Numbers[row], own.Starts[row], own.Submits[row])));
            }
        }, iter: 300);

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_partition_of_all_nodes_changes_nothing(ReferencePolicy policy) =>
        RandomWorkloads.WithDrains(30, 12).Sample(jobs =>
        {
            var (plain, one) = (Run(jobs, policy), Run(jobs, policy, partitions: new ReferencePartition("all", "all")));
            return plain.Starts.SequenceEqual(one.Starts) && plain.Submits.SequenceEqual(one.Submits);
        }, iter: 300);

    [Fact]
    public void Jobs_run_on_nodes_of_their_partition_and_no_processor_is_used_twice() =>
        Gen.Select(RandomWorkloads.WithDependencies(40, 4), Gen.Bool).Sample((jobs, wholeNodes) =>
        {
            var schedule = Run([.. jobs.Select(job => job with { Request = new JobRequest { Partition = job.Id % 2 == 0 ? "b" : "a" } })], ReferencePolicy.Easy, wholeNodes, A, B);
            var placement = Placement.Of(schedule);
            var used = Enumerable.Range(0, jobs.Length).Where(row => schedule.Starts[row] >= 0)
                .SelectMany(row => placement[row].SelectMany(range => Enumerable.Range(range.First, range.Count)).Select(processor => (Row: row, Processor: processor))).ToList();
            Assert.All(used, use => Assert.Contains((use.Processor / 2) + 1, schedule.Jobs.Jobs![use.Row].Request!.Partition == "a" ? new[] { 1, 4, 5 } : [2, 3]));
            Assert.All(used.GroupBy(use => use.Processor), processor =>
            {
                var last = -1L;
                foreach (var (row, _) in processor.OrderBy(use => schedule.Starts[use.Row]).ThenBy(use => schedule.Finish(use.Row)))
                {
                    Assert.True(schedule.Starts[row] >= last);
                    last = schedule.Finish(row);
                }
            });
        }, iter: 300);

    [Fact]
    public void Jobs_wait_for_those_of_other_partitions_and_the_default_takes_who_names_none()
    {
        Job[] jobs = [Job(1, 0, 4, 10, "b"), Job(2, 1, 6, 5, null, null, new JobDependency(1, DependencyKind.After, TimeSpan.FromSeconds(2))), Job(3, 2, 4, 1, "b,a")];
        Assert.Equal([0, 12, 10], Starts(Run(jobs, partitions: [B, A with { IsDefault = true }])));
    }

    [Fact]
    public void Limits_of_a_partition_refuse_jobs_and_end_those_that_name_no_time()
    {
        var limited = A with { MaxTime = TimeSpan.FromSeconds(20), DefaultTime = TimeSpan.FromSeconds(5), MaxNodes = 2 };
        Job[] jobs =
        [
            Job(1, 0, 1, 8, "a"), Job(2, 0, 1, 8, "a", 21), Job(3, 0, 5, 8, "a", 10), Job(4, 0, 4, 8, "a", 10), Job(5, 0, 1, 1, "a", 3, new JobDependency(2, DependencyKind.AfterOk)),
            Job(6, 0, 1, 1, "a", 3, new JobDependency(2, DependencyKind.After)),
        ];
        var schedule = Run(jobs, partitions: limited);
        Assert.Equal([0, -1, -1, 0, -1, 0], Starts(schedule));
        Assert.Equal((5_000_000, true), (schedule.Finish(0), schedule.Jobs.TimesOut[0]));
        JobRecord[] records = [.. schedule.Records()];
        Assert.Equal([JobState.TimedOut, JobState.Rejected, JobState.Rejected, JobState.Completed, JobState.Cancelled, JobState.Completed], records.Select(job => job.State));
        Assert.Equal((0, null, null, null), (records[1].Sent, records[1].Accepted, records[1].Eligible, records[1].Released));
        Assert.Equal((0, 0, null, null), (records[4].Sent, records[4].Accepted, records[4].Start, records[4].Released));
    }

    [Fact]
    public void Partitions_that_share_nodes_are_one()
    {
        ReferencePartitions partitions = new([A, new("c", "6"), B, new("d", "1-2")]);
        Assert.Equal(["a d b"], partitions.Shared(6).Select(names => string.Join(' ', names.Order(StringComparer.Ordinal).OrderBy(name => name == "b"))));
        // Five nodes hold ten processors.
        Assert.Equal([0, 0, 4], Starts(Run([Job(1, 0, 6, 4, "a"), Job(2, 0, 4, 9, "b"), Job(3, 0, 6, 1, "d")], partitions: [A, B, new ReferencePartition("d", "1-2")])));
    }

    [Fact]
    public void What_cannot_run_in_its_partition_is_told()
    {
        string Told(params Job[] jobs) => Assert.Throws<DiagnosticException>(() => Run(jobs, partitions: [A, B])).Message;
        Assert.Equal("error[slurm-partition-unknown]: jobs ask for a partition 'aa' that is not there\n  help: did you mean 'a'?", Told(Job(1, 0, 1, 1, "aa")));
        Assert.Equal("error[workload-too-large]: 1 of 2 jobs cannot fit their partitions\n  job 2: 5 processors, and b has 4\n  help: take a larger machine, or give the partitions more nodes; workload.scale=clamp cuts at the machine's size alone", Told(Job(1, 0, 6, 1, "a"), Job(2, 0, 5, 1, "b")));
    }

    [Fact]
    public void Fair_starts_look_at_a_partition_alone()
    {
        Job[] jobs = [Job(1, 0, 4, 10, "b", 10), Job(2, 1, 4, 5, "b", 5), Job(3, 1, 6, 100, "a", 100)];
        var schedule = Run(jobs, partitions: [A, B]);
        Assert.Equal([(1L, 0L), (2, 10_000_000), (3, 1_000_000)], FairStarts.Of(schedule).OrderBy(fair => fair.Job).Select(fair => (fair.Job, fair.Fair)));
    }
}
