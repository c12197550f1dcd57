using CliWrap;
using CliWrap.Buffered;
using Regatta.Agent.Platform;
using Regatta.Workloads;

namespace Regatta.Tests.Clock;

/// <summary>The virtual clock as C builds it, in the directory of a test.</summary>
public abstract class ClockTests : ScratchTests
{
    private static readonly SemaphoreSlim Building = new(1);
    private static string? Built { get; set; }

    protected string Program => Path.Combine(Scratch, "regatta-clock");

    protected string Page => Path.Combine(Scratch, "clock");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected Task<BufferedCommandResult> RunAsync(params string[] arguments) =>
        CliWrap.Cli.Wrap(Program).WithArguments(arguments).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Cancellation);

    /// <summary>The program that is run is the scheduler of the twin.</summary>
    protected Task<BufferedCommandResult> RunAsSchedulerAsync(params string[] arguments) =>
        CliWrap.Cli.Wrap(Program).WithArguments(arguments).WithEnvironmentVariables(e => e.Set("REGATTA_CLOCK_ANCHOR", "1")).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Cancellation);

    /// <summary>A program that goes by the clock of a governor.</summary>
    protected Command Preloaded(string program, params string[] arguments) =>
        CliWrap.Cli.Wrap(program).WithArguments(arguments).WithEnvironmentVariables(e => e.Set("LD_PRELOAD", Program + ".so").Set("REGATTA_CLOCK", Page)).WithValidation(CommandResultValidation.None);

    /// <summary>A governor, and the agent's side of its clock.</summary>
    private protected async Task<Governor> GovernAsync(params string[] options)
    {
        var stop = new CancellationTokenSource();
        var governor = CliWrap.Cli.Wrap(Program).WithArguments(["govern", "--page", Page, .. options]).WithValidation(CommandResultValidation.None).ExecuteAsync(stop.Token);
        while (!File.Exists(Page)) await Task.Delay(10, Cancellation);
        return new Governor(stop, governor, new VirtualClock(new ReplayClock(Program + ".so", Page, 0)));
    }

    /// <summary>A program in C, built.</summary>
    protected async Task<string> CompileAsync(string name, string source)
    {
        var (text, output) = (Path.Combine(Scratch, name + ".c"), Path.Combine(Scratch, name));
        await File.WriteAllTextAsync(text, source, Cancellation);
        var done = await CliWrap.Cli.Wrap("cc").WithArguments(["-pthread", "-o", output, text, "-lrt"]).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Cancellation);
        Assert.True(done.ExitCode == 0, done.StandardError);
        return output;
    }

    /// <summary>The clock, built once for all tests and copied into the directory of this one.</summary>
    protected async Task BuildAsync()
    {
        if (!File.Exists("/usr/bin/cc")) Assert.Skip("a C compiler is not on this host: regatta doctor --fix");
        await Building.WaitAsync(Cancellation);
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

    /// <summary>A governor that runs until the test is over.</summary>
    private protected sealed class Governor(CancellationTokenSource stop, Task governor, VirtualClock clock) : IAsyncDisposable
    {
        public VirtualClock Clock => clock;

        /// <summary>Waits until the clock reports something; the test's own limit ends it when that never comes.</summary>
        public async Task<ClockReport> UntilAsync(Func<ClockReport, bool> told)
        {
            while (true)
            {
                var report = clock.Report();
                if (told(report)) return report;
                await Task.Delay(20, Cancellation);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await governor.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            stop.Dispose();
        }
    }
}
