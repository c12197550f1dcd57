using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

public sealed class ComparisonTests
{
    private static readonly ComparisonSettings WaitOnly = ComparisonSettings.Default with { Judged = ["wait-mean"] };

    [Fact]
    public void Fans_of_several_numbers_of_tasks_give_the_launch_latency_law()
    {
        // Two processors, each with 8 s to do in n tasks; every task costs 0.1 s more than its work.
        Trial Fan(int n, int repetition)
        {
            var each = 8.0 / n;
            var jobs = Enumerable.Range(0, 2 * n).Select(i => Trials.Job(i + 1, 1, 0, (i / 2 * (each + 0.1)) + 0.1, (i / 2 * (each + 0.1)) + 0.1 + each));
            return new Trial(Trials.Record($"n{n}", repetition, processors: 2) with { Profile = "backfill" }, JobTable.From(jobs));
        }

        var trials = new[] { 2, 4, 8, 16 }.SelectMany(n => new[] { MeasuredTrial.Of(Fan(n, 1)), MeasuredTrial.Of(Fan(n, 2)) }).ToList();
        var law = Assert.Single(Comparison.Of(trials).LaunchLaws);

        Assert.Equal((0.1, 1.0), (Math.Round(law.Fit.Latency, 6), Math.Round(law.Fit.Exponent, 6)));
        Assert.StartsWith("Launch latency of slurm (backfill): dT = t_s * n^alpha_s with t_s = 0.1 s (0.1 to 0.1 s) and alpha_s = 1 (1 to 1), 95 % intervals (of so few runs they cover 95 to 97 % by simulation), R² = 1 over 8 runs", law.Text);
        Assert.Contains(law.Text, Comparison.Of(trials).Verdict);
        Assert.Null(LaunchPoint.OfFan(Trials.Of(Trials.Job(1, 1, 0, 0, 1), Trials.Job(2, 2, 0, 0, 1), Trials.Job(3, 1, 0, 0, 1), Trials.Job(4, 1, 0, 0, 1), Trials.Job(5, 1, 0, 0, 1))));
    }

    [Fact]
    public void Two_blocks_give_no_verdict_and_the_words_say_so()
    {
        var comparison = Comparison.Of([.. Runs("fifo", 10, 11), .. Runs("backfill", 4, 5.5)], WaitOnly);

        var pair = comparison.Pairs.Single();
        Assert.Equal(Outcome.TooFewRuns, pair.Outcome);
        Assert.Null(pair.AdjustedP);
        Assert.Equal(
            "Wait time, mean: too few runs for a verdict on fifo and backfill: 2 blocks cannot reach p < 0.05 (the smallest possible p is 0.5); it takes at least 6 blocks. "
            + "backfill is lower by 5.75 s (54.8 %), 50 % interval -6 s to -5.5 s (covers 48 to 51 % by simulation).",
            pair.Text);
        // Student's interval of 10 and 11, which reaches to 4.1 and 16.9.
        Assert.Equal(6.353, comparison.Points[0].Metrics["wait-mean"].Interval!.Value.HalfWidth, 0.001);
        Assert.Equal(2, comparison.Points[0].Metrics["wait-mean"].Interval!.Value.Coverage!.Runs);
    }

    [Fact]
    public void Three_against_three_unpaired_runs_give_no_verdict_either()
    {
        var other = Runs("backfill", 4, 5, 6).Select(t => t with { Record = t.Record with { Block = t.Record.Block + 3 } });
        var pair = Comparison.Of([.. Runs("fifo", 10, 11, 12), .. other], WaitOnly).Pairs.Single();

        Assert.False(pair.Paired);
        Assert.Equal(Outcome.TooFewRuns, pair.Outcome);
        Assert.StartsWith(
            "Wait time, mean: too few runs for a verdict on fifo and backfill: 3 against 3 runs cannot reach p < 0.05 (the smallest possible p is 0.1); ", pair.Text);
    }

    [Fact]
    public void Six_blocks_show_which_is_better_by_how_much_and_how_sure()
    {
        var comparison = Comparison.Of([.. Runs("fifo", 10, 11, 12, 10, 11, 12), .. Runs("backfill", 6, 7.5, 8, 6.5, 7, 8.5)], WaitOnly);

        var pair = comparison.Pairs.Single();
        Assert.Equal(Outcome.SecondBetter, pair.Outcome);
        Assert.Equal(-1, pair.CliffsDelta);
        Assert.Equal(
            "Wait time, mean: backfill is better than fifo. backfill is lower by 3.75 s (34.1 %), 96.8 % interval -4 s to -3.5 s (covers 95 to 97 % by simulation). "
            + "(Wilcoxon signed-rank, 6 blocks, p = 0.0313; Cliff's delta -1, large).",
            pair.Text);
        Assert.Equal([pair.Text], comparison.Verdict);
        Assert.Equal(11, comparison.Points[0].Metrics["wait-mean"].Mean, 1e-9);
        Assert.True(comparison.Points[0].Metrics["wait-mean"].Interval!.Value.Holds(11));
    }

    [Fact]
    public void The_same_runs_on_both_sides_show_no_difference()
    {
        var values = new double[] { 10, 11, 12, 10.5, 11.5, 9.5 };
        var pair = Comparison.Of([.. Runs("a", values), .. Runs("b", values)], WaitOnly).Pairs.Single();

        Assert.Equal(Outcome.NoDifferenceFound, pair.Outcome);
        Assert.Equal(
            "Wait time, mean: no difference found between a and b (Wilcoxon signed-rank, 6 blocks, p = 1; Cliff's delta 0, negligible). The typical difference is zero, 96.8 % interval 0 s to 0 s.",
            pair.Text);
    }

    [Fact]
    public void Many_tests_are_corrected_together()
    {
        var settings = ComparisonSettings.Default with { Judged = ["wait-mean", "makespan"] };
        var comparison = Comparison.Of([.. Runs("a", 10, 11, 12, 10, 11, 12), .. Runs("b", 6, 7.5, 8, 6.5, 7, 8.5), .. Runs("c", 6, 7.5, 8, 6.5, 7, 8.5)], settings);

        Assert.Equal(6, comparison.Pairs.Length);
        Assert.All(comparison.Pairs, p => Assert.Equal(Outcome.NoDifferenceFound, p.Outcome));
        Assert.Equal(6 / 32.0, comparison.Pairs[0].AdjustedP!.Value, 1e-12);
        Assert.EndsWith("With 6 tests, so few runs could hardly show one: the smallest possible p is 0.188.", comparison.Pairs[0].Text);
    }

    [Fact]
    public void A_baseline_is_compared_with_each_other_and_comes_first()
    {
        var comparison = Comparison.Of([.. Runs("a", 1, 2), .. Runs("b", 1, 2), .. Runs("c", 1, 2)], WaitOnly with { Baseline = "c" });

        Assert.Equal([("c", "a"), ("c", "b")], comparison.Pairs.Select(p => (p.First, p.Second)));
    }

    [Fact]
    public void Higher_is_better_where_the_catalogue_says_so()
    {
        static IEnumerable<MeasuredTrial> Used(string point, double gain) => Enumerable.Range(1, 6).Select(i =>
            MeasuredTrial.Of(new(Trials.Record(point, i), JobTable.From([Trials.Job(1, 2, 0, 0, 1 + i), Trials.Job(2, 1, 0, 10 - (gain * i), 20)]))));

        var pair = Comparison.Of([.. Used("a", 0), .. Used("b", 0.1)], ComparisonSettings.Default with { Judged = ["utilisation"] }).Pairs.Single();

        Assert.Equal(Outcome.SecondBetter, pair.Outcome);
        Assert.Contains("b is higher by 0.438 percentage points", pair.Text);
    }

    [Fact]
    public void Invalid_trials_are_counted_and_named_but_not_compared()
    {
        var runs = Runs("fifo", 10, 11, 12).ToList();
        runs[1] = runs[1] with { Audit = new() { Verdict = TrialVerdict.Invalid, Findings = [new(AuditWeight.Invalidates, "clock-drift", "The clock of w1 moved.")] } };
        var comparison = Comparison.Of([.. runs, .. Runs("backfill", 4, 5, 6)], WaitOnly);

        Assert.Equal((3, 2), (comparison.Points[0].Trials, comparison.Points[0].Valid));
        Assert.Equal([10, 12], comparison.Points[0].Metrics["wait-mean"].Runs);
        Assert.Equal(2, comparison.Pairs.Single().FirstRuns);
        Assert.Equal("fifo: 1 of 3 trials may not be compared (invalid or limited by the client).", comparison.Verdict[0]);
        Assert.Equal(
            "warning[trial-invalid]: fifo, repetition 2 is invalid and is not compared\n  The clock of w1 moved.",
            comparison.Diagnostics.Single().ToString());
    }

    [Fact]
    public void A_point_without_a_valid_trial_is_an_error()
    {
        var runs = Runs("fifo", 10).Select(t => t with { Audit = new() { Verdict = TrialVerdict.ClientLimited, Findings = [new(AuditWeight.ClientLimit, "client-late", "Late.")] } });
        var comparison = Comparison.Of([.. runs, .. Runs("backfill", 4)], WaitOnly);

        Assert.Equal(Outcome.NotDefined, comparison.Pairs.Single().Outcome);
        Assert.Equal("Wait time, mean: no verdict on fifo and backfill, since no valid run of fifo defines it.", comparison.Pairs.Single().Text);
        Assert.Equal(
            [
                "error[no-valid-trial]: no trial of fifo is valid; it cannot be compared",
                "warning[client-limited]: fifo, repetition 1 was limited by the client and is not compared\n  Late.\n  help: submit more slowly, or free the head of other work",
            ],
            comparison.Diagnostics.Select(d => d.ToString()));
    }

    [Fact]
    public void Nothing_and_one_point_are_no_comparison()
    {
        Assert.Equal(["There is no trial to compare."], Comparison.Of([]).Verdict);
        Assert.Equal(["There is one point only, fifo: nothing to compare."], Comparison.Of([.. Runs("fifo", 1, 2)]).Verdict);
    }

    [Fact]
    public void Unknown_metrics_maxima_and_baselines_are_refused_together()
    {
        var e = Assert.Throws<DiagnosticException>(() =>
            Comparison.Of([.. Runs("fifo", 1)], ComparisonSettings.Default with { Judged = ["wait-man", "wait-max"], Baseline = "fifi" }));

        Assert.Equal(
            [
                "error[metric-unknown]: there is no metric 'wait-man'\n  help: did you mean 'wait-mean'?",
                "error[metric-maximum]: nothing is judged on a maximum, and 'wait-max' is one\n  help: judge on 'wait-p99'",
                "error[point-unknown]: there is no point 'fifi' to compare with\n  help: did you mean 'fifo'?",
            ],
            e.Diagnostics.Select(d => d.ToString()));
    }

    [Fact]
    public void What_differs_by_intention_is_explained_and_the_rest_is_labelled()
    {
        var fifo = Trials.Record("fifo") with { Settings = Settings(("backfill", "off"), ("slurm.SchedulerType", "sched/builtin"), ("accounting", "off")) };
        var backfill = Trials.Record("backfill") with { Settings = Settings(("backfill", "on"), ("slurm.SchedulerType", "sched/backfill"), ("accounting", "on")), Machines = MachineKind.QemuTcg };

        var asymmetries = FairnessContract.Asymmetries([fifo, backfill], ["scheduler", "profile"]);

        Assert.Equal(
            [
                ("accounting", false, "accounting costs the scheduler time on every job"),
                ("machines", false, "results of different kinds of machines are not comparable"),
                ("backfill", true, "backfill on or off is what profiles differ in"),
                ("profile", true, "it is what is compared"),
                ("slurm.SchedulerType", true, "it is how the profile is set"),
            ],
            asymmetries.Select(a => (a.Name, a.Explained, a.Why)));
        Assert.Equal("lxc", asymmetries[1].Values["fifo"]);
    }

    [Theory]
    [InlineData("scheduler-version", true, "it comes of the versions that are compared")]
    [InlineData("workload", false, "nothing that is compared explains it")]
    public void Where_versions_are_compared_their_images_and_settings_are_explained(string factor, bool explained, string why)
    {
        var old = Trials.Record("22.05") with { Profile = "backfill", SchedulerVersion = "22.05.8", Image = "a", Settings = Settings(("slurm.MpiDefault", "none"), ("accounting", "off")) };
        var now = Trials.Record("26.05") with { Profile = "backfill", SchedulerVersion = "26.05.5", Image = "b", Settings = Settings(("slurm.MpiDefault", "(null)"), ("slurm.DebugFlags", "Hetjob"), ("accounting", "on")) };

        var asymmetries = FairnessContract.Asymmetries([old, now], ["scheduler", "profile", factor]).ToDictionary(a => a.Name);

        Assert.Equal((explained, why), (asymmetries["slurm.DebugFlags"].Explained, asymmetries["slurm.DebugFlags"].Why));
        Assert.Equal((explained, explained, explained), (asymmetries["slurm.MpiDefault"].Explained, asymmetries["image"].Explained, asymmetries["scheduler-version"].Explained));
        Assert.False(asymmetries["accounting"].Explained);
    }

    [Fact]
    public void A_setting_that_changed_between_trials_of_one_point_is_an_asymmetry()
    {
        var asymmetries = FairnessContract.Asymmetries([Trials.Record(), Trials.Record(repetition: 2) with { ClusterState = "reset" }], []);

        Assert.Equal(("cluster-state", "fresh|reset", false), (asymmetries.Single().Name, asymmetries.Single().Values["fifo"], asymmetries.Single().Explained));
    }

    [Fact]
    public void An_unexplained_asymmetry_labels_the_comparison()
    {
        var other = Runs("backfill", 4, 5).Select(t => t with { Record = t.Record with { Settings = Settings(("accounting", "on")) } });
        var comparison = Comparison.Of([.. Runs("fifo", 10, 11), .. other], WaitOnly);

        Assert.True(comparison.Labelled);
        Assert.Equal("The points also differ in what is not compared: accounting. Any difference may come from that.", comparison.Verdict[^1]);
        Assert.Equal(
            "warning[asymmetry]: the points differ in accounting, which is not what is compared\n  backfill: on\n  fifo: (not set)\n  accounting costs the scheduler time on every job\n"
            + "  help: make it the same on all sides, or name it as a factor of the comparison",
            comparison.Diagnostics.Single().ToString());
    }

    [Fact]
    public void Outliers_are_pointed_out_and_kept()
    {
        var comparison = Comparison.Of([.. Runs("fifo", 10, 10.1, 9.9, 10.2, 9.8, 30)], WaitOnly);

        Assert.Equal("wait-mean of fifo, repetition 6, is far from the other runs: 30 against 9.93 to 10.2", comparison.Diagnostics.Single(d => d.Code == "outlier").Summary);
        Assert.Equal(6, comparison.Points[0].Metrics["wait-mean"].Runs.Length);
    }

    [Fact]
    public void Two_groups_of_runs_are_pointed_out()
    {
        var comparison = Comparison.Of([.. Runs("fifo", 10, 20, 10.1, 20.1, 9.9, 19.9, 10.2, 20.2)], WaitOnly);

        Assert.Equal("wait-mean of fifo falls into two groups: 4 runs about 10.1 and 4 about 20.1", comparison.Diagnostics.Single().Summary);
        Assert.Empty(Comparison.Of([.. Runs("fifo", 10, 14, 11, 15, 12, 16, 13, 17)], WaitOnly).Diagnostics);
    }

    [Fact]
    public void Drift_over_the_runs_is_pointed_out()
    {
        var comparison = Comparison.Of([.. Runs("fifo", 10, 11, 12, 13, 14, 15, 16, 17)], WaitOnly);

        Assert.Equal("wait-mean rose over the order of the runs (Mann's trend test, p = 0.000837)", comparison.Diagnostics.Single().Summary);
    }

    /// <summary>One run a block, whose two jobs wait for these seconds on the average.</summary>
    private static IEnumerable<MeasuredTrial> Runs(string point, params double[] waits) => waits.Select((wait, i) =>
        MeasuredTrial.Of(new(Trials.Record(point, i + 1), JobTable.From([Trials.Job(1, 1, 0, 0, 100), Trials.Job(2, 1, 0, 2 * wait, 100)]))));

    private static ImmutableSortedDictionary<string, string> Settings(params (string Name, string Value)[] settings) =>
        settings.ToImmutableSortedDictionary(s => s.Name, s => s.Value);
}
