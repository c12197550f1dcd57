using System.Text;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

/// <summary>Lines of JSON that are read in one pass give the jobs that the general reader gives, and those that are written by hand are the serializer's.</summary>
public sealed class JobLineTests
{
    private static readonly Job Plain = new() { Id = 7, Submit = TimeSpan.FromSeconds(3), Processors = 4, RunTime = TimeSpan.FromSeconds(60) };

    private static readonly Job[] Jobs =
    [
        Plain,
        Plain with { Id = 8, Submit = TimeSpan.FromMilliseconds(1500), RequestedTime = TimeSpan.FromMicroseconds(61_000_001), Nodes = 2, MemoryPerProcessor = 1L << 31, User = 0, Group = 3, Queue = 2, Priority = -4 },
        Plain with { Id = 9, Drains = true, Array = 9, ArrayTask = 0, HeterogeneousJob = 7, GangMinimum = 3, Payload = new Payload(PayloadKind.Exec, ["echo", "größe \"x\""]) },
        Plain with { Id = 10, Request = new JobRequest { User = "anna", Account = "a&b", Qos = "normal", Partition = "batch", Gres = "gpu:a100:4", Nice = -5, Exclusive = true, MemoryPerNode = 1L << 33 } },
        Plain with { Id = 11, Request = new JobRequest { User = "anna" }, Payload = Payload.Cpu, Dependencies = [new(7, DependencyKind.AfterOk, TimeSpan.FromSeconds(2))] },
        Plain with
        {
            Id = 12,
            Recorded = new RecordedJob
            {
                Wait = TimeSpan.FromSeconds(5.25), AllocatedProcessors = 8, AverageCpuTime = TimeSpan.FromSeconds(50), UsedMemory = 1L << 30, RequestedProcessors = 4, Status = 0, State = RecordedState.TimedOut,
                Executable = 3, Partition = 1, Held = TimeSpan.FromSeconds(1), Suspended = TimeSpan.Zero, Requeues = 2,
            },
        },
    ];

    [Fact]
    public void Every_job_that_is_written_is_read_as_it_was_and_shares_what_it_asks_for()
    {
        // Twice, so that texts are read both for the first time and again.
        Job[] all = [.. Jobs, .. Jobs.Select(job => job with { Id = job.Id + 100 })];
        using var stream = new MemoryStream();
        WorkloadFile.Write(new Workload { Name = "w", Jobs = [.. all] }, stream, "w.jsonl");
        Assert.Equal(all.Select(Text), Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        stream.Position = 0;

        var read = WorkloadFile.Read(stream, "w.jsonl").Jobs;

        Assert.Equal(Workload.Sort(all).Select(Text), read.Select(Text));
        Assert.Same(read.Single(job => job.Id == 10).Request, read.Single(job => job.Id == 110).Request);
        Assert.Same(read.Single(job => job.Id == 9).Payload, read.Single(job => job.Id == 109).Payload);
    }

    [Fact]
    public void All_but_dependencies_and_new_texts_is_read_at_once()
    {
        var reader = new JobLineReader();
        foreach (var job in Jobs)
        {
            var line = Encoding.UTF8.GetBytes(Text(job));
            if (reader.Read(line) is null) reader.Learn(line, job);
            Assert.Equal(job.Dependencies.IsEmpty ? Text(job) : "", reader.Read(line) is { } read ? Text(read) : "");
        }
    }

    [Theory]
    [InlineData("""{"id":1,"submit":"3s","processors":1,"runTime":1}""")]
    [InlineData("""{"id":1,"submit":0,"processors":1,"runTime":1,"user":null}""")]
    [InlineData("""{"\u0069d":1,"submit":0,"processors":1,"runTime":1}""")]
    [InlineData("""{"id":1,"submit":0,"processors":1.0,"runTime":1}""")]
    [InlineData("""{"id":1,"submit":0,"processors":1}""")]
    [InlineData("""{"id":1,"submit":0,"processors":1,"runTime":1,"colour":1}""")]
    [InlineData("""{"id":1,"submit":0,"processors":1,"runTime":1e300}""")]
    [InlineData("""{"id":1,"submit":-9223372036854775808,"processors":1,"runTime":1}""")]
    [InlineData("""{"id":1,"submit":0,"processors":1,"runTime":1,"recorded":{"state":"timedout"}}""")]
    [InlineData("""{"id":1,"submit":0,"processors":1,"runTime":1}{""")]
    [InlineData("""[1]""")]
    public void Other_lines_are_left_to_the_general_reader(string line) => Assert.Null(new JobLineReader().Read(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void A_line_that_says_a_part_twice_teaches_nothing()
    {
        const string first = """{"user":"a"}""", second = """{"user":"b"}""", begin = """{"id":1,"submit":0,"processors":1,"runTime":1""";
        var twice = $"{begin},\"request\":{first},\"request\":{second}}}\n{begin.Replace(":1,", ":2,", StringComparison.Ordinal)},\"request\":{first}}}\n";
        var read = WorkloadFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(twice.Replace("\"processors\":2", "\"processors\":1", StringComparison.Ordinal))), "w.jsonl");
        Assert.Equal(["b", "a"], read.Jobs.Select(job => job.Request!.User));
    }

    [Fact]
    public void Keys_that_no_job_has_are_told_of_each_time()
    {
        var lines = string.Concat(Enumerable.Range(1, 3).Select(i => $"{{\"id\":{i},\"submit\":0,\"processors\":1,\"runTime\":1,\"request\":{{\"user\":\"a\",\"colour\":\"red\"}}}}\n"));
        var read = WorkloadFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(lines)), "w.jsonl");
        Assert.Contains("3 lines have the key 'request.colour'", Assert.Single(read.Diagnostics).Summary, StringComparison.Ordinal);
    }

    private static string Text(Job job) => System.Text.Json.JsonSerializer.Serialize(job, JobJson.Default.Job);
}
