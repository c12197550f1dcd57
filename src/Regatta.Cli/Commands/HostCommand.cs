using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Host;
using Regatta.Host.Libvirt;
using Regatta.Machines.Provisioning;
using Spectre.Console;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta host</c>: the libvirt that machines run on.</summary>
internal static class HostCommand
{
    public static Command Create(ITerminal terminal) =>
        new Command("host", "Starts and ends the libvirt that machines run on.")
        {
            Up(terminal),
            Status(terminal),
            Down(terminal),
        }.WithExamples(
            "regatta host status        what runs",
            "regatta host down          ends Regatta's own libvirt");

    private static Command Up(ITerminal terminal)
    {
        var command = new Command("up", "Makes sure that libvirt answers; starts Regatta's own where no systemd does. Clusters do this by themselves.");
        command.SetAction(async (_, cancellation) =>
        {
            var libvirt = new LocalLibvirt(StateDirectory.OfProcess(), TimeProvider.System);
            await terminal.WatchAsync(monitor => libvirt.EnsureAsync(monitor, cancellation));
            Show(terminal, await libvirt.StatusAsync(cancellation));
            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta host up");
    }

    private static Command Status(ITerminal terminal)
    {
        var command = new Command("status", "Says which libvirt is used and whether it answers.");
        command.SetAction(async (_, cancellation) =>
        {
            var libvirt = new LocalLibvirt(StateDirectory.OfProcess(), TimeProvider.System);
            Show(terminal, await libvirt.StatusAsync(cancellation));
            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta host status", "regatta host status --json");
    }

    private static Command Down(ITerminal terminal)
    {
        var all = new Option<bool>("--all") { Description = "Take down the clusters that are kept, too." };
        var command = new Command("down", "Removes what nobody owns, then ends Regatta's own libvirt.") { all };
        command.SetAction(async (parsed, cancellation) =>
        {
            var state = StateDirectory.OfProcess();
            var libvirt = new LocalLibvirt(state, TimeProvider.System);
            var ended = await terminal.WatchAsync(async monitor =>
            {
                var reaped = await new Reaper(state, libvirt, TimeProvider.System).RunAsync(parsed.GetValue(all), monitor, cancellation);
                if (reaped.Left.Length > 0 && libvirt.IsPrivate)
                {
                    throw new DiagnosticException(Diagnostic.Error("host-in-use", "clusters still run on Regatta's own libvirt") with
                    {
                        Detail = string.Join('\n', reaped.Left),
                        Help = "take them down first; 'regatta host down --all' removes kept ones, too",
                    });
                }

                return await libvirt.StopAsync(cancellation);
            });
            terminal.WriteLine(!libvirt.IsPrivate ? "The system's libvirt is left as it is." : ended ? "Regatta's own libvirt has ended." : "Regatta's own libvirt does not run.");
            terminal.WriteJson("host", await libvirt.StatusAsync(cancellation), MachinesCliJson.Default.LibvirtStatus);
            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta host down", "regatta host down --all       kept clusters, too");
    }

    private static void Show(ITerminal terminal, LibvirtStatus status)
    {
        terminal.WriteJson("host", status, MachinesCliJson.Default.LibvirtStatus);
        var grid = new Grid().AddColumn().AddColumn();
        grid.AddRow(new Text("libvirt"), new Text(status.Kind == "private" ? "Regatta's own" : "the system's"));
        grid.AddRow(new Text("answers"), new Text(status.Running ? "yes" : "no"));
        grid.AddRow(new Text("socket"), new Text(status.Socket));
        if (status.Libvirtd is { } libvirtd) grid.AddRow(new Text("libvirtd"), new Text($"process {libvirtd}"));
        if (status.Virtlogd is { } virtlogd) grid.AddRow(new Text("virtlogd"), new Text($"process {virtlogd}"));
        terminal.Write(grid);
    }
}
