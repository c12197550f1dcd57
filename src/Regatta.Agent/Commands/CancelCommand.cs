using Regatta.Agent.Platform;
using Regatta.Agent.Replaying;
using Regatta.Workloads;

namespace Regatta.Agent.Commands;

/// <summary><c>cancel --directory DIR</c>: asks the worker to cancel all jobs and end, and waits until it has.</summary>
internal static class CancelCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public static int Run(string[] arguments)
    {
        var directory = new ReplayDirectory(new Arguments("cancel", arguments, "--directory").Required("--directory"));
        if (!directory.Exists) return FollowCommand.Missing(directory);
        using var watch = new DirectoryWatch(directory.Path, writes: false);
        File.WriteAllText(directory.CancelMark, "");
        while (!directory.Over && directory.IsAlive()) watch.Wait(Patience);
        return ReplayExit.Done;
    }
}
