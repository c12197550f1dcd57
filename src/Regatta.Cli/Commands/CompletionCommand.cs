using System.CommandLine;
using Regatta.Cli.Terminal;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta completion</c>: the script that makes a shell complete commands and options.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _regatta() {
            local IFS=$'\n'
            COMPREPLY=($(regatta "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null))
        }
        complete -o default -F _regatta regatta
        """;

    private const string Zsh = """
        #compdef regatta
        _regatta() {
            local -a candidates
            candidates=("${(@f)$(regatta "[suggest:${#BUFFER}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a candidates
        }
        compdef _regatta regatta
        """;

    private const string Fish = """
        complete -c regatta -f -a '(regatta "[suggest:"(string length -- (commandline -cp))"]" (commandline -cp) 2>/dev/null)'
        """;

    public static Command Create(ITerminal terminal)
    {
        var shell = new Argument<string>("shell") { Description = "The shell: bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Prints the script that makes a shell complete commands and options.") { shell };
        command.SetAction(parsed => terminal.WriteResult(parsed.GetRequiredValue(shell) switch
        {
            "zsh" => Zsh,
            "fish" => Fish,
            _ => Bash,
        }));
        return command.WithExamples(
            "source <(regatta completion bash)",
            "regatta completion fish > ~/.config/fish/completions/regatta.fish");
    }
}
