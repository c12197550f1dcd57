using CsCheck;
using Regatta.Simulation;
using Regatta.Simulation.Priorities;
using Regatta.Workloads;

namespace Regatta.Tests.Simulation;

/// <summary>What holds of every schedule under rules, looked at from the events that it gives: at no time is a node, a limit or a licence overdrawn, and nobody is where only others may be.</summary>
public sealed class RuledPropertyTests
{
    private const int Nodes = 4, PerNode = 4, UserLimit = 2, UserProcessors = 7, LowProcessors = 9, AccountJobs = 3, Matlab = 2;
    private static readonly MachineSize Machine = MachineSize.Of(Nodes, PerNode);

    private static readonly ReferenceRules Rules = new()
    {
        Gpus = new([new NodeGpus("a", "1-2", 2), new NodeGpus("b", "2-3", 1)]),
        Licenses = new([new ResourceLimit("license/matlab", Matlab)]),
        Reservations = new([new ReferenceReservation("window", TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(80), "2-3"), new ReferenceReservation("course", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(45), "1") { Users = new(["u1"]) }]),
        Qos = new(
        [
            new ReferenceQos("low") { PerUser = new() { Jobs = UserLimit, Resources = new([new ResourceLimit("cpu", UserProcessors)]) }, All = new() { Resources = new([new ResourceLimit("cpu", LowProcessors)]) } },
            new ReferenceQos("high") { Priority = 10, Preempts = new(["low"]) },
        ]),
        Associations = new([new ReferenceAssociation("x", "root", null) { All = new() { Jobs = AccountJobs } }, .. Enumerable.Range(0, 3).Select(i => new ReferenceAssociation("x", null, "u" + i))]),
        Preemption = PreemptionBy.Qos, Mode = PreemptionMode.Requeue,
    };

    private static readonly ReferencePartitions Partitions = new([new ReferencePartition("p", "1-3") { IsDefault = true }, new ReferencePartition("q", "2-4") { Tier = 5, LeastLoaded = true }]);

    private static Gen<Job[]> Jobs => RandomWorkloads.WithDrains(30, 12).SelectMany(jobs =>
        Gen.Select(Gen.Int[0, 2], Gen.Frequency((3, Gen.Const("low")), (1, Gen.Const("high")), (2, Gen.Const((string?)null))), Gen.Bool, Gen.Int[0, 11], Gen.Bool).Array[jobs.Length]
            .Select(asked => jobs.Select((job, i) => job with { Request = Asked(job, asked[i].Item1, asked[i].Item2, asked[i].Item3, asked[i].Item4, asked[i].Item5) }).ToArray()));

    private static JobRequest Asked(Job job, int user, string? qos, bool q, int extra, bool requeue) => new()
    {
        User = "u" + user, Account = user < 2 ? "x" : null, Qos = qos, Partition = q ? "q" : null, Requeue = requeue,
        Gres = extra switch { 0 => "gpu:a:1", 1 when job.Processors > 1 => "gpu:2", 2 => "gpu:b:1", _ => null }, Licenses = extra == 3 ? "matlab:1" : null, Reservation = extra == 4 ? "course" : null, Exclusive = extra == 5 ? true : null,
    };

    [Theory]
    [InlineData(ReferencePolicy.Fcfs)]
    [InlineData(ReferencePolicy.Easy)]
    [InlineData(ReferencePolicy.Conservative)]
    [InlineData(ReferencePolicy.SjfEasy)]
    public void Nothing_is_overdrawn_and_nobody_is_where_only_others_may_be(ReferencePolicy policy) =>
        Gen.Select(Jobs, Gen.Bool, Gen.Enum<PreemptionBy>(), Gen.Bool).Sample((jobs, cancels, by, weighed) =>
        {
            var rules = Rules with
            {
                Mode = cancels ? PreemptionMode.Cancel : PreemptionMode.Requeue, Preemption = by,
                Priorities = weighed ? new ReferencePriorities(new PriorityWeights { Age = 10, Fairshare = 1000, Qos = 100 }, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(60), FairTree: true) : null,
            };
            var schedule = ReferenceScheduler.Run(QueuedJobs.Of(jobs), Machine, new ReferenceOptions { Policy = policy, Partitions = Partitions, Rules = rules });
            var runs = Runs(schedule);
            foreach (var at in runs.Select(run => run.Start).Distinct())
            {
                // A job of no time holds what it holds for an instant that is over when the next begins.
                var now = runs.Where(run => run.Start <= at && at < run.End).ToList();
                Assert.All(Enumerable.Range(0, Nodes), node => Assert.True(now.Count(run => run.Nodes.Contains(node)) <= PerNode));
                Assert.All(now, run => Assert.True(run.Job.Request!.Exclusive is null || now.TrueForAll(other => other == run || !other.Nodes.Intersect(run.Nodes).Any())));
                Assert.True(now.Sum(run => run.Job.Processors) <= Machine.Processors);
                // The two of both models that are in all, beside those that are named.
                Assert.True(Gpus(now, "a") <= 4 && Gpus(now, "b") <= 2 && now.Sum(run => run.Job.Request!.Gpus) <= 6);
                Assert.True(now.Count(run => run.Job.Request!.Licenses is not null) <= Matlab);
                var low = now.Where(run => run.Job.Request!.Qos == "low").ToList();
                Assert.True(low.Sum(run => run.Job.Processors) <= LowProcessors);
                Assert.All(low.GroupBy(run => run.Job.Request!.User), own => Assert.True(own.Count() <= UserLimit && own.Sum(run => run.Job.Processors) <= UserProcessors));
                Assert.True(now.Count(run => run.Job.Request!.Account == "x") <= AccountJobs);
            }

            foreach (var (job, start, end, nodes) in runs)
            {
                Assert.All(nodes, node => Assert.Contains(node, job.Request!.Partition == "q" ? new[] { 1, 2, 3 } : [0, 1, 2]));
                Assert.True(start >= job.Submit.TotalMicroseconds);
                Assert.True(nodes.Length * PerNode >= job.Processors);
                if (job.Request!.Reservation is not null) Assert.True(job.Request.User == "u1" && nodes.SequenceEqual([0]) && start >= 15_000_000 && end <= 45_000_000);
                else Assert.False(nodes.Contains(0) && start < 45_000_000 && end > 15_000_000);
                Assert.False(nodes.Intersect([1, 2]).Any() && start < 80_000_000 && end > 20_000_000);
            }

            // Every job comes to an end that is told, in the order in which a job goes through its events.
            Assert.Equal(jobs.Length, schedule.Jobs.Count);
            Assert.All(JobRecords.From(schedule.Jobs.Jobs!, RuledEvents.Of(schedule, 0, "n")), (record, row) => Assert.Equal((schedule.StateOf(row), schedule.Starts[row] == Schedule.Never ? null : (long?)schedule.Starts[row]), (record.State, record.Start)));
        }, iter: 400);

    [Theory]
    [InlineData(ReferencePolicy.Fcfs)]
    [InlineData(ReferencePolicy.Sjf)]
    public void Rules_that_say_nothing_change_nothing_on_nodes_of_one_processor(ReferencePolicy policy) =>
        RandomWorkloads.WithDependencies(30, 8).Sample(jobs =>
        {
            ReferenceOptions plain = new() { Policy = policy };
            var (before, after) = (ReferenceScheduler.Run(QueuedJobs.Of(jobs), new MachineSize(8), plain), ReferenceScheduler.Run(QueuedJobs.Of(jobs), new MachineSize(8), plain with { Rules = new ReferenceRules() }));
            return before.Starts.SequenceEqual(after.Starts) && before.Submits.SequenceEqual(after.Submits);
        }, iter: 400);

    private static long Gpus(IEnumerable<Run> runs, string model) => runs.Sum(run => GenericResource.Gpus(run.Job.Request!.Gres).Where(gpus => gpus.Type == model).Sum(gpus => gpus.Count));

    private static List<Run> Runs(Schedule schedule)
    {
        var jobs = schedule.Jobs.Jobs!;
        return
        [
            .. schedule.Outcome!.Lost.Where(lost => lost.Requeued).Select(lost => new Run(jobs[lost.Row], lost.Start, lost.End, [.. lost.Nodes])),
            .. Enumerable.Range(0, jobs.Count).Where(row => schedule.Starts[row] != Schedule.Never).Select(row => new Run(jobs[row], schedule.Starts[row], schedule.Finish(row), [.. schedule.Outcome.NodesOf(row)])),
        ];
    }

    private sealed record Run(Job Job, long Start, long End, int[] Nodes);
}
