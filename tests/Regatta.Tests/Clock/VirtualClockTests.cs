using CliWrap;
using CliWrap.Buffered;
using Regatta.Agent.Platform;
using Regatta.Workloads;

namespace Regatta.Tests.Clock;

/// <summary>The virtual clock as C builds it, around programs of this host. None of them asserts how long something takes: a call that the clock misses waits for an hour.</summary>
public sealed class VirtualClockTests : ClockTests
{
    [Fact]
    public async Task Each_call_that_it_covers_ends_in_virtual_time()
    {
        await BuildAsync();
        var done = await RunAsync("self-test");

        Assert.True(done.ExitCode == 0, done.StandardOutput + done.StandardError);
        Assert.Contains("ok pthread_cond_timedwait: 3600.0", done.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sleep_of_days_is_over_at_once_and_the_date_is_that_of_then()
    {
        await BuildAsync();
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var done = await RunAsync("run", "sh", "-c", "sleep 864000; date +%s");

        Assert.True(done.ExitCode == 0, done.StandardError);
        Assert.InRange(long.Parse(done.StandardOutput, CultureInfo.InvariantCulture) - before, 864_000, 864_600);
    }

    [Fact]
    public async Task With_a_quantum_the_clock_stands_while_something_computes_and_goes_on_in_whole_steps()
    {
        await BuildAsync();
        // A program of the shell computes for each of the sleeps, and the clock says nothing of it: less than half a step is none.
        var done = await RunAsync("run", "--quantum", "2000000", "sh", "-c", "start=$(date +%s%N); for i in 1 2 3 4 5 6 7 8; do sleep 100; done; echo $(($(date +%s%N) - start))");

        Assert.True(done.ExitCode == 0, done.StandardError);
        Assert.Equal(0, long.Parse(done.StandardOutput, CultureInfo.InvariantCulture) % 2_000_000_000);
    }

    [Fact]
    public async Task Waits_of_a_second_and_more_of_the_scheduler_end_at_whole_seconds()
    {
        await BuildAsync();
        var program = await CompileAsync("anchor", """
            #include <stdio.h>
            #include <time.h>
            static long long now(void) { struct timespec t; clock_gettime(CLOCK_REALTIME, &t); return t.tv_sec * 1000000000LL + t.tv_nsec; }
            int main(void) {
              struct timespec part = { 0, 300000000 }, second = { 1, 0 };
              long long began = now();
              nanosleep(&part, NULL);
              printf("%lld\n", (now() - began) / 300000000);
              began = now() / 1000000000;
              for (int i = 0; i < 5; i++) { nanosleep(&second, NULL); printf("%d %lld\n", now() / 1000000000 - began - i < 3, now() % 1000000000); }
            }
            """);
        var done = await RunAsSchedulerAsync("run", "--quantum", "10000", program);

        // Shorter ones take what they take.
        Assert.Equal("1\n1 0\n1 0\n1 0\n1 0\n1 0\n", done.StandardOutput);
    }

    [Fact]
    public async Task What_others_than_the_scheduler_compute_takes_no_virtual_time()
    {
        await BuildAsync();
        // The shell is the scheduler; what loops is a process of its own, in a twin of many.
        string[] Loop(int times) => ["run", "--quantum", "20000", "sh", "-c", $"for i in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do sleep 200 & done; start=$(date +%s%N); (i=0; while [ $i -lt {times} ]; do i=$((i+1)); done); sleep 100; echo $(($(date +%s%N) - start)); wait"];
        // Where all is charged the loop takes more than ten steps, which the clock does not wait for: what is charged at once would pass within the wait.
        var (charged, all) = (await RunAsSchedulerAsync(Loop(100_000)), await RunAsync(Loop(600_000)));

        Assert.Equal(100_000_000_000, long.Parse(charged.StandardOutput, CultureInfo.InvariantCulture));
        Assert.NotEqual(100_000_000_000, long.Parse(all.StandardOutput, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_thread_that_measures_how_long_something_takes_gets_there_while_the_clock_stands()
    {
        await BuildAsync();
        var program = await CompileAsync("measure", """
            #include <stdio.h>
            #include <time.h>
            static long long now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000LL + t.tv_nsec; }
            int main(void) {
              struct timespec second = { 1, 0 };
              nanosleep(&second, NULL);
              long long began = now(), at;
              while ((at = now()) - began < 20000) {}
              printf("%d ", at - began < 2000000);
              nanosleep(&second, NULL);
              printf("%lld\n", now() - began);
            }
            """);
        var done = await RunAsync("run", "--quantum", "60000000", program);

        Assert.Matches("^1 100[01][0-9]{6}\n$", done.StandardOutput);
    }

    [Fact]
    public async Task Several_that_are_due_at_one_moment_are_woken_in_the_order_in_which_they_were_started()
    {
        await BuildAsync();
        // The clock stands meanwhile, so all are due at the same moment; each begins to wait when the one before it does.
        const string Script = "for i in 0 1 2 3 4 5 6 7 8 9; do (sleep 1000; echo $i >>$0) & sleep 0; while ! grep -q sleep /proc/$!/task/$!/children /proc/$!/comm 2>/dev/null && [ -z \"$(cat /proc/$!/task/$!/children)\" ]; do :; done; done; wait";
        var told = Path.Combine(Scratch, "order");

        var done = await RunAsync("run", "--quantum", "60000000", "sh", "-c", Script, told);

        Assert.True(done.ExitCode == 0, done.StandardError);
        Assert.Equal("0123456789", string.Concat((await File.ReadAllLinesAsync(told, TestContext.Current.CancellationToken)).Select(l => l.Trim())));
    }

    [Fact]
    public async Task Programs_that_wait_for_each_other_share_the_clock()
    {
        await BuildAsync();
        // The one in the background is due first, and what it writes is later read by the one that slept longer.
        var done = await RunAsync("run", "sh", "-c", "(sleep 1000; date +%s) & start=$(date +%s); sleep 5000; echo $start $(date +%s); wait");
        var lines = done.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var first = long.Parse(lines[0], CultureInfo.InvariantCulture);
        var (start, end) = (long.Parse(lines[1].Split(' ')[0], CultureInfo.InvariantCulture), long.Parse(lines[1].Split(' ')[1], CultureInfo.InvariantCulture));

        Assert.InRange(first - start, 999, 1100);
        Assert.InRange(end - start, 5000, 5100);
    }

    [Fact]
    public async Task The_exit_code_is_that_of_the_program()
    {
        await BuildAsync();

        Assert.Equal(7, (await RunAsync("run", "sh", "-c", "sleep 60; exit 7")).ExitCode);
        Assert.Equal(127, (await RunAsync("run", "/there/is/none")).ExitCode);
    }

    [Fact]
    public async Task A_program_whose_clock_is_gone_does_not_run_in_real_time_instead()
    {
        await BuildAsync();
        var done = await CliWrap.Cli.Wrap("sleep").WithArguments("0")
            .WithEnvironmentVariables(e => e.Set("LD_PRELOAD", Program + ".so").Set("REGATTA_CLOCK", Path.Combine(Scratch, "none")))
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();

        Assert.Equal(71, done.ExitCode);
        Assert.Contains("the clock that REGATTA_CLOCK names cannot be joined", done.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_speed_or_a_charge_that_cannot_be_is_refused()
    {
        await BuildAsync();

        foreach (var words in new string[][] { ["run", "--speed", "-1", "true"], ["run", "--charge", "0", "true"], ["run", "--quantum", "-1", "true"], ["run", "--patience", "0", "true"], ["speed", "fast"], ["wind"] })
            Assert.Equal(64, (await RunAsync(words)).ExitCode);
    }

    [Fact]
    public async Task The_agent_waits_by_the_clock_of_a_governor_and_reports_what_it_did()
    {
        await BuildAsync();
        await using var governor = await GovernAsync();
        using var time = new PreciseTime(governor.Clock);
        governor.Clock.Begin();
        var (utc, ticks) = (time.GetUtcNow(), time.GetTimestamp());
        await Task.Delay(TimeSpan.FromDays(20), time, CancellationToken.None);
        var report = governor.Clock.Report();
        governor.Clock.Slow();

        Assert.InRange(time.GetElapsedTime(ticks), TimeSpan.FromDays(20), TimeSpan.FromDays(21));
        Assert.InRange(time.GetUtcNow() - utc, TimeSpan.FromDays(20), TimeSpan.FromDays(21));
        Assert.True(report.Jumps > 0 && report.Jumped > TimeSpan.FromDays(19).TotalMicroseconds, report.ToString());
        Assert.Equal((0, 0), (report.Unsupported, report.Stuck));
    }

    [Fact]
    public async Task A_replay_begins_half_a_minute_and_half_a_second_after_a_whole_minute_of_the_anchor()
    {
        await BuildAsync();
        await using var governor = await GovernAsync("--quantum", "10000");
        // Without an anchor any moment is as good as another.
        Assert.Equal(5, governor.Clock.Next(5));
        var anchor = Preloaded("cat", "/dev/null").WithEnvironmentVariables(e => e.Set("LD_PRELOAD", Program + ".so").Set("REGATTA_CLOCK", Page).Set("REGATTA_CLOCK_ANCHOR", "1"));
        var before = governor.Clock.Ticks;
        await anchor.ExecuteAsync(Cancellation);
        var first = governor.Clock.Next(before);
        const long Second = 1_000_000_000, Minute = 60 * Second;

        // The second of UTC in which it began counts as its beginning.
        Assert.InRange(first - before, (29 * Second) + (Second / 2), (90 * Second) + (Second / 2));
        Assert.Equal(first, governor.Clock.Next(first));
        Assert.Equal(first + Minute, governor.Clock.Next(first + 1));
        Assert.Equal(first + (3 * Minute), governor.Clock.Next(first + (2 * Minute) + Second));
    }

    [Fact]
    public void A_clock_that_is_not_there_is_told()
    {
        var fault = Assert.Throws<DiagnosticException>(() => new VirtualClock(new ReplayClock(Path.Combine(Scratch, "none.so"), "/dev/shm/none", 0))).Diagnostics.Single();

        Assert.Equal(("replay-clock", "the virtual clock /dev/shm/none cannot be joined"), (fault.Code, fault.Summary));
    }
}
