namespace Regatta.Tests.Cli;

public sealed class WorkloadCommandTests : ScratchTests
{
    private string Path(string name) => System.IO.Path.Combine(Scratch, name);

    [Fact]
    public async Task Generates_inspects_converts_and_transforms()
    {
        var (code, human, _) = await ProgramRun.Of("workload", "generate", "lublin", "jobs=500", "processors=64", "load=0.8", "seed=7", "--output", Path("t.swf.gz"));
        Assert.Equal((0, true), (code, human.Contains("500 jobs written to", StringComparison.Ordinal)));

        (code, human, _) = await ProgramRun.Of("workload", "inspect", Path("t.swf.gz"));
        Assert.Equal(0, code);
        Assert.Contains("0.8 on 64 processors", human, StringComparison.Ordinal);
        foreach (var picture in new[] { "Sizes (processors)", "Run times (from)", "Time since the submission before (from)", "Submissions by hour of the day" })
            Assert.Contains(picture, human, StringComparison.Ordinal);

        Assert.Equal(0, (await ProgramRun.Of("workload", "convert", Path("t.swf.gz"), Path("t.jsonl"))).Code);
        Assert.Equal(500, File.ReadLines(Path("t.jsonl")).Count());

        (code, human, _) = await ProgramRun.Of("workload", "transform", Path("t.jsonl"), "first=100", "scale=fit", "time-scale=0.01", "--machine", "2x4", "-o", Path("s.swf"));
        Assert.Equal(0, code);
        Assert.Contains("100 jobs written to", human, StringComparison.Ordinal);
        Assert.Equal([Path("s.swf"), Path("t.jsonl"), Path("t.swf.gz")], Directory.GetFiles(Scratch).Order());
    }

    [Fact]
    public async Task Draws_pictures_into_files()
    {
        await ProgramRun.Of("workload", "generate", "lublin", "jobs=500", "processors=64", "--output", Path("t.swf"));
        var (code, human, _) = await ProgramRun.Of("workload", "inspect", Path("t.swf"), "--figures", Path("pictures"));
        Assert.Equal(0, code);
        foreach (var name in new[] { "sizes", "run-times", "inter-arrivals", "daily-cycle" })
        {
            Assert.Contains("<svg", File.ReadAllText(Path($"pictures/{name}.svg")), StringComparison.Ordinal);
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(Path($"pictures/{name}.png"))[..4]);
            Assert.Contains($"{name}.png", human, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pictures_that_cannot_be_written_are_a_diagnostic()
    {
        await ProgramRun.Of("workload", "generate", "bag", "--output", Path("b.swf"));
        var (code, human, _) = await ProgramRun.Of("workload", "inspect", Path("b.swf"), "--figures", Path("b.swf"));
        Assert.Equal(2, code);
        Assert.Contains("error[workload-figures]: pictures cannot be written into", human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspects_as_JSON()
    {
        await ProgramRun.Of("workload", "generate", "bag", "jobs=7", "run-time=2s", "--output", Path("b.swf"));
        var (code, _, output) = await ProgramRun.Of("workload", "inspect", Path("b.swf"), "--machine", "4", "--json");
        Assert.Equal(0, code);
        using var json = System.Text.Json.JsonDocument.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Single(line => line.Contains("\"workload\"", StringComparison.Ordinal)));
        var data = json.RootElement.GetProperty("data");
        Assert.Equal((7, 14.0, 3.5), (data.GetProperty("jobs").GetInt32(), data.GetProperty("work").GetDouble(), data.GetProperty("lowerBound").GetDouble()));
    }

    private const string Line = "1 1 -1 10 2 -1 -1 2 60 -1 1 1 1 -1 1 1 -1 -1\n";

    /// <summary>What users may hand in, and what they are told: leniently, and strictly.</summary>
    public static TheoryData<string, string, string, string> BadFiles => new()
    {
        { "empty.swf", "", "error[swf-empty]: {0} is empty", "error[swf-empty]" },
        { "header.swf", "; Version: 2.2\n", "error[swf-empty]: {0} holds no job", "error[swf-empty]" },
        { "truncated.swf", "; Version: 2.2\n" + Line + Line[..30], "warning[swf-truncated-line]", "error[swf-truncated-line]" },
        { "binary.swf", "\u0000\u0001\u0002\u00ff\u0000", "error[swf-not-swf]: {0} is a binary file", "error[swf-not-swf]" },
        { "columns.swf", "1 2 3\n4 5 6 7\n", "error[swf-not-swf]", "error[swf-no-header]" },
        { "more.swf", "; Version: 2.2\n" + Line.TrimEnd() + " 99 98\n", "warning[swf-extra-fields]", "error[swf-extra-fields]" },
        { "negative.swf", "; Version: 2.2\n1 5 -1 -10 2 -1 -1 2 60 -1 1 1 1 -1 1 1 -1 -1\n" + Line.Replace("1 1 -1", "2 6 -1", StringComparison.Ordinal), "warning[swf-negative-value]", "error[swf-negative-value]" },
        { "nan.swf", "; Version: 2.2\n1 NaN -1 10 2 -1 -1 2 60 -1 1 1 1 -1 1 1 -1 -1\n" + Line, "warning[swf-unreadable-line]", "error[swf-not-a-number]" },
        { "cut.swf.gz", "\u001f\u008b\u0008\u0000", "error[swf-gzip]", "error[swf-gzip]" },
        { "words.swf", "the quick brown fox\njumps\n", "error[swf-not-swf]", "error[swf-no-header]" },
        { "json.jsonl", "{\"id\":1,\n", "error[workload-json]: {0}: line 1 is no job", "error[workload-json]" },
        { "array.jsonl", "[]\n", "error[workload-json]: {0}: line 1 is no job: it is []; a job is an object such as", "error[workload-json]" },
        { "null.jsonl", "null\n", "error[workload-json]: {0}: line 1 is no job: null is no job", "error[workload-json]" },
        { "letters.jsonl", "{\"id\":\"a1\",\"submit\":0,\"processors\":1,\"runTime\":30}\n", "error[workload-json]: {0}: line 1 is no job: id is \"a1\"; it is a whole number", "error[workload-json]" },
        { "cut.jsonl", "{\"id\":1,\"submit\":0}}\n", "error[workload-json]: {0}: line 1 is no job: '", "error[workload-json]" },
        { "lacks.jsonl", "{\"id\":1,\"submit\":\"00:00:01\"}\n", "error[workload-json]: {0}: line 1 is no job: it lacks processors, runTime", "error[workload-json]" },
        { "negative.jsonl", "{\"id\":1,\"submit\":\"-00:00:01\",\"processors\":-4,\"runTime\":\"-00:00:05\"}\n", "error[job-run-time]: job 1 has a negative run time", "error[job-submit]" },
        { "endless.jsonl", "{\"id\":1,\"submit\":\"10675199.00:00:00\",\"processors\":1,\"runTime\":\"10675199.00:00:00\"}\n", "error[job-time]: job 1 has a time above 100,000,000,000 s", "error[job-time]" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public async Task Bad_input_is_told_and_never_crashes(string name, string content, string lenient, string strict)
    {
        await File.WriteAllBytesAsync(Path(name), [.. content.Select(c => (byte)c)]);
        foreach (var (told, options) in new[] { (lenient, Array.Empty<string>()), (strict, ["--strict"]) })
        {
            var (code, human, _) = await ProgramRun.Of(["workload", "inspect", Path(name), .. options]);
            Assert.Contains(string.Format(System.Globalization.CultureInfo.InvariantCulture, told, Path(name)), human, StringComparison.Ordinal);
            Assert.Equal(told.StartsWith("error", StringComparison.Ordinal) ? 2 : 0, code);
        }
    }

    [Theory]
    [InlineData("line.swf", '9', "error[swf-not-swf]")]
    [InlineData("line.jsonl", '{', "error[workload-json]")]
    public async Task A_line_of_a_hundred_megabytes_is_told(string name, char character, string told)
    {
        await using (var file = File.Create(Path(name)))
        {
            var block = new byte[1_000_000];
            Array.Fill(block, (byte)character);
            for (var i = 0; i < 100; i++) await file.WriteAsync(block);
        }

        var (code, human, _) = await ProgramRun.Of("workload", "inspect", Path(name));
        Assert.Equal(2, code);
        Assert.Contains(told, human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_of_JSON_may_leave_out_what_a_job_need_not_say()
    {
        await File.WriteAllTextAsync(Path("m.jsonl"), "{\"id\":1,\"submit\":\"00:00:01\",\"processors\":4,\"runTime\":\"00:00:05\"}\n");
        Assert.Equal(0, (await ProgramRun.Of("workload", "convert", Path("m.jsonl"), Path("m.swf"))).Code);
        Assert.Contains("1 1 -1 5 4 -1 -1 4 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1", File.ReadAllText(Path("m.swf")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dash_reads_standard_input()
    {
        var input = new MemoryStream([.. ("; MaxProcs: 8\n" + Line).Select(c => (byte)c)]);
        var (code, human, _) = await ProgramRun.Fed(input, "workload", "inspect", "-");
        Assert.Equal(0, code);
        Assert.Contains("standard input", human, StringComparison.Ordinal);
        Assert.Contains("on 8 processors", human, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("workload-file", "cannot be opened", "inspect", "nowhere.swf")]
    [InlineData("workload-file", "it is a directory", "inspect", "/")]
    [InlineData("trace-ending", "the ending of w.tsv is that of no format", "generate", "bag", "--output", "w.tsv")]
    [InlineData("config-value-type-mismatch", "did you mean 'lublin'?", "generate", "lubin", "--output", "x.swf")]
    [InlineData("machine-size", "'4y' is no machine", "generate", "bag", "--machine", "4y", "--output", "x.swf")]
    [InlineData("workload-file", "cannot be written", "generate", "bag", "--output", "no/such/directory/x.swf")]
    public async Task Faults_are_diagnostics_with_exit_code_2(string code, string text, params string[] args)
    {
        var (exit, human, _) = await ProgramRun.Of(["workload", .. args]);
        Assert.Equal(2, exit);
        Assert.Contains($"error[{code}]", human, StringComparison.Ordinal);
        Assert.Contains(text, human, StringComparison.Ordinal);
    }
}
