using System.Diagnostics;
using CliWrap.Buffered;

namespace Regatta.Tests.Agent;

/// <summary>A real Flux of its own, of the installation that <c>REGATTA_FLUX_PREFIX</c> names: several brokers on this host.</summary>
internal sealed class FluxInstance : IAsyncDisposable
{
    private readonly Process _process;

    private FluxInstance(Process process, string uri)
    {
        _process = process;
        Uri = uri;
    }

    /// <summary>Where Flux is installed; null where none is.</summary>
    public static string? Prefix => Environment.GetEnvironmentVariable("REGATTA_FLUX_PREFIX") is { Length: > 0 } prefix ? prefix : null;

    /// <summary>Where the leader listens.</summary>
    public string Uri { get; }

    /// <summary>Starts an instance and waits until it takes jobs; skips the test where there is no Flux.</summary>
    public static async Task<FluxInstance> StartAsync(params string[] arguments)
    {
        if (Prefix is not { } prefix)
        {
            Assert.Skip("no real Flux: REGATTA_FLUX_PREFIX names no installation, so that the driver was only tested on recordings");
            throw new InvalidOperationException();
        }

        var start = new ProcessStartInfo(Path.Combine(prefix, "bin", "flux"), ["start", .. arguments, "sh", "-c", "echo $FLUX_URI; cat >/dev/null"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var uri = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        return new FluxInstance(process, uri ?? throw new InvalidOperationException("flux start ended at once"));
    }

    /// <summary>Runs a command of Flux against the instance; its output.</summary>
    public async Task<string> FluxAsync(params string[] arguments)
    {
        var result = await CliWrap.Cli.Wrap(Path.Combine(Prefix!, "bin", "flux")).WithArguments(arguments)
            .WithEnvironmentVariables(e => e.Set("FLUX_URI", Uri)).ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        return result.StandardOutput.Trim();
    }

    /// <summary>Process id of a broker.</summary>
    public async Task<int> BrokerAsync(int rank) => int.Parse(await FluxAsync("exec", "-r", rank.ToString(CultureInfo.InvariantCulture), "flux", "getattr", "broker.pid"), CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        // The end of its input ends the instance, with all brokers.
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
