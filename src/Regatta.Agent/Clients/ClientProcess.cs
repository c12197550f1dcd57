using System.Diagnostics;
using Regatta.Agent.Platform;
using Regatta.Agent.Replaying;

namespace Regatta.Agent.Clients;

/// <summary>The process that runs the clients of a replay.</summary>
internal sealed class ClientProcess : IDisposable
{
    private readonly Process _process;
    private readonly ReplayDirectory _directory;

    private ClientProcess(Process process, ReplayDirectory directory) => (_process, _directory) = (process, directory);

    /// <summary>Starts it.</summary>
    public static ClientProcess Start(ReplayDirectory directory) => new(
        Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["clients", "--directory", directory.Path]) { UseShellExecute = false }) ?? throw new DiagnosticException(Diagnostic.Error("replay-worker", "the clients of the replay do not start")),
        directory);

    /// <summary>Asks it to end and waits until it has.</summary>
    /// <returns>What went wrong; null for nothing.</returns>
    public async Task<string?> EndAsync()
    {
        if (!_process.HasExited) Posix.Signal(_process.Id, Posix.SigTerm);
        await _process.WaitForExitAsync();
        if (_process.ExitCode == 0) return null;
        var words = File.Exists(_directory.ClientLog) ? File.ReadLines(_directory.ClientLog).LastOrDefault() : null;
        return $"the clients ended before the replay: {words ?? $"exit code {_process.ExitCode}"}";
    }

    /// <summary>Ends it, also where the replay failed.</summary>
    public void Dispose()
    {
        if (!_process.HasExited) Posix.Signal(_process.Id, Posix.SigTerm);
        _process.Dispose();
    }
}
