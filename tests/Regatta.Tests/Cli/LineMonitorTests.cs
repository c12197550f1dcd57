using Regatta.Cli.Terminal;
using Spectre.Console.Testing;

namespace Regatta.Tests.Cli;

/// <summary>What a log shows of long steps.</summary>
public sealed class LineMonitorTests
{
    [Fact]
    public async Task Steps_of_one_command_share_one_clock_and_what_counts_is_told_now_and_then()
    {
        using var human = new TestConsole();
        var clock = new Clock();
        var terminal = new ConsoleTerminal(json: false, human, TextWriter.Null, interactive: false, clock);

        await terminal.WatchAsync(monitor =>
        {
            clock.Pass(2);
            monitor.Report(new Activity("host", "apt-get update", "under way"));
            clock.Pass(3);
            monitor.Report(new Activity("host", "apt-get update", "done", ActivityState.Done));
            return Task.CompletedTask;
        });
        await terminal.WatchAsync(monitor =>
        {
            monitor.Report(new Activity("configure", "Copy the agent", "on head, worker1"));
            clock.Pass(1);
            monitor.Report(new Activity("configure", "Copy the agent", "changed on head, worker1", ActivityState.Done) { Elapsed = TimeSpan.FromSeconds(0.9) });
            monitor.Report(new Activity("trial", "fifo/1", "begins, 1 of 4"));
            for (var ended = 1; ended <= 30; ended++)
            {
                clock.Pass(1);
                monitor.Report(new Activity("trial", "fifo/1", $"{ended} of 60 ended") { Fraction = ended / 60.0 });
            }

            monitor.Report(new Activity("trial", "fifo/1", "lost", ActivityState.Failed) { Detail = "one line\nanother" });
            return Task.CompletedTask;
        });

        Assert.Equal(
            [
                "[    2.0s] host      apt-get update: under way",
                "[    5.0s] host      apt-get update: done (3.0 s)",
                "[    6.0s] configure Copy the agent: changed on head, worker1 (0.9 s)",
                "[    6.0s] trial     fifo/1: begins, 1 of 4",
                "[   16.0s] trial     fifo/1: 10 of 60 ended",
                "[   26.0s] trial     fifo/1: 20 of 60 ended",
                "[   36.0s] trial     fifo/1: 30 of 60 ended",
                "[   36.0s] trial     fifo/1: FAILED lost (30.0 s)",
                "    one line",
                "    another",
            ],
            human.Output.TrimEnd().Split('\n'));
    }

    private sealed class Clock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Pass(double seconds) => _ticks += (long)(seconds * TimeSpan.TicksPerSecond);

        public override long GetTimestamp() => _ticks;
    }
}
