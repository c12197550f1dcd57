using Regatta.Agent.Drivers.Slurm;
using Regatta.Workloads;

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
    [InlineData("12|PD|4294901757|main|Priority|N/A", 12, true, 4294901757, null)]
    [InlineData("13|R|1|low|None|2026-11-30T03:16:44", 13, false, 1, 1_796_008_604_000_000)]
    public void A_line_of_squeue_is_read(string line, long id, bool waits, long priority, long? start)
    {
        var job = QueuedJob.Parse(line)!.Value;
        Assert.Equal((id, waits, priority, start), (job.Id, job.Waits, job.Priority, job.Start));
        Assert.Null(QueuedJob.Parse("slurm_load_jobs error: Unable to contact slurm controller"));
        Assert.Null(QueuedJob.Parse(""));
    }

    [Fact]
    public void The_first_start_that_is_foretold_of_a_run_is_held_against_the_one_that_comes()
    {
        var starts = new PredictedStarts();
        Assert.Null(starts.Summary());
        Foretell("1|PD|9|main|Resources|2026-11-30T03:16:40", "2|PD|8|main|Priority|N/A", "3|R|8|main|None|2026-11-30T03:00:00", "4|PD|8|main|Priority|2026-11-30T03:16:50");
        Foretell("1|PD|9|main|Resources|2026-11-30T03:16:44", "2|PD|8|main|Priority|2026-11-30T03:16:50");
        // Slurm's stamps in turn: 4 s later, 10 s earlier, and one that nobody foretold.
        starts.Started(1_796_008_604_000_000, 1);
        starts.Started(1_796_008_600_000_000, 2);
        starts.Started(1_796_008_600_000_000, 3);
        Assert.Equal(new StartPredictions(2, 7_000_000, -3_000_000, 4_000_000, 10_000_000), starts.Summary());
        // Each run has its own.
        starts.Started(1_796_008_700_000_000, 1);
        Assert.Equal(2, starts.Summary()!.Jobs);

        void Foretell(params string[] lines) => starts.Look(lines.Select(l => QueuedJob.Parse(l)!.Value));
    }

    private StartOrderWatch Watch(params string[] lines)
    {
        var watch = new StartOrderWatch(id => !_bound.Contains(id));
        Look(watch, 10, lines);
        return watch;
    }

    // Asked at a time, and answered two later.
    private static void Look(StartOrderWatch watch, long asked, params string[] lines) => watch.Look(asked, asked + 2, lines.Select(l => QueuedJob.Parse(l + "|N/A")!.Value));
}
