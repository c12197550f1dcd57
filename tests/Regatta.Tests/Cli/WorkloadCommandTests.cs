using Xunit;

namespace Regatta.Tests.Cli;

public sealed class WorkloadCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("regatta-workload-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Path(string name) => System.IO.Path.Combine(_directory, name);

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
        Assert.Equal([Path("s.swf"), Path("t.jsonl"), Path("t.swf.gz")], Directory.GetFiles(_directory).Order());
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

    [Theory]
    [InlineData("workload-file", "cannot be opened", "inspect", "nowhere.swf")]
    [InlineData("workload-kind", "did you mean 'lublin'?", "generate", "lubin", "--output", "x.swf")]
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
