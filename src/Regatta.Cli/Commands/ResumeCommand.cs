using System.CommandLine;
using System.Globalization;
using Regatta.Cli.Terminal;
using Regatta.Experiments.Composing;
using Regatta.Experiments.Planning;
using Regatta.Host;
using Regatta.Runs;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta resume</c>: goes on with a run that was interrupted, or whose trials failed.</summary>
internal static class ResumeCommand
{
    public static Command Create(ITerminal terminal)
    {
        var directory = new Argument<string>("run") { Description = "The run directory.", HelpName = "RUN" };
        var yes = RunOptions.Yes();
        var command = new Command("resume", "Goes on with a run after any interruption: runs the trials that are missing, and reports.") { directory, yes };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var run = RunDirectory.Open(parsed.GetRequiredValue(directory));
            var plan = RunDirectory.ReadPlan(run.Path);
            // Relative paths of workloads are relative to the directory that the program runs in, as they were at the start.
            var loader = new WorkloadLoader(Installation.OfProcess(), Directory.GetCurrentDirectory());
            var prepared = new Planner(loader.Load).Reopen(plan, ExperimentComposer.Read);
            // What was swapped or moved meanwhile is known before hours are spent on the rest.
            await RunTrials.ReadAsync(run.Path, cancellation);
            var missing = plan.Trials.Where(t => !run.Has(t)).ToList();
            var under = run.ReadJournal().LastOrDefault(e => e.Kind == JournalKind.TrialStarted);
            terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{plan.Trials.Length - missing.Count} of {plan.Trials.Length} trials are there")
                + (missing.Count > 0 && under?.Subject is { } id && missing.Exists(t => t.Id == id) ? $"; {id} was under way and starts anew" : ""));
            RunOptions.CheckLacking(terminal, prepared);
            await RunOptions.PrepareHostAsync(terminal, plan, parsed.GetValue(yes), cancellation).ConfigureAwait(false);
            return await RunOptions.CarryOutAsync(terminal, run, prepared, cancellation).ConfigureAwait(false);
        });
        return command.WithExamples("regatta resume runs/20260101T120000Z-quickstart-1a2b3c4d");
    }
}
