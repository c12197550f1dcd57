using System.CommandLine;
using Regatta.Cli.Terminal;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta status</c>: how far a run is, whoever works on it.</summary>
internal static class StatusCommand
{
    // More are counted; the report and --json name all.
    private const int MostFailed = 10;

    public static Command Create(ITerminal terminal)
    {
        var directory = new Argument<string>("run") { Description = "The run directory.", HelpName = "RUN" };
        var command = new Command("status", "Tells how far a run is, and what failed; changes nothing.") { directory };
        command.SetAction(parsed =>
        {
            var standing = RunStanding.Read(parsed.GetRequiredValue(directory));
            terminal.WriteLine(standing.Words());
            Failed(terminal, standing);
            if (!standing.Attended && !standing.Complete) terminal.WriteLine($"Go on with: regatta resume {RunOptions.Shown(standing.Run)}");
            terminal.WriteJson("status", standing, StandingJson.Default.RunStanding);
            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta status runs/20260101T120000Z-policies-1a2b3c4d");
    }

    /// <summary>Names what failed, each with the end of its log.</summary>
    public static void Failed(ITerminal terminal, RunStanding standing)
    {
        foreach (var (trial, reason, log) in standing.Failed.Take(MostFailed))
        {
            terminal.WriteLine($"  {trial}: {reason}");
            foreach (var line in log.Split('\n', StringSplitOptions.RemoveEmptyEntries)) terminal.WriteLine("    | " + line);
        }

        if (standing.Failed.Count > MostFailed) terminal.WriteLine($"  and {standing.Failed.Count - MostFailed} more");
    }
}
