using Regatta.Cli;
using Regatta.Cli.Catalogue;
using Regatta.Cli.Terminal;
using Regatta.Host;

HostUser.KeepOthersFromWriting();
var terminal = ConsoleTerminal.ForProcess(json: args.TakeWhile(a => a != "--").Contains("--json"));
// What a thread of its own throws ends the process: it says why as everything else does.
AppDomain.CurrentDomain.UnhandledException += (_, thrown) =>
{
    var diagnostics = ProgramFault.Diagnostics((Exception)thrown.ExceptionObject);
    foreach (var diagnostic in diagnostics) terminal.Report(diagnostic);
    Environment.Exit((int)DiagnosticCatalogue.ExitCodeOf(diagnostics));
};
return await CommandLine.RunAsync(args, terminal, CancellationToken.None);
