using Regatta.Cli;
using Regatta.Cli.Terminal;
using Spectre.Console.Testing;
using Xunit;

namespace Regatta.Tests.Cli;

public sealed class WorkloadCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("regatta-workload-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Path(string name) => System.IO.Path.Combine(_directory, name);

    private static async Task<(int Code, string Human, string Output)> Run(params string[] args)
    {
        using var human = new TestConsole();
        human.Profile.Width = 200;
        using var output = new StringWriter();
        var terminal = new ConsoleTerminal(args.Contains("--json"), human, output, interactive: false, TimeProvider.System);
        var code = await CommandLine.RunAsync(args, terminal, TestContext.Current.CancellationToken);
        return (code, human.Output, output.ToString());
    }

    [Fact]
    public async Task Generates_inspects_converts_and_transforms()
    {
        var (code, human, _) = await Run("workload", "generate", "lublin", "jobs=500", "processors=64", "load=0.8", "seed=7", "--output", Path("t.swf.gz"));
        Assert.Equal((0, true), (code, human.Contains("500 jobs written to", StringComparison.Ordinal)));

        (code, human, _) = await Run("workload", "inspect", Path("t.swf.gz"));
        Assert.Equal(0, code);
        Assert.Contains("0.8 on 64 processors", human, StringComparison.Ordinal);
        foreach (var picture in new[] { "Sizes (processors)", "Run times (from)", "Time since the submission before (from)", "Submissions by hour of the day" })
            Assert.Contains(picture, human, StringComparison.Ordinal);

        Assert.Equal(0, (await Run("workload", "convert", Path("t.swf.gz"), Path("t.jsonl"))).Code);
        Assert.Equal(500, File.ReadLines(Path("t.jsonl")).Count());

        (code, human, _) = await Run("workload", "transform", Path("t.jsonl"), "first=100", "scale=fit", "time-scale=0.01", "--machine", "2x4", "-o", Path("s.swf"));
        Assert.Equal(0, code);
        Assert.Contains("100 jobs written to", human, StringComparison.Ordinal);
        Assert.Equal([Path("s.swf"), Path("t.jsonl"), Path("t.swf.gz")], Directory.GetFiles(_directory).Order());
    }

    [Fact]
    public async Task Draws_pictures_into_files()
    {
        await Run("workload", "generate", "lublin", "jobs=500", "processors=64", "--output", Path("t.swf"));
        var (code, human, _) = await Run("workload", "inspect", Path("t.swf"), "--figures", Path("pictures"));
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
        await Run("workload", "generate", "bag", "--output", Path("b.swf"));
        var (code, human, _) = await Run("workload", "inspect", Path("b.swf"), "--figures", Path("b.swf"));
        Assert.Equal(2, code);
        Assert.Contains("error[workload-figures]: pictures cannot be written into", human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspects_as_JSON()
    {
        await Run("workload", "generate", "bag", "jobs=7", "run-time=2s", "--output", Path("b.swf"));
        var (code, _, output) = await Run("workload", "inspect", Path("b.swf"), "--machine", "4", "--json");
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
        var (exit, human, _) = await Run(["workload", .. args]);
        Assert.Equal(2, exit);
        Assert.Contains($"error[{code}]", human, StringComparison.Ordinal);
        Assert.Contains(text, human, StringComparison.Ordinal);
    }
}
