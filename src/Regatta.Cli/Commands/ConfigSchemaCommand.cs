using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Config;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta config schema</c> and <c>regatta config docs</c>: what may stand in a configuration, for editors and for people.</summary>
internal static class ConfigSchemaCommand
{
    public static Command Schema(ITerminal terminal)
    {
        var group = new Argument<string?>("group") { Description = "A group; the whole configuration unless given.", Arity = ArgumentArity.ZeroOrOne };
        var output = new Option<string?>("--output", "-o") { Description = "Write the schema of every group into this directory.", HelpName = "DIR" };
        var command = new Command("schema", "Exports JSON schemas with which editors complete and check configuration files.") { group, output };
        command.SetAction(parsed =>
        {
            var project = ConfigProject.Open(parsed);
            var root = Declared(project);
            var options = project.Composer.Groups.Where(g => project.Composer.OptionsOf(g).Count > 0).ToDictionary(g => g, g => project.Composer.OptionsOf(g), StringComparer.Ordinal);
            if (parsed.GetValue(output) is { } directory)
            {
                foreach (var line in WriteAll(directory, root, options)) terminal.WriteLine(line);
                return (int)ExitCode.Done;
            }

            var name = parsed.GetValue(group);
            terminal.WriteResult(Written(root, name, options).TrimEnd('\n'));
            return (int)ExitCode.Done;
        });
        return command.WithExamples(
            "regatta config schema cluster",
            "regatta config schema --output .vscode/regatta      with the settings for VS Code's YAML extension");
    }

    public static Command Docs(ITerminal terminal)
    {
        var output = new Option<string?>("--output", "-o") { Description = "Write the page to this file.", HelpName = "FILE" };
        var command = new Command("docs", "Writes the page of all keys, docs/configuration.md, from the schemas.") { output };
        command.SetAction(parsed =>
        {
            var project = ConfigProject.Open(parsed);
            var page = SchemaText.Markdown(Declared(project), project.Composer.OptionsOf);
            if (parsed.GetValue(output) is { } file) File.WriteAllText(file, page);
            else terminal.WriteResult(page.TrimEnd('\n'));
            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta config docs --output docs/configuration.md");
    }

    private static StructSchema Declared(ConfigProject project) => project.Schema
        ?? throw new DiagnosticException(Diagnostic.Error("config-no-schema", "these configurations have no schema") with { Help = "only the project's own configuration is declared: leave out --conf" });

    // The files of a group hold what the section of its name holds; those of other groups hold anything of the whole.
    private static StructSchema Of(StructSchema root, string? group)
    {
        if (group is null) return root;
        return root.Fields.FirstOrDefault(f => f.Name == group)?.Hint is StructHint section ? section.Schema : root;
    }

    private static string Written(StructSchema root, string? group, Dictionary<string, IReadOnlyList<string>> options)
    {
        var schema = Of(root, group);
        return JsonSchemaWriter.Write(schema, group ?? "configuration", options, whole: ReferenceEquals(schema, root));
    }

    private static IEnumerable<string> WriteAll(string directory, StructSchema root, Dictionary<string, IReadOnlyList<string>> options)
    {
        System.IO.Directory.CreateDirectory(directory);
        yield return "Settings for VS Code's YAML extension (.vscode/settings.json):";
        yield return "  \"yaml.schemas\": {";
        foreach (var group in options.Keys.Order(StringComparer.Ordinal))
        {
            var file = Path.Combine(directory, group.Replace('/', '-') + ".json");
            File.WriteAllText(file, Written(root, group, options));
            yield return $"    \"{Setting(file)}\": \"conf/{group}/*.yaml\",";
        }

        var whole = Path.Combine(directory, "config.json");
        File.WriteAllText(whole, Written(root, null, options));
        yield return $"    \"{Setting(whole)}\": \"conf/*.yaml\"";
        yield return "  }";
    }

    // What is relative is relative to the folder that VS Code has open.
    private static string Setting(string file) => Path.IsPathRooted(file) || file.StartsWith("./", StringComparison.Ordinal) || file.StartsWith("../", StringComparison.Ordinal) ? file : "./" + file;
}
