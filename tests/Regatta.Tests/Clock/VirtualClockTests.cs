using CliWrap;
using CliWrap.Buffered;
using Regatta.Agent.Platform;
using Regatta.Workloads;

namespace Regatta.Tests.Clock;

/// <summary>The virtual clock as C builds it, around programs of this host. None of them asserts how long something takes: a call that the clock misses waits for an hour.</summary>
public sealed class VirtualClockTests : ScratchTests
{
    private static readonly SemaphoreSlim Building = new(1);
    private static string? Built { get; set; }

    private string Program => Path.Combine(Scratch, "regatta-clock");

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

        foreach (var words in new string[][] { ["run", "--speed", "-1", "true"], ["run", "--charge", "0", "true"], ["speed", "fast"], ["wind"] })
            Assert.Equal(64, (await RunAsync(words)).ExitCode);
    }

    [Fact]
    public async Task The_agent_waits_by_the_clock_of_a_governor_and_reports_what_it_did()
    {
        await BuildAsync();
        var page = Path.Combine(Scratch, "clock");
        using var stop = new CancellationTokenSource();
        var governor = CliWrap.Cli.Wrap(Program).WithArguments(["govern", "--page", page]).WithValidation(CommandResultValidation.None).ExecuteAsync(stop.Token);
        try
        {
            while (!File.Exists(page)) await Task.Delay(10, CancellationToken.None);
            var clock = new VirtualClock(new ReplayClock(Program + ".so", page, 0));
            using var time = new PreciseTime(clock);
            clock.Begin();
            var (utc, ticks) = (time.GetUtcNow(), time.GetTimestamp());
            await Task.Delay(TimeSpan.FromDays(20), time, CancellationToken.None);
            var report = clock.Report();
            clock.Slow();

            Assert.InRange(time.GetElapsedTime(ticks), TimeSpan.FromDays(20), TimeSpan.FromDays(21));
            Assert.InRange(time.GetUtcNow() - utc, TimeSpan.FromDays(20), TimeSpan.FromDays(21));
            Assert.True(report.Jumps > 0 && report.Jumped > TimeSpan.FromDays(19).TotalMicroseconds, report.ToString());
            Assert.Equal((0, 0, 0), (report.Escapes, report.Unsupported, report.Stuck));
            Assert.Empty(clock.Faults(report));
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)governor).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    [Fact]
    public void A_clock_that_is_not_there_is_told()
    {
        var fault = Assert.Throws<DiagnosticException>(() => new VirtualClock(new ReplayClock(Path.Combine(Scratch, "none.so"), "/dev/shm/none", 0))).Diagnostics.Single();

        Assert.Equal(("replay-clock", "the virtual clock /dev/shm/none cannot be joined"), (fault.Code, fault.Summary));
    }

    private Task<BufferedCommandResult> RunAsync(params string[] arguments) =>
        CliWrap.Cli.Wrap(Program).WithArguments(arguments).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(TestContext.Current.CancellationToken);

    /// <summary>The clock, built once for all tests and copied into the directory of this one.</summary>
    private async Task BuildAsync()
    {
        if (!File.Exists("/usr/bin/cc")) Assert.Skip("a C compiler is not on this host: regatta doctor --fix");
        await Building.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (Built is null)
            {
                var output = Directory.CreateTempSubdirectory("regatta-clock-").FullName;
                var done = await CliWrap.Cli.Wrap("sh").WithArguments([Path.Combine(Repository.Root, "src", "Regatta.Clock", "build.sh"), output]).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
                Assert.True(done.ExitCode == 0, done.StandardError);
                AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(output, recursive: true);
                Built = output;
            }
        }
        finally
        {
            Building.Release();
        }

        foreach (var part in Directory.EnumerateFiles(Built, "regatta-clock*")) File.Copy(part, Path.Combine(Scratch, Path.GetFileName(part)));
    }
}
