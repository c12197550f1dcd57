using Regatta.Tests.Cli;

namespace Regatta.Tests.Workloads;

/// <summary>Jobs written as lines of JSON.</summary>
public sealed class JsonLinesTests : TraceCommandTests
{
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

    public static TheoryData<string, string> Faults => new()
    {
        { """{"id":1,"submit":0,"processors":2,"runTime":"30x"}""", "runTime is \"30x\"; a duration is a number of seconds, or text such as 250ms, 1.5h, 1h30m, 36:00:00 or 1-12:00:00" },
        { """{"id":1,"submit":0,"processors":2,"runTime":"5:30"}""", "runTime is \"5:30\"; a duration is" },
        { """{"id":1,"submit":0,"processors":2,"runTime":1e300}""", "runTime is 1e300; a duration is" },
        { """{"id":1,"submit":0,"processors":2,"runTime":30,"user":"anna"}""", "user is \"anna\"; it is a whole number" },
        { """{"id":1,"submit":0,"processors":2,"runTime":30,"drains":1}""", "drains is 1; it is true or false" },
        { """{"id":1,"submit":0,"processors":2,"runTime":30,"dependencies":[2]}""", "dependencies[0] is 2; dependencies are a list such as [{\"job\":2,\"kind\":\"After\"}]" },
        { """{"id":1,"submit":0,"processors":2,"runTime":30,"dependencies":[{"job":2,"kind":"Before"}]}""", "dependencies[0].kind is \"Before\"; the kind is one of After, AfterOk" },
        { """{"id":1,"submit":0,"processors":2,"runTime":30,"payload":"sleep"}""", "payload is \"sleep\"; a payload is an object such as {\"kind\":\"Sleep\"}" },
        { """{"id":1,"submit":0,"processors":2,"runTime":30,"recorded":{"wait":"long"}}""", "recorded.wait is \"long\"; a duration is" },
        { """{"id":1,"submit":0,"processors":2,"runtime":30}""", "it lacks runTime" },
        { """{"id":1,"submit":0,"processors":2,"runTime":30,"\ud800":1}""", "is no job: it is {" },
        { """{"id":1,"submit":0,"processors":2,"runTime":30,"a.b":1,"user":"x"}""", "user is \"x\"; it is a whole number" },
        { """{"id":1,"submit":0,"processors":2,"runtime":30}""", "did you mean 'runTime' by 'runtime'?" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Faults_in_JSON_lines_are_told_in_terms_of_JSON(string line, string told)
    {
        await File.WriteAllTextAsync(Target("f.jsonl"), line + "\n");
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
}
