using Regatta.Agent.Replaying;
using Regatta.Diagnostics;

namespace Regatta.Agent.Commands;

/// <summary><c>cancel --directory DIR</c>: asks the worker to cancel all jobs and end, and waits until it has.</summary>
internal static class CancelCommand
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    public static int Run(string[] arguments)
    {
        var directory = new ReplayDirectory(new Arguments("cancel", arguments, "--directory").Required("--directory"));
        if (!directory.Exists) throw new DiagnosticException(Diagnostic.Error("replay-missing", $"there is no replay in {directory.Path}") with { ExitCode = ExitCode.Host });
        File.WriteAllText(directory.CancelMark, "");
        while (!directory.Over && directory.IsAlive()) Thread.Sleep(Poll);
        return 0;
    }
}
