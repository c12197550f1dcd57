using System.Diagnostics;
using Regatta.Agent.Replaying;
using Regatta.Workloads;

namespace Regatta.Agent.Commands;

/// <summary><c>replay --directory DIR</c>: reads a schedule, starts the worker, follows its events.</summary>
internal static class ReplayCommand
{
    /// <summary>Runs the command.</summary>
    /// <param name="arguments">Its options.</param>
    /// <param name="check">Checks the driver and its options that a header names.</param>
    public static int Run(string[] arguments, Action<ReplayHeader> check)
    {
        var directory = new ReplayDirectory(new Arguments("replay", arguments, "--directory").Required("--directory"));
        if (directory.Exists)
        {
            Console.Error.WriteLine(Diagnostic.Error("replay-exists", $"{directory.Path} holds a replay already") with { Help = $"follow it: regatta-agent follow --directory {directory.Path} --from 0" });
            return ReplayExit.Exists;
        }

        using var input = Console.OpenStandardInput();
        // A wrong option is told to the caller and not to a log.
        directory.Create(input, check);
        using var worker = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["worker", "--directory", directory.Path]) { UseShellExecute = false })
            ?? throw new DiagnosticException(Diagnostic.Error("replay-worker", "the worker of the replay does not start"));
        return FollowCommand.Follow(directory, 0, Console.OpenStandardOutput(), () => worker.HasExited);
    }
}
