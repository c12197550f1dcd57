using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Regatta.Cli;
using Regatta.Cli.Terminal;
using Regatta.Diagnostics;
using Regatta.Host;

var terminal = ConsoleTerminal.ForProcess(json: args.TakeWhile(a => a != "--").Contains("--json"));
return await CommandLine.RunAsync(args, terminal, CancellationToken.None).ConfigureAwait(false);

namespace Regatta.Cli
{
    /// <summary>Runs one command line and turns every outcome into one of the exit codes.</summary>
    public static partial class CommandLine
    {
        /// <summary>Parses and runs <paramref name="args"/>; never throws for what a user can cause.</summary>
        public static async Task<int> RunAsync(IReadOnlyList<string> args, ITerminal terminal, CancellationToken cancellation)
        {
            if (args.Count == 0) args = ["--help"];
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

            try
            {
                // The first Ctrl-C (or SIGTERM) asks the command to clean up, however long that takes; a second one ends the process. The library's own
                // handling waits inside the first signal's handler, so that a second one would not be heard before the end.
                using var interruption = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                var interrupts = 0;
                using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
                using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
                void Interrupt(PosixSignalContext context)
                {
                    context.Cancel = true;
                    if (Interlocked.Increment(ref interrupts) == 1)
                    {
                        interruption.Cancel();
                        return;
                    }

                    terminal.Report(Diagnostic.Warning("interrupted", "ended at once, without cleaning up") with { Help = "regatta reap        removes what is left" });
                    Environment.Exit((int)ExitCode.Interrupted);
                }

                var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
                return await parsed.InvokeAsync(invocation, interruption.Token).ConfigureAwait(false);
            }
            catch (DiagnosticException exception)
            {
                foreach (var diagnostic in exception.Diagnostics) terminal.Report(diagnostic);
                return (int)exception.ExitCode;
            }
            catch (IOException exception) when (DiskSpace.IsSpent(exception))
            {
                terminal.Report(Diagnostic.Error("disk-full", "no space is left on the disk") with { Detail = exception.Message, Help = "make room, then run the command again" });
                return (int)ExitCode.Host;
            }
            catch (OperationCanceledException)
            {
                terminal.Report(Diagnostic.Warning("interrupted", "interrupted; what was done is kept"));
                return (int)ExitCode.Interrupted;
            }
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
}
