using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Experiments.Composing;
using Regatta.Experiments.Launching;
using Regatta.Experiments.Planning;
using Regatta.Experiments.Running;
using Regatta.Host;
using Regatta.Machines.Provisioning;
using Regatta.Runs;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta trial</c>: runs one trial of a run by itself, on this machine or another one.</summary>
internal static class TrialCommand
{
    public static Command Create(ITerminal terminal)
    {
        var run = new Argument<string>("run") { Description = "The run directory; only its plan is read.", HelpName = "RUN" };
        var id = new Argument<string>("trial") { Description = "The trial, as POINT/REPETITION.", HelpName = "POINT/REPETITION" };
        var output = new Option<string>("--output", "-o") { Description = "Directory that the trial is written to; it must not exist.", HelpName = "DIR", Required = true };
        var owner = new Option<string?>("--owner") { Description = "Id of the run, where RUN is a directory of another name that holds its plan or a part of it.", HelpName = "RUN-ID" };
        var host = new Option<string?>("--host") { Description = "Name of this host for the trial's record.", HelpName = "NAME" };
        var yes = RunOptions.Yes();
        var command = new Command("trial", "Runs one trial of a run by itself. 'regatta resume RUN --accept DIR' takes it into the run.") { run, id, output, owner, host, yes };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(run);
            var place = parsed.GetRequiredValue(output);
            var plan = RunDirectory.ReadPlan(path);
            var trial = Find(plan, parsed.GetRequiredValue(id));
            Require(path, trial, place);
            var loader = new WorkloadLoader(Installation.OfProcess(), Directory.GetCurrentDirectory(), parsed.GetValue(owner) is null ? null : CarriedTraces.Of(path));
            var prepared = new Planner(loader.Load).Reopen(plan with { Points = [plan.Point(trial.Point)] }, ExperimentComposer.Read);
            ImagePreflight.Check(terminal, prepared);
            await using var ready = await HostPreparation.EnsureAsync(terminal, prepared.Plan, parsed.GetValue(yes), cancellation);
            using var machines = new MachineProviders(StateDirectory.OfProcess(), TimeProvider.System);
            var session = new RunSession(Installation.OfProcess(), ImageCommand.Builder(), machines, TimeProvider.System);
            var of = parsed.GetValue(owner) ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
            await terminal.WatchAsync(async monitor =>
            {
                await session.RunTrialAsync(of, prepared, trial, parsed.GetValue(host), place, monitor, cancellation);
                return true;
            });
            terminal.WriteJson("trial", Path.GetFullPath(place), RunTexts.Default.String);
            terminal.WriteLine($"Trial: {RunOptions.Shown(place)}");
            terminal.WriteLine($"Take it into its run with: regatta resume {RunOptions.Shown(path)} --accept {RunOptions.Shown(place)}");
            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta trial runs/20260101T120000Z-quickstart-1a2b3c4d fifo/1 --output /tmp/fifo-1");
    }

    private static PlannedTrial Find(Plan plan, string id)
    {
        if (plan.Trials.FirstOrDefault(t => t.Id == id) is { } trial) return trial;
        var point = id.Split('/')[0];
        var repetitions = plan.Trials.Where(t => t.Point == point).Select(t => t.Id).ToList();
        throw new DiagnosticException(Diagnostic.Error("trial-unknown", $"the plan has no trial '{id}'") with
        {
            Help = repetitions.Count > 0 ? $"choose one of: {string.Join(", ", repetitions)}"
                : Suggestion.Nearest(point, plan.Points.Select(p => p.Name)) is { } near ? $"did you mean '{near}/{(id.Contains('/', StringComparison.Ordinal) ? id[(point.Length + 1)..] : "1")}'?"
                : $"write POINT/REPETITION; the points are: {string.Join(", ", plan.Points.Select(p => p.Name))}",
        });
    }

    private static void Require(string run, PlannedTrial trial, string output)
    {
        if (File.Exists(Path.Combine(run, trial.Directory, TrialFiles.Record)))
        {
            throw new DiagnosticException(Diagnostic.Error("trial-there", $"the run has the trial {trial.Id} already") with
            {
                Where = new SourceRange(Path.Combine(run, trial.Directory)),
                Help = "choose a trial that is missing, or remove this one's directory to repeat it",
            });
        }

        if (!Path.Exists(output)) return;
        throw new DiagnosticException(Diagnostic.Error("output-exists", $"'{output}' exists already") with { Help = "name a directory that does not exist" });
    }
}
