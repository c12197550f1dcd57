using System.IO.Compression;
using System.Text;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

/// <summary>Reading what sacct prints: recorded output of Slurm 22.05 and 26.05, and rows made up for one thing each.</summary>
public sealed class SacctTests
{
    private const string Columns = "JobIDRaw|User|Partition|State|Submit|Start|End|ElapsedRaw|TimelimitRaw|ReqCPUS|AllocCPUS";

    private static Workload Recorded(string name, TimeZoneInfo? zone = null)
    {
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Workloads", "Sacct.data", name));
        return WorkloadFile.Read(stream, name, new TraceReading(Zone: zone));
    }

    private static Workload Read(string text, SwfMode mode = SwfMode.Lenient, string? zone = "UTC", string name = "jobs.txt") =>
        WorkloadFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), name, new TraceReading(mode, zone is null ? null : TimeZoneInfo.FindSystemTimeZoneById(zone)), TestContext.Current.CancellationToken);

    private static Diagnostic Refused(string text, SwfMode mode = SwfMode.Lenient) => Assert.Throws<DiagnosticException>(() => Read(text, mode)).Diagnostics[0];

    private static string Said(Workload workload, string code) => string.Join('\n', workload.Diagnostics.Where(d => d.Code == code).Select(d => d.Summary));

    [Fact]
    public void The_columns_of_a_site_become_jobs_whatever_the_file_is_called()
    {
        var read = Recorded("field.txt", TimeZoneInfo.Utc);
        Assert.Equal([101, 102], read.Jobs.Select(job => job.Id));
        var (first, second) = (read.Jobs[0], read.Jobs[1]);
        Assert.Equal((4, TimeSpan.FromMinutes(10), TimeSpan.FromHours(1), TimeSpan.Zero), (first.Processors, first.RunTime, first.RequestedTime!.Value, first.Submit));
        // 4Gn is for the node of 4 processors, 2Gc for each processor.
        Assert.Equal((1L << 30, 2L << 30), (first.MemoryPerProcessor, second.MemoryPerProcessor));
        Assert.Equal((2, TimeSpan.FromMinutes(1), 0, TimeSpan.FromSeconds(545)), (second.Nodes, second.Submit, second.Recorded!.Status, second.Recorded.Wait!.Value));
        Assert.Equal(["alice", "bob"], read.Names!.Users);
        Assert.Equal(1709280000, read.Header.UnixStartTime);
        Assert.Equal("1 batch", read.Header["Partition"]);
        Assert.Equal((103L, 5), (read.LeftOut.Single().JobNumber, read.LeftOut.Single().Status));
        Assert.Contains("1 rows of jobs that never started", Said(read, "trace-left-out"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sacct-P-all-X-22.05.txt")]
    [InlineData("sacct-22.05.json")]
    public void Both_forms_of_one_release_give_the_same_jobs(string name)
    {
        var jobs = Recorded(name, TimeZoneInfo.Utc).Jobs.ToDictionary(job => job.Id);
        // A task of an array, the component of a heterogeneous job, two nodes of GPUs for one that was asked for, exclusive nodes.
        Assert.Equal((1, TimeSpan.FromSeconds(3)), (jobs[13].Processors, jobs[13].RunTime));
        Assert.Equal((2, 16), (jobs[21].Processors, jobs[22].Processors));
        Assert.Equal((2, 0), (jobs[24].Processors, jobs[24].Nodes));
        Assert.Equal(5, jobs[41].Recorded!.Status);
        Assert.Equal((TimeSpan.FromSeconds(86), TimeSpan.FromMinutes(1), 0), (jobs[40].RunTime, jobs[40].RequestedTime!.Value, jobs[40].Recorded!.Status));
        Assert.Equal(1000L << 20, jobs[52].MemoryPerProcessor);
        Assert.DoesNotContain(25, jobs.Keys);
    }

    // What 22.05, 24.11 and 26.05 print of jobs without a limit: UNLIMITED, or 365 days where backfill started them.
    [Theory]
    [InlineData("TimelimitRaw", "UNLIMITED", null)]
    [InlineData("TimelimitRaw", "525600", null)]
    [InlineData("TimelimitRaw", "525599", 525599)]
    [InlineData("Timelimit", "365-00:00:00", null)]
    [InlineData("Timelimit", "364-23:59:00", 525599)]
    public void A_limit_of_365_days_is_none(string column, string limit, int? minutes)
    {
        var read = Read($"{Columns.Replace("TimelimitRaw", column, StringComparison.Ordinal)}\n5|ann|p|COMPLETED|2026-03-01T10:00:00|2026-03-01T10:10:00|2026-03-01T12:10:00|7200|{limit}|4|4\n");
        Assert.Equal(minutes is { } whole ? TimeSpan.FromMinutes(whole) : null, Assert.Single(read.Jobs).RequestedTime);
    }

    [Theory]
    [InlineData("""{"set":true,"infinite":false,"number":525600}""", null)]
    [InlineData("""{"set":false,"infinite":true,"number":0}""", null)]
    [InlineData("""{"set":true,"infinite":false,"number":5}""", 5)]
    public void So_it_is_in_json(string limit, int? minutes)
    {
        var read = Read("""{"meta":{"Slurm":{}},"jobs":[{"job_id":3,"state":{"current":["COMPLETED"]},"time":{"submission":100,"start":100,"end":110,"elapsed":10,"limit":LIMIT},"required":{"CPUs":2}}]}""".Replace("LIMIT", limit, StringComparison.Ordinal), name: "jobs.json");
        Assert.Equal(minutes is { } whole ? TimeSpan.FromMinutes(whole) : null, Assert.Single(read.Jobs).RequestedTime);
    }

    [Fact]
    public void A_job_that_ran_again_was_submitted_when_it_was_first()
    {
        var read = Recorded("sacct-P-all-X-22.05.txt", TimeZoneInfo.Utc);
        var requeued = read.Jobs.Single(job => job.Id == 44);
        Assert.Equal((TimeSpan.FromSeconds(15), 1), (requeued.RunTime, requeued.Recorded!.Status));
        Assert.Equal(read.Jobs.Single(job => job.Id == 43).Submit, requeued.Submit);
        // Preempted, and running again when sacct was asked: how long it runs nobody knows.
        Assert.DoesNotContain(10, read.Jobs.Select(job => job.Id));
        Assert.Contains("2 rows of jobs that ran again", Said(read, "trace-changed"), StringComparison.Ordinal);
    }

    // What 24.11 and 26.05 print of a job that gave up one of two nodes after two hours and ran for one more.
    [Theory]
    [InlineData("2026-03-01T12:10:00|2026-03-01T10:10:00|2026-03-01T13:10:00|10800")]
    [InlineData("2026-03-01T12:10:00|2026-03-01T12:10:00|2026-03-01T13:10:00|3600")]
    public void A_job_that_changed_its_size_is_one_job_of_the_size_that_it_began_with(string rest)
    {
        var read = Read($"{Columns}\n5|ann|p|RESIZING|2026-03-01T10:00:00|2026-03-01T10:10:00|2026-03-01T12:10:00|7200|60|4|4\n5|ann|p|COMPLETED|{rest}|240|2|2\n");
        var job = Assert.Single(read.Jobs);
        Assert.Equal((4, TimeSpan.FromHours(3), TimeSpan.FromHours(4)), (job.Processors, job.RunTime, job.RequestedTime!.Value));
        Assert.Equal((TimeSpan.FromMinutes(10), RecordedState.Completed, null), (job.Recorded!.Wait!.Value, job.Recorded.State, job.Recorded.Requeues));
        Assert.Contains("1 rows of jobs that changed their size were joined with the first", Said(read, "trace-changed"), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_a_name_with_the_delimiter_broke_are_counted_and_named()
    {
        var read = Recorded("sacct-P-all-X-22.05.txt", TimeZoneInfo.Utc);
        var said = read.Diagnostics.Single(d => d.Code == "trace-row");
        Assert.Equal(("2 rows cannot be read", Severity.Warning), (said.Summary[(said.Summary.IndexOf(": ", StringComparison.Ordinal) + 2)..].Split(" and")[0], said.Severity));
        Assert.Contains("--delimiter", said.Help, StringComparison.Ordinal);
        Assert.DoesNotContain(read.Jobs, job => job.Id is 33 or 51);
    }

    [Fact]
    public void The_newest_release_reads_alike_in_both_forms()
    {
        var text = Recorded("sacct-P-all-X-26.05.txt", TimeZoneInfo.Utc).Jobs.ToDictionary(job => job.Id);
        var json = Recorded("sacct-26.05.json").Jobs.ToDictionary(job => job.Id);
        Assert.Equal(new[] { 1L, 2, 3, 5, 7, 9 }, text.Keys.Order());
        foreach (var (id, job) in text)
            Assert.Equal((job.Processors, job.RunTime, job.RequestedTime, job.MemoryPerProcessor, job.Recorded!.Status), (json[id].Processors, json[id].RunTime, json[id].RequestedTime, json[id].MemoryPerProcessor, json[id].Recorded!.Status));
        Assert.Single(text.Values.Where(job => job.Array is not null).Select(job => job.Array).Distinct());
    }

    [Fact]
    public void The_only_free_text_may_hold_the_delimiter()
    {
        var read = Read("JobID|JobName|State|Submit|Start|End|AllocCPUS\n7|a|b|COMPLETED|100|110|150|2\n");
        Assert.Equal((7, 2, TimeSpan.FromSeconds(40)), (read.Jobs[0].Id, read.Jobs[0].Processors, read.Jobs[0].RunTime));
    }

    [Theory]
    [InlineData("\x1f", "")]
    [InlineData("|", "|")]
    [InlineData(";", "")]
    [InlineData("~~", "")]
    public void Every_delimiter_is_found_in_the_first_line(string delimiter, string end)
    {
        string Row(string text) => text.Replace("|", delimiter, StringComparison.Ordinal) + end + "\n";
        var read = Read(Row(Columns) + Row("5|ann|batch|COMPLETED|2024-03-01T08:00:00|2024-03-01T08:00:09|2024-03-01T08:01:09|60|5|4|4"));
        Assert.Equal((5, 4, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)), (read.Jobs[0].Id, read.Jobs[0].Processors, read.Jobs[0].RunTime, read.Jobs[0].RequestedTime!.Value));
    }

    [Fact]
    public void Steps_belong_to_their_jobs_and_waiting_tasks_have_not_run()
    {
        var read = Read("JobID|State|Submit|Start|ElapsedRaw|AllocCPUS\n12_1|COMPLETED|100|101|9|2\n12_1.batch|COMPLETED|101|101|9|2\n12_[2-5%2]|PENDING|100|Unknown|0|2\n12_7|COMPLETED|100|105|9|2\n");
        Assert.Equal(2, read.Jobs.Length);
        Assert.Equal(read.Jobs[0].Id, read.Jobs[1].Array);
        Assert.Contains("1 rows of steps", Said(read, "trace-left-out"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_that_was_suspended_held_its_processors_meanwhile()
    {
        var read = Read("JobID|State|Submit|Start|End|Elapsed|Suspended|AllocCPUS\n1|COMPLETED|100|100|114|00:00:06|00:00:08|2\n2|COMPLETED|100|100|90214|1-01:01:54|00:00:00|2\n");
        Assert.Equal([TimeSpan.FromSeconds(14), TimeSpan.FromSeconds(90114)], read.Jobs.Select(job => job.RunTime));
    }

    [Fact]
    public void A_job_that_was_held_is_submitted_when_it_was_eligible()
    {
        var read = Read("JobID|State|Submit|Eligible|Start|ElapsedRaw|AllocCPUS\n1|COMPLETED|100|100|100|9|2\n2|COMPLETED|100|160|165|9|2\n");
        Assert.Equal((TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5)), (read.Jobs[1].Submit, read.Jobs[1].Recorded!.Wait!.Value));
        Assert.Contains("eligible", Said(read, "trace-changed"), StringComparison.Ordinal);
    }

    [Fact]
    public void Times_of_a_wall_clock_follow_its_summer_time()
    {
        const string rows = Columns + "\n1|a|b|COMPLETED|2024-10-27T01:30:00|2024-10-27T01:30:00|2024-10-27T03:30:00|10800|240|1|1\n2|a|b|COMPLETED|2024-10-27T03:30:00|2024-10-27T03:30:00|2024-10-27T03:31:00|60|5|1|1\n"
            + "3|a|b|COMPLETED|2024-10-27T02:30:00|2024-10-27T02:30:00|2024-10-27T02:31:00|60|5|1|1\n";
        var berlin = Read(rows, zone: "Europe/Berlin");
        Assert.Equal([TimeSpan.Zero, TimeSpan.FromHours(1), TimeSpan.FromHours(3)], berlin.Jobs.Select(job => job.Submit));
        Assert.Equal(("Europe/Berlin", 1729985400L), (berlin.Header["TimeZoneString"], berlin.Header.UnixStartTime!.Value));
        Assert.Contains("3 times lie in the hour", Said(berlin, "trace-changed"), StringComparison.Ordinal);
        var nowhere = Read(rows, zone: null);
        Assert.Equal(TimeSpan.FromHours(2), nowhere.Jobs[^1].Submit);
        Assert.Contains("--zone", nowhere.Diagnostics.Single(d => d.Code == "sacct-zone").Help, StringComparison.Ordinal);
    }

    [Fact]
    public void Job_numbers_that_wrapped_are_other_jobs()
    {
        var read = Read(Columns + "\n9|a|b|COMPLETED|100|100|110|10|5|1|1\n9|a|b|COMPLETED|90000|90000|90010|10|5|1|1\n");
        Assert.Equal([9, 10], read.Jobs.Select(job => job.Id));
        Assert.Contains("new numbers", Said(read, "trace-changed"), StringComparison.Ordinal);
    }

    [Fact]
    public void Packed_output_is_known_by_what_it_holds()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(Columns + "\n9|a|b|COMPLETED|100|100|110|10|5|1|1\n"));
        packed.Position = 0;
        Assert.Equal(9, WorkloadFile.Read(packed, "dump.gz", cancellationToken: TestContext.Current.CancellationToken).Jobs.Single().Id);
    }

    [Fact]
    public void Columns_that_lack_are_named_with_the_command_that_gives_them()
    {
        var fault = Refused("JobIDRaw|User|Submit\n1|a|100\n");
        Assert.Equal("sacct-columns", fault.Code);
        Assert.Contains("without Start, ElapsedRaw, State, AllocCPUS", fault.Summary, StringComparison.Ordinal);
        Assert.Contains("sacct -a -X", fault.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_clusters_in_a_file_are_refused()
    {
        var fault = Refused("JobID|Cluster|State|Submit|Start|ElapsedRaw|AllocCPUS\n1|north|COMPLETED|100|100|9|2\n1|south|COMPLETED|100|100|9|2\n");
        Assert.Equal(("sacct-clusters", true), (fault.Code, fault.Summary.Contains("north, south", StringComparison.Ordinal)));
    }

    [Fact]
    public void Rows_whose_times_run_backwards_are_left_out()
    {
        var read = Read("JobID|State|Submit|Start|End|AllocCPUS\n1|COMPLETED|100|100|109|2\n2|COMPLETED|100|200|150|2\n");
        Assert.Equal(1, read.Jobs.Single().Id);
        Assert.Contains("1 rows whose times run backwards", Said(read, "trace-left-out"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1|a|b|COMPLETED|100|100|110|10|5|1|1\nx|a|b|COMPLETED|100|100|110|10|5|1|1\n", SwfMode.Strict, "trace-row", 3)]
    [InlineData("x|a|b|COMPLETED|100|100|110|10|5|1|1\n", SwfMode.Lenient, "trace-rows", 2)]
    [InlineData("1|a|b|PENDING|100|Unknown|Unknown|0|5|1|0\n", SwfMode.Lenient, "workload-no-jobs", 0)]
    public void Rows_that_are_no_jobs_are_refused_with_their_place(string rows, SwfMode mode, string code, int line)
    {
        var fault = Refused(Columns + "\n" + rows, mode);
        Assert.Equal((code, line), (fault.Code, fault.Where!.Value.Line));
    }

    [Theory]
    [InlineData("""{"meta":{"Slurm":{}},"jobs":[{"job_id":1,"time":{"submission":5}""", "Expected depth to be zero")]
    [InlineData("""{"meta":{"Slurm":{}},"jobs":7}""", "'jobs' is no list")]
    [InlineData("""{"meta":{"Slurm":{}},"errors":[]}""", "it has no list 'jobs'")]
    public void Json_that_is_not_whole_is_refused(string text, string fault)
    {
        var refused = Refused(text);
        Assert.Equal("sacct-json", refused.Code);
        Assert.Contains(fault, refused.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_value_before_the_jobs_is_passed()
    {
        var text = """{"meta":{"Slurm":{},"more":"MORE"},"jobs":[{"job_id":3,"state":{"current":"COMPLETED"},"time":{"submission":100,"start":100,"end":110,"elapsed":10,"limit":5},"required":{"CPUs":2}}]}""".Replace("MORE", new string('x', 300_000), StringComparison.Ordinal);
        Assert.Equal((3, 2), (Read(text).Jobs.Single().Id, Read(text).Jobs.Single().Processors));
    }

    [Fact]
    public void Nothing_is_written_as_sacct_writes()
    {
        var workload = Read(Columns + "\n9|a|b|COMPLETED|100|100|110|10|5|1|1\n");
        Assert.Equal("trace-write", Assert.Throws<DiagnosticException>(() => WorkloadFile.Write(workload, Stream.Null, "out.sacct", TestContext.Current.CancellationToken)).Diagnostics[0].Code);
    }

    [Fact]
    public void Lines_of_the_standard_format_are_not_taken_for_it()
    {
        Assert.Equal(8, Read("; MaxProcs: 8\n1 0 -1 3 8 -1 -1 8 60 -1 1 -1 -1 -1 -1 -1 -1 -1\n", name: "t.swf").Jobs.Single().Processors);
        Assert.Equal("time-zone", Assert.Throws<DiagnosticException>(() => TraceZone.Parse("Europe/Belin")).Diagnostics[0].Code);
    }
}
