using System.Diagnostics;

namespace Regatta.Tests.Agent;

/// <summary>A single broker as a service would run it, with a state directory, so that it can be killed and started again.</summary>
internal sealed class FluxLeader : IAsyncDisposable
{
    private readonly string _directory;
    private Process? _broker;

    private FluxLeader(string directory) => _directory = directory;

    /// <summary>Where it listens.</summary>
    public string Uri => $"local://{_directory}/run/local";

    /// <summary>Starts it and waits until it takes jobs; skips the test where there is no Flux.</summary>
    public static async Task<FluxLeader> StartAsync(string directory)
    {
        if (FluxInstance.Prefix is null) Assert.Skip("no real Flux: REGATTA_FLUX_PREFIX names no installation, so that the driver was only tested on recordings");
        foreach (var part in new[] { "run", "state", "conf.d" }) Directory.CreateDirectory(Path.Combine(directory, part));
        var leader = new FluxLeader(directory);
        leader.Start();
        while (!File.Exists(Path.Combine(directory, "run", "local"))) await Task.Delay(50, TestContext.Current.CancellationToken);
        await CliWrap.Cli.Wrap(Path.Combine(FluxInstance.Prefix!, "bin", "flux"))
            .WithArguments(["python", "-c", "import flux; flux.Flux().rpc('state-machine.wait', nodeid=0).get()"])
            .WithEnvironmentVariables(e => e.Set("FLUX_URI", leader.Uri)).ExecuteAsync(TestContext.Current.CancellationToken);
        return leader;
    }

    /// <summary>Starts the broker, with what it kept.</summary>
    public void Start()
    {
        string[] arguments =
        [
            "broker", $"--config-path={_directory}/conf.d", $"-Srundir={_directory}/run", $"-Sstatedir={_directory}/state", $"-Slocal-uri={Uri}",
            "-Sbroker.rc2_none", "-Sbroker.quorum=1", "-Sbroker.module-nopanic=1", "-Slog-stderr-level=3", "-Scontent.dump=auto", "-Scontent.restore=auto",
        ];
        _broker = Process.Start(new ProcessStartInfo(Path.Combine(FluxInstance.Prefix!, "bin", "flux"), arguments))!;
    }

    /// <summary>Kills the broker and waits until it is gone.</summary>
    public void Kill()
    {
        _broker!.Kill(entireProcessTree: true);
        _broker.WaitForExit();
        _broker.Dispose();
        File.Delete(Path.Combine(_directory, "run", "local"));
    }

    public async ValueTask DisposeAsync()
    {
        _broker!.Kill(entireProcessTree: true);
        await _broker.WaitForExitAsync(CancellationToken.None);
        _broker.Dispose();
    }
}
