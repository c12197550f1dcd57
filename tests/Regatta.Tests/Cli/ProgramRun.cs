using Regatta.Cli;
using Regatta.Cli.Terminal;
using Spectre.Console.Testing;

namespace Regatta.Tests.Cli;

/// <summary>What a command line gave when it ran in this process.</summary>
/// <param name="Code">Exit code.</param>
/// <param name="Human">Text for people, on a terminal of 300 columns that nobody watches.</param>
/// <param name="Output">Standard output: results that are to be piped, and JSON lines.</param>
internal sealed record ProgramRun(int Code, string Human, string Output)
{
    public static Task<ProgramRun> Of(params string[] args) => Fed(Stream.Null, args);

    /// <summary>A command line with something on standard input.</summary>
    public static async Task<ProgramRun> Fed(Stream input, params string[] args)
    {
        using var human = new TestConsole();
        human.Profile.Width = 300;
        using var output = new StringWriter();
        var terminal = new ConsoleTerminal(args.Contains("--json"), human, output, interactive: false, TimeProvider.System) { Input = () => input };
        var code = await CommandLine.RunAsync(args, terminal, TestContext.Current.CancellationToken);
        return new ProgramRun(code, human.Output, output.ToString());
    }

    /// <summary>Holds the run to its exit code, and the text for people to what must stand in it.</summary>
    public void Says(int code, params string[] texts)
    {
        Assert.Equal(code, Code);
        foreach (var text in texts) Assert.Contains(text, Human, StringComparison.Ordinal);
    }
}
