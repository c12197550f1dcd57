using Regatta.Tests.Cli;

namespace Regatta.Tests.Workloads;

/// <summary>What plans and runs make of a trace that does not fit as it is.</summary>
public sealed class TracePlanTests : TraceCommandTests
{
    [Fact]
    public async Task A_missing_file_is_named_by_the_key_that_gives_it()
    {
        var (code, human, _) = await ProgramRun.Of("plan", "reference", "workload=trace", "workload.file=\"\"");
        Assert.Equal(2, code);
        Assert.Contains("workload.file=trace.swf", OneLine(human), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_beyond_their_limit_are_told_in_plan_and_report_and_can_be_kept_whole()
    {
        const string Told = "2 of 3 jobs run longer than their time limit: they are ended there and count as timed out";
        string[] trace = ["reference", "workload=trace", $"workload.file={Trace("overrun.swf")}"];
        Assert.Contains(Told, await RunAsync(["plan", .. trace]), StringComparison.Ordinal);
        await RunAsync(["run", .. trace, "--runs", Target("runs")]);
        Assert.Contains("run longer than their time limit", File.ReadAllText(Assert.Single(Directory.GetFiles(Target("runs"), "index.html", SearchOption.AllDirectories))), StringComparison.Ordinal);

        Assert.DoesNotContain("run longer than", await RunAsync(["plan", .. trace, "workload.estimates=at-least"]), StringComparison.Ordinal);
        await RunAsync("workload", "transform", Trace("overrun.swf"), "estimates=at-least", "-o", Target("lifted.swf"));
        Assert.Equal(["3649 3649", "600 3600", "7237 7237"], Rows(Target("lifted.swf")).Select(row => $"{row.Split(' ')[3]} {row.Split(' ')[8]}"));
        await RunAsync("workload", "transform", Trace("overrun.swf"), "estimates=cut", "-o", Target("cut.swf"));
        Assert.Equal(["3600 3600", "600 3600", "7200 7200"], Rows(Target("cut.swf")).Select(row => $"{row.Split(' ')[3]} {row.Split(' ')[8]}"));
    }

    [Fact]
    public async Task Memory_that_no_node_has_is_told_before_the_run()
    {
        string[] plan = ["plan", "quickstart", "workload=trace", $"workload.file={Trace("memory.swf")}"];
        var (code, human, _) = await ProgramRun.Of(plan);
        Assert.Equal(2, code);
        human = OneLine(human);
        Assert.Contains("error[workload-memory]", human, StringComparison.Ordinal);
        Assert.Contains("2 of 2 jobs of", human, StringComparison.Ordinal);
        Assert.Contains("job 1: 8,192 MiB for each of 2 processors job 2: 2,048 MiB for each of 2 processors", human, StringComparison.Ordinal);

        Assert.Contains("the memory that 2 jobs ask for is left out", await RunAsync([.. plan, "workload.memory=none"]), StringComparison.Ordinal);
        Assert.Contains("the largest, 8,192 MiB a processor, becomes 230 MiB", await RunAsync([.. plan, "workload.memory=fit"]), StringComparison.Ordinal);
        Assert.DoesNotContain("the offered load is", await RunAsync([.. plan, "workload.memory=none"]), StringComparison.Ordinal);
        await RunAsync("plan", "reference", "workload=trace", $"workload.file={Trace("memory.swf")}");

        (code, human, _) = await ProgramRun.Of("workload", "transform", Trace("memory.swf"), "memory=fit", "--machine", "2x4", "-o", Target("m.swf"));
        Assert.Equal(2, code);
        Assert.Contains("memory=fit needs nodes whose memory is known", human, StringComparison.Ordinal);
    }
}
