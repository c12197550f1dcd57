using Regatta.Cli.Terminal;
using Spectre.Console;
using Spectre.Console.Testing;

namespace Regatta.Tests.Cli;

/// <summary>Names, notes and logs of others must not steer the terminal of who reads them.</summary>
public sealed class ControlCharacterTests
{
    // Colours, a title, a bell, the eight-bit forms of both, a carriage return that hides a line, and text that runs backwards.
    private const string Hostile = "a\u001b[31mb\u001b]0;owned\u0007c\u009b2Jd\u009d8;;x\u009ce\rf\u007fg\u202Eh\u2066i";

    [Fact]
    public async Task Control_characters_of_data_are_shown_and_not_sent()
    {
        using var human = new TestConsole().EmitAnsiSequences();
        human.Profile.Width = 200;
        using var output = new StringWriter();
        var terminal = new ConsoleTerminal(false, human, output, interactive: false, TimeProvider.System);
        terminal.WriteLine(Hostile);
        terminal.Write(new Text(Hostile, new Style(Color.Red)));
        terminal.Write(new Table().AddColumn(Markup.Escape(Hostile)).AddRow(new Text(Hostile)));
        terminal.Report(Diagnostic.Error("code", Hostile) with { Where = new SourceRange(Hostile, 1, 2, 3), Detail = Hostile, Excerpt = Hostile, Help = Hostile });
        await terminal.WatchAsync(monitor =>
        {
            monitor.Report(new Activity("trial", Hostile, Hostile, ActivityState.Failed) { Detail = Hostile });
            return Task.CompletedTask;
        });

        var text = human.Output;
        Assert.Contains("a␛[31mb␛]0;owned␇c\uFFFD2Jd\uFFFD8;;x\uFFFDe␍f␡g\uFFFDh\uFFFDi", text, StringComparison.Ordinal);
        // The console's own colours are sent.
        Assert.Contains("\u001b[", text, StringComparison.Ordinal);
        foreach (var sent in new[] { "\u001b[31mb", "\u001b]0;", "\u0007", "\u009b", "\u009c", "\u009d", "\r", "\u007f", "\u202E", "\u2066" }) Assert.DoesNotContain(sent, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_without_them_stays_as_it_is()
    {
        const string text = "jobs\tof é, 日本 and 😀 in µs\nnext line";
        Assert.Equal(text, ControlCharacters.Shown(text));
    }

    [Fact]
    public void What_is_piped_is_passed_on_as_it_is()
    {
        using var human = new TestConsole();
        using var output = new StringWriter();
        new ConsoleTerminal(false, human, output, interactive: false, TimeProvider.System).WriteResult(Hostile);
        Assert.Equal(Hostile + Environment.NewLine, output.ToString());
    }
}
