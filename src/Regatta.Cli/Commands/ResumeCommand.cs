using System.CommandLine;
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
        var accept = new Option<string[]>("--accept") { Description = "A trial that 'regatta trial' wrote: it is taken into the run first. May be given several times.", HelpName = "DIR" };
        var yes = RunOptions.Yes();
        var watch = WatchCommand.Option();
        var command = new Command("resume", "Goes on with a run after any interruption: runs the trials that are missing, and reports.") { directory, accept, yes, watch };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var run = RunDirectory.Open(parsed.GetRequiredValue(directory));
            var plan = RunDirectory.ReadPlan(run.Path);
            // Relative paths of workloads are relative to the directory that the program runs in, as they were at the start.
            var loader = new WorkloadLoader(Installation.OfProcess(), Directory.GetCurrentDirectory());
            var prepared = new Planner(loader.Load).Reopen(plan, ExperimentComposer.Read);
            if (await UnwrittenTrials.SettleAsync(run, plan, TimeProvider.System, cancellation) is > 0 and var removed)
                terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{removed} simulated {(removed == 1 ? "trial was" : "trials were")} cut off by a crash and {(removed == 1 ? "is" : "are")} run again"));
            // What was swapped or moved meanwhile is known before hours are spent on the rest.
            await RunTrials.ReadAsync(run.Path, cancellation);
            await AcceptAsync(terminal, run, parsed.GetValue(accept) ?? [], cancellation);
            var missing = plan.Trials.Where(t => !run.Has(t)).ToList();
            var under = run.ReadJournal().LastOrDefault(e => e.Kind == JournalKind.TrialStarted);
            terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{plan.Trials.Length - missing.Count} of {plan.Trials.Length} trials are there")
                + (missing.Count > 0 && under?.Subject is { } id && missing.Exists(t => t.Id == id) ? $"; {id} was under way and starts anew" : ""));
            if (missing.Count > 0 && prepared.RunsHere) ImagePreflight.Check(terminal, prepared);
            await using var host = missing.Count == 0 || !prepared.RunsHere ? HostPreparation.None : await HostPreparation.EnsureAsync(terminal, plan, parsed.GetValue(yes), cancellation);
            await using var watched = WatchCommand.Serve(terminal, parsed.GetValue(watch), run.Path);
            return await RunCarrier.CarryOutAsync(terminal, run, prepared, cancellation);
        });
        return command.WithExamples(
            "regatta resume runs/20260101T120000Z-quickstart-1a2b3c4d",
            "regatta resume runs/20260101T120000Z-quickstart-1a2b3c4d --accept /tmp/fifo-1 --accept /tmp/backfill-1");
    }

    private static async Task AcceptAsync(ITerminal terminal, RunDirectory run, string[] directories, CancellationToken cancellation)
    {
        if (directories.Length == 0) return;
        using var journal = run.OpenJournal(TimeProvider.System);
        foreach (var directory in directories)
        {
            var trial = await run.AcceptAsync(journal, directory, cancellation);
            terminal.WriteLine($"{trial.Id} is taken in from {directory}");
        }
    }
}
