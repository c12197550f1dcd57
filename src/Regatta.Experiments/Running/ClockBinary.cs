using System.Text;
using CliWrap;
using Regatta.Host;

namespace Regatta.Experiments.Running;

/// <summary>The virtual clock: a library that programs preload and a governor, built from source when they are not there or older than it.</summary>
public sealed class ClockBinary(Installation installation)
{
    /// <summary>The library, which is built last.</summary>
    public const string Library = "regatta-clock.so";

    /// <summary>Returns the directory of the clock, building it first where needed.</summary>
    /// <exception cref="DiagnosticException">It cannot be built.</exception>
    public async Task<string> EnsureAsync(IActivityMonitor monitor, CancellationToken cancellation)
    {
        var output = installation.Clock;
        if (IsFresh(output)) return output;
        using var building = await FileLock.AcquireAsync(Path.Combine(installation.Artifacts, "clock.lock"), cancellation);
        if (IsFresh(output)) return output;
        monitor.Report(new Activity("clock", "regatta-clock", "building the virtual clock"));
        var log = new StringBuilder();
        var code = (await Cli.Wrap("sh")
            .WithArguments([Path.Combine(installation.ClockSource, "build.sh"), output])
            .WithStandardOutputPipe(PipeTarget.ToStringBuilder(log))
            .WithStandardErrorPipe(PipeTarget.ToStringBuilder(log))
            .WithValidation(CommandResultValidation.None)
            .ExecuteAsync(cancellation)).ExitCode;
        if (code == 0)
        {
            monitor.Report(new Activity("clock", "regatta-clock", "built", ActivityState.Done));
            return output;
        }

        monitor.Report(new Activity("clock", "regatta-clock", "not built", ActivityState.Failed));
        var lines = log.ToString().Split('\n');
        throw new DiagnosticException(Diagnostic.Error("clock-build", "the virtual clock could not be built") with
        {
            Detail = string.Join('\n', lines[..Math.Min(20, lines.Length)]).Trim(), Help = "it needs a C compiler: regatta doctor --fix",
        });
    }

    private bool IsFresh(string output)
    {
        var last = Path.Combine(output, Library + ".b64");
        if (!File.Exists(last)) return false;
        return installation.IsRelease || Directory.EnumerateFiles(installation.ClockSource).All(f => File.GetLastWriteTimeUtc(f) <= File.GetLastWriteTimeUtc(last));
    }
}
