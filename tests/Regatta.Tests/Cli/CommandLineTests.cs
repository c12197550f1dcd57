using System.CommandLine;
using System.CommandLine.Parsing;
using Regatta.Cli;
using Regatta.Cli.Terminal;

namespace Regatta.Tests.Cli;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Names_the_nearest_command()
    {
        var (code, human, _) = await ProgramRun.Of("complation", "bash");

        Assert.Equal(2, code);
        Assert.Contains("error[command-line]: Unrecognized command or argument 'complation'", human, StringComparison.Ordinal);
        Assert.Contains("did you mean 'completion'?", human, StringComparison.Ordinal);
        Assert.DoesNotContain("Required command", human, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("query --formt csv", "--formt", "--format")]
    [InlineData("query --rnus elsewhere", "--rnus", "--runs")]
    [InlineData("report --no-figure", "--no-figure", "--no-figures")]
    [InlineData("report latest --ouput=a.html", "--ouput", "--output")]
    [InlineData("compare latest --bseline fifo", "--bseline", "--baseline")]
    [InlineData("run quickstart --yse", "--yse", "--yes")]
    [InlineData("workload generate esp --outptu x.swf", "--outptu", "--output")]
    public async Task An_option_that_is_mistyped_is_no_argument(string line, string mistyped, string meant)
    {
        (await ProgramRun.Of(line.Split(' '))).Says(
            2,
            $"error[command-line]: Unrecognized option '{mistyped}'",
            $"did you mean '{meant}'?");
    }

    [Fact]
    public async Task What_stands_behind_two_dashes_is_no_option()
    {
        (await ProgramRun.Of("query", "--runs", Path.GetTempPath(), "--run", "none-of-this-name", "--", "--formt")).Says(2, "error[run-unknown]");
    }

    [Fact]
    public async Task Prints_the_script_for_a_shell()
    {
        var (code, _, output) = await ProgramRun.Of("completion", "bash");

        Assert.Equal(0, code);
        Assert.Contains("complete -o default -F _regatta regatta", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_command_line_is_a_JSON_line_when_JSON_is_asked_for()
    {
        var (code, _, output) = await ProgramRun.Of("completion", "tcsh", "--json");

        Assert.Equal(2, code);
        var line = Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        using var json = System.Text.Json.JsonDocument.Parse(line);
        Assert.Equal("diagnostic", json.RootElement.GetProperty("type").GetString());
        Assert.Equal("command-line", json.RootElement.GetProperty("data").GetProperty("code").GetString());
    }

    public static TheoryData<string> Commands => [.. Below(RegattaCommand.Create(new SilentTerminal()), "")];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_shows_examples_that_the_command_line_takes(string command)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var root = RegattaCommand.Create(new SilentTerminal());
        using var help = new StringWriter();
        var asked = root.Parse([.. words, "--help"]);
        Assert.Empty(asked.Errors);
        Assert.Equal(0, await asked.InvokeAsync(new InvocationConfiguration { Output = help }, TestContext.Current.CancellationToken));

        var lines = help.ToString().Split('\n');
        var examples = lines.SkipWhile(l => l != "Examples:").Skip(1).Where(l => l.StartsWith("  ", StringComparison.Ordinal)).Select(l => l.Trim()).ToList();
        Assert.NotEmpty(examples);
        // Explanations stand behind the command, two spaces or more away; what a shell does with the rest is not the program's.
        // The parser's own splitting knows double quotes only, as a shell's does both.
        Assert.All(examples.Select(e => e.Split("  ")[0]).Select(e => e.Contains('"', StringComparison.Ordinal) ? e : e.Replace('\'', '"')).Where(e => e.StartsWith("regatta ", StringComparison.Ordinal)), example =>
        {
            var parsed = root.Parse(CommandLineParser.SplitCommandLine(example["regatta ".Length..].Split(" > ")[0].Split(" | ")[0]).ToArray(), new ParserConfiguration { ResponseFileTokenReplacer = null });
            Assert.True(parsed.Errors.Count == 0, $"{example}: {string.Join("; ", parsed.Errors.Select(e => e.Message))}");
        });
    }

    [Fact]
    public void A_command_that_is_named_first_is_made_alone()
    {
        foreach (var name in RegattaCommand.Create(new SilentTerminal()).Subcommands.Select(c => c.Name))
            Assert.Equal(name, Assert.Single(RegattaCommand.Create(new SilentTerminal(), name).Subcommands).Name);
    }

    private static IEnumerable<string> Below(Command command, string path)
    {
        yield return path;
        foreach (var below in command.Subcommands.SelectMany(c => Below(c, $"{path} {c.Name}".Trim()))) yield return below;
    }

    private sealed class SilentTerminal : ITerminal
    {
        public bool Json => false;

        public bool Interactive => false;

        public int Width => 100;

        public TextWriter Output => TextWriter.Null;

        public Exception? WriteFault => null;

        public void Write(Spectre.Console.Rendering.IRenderable renderable)
        {
        }

        public void WriteLine(string text = "")
        {
        }

        public void WriteResult(string text)
        {
        }

        public void WriteJson<T>(string type, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> typeInfo)
        {
        }

        public void Report(Regatta.Diagnostics.Diagnostic diagnostic)
        {
        }

        public bool Confirm(string question) => false;

        public Stream OpenInput() => Stream.Null;

        public Task<T> WatchAsync<T>(Func<Regatta.Diagnostics.IActivityMonitor, Task<T>> work) => work(Regatta.Diagnostics.SilentMonitor.Instance);
    }
}
