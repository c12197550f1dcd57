using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Runs;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta run</c>: an experiment from its configuration to its report.</summary>
internal static class RunCommand
{
    public static Command Create(ITerminal terminal)
    {
        var words = RunOptions.Words();
        var yes = RunOptions.Yes();
        var runs = new Option<string>("--runs") { Description = "Where the run directory is made.", HelpName = "DIRECTORY", DefaultValueFactory = _ => "runs" };
        var prepare = new Option<bool>("--prepare") { Description = "Make the run directory and stop; 'regatta trial' runs its trials one by one, 'regatta resume' those that are missing." };
        var detach = new Option<bool>("--detach") { Description = "Go on in the background and return at once: 'regatta status' tells how far it is, 'regatta attach' follows it." };
        var watch = WatchCommand.Option();
        var command = new Command("run", "Runs an experiment: builds, provisions, configures, replays, reports.") { words, yes, runs, prepare, detach, watch };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (composed, prepared) = RunOptions.Prepare(parsed.GetValue(words) ?? []);
            foreach (var note in prepared.Notes) terminal.Report(note);
            // Elsewhere each host looks for itself.
            if (prepared.RunsHere) prepared = ImagePreflight.LeaveOutLacking(terminal, prepared, begins: true);
            terminal.Write(PlanView.Render(prepared));
            await using var host = parsed.GetValue(prepare) || parsed.GetValue(detach) || !prepared.RunsHere ? HostPreparation.None : await HostPreparation.EnsureAsync(terminal, prepared.Plan, parsed.GetValue(yes), cancellation);
            using var run = RunDirectory.Create(parsed.GetValue(runs)!, new RunContent(composed.Yaml, composed.Overrides, prepared.Plan), TimeProvider.System.GetUtcNow());
            terminal.WriteJson("run", run.Path, RunTexts.Default.String);
            if (parsed.GetValue(prepare))
            {
                terminal.WriteLine($"Run: {RunOptions.Shown(run.Path)}");
                return (int)ExitCode.Done;
            }

            if (parsed.GetValue(detach))
            {
                run.Dispose();
                Detached.Start(run.Path, parsed.GetValue(yes));
                terminal.WriteLine($"Run: {RunOptions.Shown(run.Path)}");
                terminal.WriteLine($"It goes on in the background. Follow it with: regatta attach {RunOptions.Shown(run.Path)}");
                return (int)ExitCode.Done;
            }

            await using var watched = WatchCommand.Serve(terminal, parsed.GetValue(watch), run.Path);
            return await RunCarrier.CarryOutAsync(terminal, run, prepared, cancellation);
        });
        return command.WithExamples(
            "regatta run quickstart --yes                                   everything, from nothing",
            "regatta run policies                                           the reference scheduler's policies, simulated",
            "regatta run quickstart scheduler.profile=fifo,throughput       other points",
            "regatta run quickstart workload=trace workload.file=trace.swf workload.scale=fit",
            "regatta run reference workload=trace workload.file=t.swf scheduler.policy=easy");
    }
}
