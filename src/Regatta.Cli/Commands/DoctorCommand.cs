using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Host;
using Regatta.Host.Checks;
using Spectre.Console;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta doctor</c>: what the host lacks, and the command that mends each.</summary>
internal static class DoctorCommand
{
    public static Command Create(ITerminal terminal)
    {
        var fix = new Option<bool>("--fix") { Description = "Install missing packages and raise kernel limits, after showing what will change (needs root)." };
        var all = new Option<bool>("--all") { Description = "Also show checks that passed." };
        var command = new Command("doctor", "Says what this host lacks, and the command that mends it.") { fix, all };
        command.SetAction(async (parsed, cancellation) =>
        {
            var state = StateDirectory.OfProcess();
            var checks = Doctor.Examine(await HostFacts.ReadAsync(state, cancellation));
            if (parsed.GetValue(fix) && Doctor.Commands(checks, refresh: true) is { Count: > 0 } commands)
            {
                terminal.WriteLine("To mend this host:");
                foreach (var line in commands) terminal.WriteLine("  " + string.Join(' ', line));
                checks = await terminal.WatchAsync(monitor => Doctor.FixAsync(state, checks, monitor, cancellation));
            }

            Show(terminal, checks, parsed.GetValue(all));
            return (int)(checks.Any(c => c.State == HostCheckState.Missing) ? ExitCode.Host : ExitCode.Done);
        });
        return command.WithExamples(
            "regatta doctor             what this host lacks",
            "regatta doctor --fix       install and set what can be",
            "regatta doctor --all --json");
    }

    private static void Show(ITerminal terminal, IReadOnlyList<HostCheck> checks, bool all)
    {
        foreach (var check in checks) terminal.WriteJson("check", check, MachinesCliJson.Default.HostCheck);
        var table = new Table().Border(TableBorder.Simple).AddColumns("", "what", "for", "found", "mended by");
        foreach (var check in checks.Where(c => all || c.State != HostCheckState.Good))
        {
            var (mark, colour) = check.State switch
            {
                HostCheckState.Good => ("good", Color.Green),
                HostCheckState.Lacking => ("lacks", Color.Yellow),
                _ => ("MISSING", Color.Red),
            };
            table.AddRow(new Text(mark, new Style(colour)), new Text(check.Name, new Style(decoration: Decoration.Bold)), new Text(check.Purpose), new Text(check.Found), new Text(check.Mend ?? ""));
        }

        if (table.Rows.Count > 0) terminal.Write(table);
        var missing = checks.Count(c => c.State == HostCheckState.Missing);
        terminal.WriteLine(missing == 0 ? "This host has all that Regatta needs."
            : checks.Any(c => c is { State: HostCheckState.Missing, Fixable: true }) ? "'regatta doctor --fix' mends what it can."
            : "This host cannot run everything; see above.");
    }
}
