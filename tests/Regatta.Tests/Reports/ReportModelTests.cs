using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Regatta.Analysis;
using Regatta.Reports.Charts;
using Regatta.Reports.Html;
using Regatta.Reports.Model;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Tests.Reports;

public sealed class ReportModelTests
{
    [Fact]
    public void Eight_blocks_give_a_verdict_with_its_amounts()
    {
        var model = ReportBuilder.Build([Run("a", Sample.Race(8, 120, 16))]);

        Assert.Equal(VerdictTone.Clear, model.Verdict.Tone);
        Assert.StartsWith("slurm-backfill was better than slurm-fifo: a mean wait time ", model.Verdict.Headline, StringComparison.Ordinal);
        var wait = model.Races[0].Comparison.Single(r => r.Metric.Name == "wait-mean");
        Assert.Equal(CellOutcome.Better, wait.Cells[1].Outcome);
        Assert.True(wait.Cells[1].Low < wait.Cells[1].Value && wait.Cells[1].Value < wait.Cells[1].High);
        Assert.Equal((8, 8), (wait.Cells[1].Coverage!.Runs, wait.Cells[1].ShiftCoverage!.Runs));
        Assert.Contains("95 % intervals of the mean below (BCa bootstrap with t quantiles, 10,000 resamples of runs, seed 1).", model.Races[0].Note, StringComparison.Ordinal);
        Assert.Contains($"at n = 8 it covers {wait.Cells[1].Coverage!.Words()}.", model.Races[0].Note, StringComparison.Ordinal);
        Assert.Contains($" (covers {wait.Cells[1].Coverage!.Range()})</small>", HtmlReport.Render(model), StringComparison.Ordinal);
        Assert.True(wait.Cells[0].Reference > 0 && wait.Cells[0].Reference <= wait.Cells[0].Value);
        Assert.True(model.Races[0].Comparison.Single(r => r.Metric.Name == "makespan").Bound > 0);
    }

    [Fact]
    public void Two_blocks_are_too_few_and_it_says_so()
    {
        var model = ReportBuilder.Build([Run("a", Sample.Race())]);

        Assert.Equal(VerdictTone.Unsure, model.Verdict.Tone);
        Assert.StartsWith("Too few runs for a verdict: slurm-backfill had a mean wait time", model.Verdict.Headline, StringComparison.Ordinal);
        Assert.Contains(model.Conclusions, d => d.Code == "too-few-repetitions");
        Assert.Contains("95 % intervals of the mean below (Student’s t).", model.Races[0].Note, StringComparison.Ordinal);
        Assert.Contains(model.Checklist, i => i.Item.StartsWith("6.", StringComparison.Ordinal) && i.Done.EndsWith(" at n = 2.", StringComparison.Ordinal));
    }

    [Fact]
    public void Points_of_different_workloads_are_never_compared()
    {
        var esp = Sample.Race(8, 120, 16).Select(t => t with { Record = t.Record with { Point = t.Record.Point + "-esp", Workload = "esp" } });
        var model = ReportBuilder.Build([Run("a", [.. Sample.Race(8, 120, 16), .. esp])]);

        Assert.Equal("On 2 workloads, mean wait time was lowest on quickstart with slurm-backfill; on esp with slurm-backfill-esp; what the runs bear out stands below.", model.Verdict.Headline);
        Assert.Equal(["quickstart", "esp"], model.Verdict.Workloads.Select(w => w.Workload));
        Assert.All(model.Verdict.Workloads, w => Assert.Equal(VerdictTone.Clear, w.Verdict.Tone));
        Assert.StartsWith("slurm-backfill-esp was better than slurm-fifo-esp: ", model.Verdict.Workloads[1].Verdict.Headline, StringComparison.Ordinal);
        Assert.Equal(["slurm-fifo", "slurm-backfill", "slurm-fifo-esp", "slurm-backfill-esp"], model.Points);
        Assert.All(model.Races, r => Assert.Equal([CellOutcome.None, CellOutcome.Better], r.Comparison.Single(c => c.Metric.Name == "wait-mean").Cells.Select(c => c.Outcome)));
        Assert.DoesNotContain(model.Fairness.Differences, d => d.Setting == "workload");
        Assert.All(model.Races, r => Assert.Contains($"shifts against {r.Points[0]}", r.Note, StringComparison.Ordinal));
        Assert.Contains("<h3>esp</h3>", HtmlReport.Render(model), StringComparison.Ordinal);
    }

    [Fact]
    public void Emulated_nodes_are_said_with_what_that_leaves_out()
    {
        var trials = Sample.Race().Select(t => t with
        {
            Record = t.Record with { Settings = t.Record.Settings.Add("emulation", "1024 nodes: many slurmd on each worker").Add("emulation-leaves-out", "networks of their own") },
        });
        var note = Assert.Single(ReportBuilder.Build([Run("a", [.. trials])]).Conclusions, d => d.Code == "emulated");
        Assert.Equal("slurm ran on emulated nodes (1024 nodes: many slurmd on each worker)", note.Summary);
        Assert.Equal("Left out: networks of their own. It concerns slurm-fifo, slurm-backfill.", note.Detail);
    }

    [Fact]
    public void One_point_is_no_comparison()
    {
        var model = ReportBuilder.Build([Run("a", [Sample.Trial("only", 1)])]);

        Assert.Equal(VerdictTone.Void, model.Verdict.Tone);
        Assert.Equal("One point was measured, only; there is nothing to compare it with.", model.Verdict.Headline);
    }

    [Fact]
    public void An_unexplained_difference_labels_the_comparison()
    {
        var trials = Sample.Race(8).Select(t => t.Record.Point == "slurm-fifo" ? t : t with { Record = t.Record with { Settings = t.Record.Settings.SetItem("accounting", "on") } }).ToList();

        var model = ReportBuilder.Build([Run("a", trials)]);

        Assert.NotEqual(VerdictTone.Clear, model.Verdict.Tone);
        var row = Assert.Single(model.Fairness.Differences, d => !d.Explained);
        Assert.Equal("accounting", row.Setting);
        Assert.Equal(["off", "on"], row.Values);
        Assert.Contains("1 difference between the points is not what is compared", model.Fairness.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_simulation_repeated_is_no_evidence()
    {
        var trials = Sample.Race(1).SelectMany(t => Enumerable.Range(1, 8).Select(i => t with { Record = t.Record with { Repetition = i, Block = i, Machines = MachineKind.Simulation } })).ToList();

        var model = ReportBuilder.Build([Run("a", trials)]);

        Assert.Equal(VerdictTone.Unsure, model.Verdict.Tone);
        Assert.StartsWith("On these jobs, slurm-backfill had a mean wait time", model.Verdict.Headline, StringComparison.Ordinal);
        Assert.Equal(2, model.Conclusions.Count(d => d.Code == "repetitions-identical"));
    }

    [Fact]
    public void A_planned_trial_without_a_record_is_named()
    {
        var run = Run("a", Sample.Race()) with { Missing = [new MissingTrial("slurm-fifo", 3, "node w2 never answered SSH")] };

        var model = ReportBuilder.Build([run]);

        var note = Assert.Single(model.Conclusions, d => d.Code == "trial-missing");
        Assert.Equal("slurm-fifo, repetition 3, left no record", note.Summary);
        Assert.Equal("node w2 never answered SSH", note.Detail);
        Assert.Contains(model.Verdict.Sentences, s => s.Contains("slurm-fifo/3", StringComparison.Ordinal));
    }

    [Fact]
    public void Gantt_lanes_hold_each_job_on_its_nodes_and_never_two_at_once()
    {
        var trial = Sample.Trial("slurm-backfill", 1, jobs: 300, processors: 16, backfill: true);

        var chart = GanttLayout.Of(trial);

        Assert.Equal(["w1", "w2"], chart.Nodes.Select(n => n.Name));
        Assert.Equal(300, chart.Jobs.Id.Length);
        var width = new int[chart.Jobs.Id.Length];
        var lanes = new List<(double Start, double Finish)>[chart.Lanes];
        for (var box = 0; box < chart.Boxes.Job.Length; box++)
        {
            var job = chart.Boxes.Job[box];
            width[job] += chart.Boxes.Lanes[box];
            for (var lane = chart.Boxes.Lane[box]; lane < chart.Boxes.Lane[box] + chart.Boxes.Lanes[box]; lane++) (lanes[lane] ??= []).Add((chart.Jobs.Start[job], chart.Jobs.Finish[job]));
        }

        Assert.Equal(chart.Jobs.Processors, width);
        foreach (var lane in lanes.Where(l => l is not null))
            Assert.All(lane.OrderBy(b => b.Start).Zip(lane.OrderBy(b => b.Start).Skip(1)), pair => Assert.True(pair.First.Finish <= pair.Second.Start));
    }

    [Fact]
    public void Jobs_that_never_started_keep_the_distribution_below_one()
    {
        var trial = Sample.Trial("p", 1);

        var curve = Curves.Distribution(trial.Record, [1.0, 2.0, 2.0, 4.0], total: 5);

        Assert.Equal([1.0, 2.0, 4.0], curve.X);
        Assert.Equal([0.2, 0.6, 0.8], curve.Y);
        Assert.Equal(2, curve.Quantiles[Curve.Levels.IndexOf(0.5)]);
    }

    [Fact]
    public void Quantiles_beside_a_curve_are_the_metrics_of_all_jobs_and_not_of_the_points_drawn()
    {
        var trial = Sample.Trial("p", 1, jobs: 3000);
        var model = ReportBuilder.Build([Run("r", [trial])]);
        var (charts, metrics) = (model.Races[0].Charts, TrialMetrics.Compute(trial));

        foreach (var (family, curves) in new[] { ("wait", charts.Waits), ("bounded-slowdown", charts.Slowdowns) })
        {
            var whole = curves.Single(c => c.Repetition == 0);
            Assert.True(whole.X.Length <= Curves.MostSteps);
            foreach (var (level, suffix) in new[] { (0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (1, "max") })
                Assert.Equal(metrics[$"{family}-{suffix}"]!.Value, whole.Quantiles[Curve.Levels.IndexOf(level)], 9);
        }

        var at99 = Quantity.Digits(metrics["bounded-slowdown-p99"]!.Value);
        Assert.Contains($"<td>{at99}</td>", HtmlReport.Render(model)[HtmlReport.Render(model).IndexOf("<h4>Bounded slowdown</h4>", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public void Provenance_is_shown_whatever_its_keys()
    {
        var groups = ProvenanceFacts.Of(JsonNode.Parse("""
            {"seed": 7, "regatta": {"version": "0.1.0"}, "newThing": {"deepKey": {"a": 1, "b": [true, null]}}, "list": [1, 2], "empty": {}, "machines": {"nodes": [{"name": "w1", "processors": 4}]}}
            """)!.AsObject());

        Assert.Equal(["Run", "Regatta", "New thing", "Machines"], groups.Select(g => g.Title));
        Assert.Equal([new Fact("Seed", "7"), new Fact("List", "1, 2")], groups[0].Facts);
        Assert.Contains(groups[2].Facts, f => f.Name.Contains("Deep key", StringComparison.Ordinal) && f.Value.Contains("yes", StringComparison.Ordinal));
        Assert.Equal(new Fact("Nodes › w1", "processors 4"), Assert.Single(groups[3].Facts));
    }

    [Theory]
    [InlineData(0.00042, Unit.Seconds, "420 µs")]
    [InlineData(0.0215, Unit.Seconds, "21.5 ms")]
    [InlineData(21, Unit.Seconds, "21 s")]
    [InlineData(20.9712, Unit.Seconds, "21.0 s")]
    [InlineData(425.04, Unit.Seconds, "7.08 min")]
    [InlineData(0.83123, Unit.Share, "83.1 %")]
    [InlineData(1234567, Unit.Jobs, "1,234,567")]
    [InlineData(24_000_000, Unit.Bytes, "22.9 MiB")]
    [InlineData(double.NaN, Unit.Ratio, "–")]
    public void Numbers_have_three_digits_and_a_unit_that_fits(double value, Unit unit, string text) => Assert.Equal(text, Quantity.Format(value, unit));

    [Theory]
    [InlineData(-0.3812, "−38 %")]
    [InlineData(0.00312, "+0.3 %")]
    [InlineData(0.00004, "±0 %")]
    [InlineData(1.3912, "+139 %")]
    public void Changes_of_less_than_a_tenth_of_a_percent_are_none(double share, string text) => Assert.Equal(text, Quantity.SignedPercent(share));

    [Fact]
    public async Task The_shipped_sample_run_can_be_reported()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Regatta.slnx"))) root = Path.GetDirectoryName(root)!;

        var model = ReportBuilder.Build([await RecordedRun.ReadAsync(Path.Combine(root, "samples", "policies"), TestContext.Current.CancellationToken)]);

        Assert.Equal(["fcfs", "easy", "conservative", "sjf"], model.Points);
        Assert.StartsWith("On these jobs, mean wait time was lowest with", model.Verdict.Headline, StringComparison.Ordinal);
        Assert.Equal(["regatta rerun runs/policies"], model.Reproduce);
    }

    [Fact]
    public void The_embedded_chart_library_is_the_one_that_is_written_down()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Regatta.slnx"))) root = Path.GetDirectoryName(root)!;
        var folder = Path.Combine(root, "src", "Regatta.Reports", "Html", "Assets", "echarts");

        var sum = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, "echarts.common.min.js"))));

        Assert.Contains(sum, File.ReadAllText(Path.Combine(folder, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_is_one_file_that_names_no_address()
    {
        var page = HtmlReport.Render(ReportBuilder.Build([Run("a", Sample.Race())]));

        Assert.DoesNotContain(" src=", page[..page.IndexOf("<script>", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.DoesNotContain("<link", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Waits_that_a_trace_recorded_stand_beside_those_of_its_replay()
    {
        var trials = Sample.Race().Select(t => t with { Record = t.Record with { RecordedWaits = new RecordedWaits(12, 90_000_000, 60_000_000, 200_000_000) } }).ToList();

        var sentence = Assert.Single(ReportBuilder.Build([Run("a", trials)]).Verdict.Sentences, s => s.StartsWith("Where quickstart was recorded", StringComparison.Ordinal));

        Assert.StartsWith("Where quickstart was recorded its jobs waited 90 s (mean): ", sentence, StringComparison.Ordinal);
        Assert.Matches(@"\(mean\): \S+ times \(95 % interval \S+ to \S+\) in ", sentence);
        Assert.DoesNotContain(ReportBuilder.Build([Run("a", [.. Sample.Race()])]).Verdict.Sentences, s => s.StartsWith("Where quickstart was recorded", StringComparison.Ordinal));
    }

    private static RecordedRun Run(string id, IReadOnlyList<Trial> trials) => new()
    {
        Path = id,
        Id = id,
        Name = "quickstart",
        Seed = 7,
        Trials = [.. trials.Select(t => new RecordedTrial(id, t, TrialAudit.Of(t)))],
    };
}
