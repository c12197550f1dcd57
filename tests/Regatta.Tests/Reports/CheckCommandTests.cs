using System.Xml.Linq;
using Regatta.Tests.Cli;

namespace Regatta.Tests.Reports;

public sealed class CheckCommandTests : ScratchTests
{
    [Fact]
    public async Task A_run_holds_up_against_itself()
    {
        await WriteAsync("before", slower: false);
        await WriteAsync("after", slower: false);

        var (code, human, _) = await RunAsync();

        Assert.Equal(0, code);
        Assert.Contains("after holds up against before", human, StringComparison.Ordinal);
        Assert.DoesNotContain("REGRESSED", human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slower_run_fails_and_JUnit_XML_says_where()
    {
        await WriteAsync("before", slower: false);
        await WriteAsync("after", slower: true);
        var junit = Path.Combine(Scratch, "check.xml");

        var (code, human, _) = await RunAsync("--junit", junit, "--max-regression", "5%");

        Assert.Equal(1, code);
        Assert.Contains("REGRESSED", human, StringComparison.Ordinal);
        Assert.Contains("worse by more than 5 %", human, StringComparison.Ordinal);
        Assert.Equal((byte)'<', (await File.ReadAllBytesAsync(junit, TestContext.Current.CancellationToken))[0]);
        var suite = XDocument.Load(junit).Root!.Element("testsuite")!;
        Assert.Equal("same", suite.Attribute("name")!.Value);
        var failed = suite.Elements("testcase").Where(c => c.Element("failure") is not null).Select(c => c.Attribute("name")!.Value).ToList();
        Assert.Contains("wait-mean", failed);
        Assert.Equal(failed.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), suite.Attribute("failures")!.Value);
    }

    [Fact]
    public async Task A_generous_bound_lets_the_slower_run_pass()
    {
        await WriteAsync("before", slower: false);
        await WriteAsync("after", slower: true);

        var (code, _, _) = await RunAsync("--max-regression", "10000%");

        Assert.Equal(0, code);
    }

    [Fact]
    public async Task Runs_without_a_common_point_cannot_be_checked()
    {
        await WriteAsync("before", slower: false);
        await Sample.WriteRunAsync(Path.Combine(Scratch, "after"), "x", [Sample.Trial("other", 1)]);

        (await RunAsync()).Says(
            2,
            "error[check-points]: after and before have no point in common",
            "before: same");
    }

    [Fact]
    public async Task What_neither_way_is_better_cannot_regress()
    {
        await WriteAsync("before", slower: false);
        await WriteAsync("after", slower: false);

        (await RunAsync("--judge", "jobs")).Says(2, "error[check-metric]: 'jobs' has no better or worse");
    }

    [Fact]
    public async Task Points_of_one_run_are_held_to_one_of_them_block_by_block()
    {
        await Sample.WriteRunAsync(Path.Combine(Scratch, "both"), "x", [.. Enumerable.Range(1, 6).SelectMany(i => new[] { Sample.Trial("before", i, backfill: true), Sample.Trial("same", i, backfill: true), Sample.Trial("slow", i, backfill: false) })]);

        var (code, human, _) = await ProgramRun.Of(["check", "both", "--against", "before", "--judge", "wait-mean", "--runs", Scratch]);

        Assert.Equal(1, code);
        Assert.Matches("same +│ passed", human);
        Assert.Matches("slow +│ REGRESSED", human);
        Assert.Contains("both is worse than before", human, StringComparison.Ordinal);
        Assert.Equal(0, (await ProgramRun.Of(["check", "both", "--against", "slow", "--judge", "wait-mean", "--runs", Scratch])).Code);
    }

    [Theory]
    [InlineData("befroe", "error[check-against]: both has no point 'befroe'\n  help: did you mean 'before'?")]
    [InlineData("before same", "error[check-against]: before and same ran the same workload, '")]
    [InlineData("alone", "error[check-against]: no other point of both ran the workload of 'alone', 'other'\n  help: name a point that others can be held to")]
    public async Task Points_that_nothing_can_be_held_to_are_told(string against, string fault)
    {
        var alone = Sample.Trial("alone", 1);
        await Sample.WriteRunAsync(Path.Combine(Scratch, "both"), "x", [Sample.Trial("before", 1), Sample.Trial("same", 1), alone with { Record = alone.Record with { Workload = "other" } }]);

        (await ProgramRun.Of(["check", "both", "--against", .. against.Split(' '), "--runs", Scratch])).Says(2, fault);
    }

    [Fact]
    public async Task A_baseline_and_a_point_at_once_are_too_much()
    {
        await WriteAsync("before", slower: false);
        await WriteAsync("after", slower: false);

        (await RunAsync("--against", "same")).Says(2, "error[check-both]: a run is held to another run, or its points to one of them", "help: give --baseline or --against");
    }

    private Task<ProgramRun> RunAsync(params string[] more) =>
        ProgramRun.Of(["check", "after", "--baseline", "before", "--runs", Scratch, .. more]);

    private Task<string> WriteAsync(string name, bool slower) =>
        Sample.WriteRunAsync(Path.Combine(Scratch, name), "x", [.. Enumerable.Range(1, 6).Select(i => Sample.Trial("same", i, backfill: !slower))]);
}
