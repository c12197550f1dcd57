using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Config;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta config diff</c>: two compositions, or what two runs were made of.</summary>
internal static class ConfigDiffCommand
{
    private const string Recorded = "experiment.yaml";

    public static Command Create(ITerminal terminal)
    {
        var left = new Argument<string>("left") { Description = "A run directory, a YAML file, or overrides in one word: 'quickstart seed=7'." };
        var right = new Argument<string>("right") { Description = "The same, for the other side." };
        var command = new Command("diff", "Shows the values that two configurations have not in common.") { left, right };
        command.SetAction(parsed =>
        {
            var (first, second) = (Read(parsed, parsed.GetRequiredValue(left)), Read(parsed, parsed.GetRequiredValue(right)));
            var differences = ConfigDiff.Compare(first, second).ToList();
            terminal.WriteJson("differences", differences, ConfigJson.Default.ListConfigDifference);
            if (terminal.Json) return (int)ExitCode.Done;
            if (differences.Count == 0) terminal.WriteLine("The configurations are the same.");
            foreach (var difference in differences)
            {
                if (difference.Left is not null) terminal.WriteResult($"- {difference.Path}: {difference.Left}");
                if (difference.Right is not null) terminal.WriteResult($"+ {difference.Path}: {difference.Right}");
            }

            return (int)ExitCode.Done;
        });
        return command.WithExamples(
            "regatta config diff quickstart 'quickstart cluster.workers=8'",
            "regatta config diff runs/BEFORE runs/AFTER");
    }

    private static ConfigNode Read(ParseResult parsed, string side)
    {
        var file = System.IO.Directory.Exists(side) ? Path.Combine(side, Recorded) : side;
        if (File.Exists(file)) return ConfigDiff.Read(File.ReadAllText(file), file);
        if (System.IO.Directory.Exists(side))
            throw new DiagnosticException(Diagnostic.Error("config-no-record", $"'{side}' holds no {Recorded}") with { Help = "give the directory of a run" });
        return ConfigProject.Open(parsed).Compose(side.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Resolve();
    }
}
