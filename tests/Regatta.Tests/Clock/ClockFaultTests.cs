using CliWrap;
using CliWrap.Buffered;

namespace Regatta.Tests.Clock;

/// <summary>What a clock says of programs that do not go by it, or do not let it go on.</summary>
public sealed class ClockFaultTests : ClockTests
{
    [Fact]
    public async Task A_thread_that_computes_without_a_pause_is_named_with_its_process_and_stops_no_clock()
    {
        await BuildAsync();
        await using var governor = await GovernAsync("--patience", "1", "--quantum", "10000");
        governor.Clock.Begin();
        var before = governor.Clock.UtcNow;
        using var stop = new CancellationTokenSource();
        var spinning = Preloaded("sh", "-c", "while :; do :; done").ExecuteAsync(stop.Token);
        var report = await governor.UntilAsync(r => r.Stuck > 0);

        // A cluster of somebody else on this host may have programs that go by no clock.
        var fault = Assert.Single(governor.Clock.Faults(report), f => f.Code == "clock-stuck");
        Assert.Matches($@"^the virtual clock went at real speed for more than 20 s: thread {spinning.ProcessId} \(sh\) of process {spinning.ProcessId} computed without a pause$", fault.Text);
        Assert.True(governor.Clock.UtcNow > before);
        await stop.CancelAsync();
        await ((Task)spinning).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("10000")]
    public async Task A_program_that_spins_until_a_time_comes_gets_there(string quantum)
    {
        await BuildAsync();
        var program = await CompileAsync("spin", "#include <time.h>\nint main(void) { struct timespec a, b; clock_gettime(CLOCK_MONOTONIC, &a); do clock_gettime(CLOCK_MONOTONIC, &b); while (b.tv_sec - a.tv_sec < 2); return 0; }");

        Assert.Equal(0, (await RunAsync("run", "--quantum", quantum, program)).ExitCode);
    }

    [Fact]
    public async Task A_process_of_slurm_that_does_not_go_by_the_clock_is_told()
    {
        await BuildAsync();
        var escaped = Path.Combine(Scratch, "slurm-static");
        File.Copy("/bin/sleep", escaped);
        using var stop = new CancellationTokenSource();
        var running = CliWrap.Cli.Wrap(escaped).WithArguments("600").WithValidation(CommandResultValidation.None).ExecuteAsync(stop.Token);
        await using var governor = await GovernAsync();
        governor.Clock.Begin();
        var report = await governor.UntilAsync(r => r.Escapes > 0);

        var fault = Assert.Single(governor.Clock.Faults(report), f => f.Code == "clock-escaped");
        Assert.Matches("^[0-9]+ processes did not go by the virtual clock, one of them [^ ]+$", fault.Text);
        await stop.CancelAsync();
        await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Fact]
    public async Task A_call_that_the_clock_does_not_cover_is_told()
    {
        await BuildAsync();
        await using var governor = await GovernAsync();
        governor.Clock.Begin();
        var program = await CompileAsync("timer", "#include <signal.h>\n#include <time.h>\nstatic void none(union sigval value) { (void)value; }\nint main(void) { struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = none }; timer_t timer; return timer_create(CLOCK_REALTIME, &event, &timer); }");
        Assert.Equal(0, (await Preloaded(program).ExecuteBufferedAsync(Cancellation)).ExitCode);

        Assert.Equal("1 calls were made that the virtual clock does not cover", Assert.Single(governor.Clock.Faults(governor.Clock.Report()), f => f.Code == "clock-unsupported").Text);
    }

    [Theory]
    [InlineData("nanosleep", "FAILED nanosleep: ")]
    [InlineData("pthread_cond_timedwait", "FAILED: it does not end: pthread_cond_timedwait")]
    public async Task A_self_test_names_the_call_that_does_not_go_by_the_clock(string call, string told)
    {
        await BuildAsync();
        // Without the library, which is as if it missed the call.
        var done = await CliWrap.Cli.Wrap(Program).WithArguments("probe").WithEnvironmentVariables(e => e.Set("REGATTA_CLOCK_PROBE", call).Set("REGATTA_CLOCK_PROBE_SECONDS", "1"))
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Cancellation);

        Assert.Equal(1, done.ExitCode);
        Assert.Contains(told, done.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_is_killed_gives_its_waits_back_and_one_that_is_started_again_joins()
    {
        await BuildAsync();
        await using var governor = await GovernAsync("--quantum", "10000");
        using var kill = new CancellationTokenSource();
        var first = Preloaded("sleep", "100").ExecuteAsync(kill.Token);
        await kill.CancelAsync();
        await ((Task)first).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        governor.Clock.Begin();

        var again = await Preloaded("sh", "-c", "a=$(date +%s); sleep 864000; echo $(($(date +%s) - a))").ExecuteBufferedAsync(Cancellation);

        Assert.InRange(long.Parse(again.StandardOutput, CultureInfo.InvariantCulture), 864_000, 864_010);
    }
}
