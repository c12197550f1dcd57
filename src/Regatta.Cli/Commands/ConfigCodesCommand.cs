using System.CommandLine;
using Regatta.Cli.Catalogue;
using Regatta.Cli.Terminal;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta config codes</c>: what the codes of diagnostics mean.</summary>
internal static class ConfigCodesCommand
{
    public static Command Create(ITerminal terminal)
    {
        var wanted = new Argument<string?>("code") { Description = "Explain this code only.", Arity = ArgumentArity.ZeroOrOne };
        var output = new Option<string?>("--output", "-o") { Description = "Write the page to this file.", HelpName = "FILE" };
        var command = new Command("codes", "Lists the codes of diagnostics: what each means and what to do, as docs/diagnostics.md.") { wanted, output };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(wanted) is { } code)
            {
                var entry = DiagnosticCatalogue.Find(code) ?? throw Unknown(code);
                terminal.WriteLine($"{entry.Code}: {entry.Meaning}. {entry.Remedy}.");
            }
            else if (parsed.GetValue(output) is { } file)
            {
                File.WriteAllText(file, DiagnosticCatalogue.Page());
            }
            else
            {
                terminal.WriteResult(DiagnosticCatalogue.Page().TrimEnd('\n'));
            }

            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta config codes swf-gzip", "regatta config codes --output docs/diagnostics.md");
    }

    private static DiagnosticException Unknown(string code) => new(Diagnostic.Error("code-unknown", $"there is no code '{code}'") with
    {
        Help = Suggestion.Help(code, [.. DiagnosticCatalogue.Areas.SelectMany(a => a.Entries).Select(e => e.Code)]),
    });
}
