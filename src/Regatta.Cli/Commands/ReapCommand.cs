using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Host;
using Regatta.Host.Libvirt;
using Regatta.Machines.Provisioning;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta reap</c>: removes what no live run owns.</summary>
internal static class ReapCommand
{
    public static Command Create(ITerminal terminal)
    {
        var all = new Option<bool>("--all") { Description = "Remove clusters that are kept, too." };
        var command = new Command("reap", "Removes clusters, networks, mounts and files that no live run owns, however their program ended.") { all };
        command.SetAction(async (parsed, cancellation) =>
        {
            var state = StateDirectory.OfProcess();
            var reaper = new Reaper(state, new LocalLibvirt(state, TimeProvider.System), TimeProvider.System);
            var report = await terminal.WatchAsync(monitor => reaper.RunAsync(parsed.GetValue(all), monitor, cancellation));
            terminal.WriteJson("reaped", report, MachinesCliJson.Default.ReapReport);
            foreach (var removed in report.Removed) terminal.WriteLine($"removed  {removed}");
            foreach (var left in report.Left) terminal.WriteLine($"left     {left}");
            if (report.Removed.IsEmpty && report.Left.IsEmpty) terminal.WriteLine("There is nothing to remove.");
            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta reap", "regatta reap --all        kept clusters, too");
    }
}
