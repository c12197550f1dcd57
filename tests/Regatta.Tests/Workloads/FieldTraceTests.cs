using Regatta.Tests.Cli;

namespace Regatta.Tests.Workloads;

/// <summary>Traces as people have them, from the command line to what is said and written.</summary>
public sealed class FieldTraceTests : ScratchTests
{
    private static string Trace(string name) => Path.Combine(AppContext.BaseDirectory, "Workloads", "Traces.data", name);

    private string Target(string name) => Path.Combine(Scratch, name);

    /// <summary>What the program says, on one line: paths of any length break its lines anywhere.</summary>
    private static async Task<string> RunAsync(params string[] args)
    {
        var (code, human, _) = await ProgramRun.Of(args);
        Assert.True(code == 0, human);
        return OneLine(human);
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<string> Rows(string file) => File.ReadLines(file).Where(line => !line.StartsWith(';'));

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
        Assert.Contains("hint[sacct-left-out]", said, StringComparison.Ordinal);
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
        Assert.Equal(largest, Rows(Target("s.swf")).Max(row => int.Parse(row.Split(' ')[7], System.Globalization.CultureInfo.InvariantCulture)));
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

    [Fact]
    public async Task Durations_in_JSON_lines_are_those_of_the_rest_of_the_program()
    {
        await RunAsync("workload", "convert", Trace("seconds.jsonl"), Target("s.swf"));
        Assert.Equal("1 0 -1 30 2", string.Join(' ', Assert.Single(Rows(Target("s.swf"))).Split(' ').Take(5)));
        foreach (var (text, seconds) in new[] { ("30", "30"), ("\"30s\"", "30"), ("0.25", "0.25"), ("\"1.5h\"", "5400"), ("\"36:00:00\"", "129600"), ("\"1-12:00:00\"", "129600"), ("\"1.12:00:00\"", "129600") })
        {
            await File.WriteAllTextAsync(Target("d.jsonl"), $"{{\"id\":1,\"submit\":0,\"processors\":2,\"runTime\":{text}}}\n");
            await RunAsync("workload", "convert", Target("d.jsonl"), Target("d.swf"));
            Assert.Equal(seconds, Assert.Single(Rows(Target("d.swf"))).Split(' ')[3]);
            await RunAsync("workload", "convert", Target("d.swf"), Target("again.jsonl"));
            Assert.Contains($"\"runTime\":{seconds},", File.ReadAllText(Target("again.jsonl")), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("\"runTime\":\"30x\"", "runTime is \"30x\"; a duration is a number of seconds, or text such as 250ms, 1.5h, 1h30m, 36:00:00 or 1-12:00:00")]
    [InlineData("\"runTime\":\"5:30\"", "runTime is \"5:30\"; a duration is")]
    [InlineData("\"runTime\":1e300", "runTime is 1e300; a duration is")]
    [InlineData("\"runTime\":30,\"user\":\"anna\"", "user is \"anna\"; it is a whole number")]
    [InlineData("\"runTime\":30,\"drains\":1", "drains is 1; it is true or false")]
    [InlineData("\"runTime\":30,\"dependencies\":[2]", "dependencies[0] is 2; dependencies are a list such as [{\"job\":2,\"kind\":\"After\"}]")]
    [InlineData("\"runTime\":30,\"dependencies\":[{\"job\":2,\"kind\":\"Before\"}]", "dependencies[0].kind is \"Before\"; the kind is one of After, AfterOk")]
    [InlineData("\"runTime\":30,\"payload\":\"sleep\"", "payload is \"sleep\"; a payload is an object such as {\"kind\":\"Sleep\"}")]
    [InlineData("\"runTime\":30,\"recorded\":{\"wait\":\"long\"}", "recorded.wait is \"long\"; a duration is")]
    [InlineData("\"runtime\":30", "it lacks runTime")]
    [InlineData("\"runTime\":30,\"\\ud800\":1", "is no job: it is {")]
    [InlineData("\"runTime\":30,\"a.b\":1,\"user\":\"x\"", "user is \"x\"; it is a whole number")]
    [InlineData("\"runtime\":30", "did you mean 'runTime' by 'runtime'?")]
    public async Task Faults_in_JSON_lines_are_told_in_terms_of_JSON(string keys, string told)
    {
        await File.WriteAllTextAsync(Target("f.jsonl"), $"{{\"id\":1,\"submit\":0,\"processors\":2,{keys}}}\n");
        var (code, human, _) = await ProgramRun.Of("workload", "inspect", Target("f.jsonl"));
        Assert.Equal(2, code);
        Assert.Contains(told, OneLine(human), StringComparison.Ordinal);
        Assert.DoesNotContain("System.", human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_is_no_UTF_8_is_refused_with_its_number()
    {
        await File.WriteAllBytesAsync(Target("u.jsonl"), [.. "{\"id\":1,\"submit\":0,\"processors\":2,\"runTime\":30,\"n"u8, 0xF8, .. "\":1}\n"u8]);
        var (code, human, _) = await ProgramRun.Of("workload", "inspect", Target("u.jsonl"));
        Assert.Equal(2, code);
        Assert.Contains("it is no UTF-8", human, StringComparison.Ordinal);
        Assert.Contains("u.jsonl:1:1", human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_no_job_has_are_told_with_what_was_meant()
    {
        const string Job = "\"id\":{0},\"submit\":0,\"processors\":2,\"runTime\":30";
        await File.WriteAllTextAsync(Target("k.jsonl"), string.Concat(Enumerable.Range(1, 3).Select(i =>
            "{" + Job.Replace("{0}", $"{i}", StringComparison.Ordinal) + ",\"requestTime\":60,\"payload\":{\"kind\":\"Sleep\",\"comand\":[]},\"note\":{\"x\":1}}\n")));
        var said = await RunAsync("workload", "inspect", Target("k.jsonl"));
        Assert.Contains("3 lines have the key 'requestTime', which no job has: it was ignored", said, StringComparison.Ordinal);
        Assert.Contains("did you mean 'requestedTime'?", said, StringComparison.Ordinal);
        Assert.Contains("the key 'payload.comand'", said, StringComparison.Ordinal);
        Assert.Contains("the key 'note'", said, StringComparison.Ordinal);
        Assert.DoesNotContain("note.x", said, StringComparison.Ordinal);
        var (code, human, _) = await ProgramRun.Of("workload", "inspect", Target("k.jsonl"), "--strict");
        Assert.Equal(2, code);
        Assert.Contains("error[workload-json-key]", human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_named_by_the_key_that_gives_it()
    {
        var (code, human, _) = await ProgramRun.Of("plan", "reference", "workload=trace", "workload.file=\"\"");
        Assert.Equal(2, code);
        Assert.Contains("workload.file=trace.swf", OneLine(human), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_advice_for_distorted_sizes_fits_the_workload() =>
        Assert.DoesNotContain("ESP", await RunAsync("workload", "transform", Trace("small.swf"), "scale=fit", "--machine", "2x4", "-o", Target("o.swf")), StringComparison.Ordinal);

    [Theory]
    [InlineData("; TimeZoneString: US/Pacific", "US/Pacific", "09", "10")]
    [InlineData("; TimeZoneString: America/Los_Angeles", "America/Los_Angeles", "09", "10")]
    [InlineData("; TimeZone: US/Pacific", "US/Pacific", "09", "10")]
    [InlineData("; TimeZone: -28800", "UTC-08:00", "08", "09")]
    [InlineData("; TimeZoneString: Atlantis/City", "UTC; the zone Atlantis/City is not known here", "16", "17")]
    [InlineData("; Computer: any", "UTC", "16", "17")]
    public async Task The_daily_cycle_is_drawn_in_the_time_zone_of_the_log(string zone, string shown, string first, string second)
    {
        await File.WriteAllTextAsync(Target("zone.swf"), (await File.ReadAllTextAsync(Trace("zone.swf"), TestContext.Current.CancellationToken)).Replace("; TimeZoneString: US/Pacific", zone, StringComparison.Ordinal));
        var (code, human, output) = await ProgramRun.Of("workload", "inspect", Target("zone.swf"), "--json");
        Assert.Equal(0, code);
        Assert.Contains($"Submissions by hour of the day ({shown})", human, StringComparison.Ordinal);
        using var json = System.Text.Json.JsonDocument.Parse(output.Split('\n').First(line => line.Contains("\"workload\"", StringComparison.Ordinal)));
        var bars = json.RootElement.GetProperty("data").GetProperty("dailyCycle").EnumerateArray().Where(bar => bar.GetProperty("count").GetInt64() > 0);
        Assert.Equal([first, second], bars.Select(bar => bar.GetProperty("label").GetString()));
    }

    [Fact]
    public async Task Without_a_start_the_daily_cycle_counts_from_the_start_of_the_log()
    {
        await File.WriteAllTextAsync(Target("zone.swf"), "; UnixStartTime: 0\n" + SwfText.Line(1, 0) + SwfText.Line(2, 100_000));
        Assert.Contains("hour of the day (counted from the start of the log)", await RunAsync("workload", "inspect", Target("zone.swf")), StringComparison.Ordinal);
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
