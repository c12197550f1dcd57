using System.Text.Json;
using Regatta.Tests.Cli;

namespace Regatta.Tests.Workloads;

/// <summary>What inspecting a trace says of its jobs, its machine and its hours.</summary>
public sealed class TraceInspectTests : TraceCommandTests
{
    [Fact]
    public async Task A_summary_counts_the_jobs_that_wait_for_others()
    {
        Assert.Contains("2 jobs wait for another", await RunAsync("workload", "inspect", Trace("after.swf")), StringComparison.Ordinal);
        Assert.DoesNotContain("wait for another", await RunAsync("workload", "inspect", Trace("scaled.swf")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nodesonly.swf", "its header states MaxNodes: 16, but job 1 has 128 processors; the machine is taken to have 128", new[] { "8", "4" })]
    [InlineData("header-too-small.swf", "its header states MaxProcs: 100, but job 1 has 128 processors; the machine is taken to have 128", new[] { "8", "3" })]
    public async Task A_header_smaller_than_a_job_is_not_believed(string trace, string told, string[] sizes)
    {
        Assert.Contains(told, await RunAsync("workload", "inspect", Trace(trace)), StringComparison.Ordinal);
        Assert.Contains("on 128 processors", await RunAsync("workload", "inspect", Trace(trace)), StringComparison.Ordinal);
        await RunAsync("workload", "transform", Trace(trace), "scale=fit", "--machine", "2x4", "-o", Target("n.swf"));
        Assert.Equal(sizes, Rows(Target("n.swf")).Select(row => row.Split(' ')[7]));

        await RunAsync("workload", "transform", Trace(trace), "scale=fit", "scale.source=256", "--machine", "2x4", "-o", Target("n.swf"));
        Assert.Equal("4", Rows(Target("n.swf")).First().Split(' ')[7]);
        var (code, human, _) = await ProgramRun.Of("workload", "transform", Trace(trace), "scale=fit", "scale.source=64", "--machine", "2x4", "-o", Target("n.swf"));
        Assert.Equal(2, code);
        human = OneLine(human);
        Assert.Contains("job 1, submitted at 0 s: 16 processors (128 before scaling)", human, StringComparison.Ordinal);
        Assert.Contains("sizes were fitted from a machine of 64 processors, which is smaller than these jobs", human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_that_are_taken_for_processors_are_told()
    {
        await File.WriteAllTextAsync(Target("n.swf"), "; MaxNodes: 16\n" + SwfText.Line(1, 0, processors: 16));
        Assert.Contains("hint[workload-machine]", await RunAsync("workload", "inspect", Target("n.swf")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("; TimeZoneString: US/Pacific", "US/Pacific", 9)]
    [InlineData("; TimeZoneString: America/Los_Angeles", "America/Los_Angeles", 9)]
    [InlineData("; TimeZone: US/Pacific", "US/Pacific", 9)]
    [InlineData("; TimeZone: -28800", "UTC-08:00", 8)]
    [InlineData("; TimeZoneString: Atlantis/City", "UTC; the zone Atlantis/City is not known here", 16)]
    [InlineData("; Computer: any", "UTC", 16)]
    public async Task The_daily_cycle_is_drawn_in_the_time_zone_of_the_log(string zone, string shown, int first)
    {
        await File.WriteAllTextAsync(Target("zone.swf"), (await File.ReadAllTextAsync(Trace("zone.swf"), TestContext.Current.CancellationToken)).Replace("; TimeZoneString: US/Pacific", zone, StringComparison.Ordinal));
        var (code, human, output) = await ProgramRun.Of("workload", "inspect", Target("zone.swf"), "--json");
        Assert.Equal(0, code);
        Assert.Contains($"Submissions by hour of the day ({shown})", human, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(output.Split('\n').First(line => line.Contains("\"workload\"", StringComparison.Ordinal)));
        var bars = json.RootElement.GetProperty("data").GetProperty("dailyCycle").EnumerateArray().Where(bar => bar.GetProperty("count").GetInt64() > 0);
        Assert.Equal([$"{first:00}", $"{first + 1:00}"], bars.Select(bar => bar.GetProperty("label").GetString()));
    }

    [Fact]
    public async Task Without_a_start_the_daily_cycle_counts_from_the_start_of_the_log()
    {
        await File.WriteAllTextAsync(Target("zone.swf"), "; UnixStartTime: 0\n" + SwfText.Line(1, 0) + SwfText.Line(2, 100_000));
        Assert.Contains("hour of the day (counted from the start of the log)", await RunAsync("workload", "inspect", Target("zone.swf")), StringComparison.Ordinal);
    }
}
