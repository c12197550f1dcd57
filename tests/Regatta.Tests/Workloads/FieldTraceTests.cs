using Regatta.Tests.Cli;
using Xunit;

namespace Regatta.Tests.Workloads;

/// <summary>Traces as people have them, from the command line to what is said and written.</summary>
public sealed class FieldTraceTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("regatta-traces-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static string Trace(string name) => Path.Combine(AppContext.BaseDirectory, "Workloads", "Traces.data", name);

    private string Target(string name) => Path.Combine(_directory, name);

    private static async Task<string> RunAsync(params string[] args)
    {
        var (code, human, _) = await ProgramRun.Of(args);
        Assert.True(code == 0, human);
        return human;
    }

    private static IEnumerable<string> Rows(string file) => File.ReadLines(file).Where(line => !line.StartsWith(';'));

    [Fact]
    public async Task Every_line_of_a_file_of_five_columns_is_a_job()
    {
        Assert.Contains("warning[swf-missing-fields]", await RunAsync("workload", "convert", Trace("five.swf"), Target("five.swf")), StringComparison.Ordinal);
        Assert.Equal(["1 0", "2 10", "3 12"], Rows(Target("five.swf")).Select(row => string.Join(' ', row.Split(' ').Take(2))));
    }

    [Fact]
    public async Task Strict_reading_takes_what_the_generators_write()
    {
        await RunAsync("workload", "generate", "esp", "light=true", "--machine", "4x16", "--output", Target("esp.swf"));
        Assert.Contains(Rows(Target("esp.swf")), row => row.Contains('.', StringComparison.Ordinal));
        await RunAsync("workload", "inspect", Target("esp.swf"), "--strict");
    }
}
