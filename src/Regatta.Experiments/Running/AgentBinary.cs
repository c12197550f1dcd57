using System.Text;
using CliWrap;
using Regatta.Host;

namespace Regatta.Experiments.Running;

/// <summary>The native agent: built from source when it is not there or older than its source.</summary>
public sealed class AgentBinary(Installation installation)
{
    private static readonly string[] Sources = ["Regatta.Agent", "Regatta.Workloads", "Regatta.Diagnostics"];

    private string Output => installation.Agent;

    /// <summary>Where the binary lies.</summary>
    public string Path => installation.AgentProgram;

    /// <summary>Returns the path of the binary, building it first where needed.</summary>
    /// <exception cref="DiagnosticException">It cannot be built.</exception>
    public async Task<string> EnsureAsync(IActivityMonitor monitor, CancellationToken cancellation)
    {
        if (IsFresh()) return Path;
        // Two programs that build into one directory break each other's build.
        using var building = await FileLock.AcquireAsync(System.IO.Path.Combine(installation.Artifacts, "agent.lock"), cancellation);
        if (IsFresh()) return Path;
        monitor.Report(new Activity("agent", "regatta-agent", "building the native binary"));
        var (code, log) = await DotnetAsync(["publish", installation.AgentSource, "-o", Output], cancellation);
        if (code == 0 && File.Exists(Path))
        {
            // Publishing leaves an unchanged binary as it is; its time says when it was last known to be right.
            File.SetLastWriteTimeUtc(Path, DateTime.UtcNow);
            monitor.Report(new Activity("agent", "regatta-agent", "built", ActivityState.Done));
            return Path;
        }

        var lines = log.Split('\n');
        monitor.Report(new Activity("agent", "regatta-agent", "not built", ActivityState.Failed));
        throw new DiagnosticException(Diagnostic.Error("agent-build", "the native agent could not be built") with
        {
            Detail = string.Join('\n', lines[^Math.Min(20, lines.Length)..]),
            Help = "it needs the .NET 10 SDK, a C compiler and zlib's headers: regatta doctor --fix",
        });
    }

    /// <summary>
    /// Does all of the building but the linking, which alone needs a compiler of C: for a host that is only just getting one. A fault is left to
    /// <see cref="EnsureAsync"/>, which meets it again.
    /// </summary>
    public async Task CompileAsync(CancellationToken cancellation)
    {
        if (IsFresh()) return;
        using var building = await FileLock.AcquireAsync(System.IO.Path.Combine(installation.Artifacts, "agent.lock"), cancellation);
        // Publishing up to the object file, with the inputs that it will have, so that it finds it up to date. A linker and objcopy are looked for
        // before that, and not run.
        await DotnetAsync(
            [
                "build", installation.AgentSource, "-t:Build;ComputeResolvedFilesToPublishList;IlcCompile", "-p:_IsPublishing=true", "-p:CppLinker=true", "-p:ObjCopyName=true",
            ],
            cancellation);
    }

    private static async Task<(int Code, string Log)> DotnetAsync(IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var log = new StringBuilder();
        var build = Cli.Wrap("dotnet")
            .WithArguments([.. arguments, "-c", "Release", "-v", "quiet", "--nologo", "-p:RunAnalyzers=false"])
            .WithStandardOutputPipe(PipeTarget.ToStringBuilder(log))
            .WithStandardErrorPipe(PipeTarget.ToStringBuilder(log))
            .WithValidation(CommandResultValidation.None);
        try
        {
            return ((await build.ExecuteAsync(cancellation)).ExitCode, log.ToString());
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            return (127, log + exception.Message);
        }
    }

    private bool IsFresh()
    {
        if (!File.Exists(Path)) return false;
        var built = File.GetLastWriteTimeUtc(Path);
        return Sources.All(project => NewestSource(System.IO.Path.Combine(installation.Root, "src", project)) <= built);
    }

    private static DateTime NewestSource(string directory) =>
        !Directory.Exists(directory)
            ? DateTime.MinValue
            : Directory.EnumerateFiles(directory, "*.cs*", SearchOption.AllDirectories)
                .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
                .Select(File.GetLastWriteTimeUtc)
                .DefaultIfEmpty(DateTime.MinValue)
                .Max();
}
