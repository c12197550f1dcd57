using System.Text;
using Regatta.Analysis;
using Regatta.Runs;
using Regatta.Tests.Analysis;

namespace Regatta.Tests.Runs;

/// <summary>Logs of a trial: large ones are compressed, and an invalid trial shows the lines around its faults.</summary>
public sealed class LogFilesTests : IDisposable
{
    private readonly string _trial = Directory.CreateTempSubdirectory("regatta-test-").FullName;

    [Fact]
    public void A_large_log_is_compressed_and_read_as_a_small_one()
    {
        var path = Path.Combine(_trial, "slurmctld.log");
        LogFiles.Write(path, "small\n"u8);
        Assert.Equal(["small"], LogFiles.Lines(path));

        LogFiles.Write(path, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a line of a log\n", 40_000))));
        Assert.InRange(new FileInfo(path + ".gz").Length, 1, 20_000);
        Assert.Equal(40_000, LogFiles.Lines(path + ".gz").Count());
    }

    [Theory]
    [InlineData("[2026-01-01T00:00:20.500] error: Nodes worker1 not responding")]
    [InlineData("2026-01-01T00:00:20.500000+0000 head systemd[1]: slurmctld.service: Main process exited")]
    [InlineData("2026-01-01T00:00:20.5000000Z replays 3 jobs")]
    public void The_time_of_a_line_is_read_as_whoever_wrote_it(string line) => Assert.Equal(new DateTime(2026, 1, 1, 0, 0, 20, 500, DateTimeKind.Utc), LogFiles.TimeOf(line));

    [Theory]
    [InlineData("")]
    [InlineData("Jan 01 00:00:20 head kernel: x")]
    [InlineData("[the first 8 bytes are left out]")]
    public void A_line_without_a_time_has_none(string line) => Assert.Null(LogFiles.TimeOf(line));

    [Fact]
    public void Lines_around_a_fault_are_those_of_its_node_and_of_the_head()
    {
        Put("head/slurmctld.log", "[2026-01-01T00:00:10.000] before\n[2026-01-01T00:00:19.000] error: worker1 is silent\n[2026-01-01T00:00:30.000] after\n");
        Put("worker1/slurmd.log", "[2026-01-01T00:00:20.100] fatal: out of luck\n");
        Put("worker2/slurmd.log", "[2026-01-01T00:00:20.100] all is well\n");
        var record = Trials.Record() with { Faults = [new TrialFault(Trials.At(20), "worker1", "worker1 is gone")] };

        Assert.Equal(
            ["worker1/slurmd.log: [2026-01-01T00:00:20.100] fatal: out of luck", "head/slurmctld.log: [2026-01-01T00:00:19.000] error: worker1 is silent"],
            LogFiles.Excerpts(_trial, record).Select(e => $"{e.Log}: {string.Join('|', e.Lines)}"));
    }

    [Fact]
    public void A_trial_without_logs_has_no_lines() => Assert.Empty(LogFiles.Excerpts(_trial, Trials.Record() with { Faults = [new TrialFault(1, null, "x")] }));

    public void Dispose() => Directory.Delete(_trial, recursive: true);

    private void Put(string log, string text)
    {
        var path = Path.Combine(_trial, "logs", log);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
