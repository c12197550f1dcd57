using System.Text.Json;

namespace Regatta.Config.Conformance;

/// <summary>
/// Cases that start an application: what <c>regatta config show</c> prints for the flags of <c>--cfg</c>, and the files of a run.
/// </summary>
internal static class CommandCase
{
    public static string? Run(Case test)
    {
        var arguments = CommandArguments.Parse(test.Arguments);
        var expect = test.Expect;
        var exit = expect.GetProperty("exit_code").GetInt32();
        if (arguments is null) return exit == 0 ? $"the arguments {string.Join(' ', test.Arguments)} are refused" : null;
        try
        {
            if (arguments.Print is null) return Files(test, arguments, expect);
            var text = Printed(test, arguments);
            if (text is null) return exit == 0 ? "there is no such package" : null;
            if (exit != 0) return $"printed, expected exit code {exit}";
            if (!expect.TryGetProperty("stdout", out var wanted)) return null;
            var actual = string.Join('\n', text.Split('\n').Select(l => l.TrimEnd())).TrimEnd();
            return actual == wanted.GetString()!.TrimEnd() ? null : $"printed {JsonSerializer.Serialize(actual)}, expected {wanted.GetRawText()}";
        }
        catch (DiagnosticException e)
        {
            return exit != 0 ? null : $"refused: {e.Message}";
        }
    }

    private static string? Printed(Case test, CommandArguments arguments)
    {
        var composition = CaseRunner.Open(test).Compose(arguments.ConfigName ?? "config", arguments.Overrides);
        if (arguments.Print == "defaults") return DefaultsTable(composition);
        var package = arguments.Package ?? (arguments.Print == "hydra" ? "hydra" : "_global_");
        var node = arguments.Print == "hydra"
            ? arguments.Resolve ? composition.Hydra(package) : composition.HydraNode(package)
            : arguments.Resolve ? composition.Resolve(package) : composition.Find(package);
        if (node is null) return null;
        return arguments.Package is null or "_global_" ? YamlDumper.Dump(node) : $"# @package {package}\n{YamlDumper.Dump(node)}";
    }

    private static string DefaultsTable(Composition composition)
    {
        var rows = composition.AllDefaults.Select(d => new[] { d.Config, d.Package, d.IsSelf ? "True" : "False", d.Parent ?? "" }).ToList();
        string[] header = ["Config path", "Package", "_self_", "Parent"];
        var widths = Enumerable.Range(0, 4).Select(i => rows.Append(header).Max(r => r[i].Length)).ToArray();
        string Line(string[] row) => "| " + string.Join(" | ", row.Select((c, i) => c.PadRight(widths[i]))) + " |";
        var rule = new string('-', Line(header).Length + 1);
        return string.Join('\n', ["", "Defaults List", "*************", Line(header), rule, .. rows.Select(Line), rule]);
    }

    private static string? Files(Case test, CommandArguments arguments, JsonElement expect)
    {
        var composer = CaseRunner.Open(test);
        var name = arguments.ConfigName ?? "config";
        var written = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        try
        {
            if (arguments.Sweeps)
            {
                var plan = SweepPlan.Create(composer, name, arguments.Overrides);
                var sweep = ((ScalarNode)plan.Master.Hydra("hydra.sweep.dir")!).Value;
                written[Join(sweep, "multirun.yaml")] = null;
                foreach (var point in plan.Points())
                {
                    var job = plan.Compose(point);
                    Add(written, job, Join(sweep, ((ScalarNode)job.Hydra("hydra.sweep.subdir")!).Value));
                }
            }
            else
            {
                var job = composer.Compose(name, arguments.Overrides);
                Add(written, job, Join(((ScalarNode)job.Hydra("hydra.run.dir")!).Value, ""));
            }
        }
        catch (DiagnosticException e)
        {
            return expect.GetProperty("exit_code").GetInt32() != 0 || expect.GetProperty("files_written").EnumerateObject().All(f => f.Value.ValueKind == JsonValueKind.Null) ? null : $"refused: {e.Message}";
        }

        foreach (var file in expect.GetProperty("files_written").EnumerateObject())
        {
            if (!written.TryGetValue(file.Name, out var text)) return $"'{file.Name}' is not written, only {string.Join(", ", written.Keys)}";
            if (file.Value.ValueKind == JsonValueKind.String && text != file.Value.GetString()) return $"'{file.Name}' holds {JsonSerializer.Serialize(text)}, expected {file.Value.GetRawText()}";
        }

        return null;
    }

    private static void Add(SortedDictionary<string, string?> written, Composition job, string directory)
    {
        if (job.Hydra("hydra.output_subdir") is ScalarNode { Value: string output })
        {
            written[Join(directory, Join(output, "config.yaml"))] = job.ToYaml();
            written[Join(directory, Join(output, "hydra.yaml"))] = null;
            written[Join(directory, Join(output, "overrides.yaml"))] = YamlDumper.Dump(job.HydraNode("hydra.overrides.task")!);
        }

        written[Join(directory, "app.log")] = null;
    }

    private static string Join(object? directory, object? file)
    {
        var parts = $"{directory}/{file}".Split('/').Where(p => p.Length > 0 && p != ".");
        return string.Join('/', parts);
    }
}

/// <summary>The command line of a case, as far as it means something here.</summary>
internal sealed record CommandArguments(string? Print, string? Package, bool Resolve, bool Sweeps, string? ConfigName, IReadOnlyList<string> Overrides)
{
    public static CommandArguments? Parse(IReadOnlyList<string> arguments)
    {
        string? print = null, package = null, name = null;
        bool resolve = false, sweeps = false;
        var overrides = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "-c" or "--cfg" when i + 1 < arguments.Count && arguments[i + 1] is "job" or "hydra" or "all": print = arguments[++i]; break;
                case "-i" or "--info" when i + 1 < arguments.Count && arguments[i + 1] is "defaults": print = arguments[++i]; break;
                case "-p" or "--package" when i + 1 < arguments.Count: package = arguments[++i]; break;
                case "-cn" or "--config-name" when i + 1 < arguments.Count: name = arguments[++i]; break;
                case "--resolve": resolve = true; break;
                case "-m" or "--multirun": sweeps = true; break;
                case var flag when flag.StartsWith('-'): return null;
                default: overrides.Add(arguments[i]); break;
            }
        }

        return print is not null && sweeps ? null : new CommandArguments(print, package, resolve, sweeps, name, overrides);
    }
}
