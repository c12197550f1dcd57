using Regatta.Tests.Cli;

namespace Regatta.Tests.Workloads;

/// <summary>What converting a trace keeps, and what it says of the rest.</summary>
public sealed class TraceConversionTests : TraceCommandTests
{
    [Fact]
    public async Task Every_line_of_a_file_of_five_columns_is_a_job()
    {
        Assert.Contains("warning[swf-missing-fields]", await RunAsync("workload", "convert", Trace("five.swf"), Target("five.swf")), StringComparison.Ordinal);
        Assert.Equal(["1 0", "2 10", "3 12"], Rows(Target("five.swf")).Select(row => string.Join(' ', row.Split(' ').Take(2))));
    }

    [Fact]
    public async Task The_accounting_of_Slurm_becomes_a_trace_with_its_names_beside_it()
    {
        var sacct = Path.Combine(AppContext.BaseDirectory, "Workloads", "Sacct.data", "field.txt");
        var said = await RunAsync("workload", "convert", sacct, Target("site.swf"), "--zone", "Europe/Berlin");
        Assert.Contains("hint[trace-left-out]", said, StringComparison.Ordinal);
        Assert.Equal(["101 0", "102 60", "103 120"], Rows(Target("site.swf")).Select(row => string.Join(' ', row.Split(' ').Take(2))));
        Assert.Contains("\"users\":[\"alice\",\"bob\"]", await File.ReadAllTextAsync(Target("site.swf.names.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("error[time-zone]: there is no time zone 'Europe/Belin' help: did you mean 'Europe/Berlin'?",
            OneLine((await ProgramRun.Of("workload", "inspect", sacct, "--zone", "Europe/Belin")).Human), StringComparison.Ordinal);
        await RunAsync("workload", "inspect", Target("site.swf"));
    }

    [Fact]
    public async Task Strict_reading_takes_what_the_generators_write()
    {
        await RunAsync("workload", "generate", "esp", "light=true", "--machine", "4x16", "--output", Target("esp.swf"));
        Assert.Contains(Rows(Target("esp.swf")), row => row.Contains('.', StringComparison.Ordinal));
        await RunAsync("workload", "inspect", Target("esp.swf"), "--strict");
    }

    [Fact]
    public async Task A_converted_trace_keeps_what_was_recorded()
    {
        var said = await RunAsync("workload", "convert", Trace("recorded.swf"), Target("clean.swf"));
        Assert.Contains("2 jobs and 1 rows that are no jobs written to", said, StringComparison.Ordinal);
        Assert.Equal(Rows(Trace("recorded.swf")), Rows(Target("clean.swf")));

        said = await RunAsync("workload", "convert", Trace("recorded.swf"), Target("all.jsonl"));
        Assert.Contains("has no place for: the size of the machine (64 processors; scale=fit then needs scale_source=64), the header, 1 rows that are no jobs", said, StringComparison.Ordinal);
        await RunAsync("workload", "convert", Target("all.jsonl"), Target("back.swf"));
        Assert.Equal(Rows(Trace("recorded.swf")).Take(2), Rows(Target("back.swf")));
    }

    [Fact]
    public async Task Rows_that_are_no_jobs_stay_where_they_stood()
    {
        string[] rows =
        [
            "1 0 3 -1 4 -1 -1 4 60 -1 5 1 1 -1 1 -1 -1 -1", "2 5 0 50 8 -1 -1 -1 60 -1 1 1 1 -1 1 -1 -1 -1", "2 5 0 20 8 -1 -1 -1 60 -1 2 1 1 -1 1 -1 -1 -1",
            "2 5 9 30 8 -1 -1 -1 60 -1 3 1 1 -1 1 -1 -1 -1", "3 5 -1 9 -1 -1 -1 -1 60 -1 0 1 1 -1 1 -1 -1 -1", "4 6 1 9 3 -1 -1 5 60 -1 0 1 1 -1 1 -1 -1 -1",
        ];
        await File.WriteAllTextAsync(Target("log.swf"), $"; Version: 2.2\n; MaxProcs: 8\n{string.Join('\n', rows)}\n");
        await RunAsync("workload", "convert", Target("log.swf"), Target("clean.swf.gz"));
        await RunAsync("workload", "convert", Target("clean.swf.gz"), Target("clean.swf"));
        Assert.Equal(rows, Rows(Target("clean.swf")));
        Assert.Contains("; MaxJobs: 6", File.ReadAllText(Target("clean.swf")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_times_since_1970_count_from_the_first_job()
    {
        var said = await RunAsync("workload", "transform", Trace("epoch.swf"), "window=0..1h", "time-scale=0.1", "-o", Target("e.swf"));
        Assert.Contains("submit times count from 1970; they now count from the first one, 2022-01-01 01:20:00 UTC, 1,641,000,000 s earlier", said, StringComparison.Ordinal);
        Assert.Equal(["1 0", "2 0.3", "3 0.8"], Rows(Target("e.swf")).Select(row => string.Join(' ', row.Split(' ').Take(2))));
        Assert.Contains("; UnixStartTime: 1641000000", File.ReadAllLines(Target("e.swf")));

        await File.WriteAllTextAsync(Target("bare.swf"), SwfText.Line(1, 1_641_000_000) + SwfText.Line(2, 1_641_100_000));
        Assert.Contains("hour of the day (UTC)", await RunAsync("workload", "inspect", Target("bare.swf")), StringComparison.Ordinal);
        await RunAsync("workload", "convert", Target("bare.swf"), Target("b.swf"));
        Assert.Contains("; UnixStartTime: 1641000000", File.ReadAllLines(Target("b.swf")));

        await File.WriteAllTextAsync(Target("e.jsonl"), "{\"id\":1,\"submit\":\"19000.00:00:05\",\"processors\":2,\"runTime\":\"00:00:30\"}\n");
        said = await RunAsync("workload", "convert", Target("e.jsonl"), Target("j.swf"));
        Assert.Contains("hint[workload-epoch]", said, StringComparison.Ordinal);
        Assert.StartsWith("1 0 ", Assert.Single(Rows(Target("j.swf"))), StringComparison.Ordinal);
    }
}
