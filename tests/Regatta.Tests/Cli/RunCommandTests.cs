using System.Text.Json;
using Regatta.Reports.Model;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Tests.Cli;

/// <summary>Experiments on the reference scheduler, from the command line to the report.</summary>
public sealed class RunCommandTests : ScratchTests
{
    private string[] Trials() => [.. Directory.GetFiles(Scratch, "trial.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    [Theory]
    [InlineData("lublin", "workload.jobs=50")]
    [InlineData("esp")]
    [InlineData("bag", "workload.jobs=20", "workload.arrivals='stepped:2*3s,0.5*4s'", "workload.spread=exponential")]
    [InlineData("sleep", "workload.per_processor=2", "workload.total=4s")]
    [InlineData("closed", "workload.users_in_loop=3", "workload.jobs=4", "workload.think_time=2s")]
    [InlineData("array", "workload.jobs=3", "workload.tasks=4", "workload.arrivals=uniform:1")]
    [InlineData("gang", "workload.jobs=5", "workload.members=4", "workload.minimum=3", "workload.arrivals=poisson:1")]
    public async Task Every_kind_of_workload_runs_on_the_reference_scheduler(string kind, params string[] settings)
    {
        string[] chosen = kind is "closed" or "array" or "gang" ? ["workload=bag", $"workload.kind={kind}"] : [$"workload={kind}"];
        var (code, human, _) = await ProgramRun.Of(["run", "reference", .. chosen, .. settings, "--runs", Scratch]);

        Assert.True(code == 0, human);
        var audit = JsonDocument.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(Assert.Single(Trials()))!, "audit.json")));
        Assert.Equal("Valid", audit.RootElement.GetProperty("verdict").GetString(), ignoreCase: true);
    }

    [Fact]
    public async Task A_wait_where_there_was_none_is_a_difference()
    {
        var run = await ProgramRun.Of("run", "maintenance-window", "scheduler=reference", "measure.repetitions=1", "--runs", Scratch);

        run.Says(0, "On these jobs, window had a mean wait time ");
        Assert.DoesNotContain("come to the same", run.Human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shaken_repetitions_are_of_the_same_jobs_at_other_times()
    {
        var (code, human, _) = await ProgramRun.Of("run", "reference", "measure=shaken", "measure.repetitions=3", "--runs", Scratch);

        Assert.True(code == 0, human);
        Assert.DoesNotContain("repetitions-identical", human, StringComparison.Ordinal);
        var trials = Trials().Select(file => File.ReadAllLines(Path.Combine(Path.GetDirectoryName(file)!, "events.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToList()).ToList();
        Assert.Equal(3, trials.Count);
        var sent = trials.Select(events =>
        {
            var all = events.Where(e => e.GetProperty("kind").GetString() == "Sent").ToDictionary(e => e.GetProperty("job").GetInt64(), e => e.GetProperty("time").GetInt64());
            return all.ToDictionary(pair => pair.Key, pair => (pair.Value - all.Values.Min()) / 1e6);
        }).ToList();
        Assert.All(sent, one => Assert.Equal(Quickstart.Count, one.Count));
        Assert.NotEqual(sent[0][10], sent[1][10]);
        // Up to a second either way, and the first one may have been moved as well.
        Assert.All(sent[0], job => Assert.InRange(sent[1][job.Key] - job.Value, -4, 4));
    }

    [Fact]
    public async Task A_run_of_which_no_trial_is_valid_has_failed()
    {
        (await ProgramRun.Of("run", "reference", "workload=lublin", "workload.jobs=20", "--runs", Scratch)).Says(0);
        var record = Assert.Single(Trials());
        var audit = Path.Combine(Path.GetDirectoryName(record)!, "audit.json");
        var (written, recorded) = (TrialFiles.Hash(audit), TrialFiles.Hash(record));
        Replace(audit, "\"Valid\"", "\"Invalid\"");
        Replace(record, written, TrialFiles.Hash(audit));
        Replace(Directory.GetFiles(Scratch, "journal.jsonl", SearchOption.AllDirectories).Single(), recorded, TrialFiles.Hash(record));

        (await ProgramRun.Of("resume", Directory.GetDirectories(Scratch).Single())).Says(1, "error[run-invalid]: the run's only trial is not valid", "the report says for each what went wrong");

        static void Replace(string file, string text, string by)
        {
            var read = File.ReadAllText(file);
            Assert.Contains(text, read, StringComparison.OrdinalIgnoreCase);
            File.WriteAllText(file, read.Replace(text, by, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task The_workload_of_a_trial_with_its_waits_is_a_trace_whose_replay_is_a_twin()
    {
        (await ProgramRun.Of("run", "reference", "workload=lublin", "workload.jobs=60", "--runs", Scratch)).Says(0);
        var trial = Path.GetDirectoryName(Assert.Single(Trials()))!;
        var first = Path.Combine(Scratch, "first.jsonl");
        (await ProgramRun.Of("workload", "convert", trial, first)).Says(0, "60 jobs written to");

        (await ProgramRun.Of("run", "reference", "workload=trace", $"workload.file={first}", "--runs", Path.Combine(Scratch, "again"))).Says(0, "was recorded its jobs waited", "1.00 times in");

        var swf = Path.Combine(Scratch, "first.swf");
        (await ProgramRun.Of("workload", "convert", trial, swf)).Says(0, "60 jobs written to");
        Assert.All((await File.ReadAllLinesAsync(swf, TestContext.Current.CancellationToken)).Where(l => !l.StartsWith(';')), l => Assert.NotEqual("-1", l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[10]));

        File.Move(Path.Combine(trial, "trial.json"), Path.Combine(Scratch, "trial.json"));
        (await ProgramRun.Of("workload", "convert", trial, first)).Says(2, "error[workload-file]");
    }

    [Fact]
    public async Task Adaptive_repetitions_end_early_and_the_report_misses_nothing()
    {
        var (code, human, _) = await ProgramRun.Of("run", "reference", "measure=adaptive", "measure.shake=100ms", "measure.precision=0.5", "measure.repetitions=12", "--runs", Scratch);

        Assert.True(code == 0, human);
        Assert.InRange(Trials().Length, 8, 11);
        Assert.DoesNotContain("trial-missing", human, StringComparison.Ordinal);
        Assert.Contains("repetitions end when", human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repetitions_that_may_end_early_are_held_against_the_fewest()
    {
        var (code, human, _) = await ProgramRun.Of("plan", "reference", "measure=adaptive", "measure.shake=100ms", "+points.fcfs=['scheduler.policy=fcfs']", "+points.easy=['scheduler.policy=easy']", "measure.fewest=5", "measure.repetitions=30");

        Assert.True(code == 0, human);
        Assert.Contains("warning[too-few-repetitions]: 5 repetitions of each point cannot give a verdict", human, StringComparison.Ordinal);
        Assert.Contains("measure.precision may end the repetitions after 5 of each point, measure.fewest", human, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("measure.judge=[wait-men]", "error[metric-unknown]: there is no metric 'wait-men'", "did you mean 'wait-mean'?")]
    [InlineData("measure.judge=[wait-max]", "error[metric-maximum]: nothing is judged on a maximum, and 'wait-max' is one", "judge on 'wait-p99'")]
    [InlineData("measure.judge=[]", "error[metric-none]: no metric is named that a verdict could be about", "name at least one, such as wait-mean")]
    public async Task Metrics_that_nothing_can_be_judged_on_are_refused_before_anything_runs(string key, string text, string help)
    {
        (await ProgramRun.Of("plan", "policies", key)).Says(
            2,
            text,
            help);
    }

    [Fact]
    public async Task The_verdict_is_about_the_metrics_that_the_experiment_judges_and_fewer_of_them_need_fewer_repetitions()
    {
        string[] jobs = ["workload=bag", "workload.jobs=10", "measure.shake=1s", "measure.repetitions=6", "+points.a=['scheduler.policy=fcfs']", "+points.b=['scheduler.policy=easy']"];
        var (code, human, _) = await ProgramRun.Of(["run", "reference", .. jobs, "measure.judge=[makespan]", "--runs", Scratch]);

        Assert.True(code == 0, human);
        Assert.DoesNotContain("few-repetitions", human, StringComparison.Ordinal);
        var run = await RecordedRun.ReadAsync(Assert.Single(Directory.GetDirectories(Scratch)), TestContext.Current.CancellationToken);
        Assert.Equal(["makespan"], ReportSettings.For([run]).Comparison.Judged);
        Assert.Contains("few-repetitions", (await ProgramRun.Of(["plan", "reference", .. jobs])).Human, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("error[slurm-setting-unknown]: slurm.conf has no setting 'ShedulerType'\n  help: did you mean 'SchedulerType'?", "+scheduler.settings.ShedulerType=sched/builtin")]
    [InlineData("error[config-value-type-mismatch]: 'scheduler.settings.SchedulerParameters' must be text, not a list\n  at command line:1:41", "+scheduler.settings.SchedulerParameters=[bf_continue,defer]")]
    [InlineData("help: write one text, such as 'bf_continue,defer'", "+scheduler.settings.SchedulerParameters=[bf_continue,defer]")]
    [InlineData("error[slurm-setting-refused]: slurm.conf's NodeName is set by Regatta from the cluster", "+scheduler.settings.NodeName='compute1 CPUs=1'")]
    [InlineData("error[scheduler-profile]: slurm has no profile 'backfil'\n  point backfill\n  help: did you mean 'backfill'?", "points.backfill=['scheduler.profile=backfil']")]
    [InlineData("error[cluster-head-memory]", "cluster.head.memory=257MiB", "scheduler=kubernetes")]
    [InlineData("error[workload-file]", "workload=swf", "workload.file=none-of-this-name.swf")]
    public async Task A_check_refuses_what_a_plan_refuses(string text, params string[] overrides)
    {
        var (checkedCode, check, _) = await ProgramRun.Of(["config", "check", "quickstart", .. overrides]);
        var (planCode, plan, _) = await ProgramRun.Of(["plan", "quickstart", .. overrides]);

        Assert.Equal((2, 2), (checkedCode, planCode));
        Assert.Contains(text, check.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Equal(plan, check);
        // Once, and not once for each point.
        Assert.Single(check.Split(text.Split('\n')[0])[1..]);
    }

    [Fact]
    public async Task A_plan_shows_what_was_changed_in_the_profiles()
    {
        (await ProgramRun.Of("plan", "quickstart", "+scheduler.settings.SchedulerParameters=\"bf_interval=5\"", "+scheduler.settings.Epilog=null")).Says(
            0,
            "changed in the profiles:",
            "fifo: SchedulerParameters=batch_sched_delay=0,sched_min_interval=10000,default_queue_depth=10000,bf_interval=5",
            "backfill: SchedulerParameters=batch_sched_delay=0,sched_min_interval=10000,default_queue_depth=10000,bf_interval=5,bf_resolution=1,",
            "backfill: Epilog is left to slurm's own default");
    }

    [Fact]
    public async Task A_precision_that_cannot_be_is_refused_before_the_run()
    {
        (await ProgramRun.Of("plan", "reference", "measure=adaptive", "measure.precision_metric=wait-meen", "measure.repetitions=4")).Says(
            2,
            "error[metric-unknown]: unknown metric 'wait-meen' for measure.precision_metric",
            "did you mean 'wait-mean'?",
            "error[precision-fewest]: measure.fewest (8) is larger than measure.repetitions (4)");
    }

    [Fact]
    public async Task What_would_make_the_result_worth_little_is_told_before_the_run()
    {
        var (code, human, _) = await ProgramRun.Of("plan", "quickstart", "workload=esp", "workload.time_scale=0.01", "cluster.workers=1", "measure.repetitions=2");

        Assert.Equal(0, code);
        foreach (var told in new[] { "warning[size-mix-distorted]", "warning[esp-scaled]", "warning[drain-left-out]: 2 jobs of esp-light must drain the machine before starting; users cannot request that on slurm", "warning[too-few-repetitions]: 2 repetitions" })
            Assert.Contains(told, human, StringComparison.Ordinal);
        (_, human, _) = await ProgramRun.Of("plan", "quickstart", "workload=gangs", "scheduler=kubernetes");
        Assert.Contains("warning[gangs-pod-by-pod]: kubernetes schedules the ", human, StringComparison.Ordinal);
        (_, human, _) = await ProgramRun.Of("plan", "quickstart", "workload=gangs", "scheduler=volcano");
        Assert.DoesNotContain("gangs-pod-by-pod", human, StringComparison.Ordinal);
        (_, human, _) = await ProgramRun.Of("plan", "reference", "workload=bag", "workload.jobs=5", "workload.arrivals=uniform:0.1");
        Assert.Contains("warning[never-queues]", human, StringComparison.Ordinal);
        (_, human, _) = await ProgramRun.Of("plan", "reference", "workload=bag", "workload.jobs=50", "workload.run_time=60s", "workload.arrivals=uniform:2");
        Assert.Contains("warning[load-above-one]", human, StringComparison.Ordinal);
        Assert.DoesNotContain("too-few-repetitions", human, StringComparison.Ordinal);
    }
}
