namespace Regatta.Tests.Workloads;

/// <summary>What transforming a trace does to its jobs, its recorded fields and its header.</summary>
public sealed class TraceTransformTests : TraceCommandTests
{
    [Theory]
    [InlineData("users=3", null, "1 0 100 50 4 49.5 2048 4 60 4096 1 3 2 7 1 2 -1 -1")]
    [InlineData("shake=1ms", "wait time of 2 jobs", "1 0 -1 50 4 49.5 2048 4 60 4096 1 3 2 7 1 2 -1 -1")]
    [InlineData("time-scale=2", "wait time of 2 jobs, average CPU time of 2 jobs", "1 0 -1 100 4 -1 2048 4 120 4096 1 3 2 7 1 2 -1 -1")]
    [InlineData("scale=0.5", "wait time of 2 jobs, average CPU time of 2 jobs, used memory of 2 jobs", "1 0 -1 50 2 -1 -1 2 60 4096 1 3 2 7 1 2 -1 -1")]
    public async Task A_changed_trace_says_which_recorded_fields_it_dropped(string change, string? dropped, string row)
    {
        var said = await RunAsync("workload", "transform", Trace("recorded.swf"), change, "shake.seed=4", "-o", Target("changed.swf"));
        if (dropped is null) Assert.DoesNotContain("workload-records", said, StringComparison.Ordinal);
        else Assert.Contains($"recorded.swf: recorded values that do not hold for the changed jobs were dropped: {dropped} ", said, StringComparison.Ordinal);
        Assert.Equal(row, Rows(Target("changed.swf")).First());
    }

    [Fact]
    public async Task A_scaled_trace_is_one_of_the_machine_that_it_was_scaled_to()
    {
        await RunAsync("workload", "transform", Trace("scaled.swf"), "scale=fit", "--machine", "2x8", "-o", Target("once.swf"));
        var header = File.ReadAllLines(Target("once.swf"));
        Assert.Contains("; MaxProcs: 16", header);
        Assert.Contains("; MaxNodes: 2", header);
        Assert.Contains("5.833 on 16 processors", await RunAsync("workload", "inspect", Target("once.swf")), StringComparison.Ordinal);
        await RunAsync("workload", "transform", Target("once.swf"), "scale=fit", "--machine", "2x8", "-o", Target("twice.swf"));
        Assert.Equal(["16", "8", "4"], Rows(Target("twice.swf")).Select(row => row.Split(' ')[7]));
        await RunAsync("workload", "transform", Target("once.swf"), "load=0.5", "-o", Target("load.swf"));
        Assert.Contains("0.5 on 16 processors", await RunAsync("workload", "inspect", Target("load.swf")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scale=clamp", "2x8", "; MaxProcs: 16", "; MaxNodes: 2", 16)]
    [InlineData("scale=clamp", "16", "; MaxProcs: 16", null, 16)]
    [InlineData("scale=clamp", "128", "; MaxProcs: 64", "; MaxNodes: 16", 64)]
    [InlineData("scale=0.5", "64", "; MaxProcs: 32", null, 32)]
    [InlineData("scale=none", "128", "; MaxProcs: 64", "; MaxNodes: 16", 64)]
    public async Task The_header_follows_what_became_of_the_sizes(string scale, string machine, string processors, string? nodes, int largest)
    {
        await RunAsync("workload", "transform", Trace("scaled.swf"), scale, "--machine", machine, "-o", Target("s.swf"));
        var header = File.ReadAllLines(Target("s.swf"));
        Assert.Contains(processors, header);
        Assert.Equal(nodes, header.FirstOrDefault(line => line.Contains("MaxNodes", StringComparison.Ordinal)));
        Assert.Equal(largest, Rows(Target("s.swf")).Max(row => int.Parse(row.Split(' ')[7], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Header_times_follow_what_became_of_the_times()
    {
        await File.WriteAllTextAsync(Target("log.swf"), "; Version: 2.2\n; UnixStartTime: 1000000000\n; StartTime: Sun Sep 9 03:46:40 CEST 2001\n; EndTime: Sun Sep 9 04:46:40 CEST 2001\n; MaxRuntime: 600\n"
            + string.Concat(Enumerable.Range(1, 4).Select(i => SwfText.Line(i, i * 100, user: i % 2))));
        async Task<string[]> HeaderAfter(string change)
        {
            await RunAsync("workload", "transform", Target("log.swf"), change, "-o", Target("cut.swf"));
            return [.. File.ReadLines(Target("cut.swf")).Where(line => line.Contains("Time", StringComparison.OrdinalIgnoreCase) && !line.Contains("Note", StringComparison.Ordinal))];
        }

        Assert.Equal(["; UnixStartTime: 1000000150", "; EndTime: Sun Sep 9 04:46:40 CEST 2001", "; MaxRuntime: 600"], await HeaderAfter("window=150..1h"));
        Assert.Equal(["; UnixStartTime: 1000000000", "; StartTime: Sun Sep 9 03:46:40 CEST 2001", "; MaxRuntime: 600"], await HeaderAfter("first=2"));
        Assert.Equal(["; UnixStartTime: 1000000000", "; StartTime: Sun Sep 9 03:46:40 CEST 2001"], await HeaderAfter("time-scale=0.5"));
        // User 0 begins with the second job, 100 s after the first.
        Assert.Equal(["; UnixStartTime: 1000000100", "; EndTime: Sun Sep 9 04:46:40 CEST 2001", "; MaxRuntime: 600"], await HeaderAfter("users=0"));
        Assert.Equal(["2 100", "4 300"], Rows(Target("cut.swf")).Select(row => string.Join(' ', row.Split(' ').Take(2))));
    }

    [Theory]
    [InlineData("users=2", "only users 2: 2 of 3 jobs")]
    [InlineData("exclude-users=1", "without users 1: 2 of 3 jobs")]
    [InlineData("window=5..100", "cut to the jobs submitted from 5 s to 100 s: 2 of 3 jobs")]
    public async Task Dependencies_that_a_filter_broke_are_told(string filter, string how)
    {
        var said = await RunAsync("workload", "transform", Trace("after.swf"), filter, "-o", Target("a.swf"));
        Assert.Contains("warning[workload-dependency]", said, StringComparison.Ordinal);
        Assert.Contains("after.swf: 2 dependencies on jobs that were left out were dropped: their jobs now wait for nothing", said, StringComparison.Ordinal);
        Assert.Contains(how, said, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("workload-dependency", await RunAsync("workload", "transform", Trace("after.swf"), "first=2", "-o", Target("a.swf")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_advice_for_distorted_sizes_fits_the_workload() =>
        Assert.DoesNotContain("ESP", await RunAsync("workload", "transform", Trace("small.swf"), "scale=fit", "--machine", "2x4", "-o", Target("o.swf")), StringComparison.Ordinal);
}
