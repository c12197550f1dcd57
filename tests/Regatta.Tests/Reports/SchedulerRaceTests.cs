using Regatta.Analysis;
using Regatta.Reports.Charts;
using Regatta.Reports.Html;
using Regatta.Reports.Model;
using Regatta.Reports.Terminal;
using Regatta.Runs;
using Regatta.Workloads;
using Spectre.Console;

namespace Regatta.Tests.Reports;

/// <summary>Reports of several schedulers, several workloads, emulated clusters, and what could not run.</summary>
public sealed class SchedulerRaceTests : ScratchTests
{
    [Fact]
    public async Task Schedulers_are_compared_workload_by_workload()
    {
        var model = await ModelAsync(Sample.Schedulers(8));

        Assert.Equal(["lublin", "esp-light"], model.Races.Select(r => r.Workload));
        Assert.Equal(["slurm", "flux", "kubernetes", "volcano"], model.Races[0].Points);
        Assert.Equal(["slurm-esp-light", "flux-esp-light", "kubernetes-esp-light", "volcano-esp-light"], model.Races[1].Points);
        Assert.StartsWith("On 2 workloads, mean wait time was lowest on lublin", model.Verdict.Headline, StringComparison.Ordinal);
        Assert.Equal(["lublin", "esp-light"], model.Verdict.Workloads.Select(w => w.Workload));
        Assert.All(model.Verdict.Workloads, w => Assert.Contains("mean wait time was lowest with ", w.Verdict.Headline, StringComparison.Ordinal));
        // Nothing is compared across workloads, so that they differ is no unfairness.
        Assert.DoesNotContain(model.Fairness.Differences, d => d.Setting == "workload");
        // Schedulers that launch in unlike ways are listed with it.
        var launch = model.Fairness.Differences.Single(d => d.Setting == "task-launch");
        Assert.Equal("batch step by slurmstepd", launch.Values[0]);
        Assert.Equal("flux-shell", launch.Values[1]);
        Assert.All(model.Races, r => Assert.Equal(["accept", "queue", "launch", "release"], r.Charts.Stages.Select(s => s.Stage).Distinct()));
        Assert.All(model.Races.SelectMany(r => r.Comparison.Single(c => c.Metric.Name == "makespan").Cells), c => Assert.True(c.Reference > 0));
    }

    [Fact]
    public async Task A_point_that_is_alone_on_its_workload_is_no_winner()
    {
        var trials = Sample.Schedulers(2).Where(t => t.Record.Scheduler is "slurm" or "flux")
            .Select(t => t.Record.Point == "slurm-esp-light" ? t with { Record = t.Record with { Faults = [new TrialFault(t.Record.Started, "w2", "the worker was killed")] } } : t).ToList();

        var model = await ModelAsync(trials);

        Assert.Equal(VerdictTone.Unsure, model.Verdict.Tone);
        Assert.StartsWith("On 2 workloads, mean wait time was lowest on lublin with ", model.Verdict.Headline, StringComparison.Ordinal);
        Assert.DoesNotContain("esp-light", model.Verdict.Headline, StringComparison.Ordinal);
        Assert.Equal("Only flux-esp-light has valid trials, so nothing can be compared.", model.Verdict.Workloads[1].Verdict.Headline);
    }

    [Fact]
    public async Task A_point_whose_jobs_did_not_complete_says_so_where_the_others_did()
    {
        var trials = Sample.Race(2).Select(t => t.Record.Point == "slurm-fifo" ? t
            : t with { Jobs = JobTable.From([.. Enumerable.Range(0, t.Jobs.Count).Select(i => t.Jobs[i] with { State = JobState.TimedOut })]) }).ToList();

        var model = await ModelAsync(trials);

        var jobs = trials.Where(t => t.Record.Point == "slurm-backfill").Sum(t => t.Jobs.Count);
        Assert.Contains($"slurm-backfill: {jobs} of {jobs} jobs did not complete ({jobs} timed-out).", model.Verdict.Sentences);
    }

    [Fact]
    public async Task One_scheduler_on_several_workloads_compares_the_workloads()
    {
        var trials = Sample.Race().Select(t => t with { Record = t.Record with { Workload = t.Record.Point } }).ToList();

        var model = await ModelAsync(trials);

        Assert.Equal(["slurm-fifo", "slurm-backfill"], Assert.Single(model.Races).Points);
    }

    [Fact]
    public async Task Emulated_nodes_are_named_with_what_they_leave_out()
    {
        var trials = Sample.Race().Select(t => t.Record.Point == "slurm-fifo" ? t
            : t with { Record = t.Record with { Settings = t.Record.Settings.Add("emulation", "1024 nodes: fake resources").Add("emulation-leaves-out", "launch of processes, failures of nodes") } }).ToList();

        var model = await ModelAsync(trials);

        Assert.Contains("The nodes of slurm-backfill are emulated (1024 nodes: fake resources), without launch of processes, failures of nodes.", model.Verdict.Sentences);
        Assert.Equal(["(not set)", "1024 nodes: fake resources"], model.Fairness.Differences.Single(d => d is { Setting: "emulation", Explained: false }).Values);
        Assert.False(model.Checklist.Single(i => i.Item.StartsWith("Real costs", StringComparison.Ordinal)).Kept);
        Assert.Contains("emulated: 1024 nodes: fake resources", HtmlReport.Render(model), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_point_that_could_not_run_is_named_with_the_reason()
    {
        var run = await Sample.WriteRunAsync(Path.Combine(Scratch, "run"), "all-schedulers", Sample.Race(), leftOut: [("flux-backfill", "no image of Flux: regatta image lock flux --payload flux=PATH")]);

        var model = ReportBuilder.Build([await RecordedRun.ReadAsync(run, TestContext.Current.CancellationToken)]);

        Assert.Contains("flux-backfill did not run: no image of Flux: regatta image lock flux --payload flux=PATH.", model.Verdict.Sentences);
        var note = Assert.Single(model.Conclusions, d => d.Code == "point-left-out");
        Assert.Equal("flux-backfill could not run on this host and is not compared", note.Summary);
        Assert.Contains("1 point could not run", model.Checklist.Single(i => i.Item.StartsWith("2.", StringComparison.Ordinal)).Done, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trials_on_different_kinds_of_machines_are_labelled()
    {
        var trials = Sample.Race(8).Select(t => t.Record.Point == "slurm-fifo" ? t : t with { Record = t.Record with { Machines = MachineKind.QemuKvm } }).ToList();

        var model = await ModelAsync(trials);

        Assert.Equal(VerdictTone.Unsure, model.Verdict.Tone);
        Assert.Contains(model.Verdict.Sentences, s => s.StartsWith("The trials ran on different kinds of machines (lxc: slurm-fifo; qemu-kvm: slurm-backfill)", StringComparison.Ordinal));
        Assert.False(model.Fairness.Differences.Single(d => d.Setting == "machines").Explained);
    }

    [Fact]
    public async Task Too_few_runs_are_said_once_and_what_was_seen_in_one_sentence()
    {
        var model = await ModelAsync(Sample.Race());

        Assert.Single(model.Verdict.Sentences, s => s.StartsWith("Seen for slurm-backfill against slurm-fifo: mean wait time −", StringComparison.Ordinal));
        Assert.Single(model.Verdict.Sentences, s => s == "2 blocks cannot reach p < 0.05 (the smallest p they can is 0.5): it takes at least 6 blocks, 'measure.repetitions=6'.");
        // An interval of two blocks is no 95 % interval, and does not pass for one.
        Assert.Contains("(50 %; covers ", HtmlReport.Render(model), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_that_the_correction_leaves_without_power_are_too_few_as_well()
    {
        // Six blocks can reach p = 0.031, and 12 tests make that 0.38.
        var model = await ModelAsync(Sample.Schedulers(6, "lublin"));

        Assert.StartsWith("Too few runs for a verdict: of 4 points, mean wait time was lowest with ", model.Verdict.Headline, StringComparison.Ordinal);
        Assert.Contains("After Holm’s correction over 12 tests, 6 blocks cannot reach p < 0.05 (the smallest p they can is 0.38): it takes 9 blocks, 'measure.repetitions=9', or fewer metrics ('--judge').", model.Verdict.Sentences);
        Assert.Equal(CellOutcome.TooFewRuns, model.Races[0].Comparison.Single(r => r.Metric.Name == "wait-mean").Cells[2].Outcome);
    }

    [Fact]
    public async Task A_decided_metric_is_said_with_values_interval_test_and_effect()
    {
        var model = await ModelAsync(Sample.Race(8, 120, 16));

        var sentence = model.Verdict.Sentences.First(s => s.StartsWith("Wait time, mean: slurm-backfill is better than slurm-fifo, ", StringComparison.Ordinal));
        Assert.Matches(@"the shift is −\d+ %, \d+(\.\d)? % interval −.* to −.* \(covers \d+ to \d+ % by simulation\)\. Wilcoxon signed-rank over 8 blocks, p = 0\.03\d? after Holm’s correction over 4 tests; Cliff’s delta −\d.* \(.*\)\.$", sentence);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public async Task Terminal_tables_fit_the_terminal(int width)
    {
        var model = await ModelAsync(Sample.Schedulers());
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width;

        console.Write(ReportTables.Verdict(model));
        console.Write(ReportTables.Comparison(model));
        console.Write(ReportTables.Trials(model));

        var lines = text.ToString().Split('\n');
        Assert.All(lines, l => Assert.InRange(l.Length, 0, width));
        Assert.Contains(lines, l => l.TrimEnd() == "Workload esp-light");
        // No word is broken: every point's name stands whole.
        Assert.Contains(lines, l => l.Contains("kubernetes-esp-light", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("× ref", StringComparison.Ordinal));
    }

    [Fact]
    public void The_Gantt_chart_has_no_more_lanes_than_the_nodes_have_processors()
    {
        var sample = Sample.Trial("p", 1, processors: 4);
        JobRecord Job(long id, int processors, string nodes, double start, double finish, double released) => sample.Jobs[0] with
        {
            Job = id,
            Processors = processors,
            NodeList = nodes,
            Decided = Time(start - 0.01),
            Start = Time(start),
            Finish = Time(finish),
            Released = Time(released),
        };
        long Time(double seconds) => sample.Record.Started + (long)(seconds * 1e6);
        // Job 1 had one processor of w1 and two of w2, which is not recorded; job 2 then had the other one of w1.
        // Job 4 was decided on before the release of job 3 was seen.
        var jobs = new[] { Job(1, 3, "w1,w2", 1, 9, 9.1), Job(2, 1, "w1", 2, 9, 9.1), Job(3, 4, "w1,w2", 10, 12, 12.2), Job(4, 4, "w1,w2", 12.1, 13, 13.1) };

        var chart = GanttLayout.Of(sample with { Jobs = JobTable.From([.. jobs]) });

        Assert.Equal(4, chart.Lanes);
        Assert.Equal([2, 2], chart.Nodes.Select(n => n.Lanes));
        var width = new int[jobs.Length];
        for (var box = 0; box < chart.Boxes.Job.Length; box++) width[chart.Boxes.Job[box]] += chart.Boxes.Lanes[box];
        Assert.Equal([3, 1, 4, 4], width);
    }

    [Fact]
    public async Task Short_run_times_get_classes_of_their_own()
    {
        var trial = Sample.Trial("p", 1);
        var brief = trial with { Jobs = JobTable.From([.. trial.Jobs.Records.Select(j => j with { RunTime = j.RunTime / 10 })]) };

        var model = await ModelAsync([brief]);

        Assert.InRange(model.Races[0].HeatMaps[0].Columns.Length, 2, 4);
    }

    [Fact]
    public async Task The_jobs_are_shown_by_state_user_size_and_run_time()
    {
        var trials = Sample.Race(3).Select(t => t with
        {
            Jobs = JobTable.From([.. t.Jobs.Records.Select(j => j with { User = (int)(j.Job % 20), State = j.Job == 1 ? JobState.TimedOut : j.State })]),
        }).ToList();

        var model = await ModelAsync(trials);

        var groups = model.Races[0].Groups;
        Assert.Equal(["State", "User", "Size", "Run time"], groups.Select(g => g.Title));
        Assert.Contains("timed-out", groups[0].Rows.Select(r => r.Name));
        Assert.Equal((15, 5), (groups[1].Rows.Length, groups[1].LeftOut));
        // The jobs of all groups are the jobs of the point, and their means make up its mean.
        var point = model.Races[0].Points[0];
        var own = trials.Where(t => t.Record.Point == point).ToList();
        foreach (var table in groups.Where(g => g.LeftOut == 0))
        {
            var cells = table.Rows.Select(r => r.Cells[0]).ToList();
            Assert.Equal(own.Sum(t => t.Jobs.Count), cells.Sum(c => c.Jobs));
            Assert.Equal(own.Average(t => TrialMetrics.Compute(t)["wait-mean"]!.Value), cells.Sum(c => c.Wait!.Value * c.Jobs) / cells.Sum(c => c.Jobs), 9);
        }

        var page = HtmlReport.Render(model);
        Assert.Contains("5 further groups with less work are left out", page, StringComparison.Ordinal);
        Assert.Contains("<summary>By run time</summary>", page, StringComparison.Ordinal);
    }

    private async Task<ReportModel> ModelAsync(IReadOnlyList<Trial> trials) =>
        ReportBuilder.Build([await RecordedRun.ReadAsync(await Sample.WriteRunAsync(Path.Combine(Scratch, "run"), "race", trials), TestContext.Current.CancellationToken)]);
}
