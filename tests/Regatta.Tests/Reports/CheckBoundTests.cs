using System.Xml.Linq;
using Regatta.Reports.Checks;
using Regatta.Tests.Cli;
using Regatta.Workloads;

namespace Regatta.Tests.Reports;

/// <summary>Checks against bounds, without a baseline.</summary>
public sealed class CheckBoundTests : ScratchTests
{
    [Fact]
    public async Task A_run_within_its_bounds_passes_and_says_the_interval()
    {
        await WriteAsync(6);
        var run = await RunAsync("--bound", "wait-mean <= 10min", "utilisation >= 5%");
        run.Says(0, "passed", "wait-mean <= 10min: ", "interval", "of 6 trials", "run holds up against its bounds");
    }

    [Fact]
    public async Task A_bound_that_the_whole_interval_breaks_fails_with_its_reason()
    {
        await WriteAsync(6);
        var file = Path.Combine(Scratch, "bounds.txt");
        await File.WriteAllTextAsync(file, "# what was promised\n\nmakespan >= 1s\nwait-mean <= 1ms  # nobody waits\n", TestContext.Current.CancellationToken);
        var junit = Path.Combine(Scratch, "check.xml");
        (await RunAsync("--bounds", file, "--junit", junit)).Says(1, "OUT OF BOUNDS", "wait-mean <= 1ms: ", "(nobody waits)", "run is worse than its bounds");
        Assert.Equal(["wait-mean <= 1ms"], XDocument.Load(junit).Descendants("testcase").Where(c => c.Element("failure") is not null).Select(c => c.Attribute("name")!.Value));
    }

    [Fact]
    public async Task A_bound_within_the_interval_is_uncertain_and_fails_only_strictly()
    {
        await WriteAsync(6);
        var (_, _, json) = await RunAsync("--bound", "wait-mean <= 0s", "--json");
        var text = System.Text.Json.JsonDocument.Parse(json.Split('\n')[0]).RootElement.GetRawText();
        var mean = System.Text.RegularExpressions.Regex.Match(text, @"wait-mean \\u003C= 0s: ([0-9.]+ (s|min))").Groups[1].Value.Replace(" ", "", StringComparison.Ordinal);
        Assert.NotEmpty(mean);
        (await RunAsync("--bound", $"wait-mean <= {mean}")).Says(0, "uncertain", "which holds the bound");
        Assert.Equal(1, (await RunAsync("--bound", $"wait-mean <= {mean}", "--strict")).Code);
    }

    [Fact]
    public async Task One_trial_of_a_real_scheduler_says_nothing_and_one_of_the_reference_all()
    {
        await WriteAsync(1);
        (await RunAsync("--bound", "wait-mean <= 1ms")).Says(0, "uncertain", "in one trial, which has no interval");
        await WriteAsync(1, MachineKind.Simulation, "simulated");
        Assert.Equal(1, (await ProgramRun.Of("check", "simulated", "--runs", Scratch, "--bound", "wait-mean <= 1ms")).Code);
    }

    [Fact]
    public async Task One_run_against_one_is_uncertain()
    {
        await WriteAsync(1, name: "before");
        await Sample.WriteRunAsync(Path.Combine(Scratch, "run"), "x", [Sample.Trial("same", 1, load: 300)]);
        (await RunAsync("--baseline", "before")).Says(0, "uncertain", "too few to tell it from chance");
    }

    [Fact]
    public async Task Each_metric_may_have_a_share_of_its_own()
    {
        await Sample.WriteRunAsync(Path.Combine(Scratch, "before"), "x", [.. Enumerable.Range(1, 6).Select(i => Sample.Trial("same", i, backfill: true))]);
        await WriteAsync(6);
        (await RunAsync("--baseline", "before", "--judge", "wait-mean", "--max-regression", "0%")).Says(1, "REGRESSED");
        Assert.Equal(0, (await RunAsync("--baseline", "before", "--judge", "wait-mean", "--max-regression", "0%", "wait-mean=10000%")).Code);
        (await RunAsync("--baseline", "before", "--max-regression", "much")).Says(2, "error[check-share]: 'much' is no share");
        (await RunAsync("--baseline", "before", "--max-regression", "wait-men=5%")).Says(2, "error[metric-unknown]: there is no metric 'wait-men'", "did you mean 'wait-mean'?");
    }

    [Fact]
    public async Task A_bound_may_be_of_one_point_and_of_some_jobs()
    {
        await WriteAsync(6);
        (await RunAsync("--bound", "same: wait-mean[processors=1..2, run-time=0..1h] <= 10min", "wait-mean[processors=512] <= 1s")).Says(0, "passed", "not defined", "no valid trial defines it");
    }

    [Fact]
    public void Jobs_of_a_class_are_those_that_hold_all_of_it()
    {
        var some = JobClass.Parse("user=1..2,run-time=30s..1min");
        JobRecord Of(int user, int seconds) => new() { Job = 1, Processors = 1, User = user, RunTime = seconds * 1_000_000L };
        Assert.Equal([false, true, true, false, false], new[] { Of(0, 40), Of(1, 30), Of(2, 60), Of(2, 61), Of(1, 29) }.Select(some.Holds));
    }

    [Theory]
    [InlineData("wait-mean", "error[check-bound]: 'wait-mean' is no bound", "'wait-p90 <= 40s'")]
    [InlineData("wait-mean < 3s", "error[check-bound]: 'wait-mean < 3s' is no bound", "METRIC >= VALUE")]
    [InlineData("wait-men <= 3s", "error[metric-unknown]: there is no metric 'wait-men'", "did you mean 'wait-mean'?")]
    [InlineData("utilisation >= 3s", "error[check-bound]: '3s' is no value of 'utilisation'", "58% or 0.58")]
    [InlineData("utilisation[user=3] >= 5%", "error[check-bound]: 'utilisation' is of the whole machine", "wait-p90[user=3]")]
    [InlineData("wait-mean[usr=3] <= 5s", "error[check-bound]: jobs have no class 'usr'", "did you mean 'user'?")]
    [InlineData("wait-mean[user=5..3] <= 5s", "error[check-bound]: 'user=5..3' names no jobs", "FROM..TO")]
    [InlineData("wait-mean[user=5 <= 5s", "error[check-bound]: 'wait-mean[user=5' lacks its closing bracket", "wait-p90[user=3]")]
    [InlineData("sane: wait-mean <= 5s", "error[check-bound]: run has no point 'sane'", "did you mean 'same'?")]
    public async Task A_wrong_bound_is_told_with_what_is_right(string bound, string told, string help)
    {
        await WriteAsync(1);
        (await RunAsync("--bound", bound)).Says(2, told, help, "command line");
    }

    [Fact]
    public async Task A_check_of_nothing_and_a_file_that_is_not_there_are_told()
    {
        await WriteAsync(1);
        (await RunAsync()).Says(2, "error[check-nothing]", "--bound 'wait-p90 <= 40s'");
        (await RunAsync("--bounds", Path.Combine(Scratch, "none.txt"))).Says(2, "error[check-bounds-file]");
        await File.WriteAllTextAsync(Path.Combine(Scratch, "bad.txt"), "makespan <= 1h\nmakespan\n", TestContext.Current.CancellationToken);
        (await RunAsync("--bounds", Path.Combine(Scratch, "bad.txt"))).Says(2, "bad.txt:2");
    }

    private Task<ProgramRun> RunAsync(params string[] more) => ProgramRun.Of(["check", "run", "--runs", Scratch, .. more]);

    private Task<string> WriteAsync(int repetitions, MachineKind machines = MachineKind.Lxc, string name = "run") =>
        Sample.WriteRunAsync(Path.Combine(Scratch, name), "x", [.. Enumerable.Range(1, repetitions).Select(i => Sample.Trial("same", i)).Select(t => t with { Record = t.Record with { Machines = machines } })]);
}
