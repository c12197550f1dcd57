using System.CommandLine;
using Regatta.Cli.Terminal;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta attach</c>: follows a run that another program works on, until it ends. Any number may follow.</summary>
internal static class AttachCommand
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public static Command Create(ITerminal terminal)
    {
        var directory = new Argument<string>("run") { Description = "The run directory.", HelpName = "RUN" };
        var command = new Command("attach", "Follows a run that goes on in the background until it ends. Ctrl-C ends the following, not the run.") { directory };
        command.SetAction(async (parsed, cancellation) =>
        {
            var run = parsed.GetRequiredValue(directory);
            var standing = RunStanding.Read(run);
            if (standing is { Attended: false, Complete: false })
            {
                throw new DiagnosticException(Diagnostic.Error("run-unattended", $"no program works on '{run}'") with
                {
                    Detail = standing.Words(),
                    Help = $"go on with: regatta resume {RunOptions.Shown(standing.Run)}",
                });
            }

            terminal.WriteLine(standing.Words());
            using var timer = new PeriodicTimer(Look);
            while (standing.Attended && await timer.WaitForNextTickAsync(cancellation))
            {
                var before = standing.Words();
                standing = RunStanding.Read(run);
                if (standing.Words() != before) terminal.WriteLine(standing.Words());
            }

            StatusCommand.Failed(terminal, standing);
            var report = Path.Combine(standing.Run, "report", "index.html");
            if (File.Exists(report)) terminal.WriteLine($"Report: {RunOptions.Shown(report)}");
            terminal.WriteJson("status", standing, StandingJson.Default.RunStanding);
            return (int)(standing.Complete ? ExitCode.Done : ExitCode.Failed);
        });
        return command.WithExamples("regatta attach runs/20260101T120000Z-policies-1a2b3c4d");
    }
}
