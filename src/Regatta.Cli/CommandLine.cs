using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Regatta.Cli.Catalogue;
using Regatta.Cli.Terminal;

namespace Regatta.Cli;

/// <summary>Runs one command line and turns every outcome into one of the exit codes.</summary>
public static partial class CommandLine
{
    /// <summary>
    /// Parses and runs <paramref name="args"/>; never throws. Output that could not be written ends a command that did all else with
    /// <see cref="ExitCode.Host"/>; a pipe whose reader has ended counts as written.
    /// </summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, ITerminal terminal, CancellationToken cancellation)
    {
        int code;
        try
        {
            code = await ParseAndInvokeAsync(args.Count == 0 ? ["--help"] : args, terminal, cancellation);
        }
#pragma warning disable CA1031 // The last handler: whatever comes here is told to the user, who cannot do anything with a crash.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var diagnostics = ProgramFault.Diagnostics(exception);
            foreach (var diagnostic in diagnostics) terminal.Report(diagnostic);
            code = (int)DiagnosticCatalogue.ExitCodeOf(diagnostics);
        }

        if (terminal.WriteFault is not { } fault) return code;
        terminal.Report(ProgramFault.OutputLost(fault));
        return code == (int)ExitCode.Done ? (int)ExitCode.Host : code;
    }

    private static async Task<int> ParseAndInvokeAsync(IReadOnlyList<string> args, ITerminal terminal, CancellationToken cancellation)
    {
        var root = RegattaCommand.Create(terminal, args[0]);
        // "@" begins a package in an override; it is no response file here.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (MistypedOption(parsed) is { } mistyped)
        {
            terminal.Report(UsageError($"Unrecognized option '{mistyped}'", parsed, mistyped));
            return (int)ExitCode.Usage;
        }

        if (parsed.Errors.Count > 0)
        {
            // A word that is not known makes the parser say as well that a command is missing: the first cause is enough.
            var unknown = parsed.Errors.Where(e => parsed.UnmatchedTokens.Any(t => e.Message.Contains(t, StringComparison.Ordinal))).ToList();
            foreach (var error in unknown.Count > 0 ? unknown : parsed.Errors)
                terminal.Report(UsageError(error.Message, parsed));
            return (int)ExitCode.Usage;
        }

        using var interruption = new Interruption(terminal, cancellation);
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = terminal.Output };
        return await parsed.InvokeAsync(invocation, interruption.Token);
    }

    // A command that takes any words as arguments, such as the names of runs, takes an option that nobody knows as one of them.
    private static string? MistypedOption(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        // What is run on a node has options of its own.
        if (command.Arguments.Any(a => a.Name == "command")) return null;
        var words = parsed.Tokens.TakeWhile(t => t.Type != TokenType.DoubleDash)
            .Where(t => t.Type == TokenType.Argument && OptionLike().IsMatch(t.Value)).Select(t => t.Value.Split('=')[0]);
        // Of what else is no override, the parser of overrides knows what it was meant to be.
        if (command.Arguments.Any(a => a.Name is "experiment" or "override"))
            words = words.Where(w => w.StartsWith("--", StringComparison.Ordinal) && Suggestion.Nearest(w, OptionNames(command)) is not null);
        return words.FirstOrDefault();
    }

    private static IEnumerable<string> OptionNames(Command command) => command.Options.SelectMany(o => o.Aliases.Prepend(o.Name));

    [GeneratedRegex(@"\A(-[A-Za-z]|--[A-Za-z][A-Za-z-]*)(=.*)?\z", RegexOptions.Singleline)]
    private static partial Regex OptionLike();

    private static Diagnostic UsageError(string message, ParseResult parsed, string? unknown = null)
    {
        var command = parsed.CommandResult.Command;
        unknown ??= parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null;
        var nearest = unknown is null
            ? null
            : Suggestion.Nearest(unknown, command.Subcommands.Select(c => c.Name).Concat(OptionNames(command)));
        return Diagnostic.Error("command-line", message.TrimEnd('.')) with
        {
            Help = (nearest is null ? "" : $"did you mean '{nearest}'?\n") + $"'{Path(command)} --help' shows how to use it",
        };
    }

    private static string Path(Command command)
    {
        var names = new List<string>();
        for (Symbol? symbol = command; symbol is not null; symbol = symbol.Parents.FirstOrDefault())
            names.Insert(0, symbol is RootCommand ? "regatta" : symbol.Name);
        return string.Join(' ', names);
    }
}
