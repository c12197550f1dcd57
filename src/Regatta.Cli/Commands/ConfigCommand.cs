using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Config;
using Regatta.Experiments.Composing;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta config</c>: shows, checks, explains and documents configurations.</summary>
internal static class ConfigCommand
{
    public static Command Create(ITerminal terminal)
    {
        var command = new Command("config", "Shows, checks and explains configurations; exports their schemas.")
        {
            Show(terminal),
            Check(terminal),
            Groups(terminal),
            Explain(terminal),
            ConfigSchemaCommand.Schema(terminal),
            ConfigSchemaCommand.Docs(terminal),
            ConfigCodesCommand.Create(terminal),
            ConfigDiffCommand.Create(terminal),
        };
        command.Add(ConfigProject.Directory());
        command.Add(ConfigProject.Name());
        return command.WithExamples(
            "regatta config show quickstart --resolve                     what an experiment is, in full",
            "regatta config explain cluster.workers cluster.workers=8     where a value comes from",
            "regatta config show --conf DIR                               compose any directory in Hydra's form");
    }

    private static Command Show(ITerminal terminal)
    {
        var words = ConfigProject.Words();
        var resolve = new Option<bool>("--resolve") { Description = "Follow every reference." };
        var package = new Option<string?>("--package", "-p") { Description = "Show this part only.", HelpName = "KEY" };
        var tree = new Option<bool>("--defaults-tree") { Description = "Show which configurations are merged, in order, and what chose them." };
        var origin = new Option<bool>("--origin") { Description = "Show behind each value where it is written." };
        var command = new Command("show", "Prints a composed configuration as YAML.") { words, resolve, package, tree, origin };
        command.SetAction(parsed =>
        {
            var composition = ConfigProject.Open(parsed).Compose(parsed.GetValue(words) ?? []);
            if (parsed.GetValue(tree))
            {
                foreach (var line in ConfigViews.Tree(DefaultsTreeView.Of(composition))) terminal.WriteResult(line);
                return (int)ExitCode.Done;
            }

            var path = parsed.GetValue(package) ?? "";
            var node = Part(composition, path, parsed.GetValue(resolve));
            if (terminal.Json)
            {
                terminal.WriteJson("config", ConfigViews.Json(node), ConfigJson.Default.JsonElement);
                return (int)ExitCode.Done;
            }

            if (path.Length > 0 && path != "_global_") terminal.WriteResult($"# @package {path}");
            if (parsed.GetValue(origin))
            {
                foreach (var line in ConfigViews.WithOrigins(node)) terminal.WriteResult(line);
            }
            else
            {
                terminal.WriteResult(YamlDumper.Dump(node).TrimEnd('\n'));
            }

            return (int)ExitCode.Done;
        });
        return command.WithExamples(
            "regatta config show quickstart",
            "regatta config show quickstart seed=7 --package cluster --origin",
            "regatta config show quickstart --defaults-tree");
    }

    private static ConfigNode Part(Composition composition, string path, bool resolve)
    {
        if (path.StartsWith("hydra", StringComparison.Ordinal) && composition.HydraNode(path) is { } own) return resolve ? composition.Hydra(path)! : own;
        var node = resolve ? composition.Resolve(path) : composition.Find(path);
        // A story of what is not there says what is there.
        return node ?? throw new DiagnosticException(ConfigViews.Missing(composition, path));
    }

    private static Command Check(ITerminal terminal)
    {
        var words = ConfigProject.Words();
        var command = new Command("check", "Checks every reference, mandatory value and type, before anything runs.") { words };
        command.SetAction(parsed =>
        {
            var project = ConfigProject.Open(parsed);
            var plan = SweepPlan.Create(project.Composer, project.Primary, project.Overrides(parsed.GetValue(words) ?? []));
            var checkedPoints = 0;
            var faults = 0;
            foreach (var point in plan.Points())
            {
                // Named points of an experiment may choose other kinds; each of them is prepared below.
                var composition = plan.Compose(point, project.HasExperiments ? ComposeMode.Sweep : ComposeMode.Run);
                var found = project.Check(composition);
                foreach (var diagnostic in found) terminal.Report(diagnostic);
                faults += found.Count(d => d.Severity == Severity.Error);
                checkedPoints++;
                if (faults > 0) break;
            }

            if (faults > 0) return (int)ExitCode.Usage;
            // The same checks as before a run: what a plan would refuse is no complete configuration.
            if (project.HasExperiments && project.Primary == ExperimentComposer.Primary)
            {
                foreach (var note in RunOptions.Prepare(parsed.GetValue(words) ?? []).Prepared.Notes) terminal.Report(note);
            }

            terminal.WriteLine(checkedPoints == 1 ? "The configuration is complete, and every reference leads somewhere." : $"All {checkedPoints} configurations of the sweep are complete, and every reference leads somewhere.");
            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta config check quickstart", "regatta config check quickstart seed=1,2,3");
    }

    private static Command Groups(ITerminal terminal)
    {
        var name = new Argument<string?>("group") { Description = "A group; all of them unless given.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("groups", "Lists the groups and the options that each can be set to.") { name };
        command.SetAction(parsed =>
        {
            var composer = ConfigProject.Open(parsed).Composer;
            var wanted = parsed.GetValue(name);
            if (wanted is not null && !composer.HasGroup(wanted))
            {
                throw new DiagnosticException(Diagnostic.Error("config-no-such-group", $"there is no group '{wanted}'") with
                {
                    Help = Suggestion.Help(wanted, composer.Groups.ToList()),
                });
            }

            var groups = (wanted is null ? composer.Groups : [wanted]).Select(g => new ConfigGroup(g, composer.OptionsOf(g))).Where(g => wanted is not null || g.Options.Count > 0).ToList();
            terminal.WriteJson("groups", groups, ConfigJson.Default.ListConfigGroup);
            var width = groups.Count == 0 ? 0 : groups.Max(g => g.Name.Length);
            if (!terminal.Json)
            {
                foreach (var group in groups) terminal.WriteResult($"{group.Name.PadRight(width)}  {string.Join(", ", group.Options)}");
            }

            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta config groups", "regatta config groups experiment");
    }

    private static Command Explain(ITerminal terminal)
    {
        var key = new Argument<string>("key") { Description = "The value's path, such as cluster.workers." };
        var words = ConfigProject.Words();
        var command = new Command("explain", "Tells the whole story of one value: every place that set it, in order, and why the last one won.") { key, words };
        command.SetAction(parsed =>
        {
            var project = ConfigProject.Open(parsed);
            var composition = project.Compose(parsed.GetValue(words) ?? []);
            var story = ConfigStory.Of(composition, parsed.GetRequiredValue(key));
            terminal.WriteJson("story", ConfigStoryJson.Of(story), ConfigJson.Default.ConfigStoryJson);
            if (terminal.Json) return (int)ExitCode.Done;
            foreach (var line in ConfigViews.Story(story, composition)) terminal.WriteResult(line);
            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta config explain cluster.workers quickstart", "regatta config explain seed seed=7");
    }
}
