using Regatta.Experiments.Replay;

namespace Regatta.Tests.Experiments;

public sealed class NodeLogsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("regatta-logs-").FullName;

    private NodeLogs Logs => new(new NodeShell((_, script) => CliWrap.Cli.Wrap("bash").WithArguments(["-c", script]), TimeProvider.System), Path.Combine(_directory, "logs"));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_log_is_kept_whole_and_a_huge_one_by_its_end()
    {
        var small = Path.Combine(_directory, "small.log");
        var huge = Path.Combine(_directory, "huge.log");
        await File.WriteAllTextAsync(small, "all of it\n", Cancellation);
        await File.WriteAllTextAsync(huge, new string('x', NodeLogs.Most) + "the end\n", Cancellation);
        await Logs.SaveAsync("n1", "small.log", small, Cancellation);
        await Logs.SaveAsync("n1", "huge.log", huge, Cancellation);
        await Logs.SaveAsync("n1", "none.log", "/nowhere/none.log", Cancellation);
        Assert.Equal("all of it\n", await File.ReadAllTextAsync(Kept("small.log"), Cancellation));
        Assert.InRange(new FileInfo(Kept("huge.log.gz")).Length, 1, NodeLogs.Most / 10);
        var kept = Text(Kept("huge.log.gz"));
        Assert.StartsWith("[the first 8 bytes are left out]\nxxx", kept, StringComparison.Ordinal);
        Assert.EndsWith("xxthe end\n", kept, StringComparison.Ordinal);
        Assert.InRange(kept.Length, NodeLogs.Most, NodeLogs.Most + 64);
        Assert.False(File.Exists(Kept("none.log")));
    }

    private static string Text(string packed)
    {
        using var file = File.OpenRead(packed);
        using var reader = new StreamReader(new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionMode.Decompress));
        return reader.ReadToEnd();
    }

    [Fact]
    public void A_huge_log_of_this_host_is_kept_by_its_end()
    {
        var huge = Path.Combine(_directory, "console");
        File.WriteAllText(huge, new string('x', NodeLogs.Most) + "the end\n");
        Logs.SaveLocal("n1", "console.log", huge);
        var kept = Text(Kept("console.log.gz"));
        Assert.Equal(NodeLogs.Most, kept.Length);
        Assert.EndsWith("the end\n", kept, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_cannot_be_had_says_why()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await Logs.SaveOutputAsync("n1", "journal.log", "echo 'no journal here' >&2; exit 1", soon.Token);
        Assert.Equal("[it could not be read in time]\n", await File.ReadAllTextAsync(Kept("journal.log"), Cancellation));
    }

    [Theory]
    [InlineData("100.50 190.0\ncpu  10 0 20 300 0 1 2 40 5 0\nsome avg10=1.00 avg60=0.10 avg300=0.00 total=2500000\nfull avg10=0.00 total=7\n", 100.5, 2_500_000L, 40, 373)]
    [InlineData("7.00 1.0\ncpu  1 1 1 1 1 1 1 1 0 0\n", 7.0, null, 1, 8)]
    public void Counters_of_waiting_work_are_read(string text, double uptime, long? waiting, long stolen, long ticks) =>
        Assert.Equal(new PressureReading(uptime, waiting, stolen, ticks), PressureReading.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("no such file\n")]
    [InlineData("1.00 1.00\ncpu0 1 1 1 1 1 1 1 1 0 0\n")]
    public void What_is_no_counter_is_none(string text) => Assert.Null(PressureReading.Parse(text));

    [Fact]
    public void Between_two_readings_lies_a_share_of_the_time()
    {
        var before = System.Collections.Immutable.ImmutableDictionary<string, PressureReading>.Empty
            .Add("n1", new PressureReading(100, 1_000_000, 10, 1000)).Add("n2", new PressureReading(50, null, 0, 10)).Add("gone", new PressureReading(1, 1, 1, 1));
        var after = System.Collections.Immutable.ImmutableDictionary<string, PressureReading>.Empty
            .Add("n1", new PressureReading(110, 4_000_000, 60, 2000)).Add("n2", new PressureReading(60, null, 0, 20)).Add("new", new PressureReading(1, 1, 1, 1));
        Assert.Equal([new("n1", 0.3, 0.05), new("n2", null, 0)], PressureReading.Between(before, after));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Kept(string name) => Path.Combine(_directory, "logs", "n1", name);
}
