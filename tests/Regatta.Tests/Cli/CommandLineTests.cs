using Regatta.Cli;
using Regatta.Cli.Terminal;
using Spectre.Console.Testing;
using Xunit;

namespace Regatta.Tests.Cli;

public sealed class CommandLineTests
{
    private static async Task<(int Code, string Human, string Output)> Run(params string[] args)
    {
        using var human = new TestConsole();
        human.Profile.Width = 200;
        using var output = new StringWriter();
        var terminal = new ConsoleTerminal(args.Contains("--json"), human, output, interactive: false, TimeProvider.System);
        var code = await CommandLine.RunAsync(args, terminal, TestContext.Current.CancellationToken);
        return (code, human.Output, output.ToString());
    }

    [Fact]
    public async Task Names_the_nearest_command()
    {
        var (code, human, _) = await Run("complation", "bash");

        Assert.Equal(2, code);
        Assert.Contains("error[command-line]: Unrecognized command or argument 'complation'", human, StringComparison.Ordinal);
        Assert.Contains("did you mean 'completion'?", human, StringComparison.Ordinal);
        Assert.DoesNotContain("Required command", human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prints_the_script_for_a_shell()
    {
        var (code, _, output) = await Run("completion", "bash");

        Assert.Equal(0, code);
        Assert.Contains("complete -o default -F _regatta regatta", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_command_line_is_a_JSON_line_when_JSON_is_asked_for()
    {
        var (code, _, output) = await Run("completion", "tcsh", "--json");

        Assert.Equal(2, code);
        var line = Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        using var json = System.Text.Json.JsonDocument.Parse(line);
        Assert.Equal("diagnostic", json.RootElement.GetProperty("type").GetString());
        Assert.Equal("command-line", json.RootElement.GetProperty("data").GetProperty("code").GetString());
    }
}
