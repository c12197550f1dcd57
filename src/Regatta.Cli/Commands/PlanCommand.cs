using System.CommandLine;
using System.Text.Json.Serialization;
using Regatta.Cli.Terminal;
using Regatta.Runs;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta plan</c>: what a run would do, on what, and about how long.</summary>
internal static class PlanCommand
{
    public static Command Create(ITerminal terminal)
    {
        var words = RunOptions.Words();
        var command = new Command("plan", "Shows what a run would do, on what, and about how long; starts nothing.") { words };
        command.SetAction(parsed =>
        {
            var (_, prepared) = RunOptions.Prepare(parsed.GetValue(words) ?? []);
            foreach (var note in prepared.Notes) terminal.Report(note);
            if (prepared.RunsHere) prepared = ImagePreflight.LeaveOutLacking(terminal, prepared, begins: false);
            terminal.Write(PlanView.Render(prepared));
            if (terminal.Json) terminal.WriteJson("plan", prepared.Plan, RunTexts.Default.Plan);
            return (int)ExitCode.Done;
        });
        return command.WithExamples(
            "regatta plan quickstart",
            "regatta plan quickstart scheduler.profile=fifo,backfill,throughput measure.repetitions=5",
            "regatta plan quickstart --json");
    }
}

/// <summary>JSON of plans and runs.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Plan))]
[JsonSerializable(typeof(string))]
internal sealed partial class RunTexts : JsonSerializerContext;
