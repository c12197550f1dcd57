using Regatta.Agent.Drivers.Slurm;

namespace Regatta.Tests.Agent;

/// <summary>Starts of the main scheduler, held against what <c>squeue</c> shows before and after them.</summary>
public sealed class StartOrderWatchTests
{
    private readonly HashSet<long> _bound = [];

    [Fact]
    public void A_start_before_one_that_waits_in_its_turn_with_a_higher_priority_is_out_of_order()
    {
        var watch = Watch("7|PD|500|main|Resources", "8|PD|900|main|Priority", "9|PD|100|main|Priority");
        watch.Started(20, 9);
        Look(watch, 30, "7|PD|510|main|Resources", "8|PD|910|main|Priority", "9|R|100|main|None");
        Assert.Equal((2, 1, 1), (watch.Looks, watch.Starts, watch.OutOfOrder));
        Assert.Equal((20, 9, 100, 8, 900), Assert.Single(watch.Examples));
    }

    [Theory]
    // In order.
    [InlineData("9|PD|100|main|Priority", "9|PD|100|main|Priority")]
    // Of another partition.
    [InlineData("9|PD|900|fast|Resources", "9|PD|900|fast|Resources")]
    // For another reason than that others are before it, before the start or after it.
    [InlineData("9|PD|900|main|QOSMaxJobsPerUserLimit", "9|PD|900|main|Priority")]
    [InlineData("9|PD|900|main|Priority", "9|PD|900|main|BeginTime")]
    // Started meanwhile itself, or gone.
    [InlineData("9|PD|900|main|Priority", "9|R|900|main|None")]
    [InlineData("9|PD|900|main|Priority", "8|PD|1|main|Priority")]
    // It was before the start, and fell behind.
    [InlineData("9|PD|900|main|Priority", "9|PD|90|main|Priority")]
    // It was behind before the start.
    [InlineData("9|PD|90|main|Priority", "9|PD|900|main|Priority")]
    // In several partitions at once.
    [InlineData("9|PD|900|main,fast|Priority", "9|PD|900|main,fast|Priority")]
    public void What_may_be_passed_over_is_in_order(string before, string after)
    {
        var watch = Watch("7|PD|500|main|Priority", before);
        watch.Started(20, 7);
        Look(watch, 30, "7|CG|500|main|None", after);
        Assert.Equal(0, watch.OutOfOrder);
    }

    [Fact]
    public void A_job_that_is_bound_to_nodes_may_be_passed_over()
    {
        _bound.Add(9);
        var watch = Watch("7|PD|500|main|Priority", "9|PD|900|main|Resources");
        watch.Started(20, 7);
        Look(watch, 30, "7|CD|500|main|None", "9|PD|900|main|Resources");
        Assert.Equal((1, 0), (watch.Starts, watch.OutOfOrder));
    }

    [Fact]
    public void The_priority_that_a_job_started_with_counts_and_not_the_one_before()
    {
        var watch = Watch("7|PD|500|main|Priority", "9|PD|600|main|Resources");
        watch.Started(20, 7);
        Look(watch, 30, "7|R|700|main|None", "9|PD|600|main|Resources");
        Assert.Equal((1, 0), (watch.Starts, watch.OutOfOrder));
    }

    [Fact]
    public void What_started_while_the_queue_was_asked_for_is_between_no_two_looks()
    {
        var watch = Watch("7|PD|500|main|Priority", "9|PD|900|main|Resources");
        watch.Started(31, 7);
        Look(watch, 30, "7|R|500|main|None", "9|PD|900|main|Resources");
        Look(watch, 50, "7|R|500|main|None", "9|PD|900|main|Resources");
        Assert.Equal((0, 0), (watch.Starts, watch.OutOfOrder));
    }

    [Theory]
    [InlineData("12|PD|4294901757|main|Priority", 12, true, 4294901757)]
    [InlineData("13|R|1|low|None", 13, false, 1)]
    public void A_line_of_squeue_is_read(string line, long id, bool waits, long priority)
    {
        var job = QueuedJob.Parse(line)!.Value;
        Assert.Equal((id, waits, priority), (job.Id, job.Waits, job.Priority));
        Assert.Null(QueuedJob.Parse("slurm_load_jobs error: Unable to contact slurm controller"));
        Assert.Null(QueuedJob.Parse(""));
    }

    private StartOrderWatch Watch(params string[] lines)
    {
        var watch = new StartOrderWatch(id => !_bound.Contains(id));
        Look(watch, 10, lines);
        return watch;
    }

    // Asked at a time, and answered two later.
    private static void Look(StartOrderWatch watch, long asked, params string[] lines) => watch.Look(asked, asked + 2, lines.Select(l => QueuedJob.Parse(l)!.Value));
}
