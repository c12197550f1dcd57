using System.Diagnostics;
using Regatta.Agent.Replaying;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>When a replay in real time begins, that keeps a distance to what the scheduler does by itself.</summary>
public sealed class BeatTests
{
    private const long Second = 1_000_000, Minute = 60 * Second;

    [Theory]
    [InlineData(0, 30.5)]
    [InlineData(30.5, 30.5)]
    [InlineData(30.6, 90.5)]
    [InlineData(90.5, 90.5)]
    [InlineData(3600, 3630.5)]
    public void A_replay_begins_half_a_beat_and_half_a_second_after_one(double earliest, double begins) =>
        Assert.Equal((long)(begins * Second), Beat.After((long)(earliest * Second), 0, Minute));

    [Fact]
    public void The_start_of_a_scheduler_is_the_whole_second_in_which_its_process_began()
    {
        using var process = Process.GetCurrentProcess();
        var now = Micros.Now(TimeProvider.System);
        var name = File.ReadAllText("/proc/self/comm").TrimEnd('\n');

        var started = Beat.Started(name, now);

        Assert.NotNull(started);
        Assert.Equal(0, started % Second);
        // The oldest process of that name began no later than this one.
        Assert.True(started <= Micros.From(process.StartTime.ToUniversalTime()), $"{started}");
        Assert.True(started > now - (365L * 24 * 60 * Minute), $"{started}");
    }

    [Fact]
    public void A_scheduler_that_does_not_run_has_no_start() => Assert.Null(Beat.Started("no-such-daemon", 0));
}
