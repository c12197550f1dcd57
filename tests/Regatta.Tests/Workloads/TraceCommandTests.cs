using Regatta.Tests.Cli;

namespace Regatta.Tests.Workloads;

/// <summary>Tests of traces as people have them, from the command line to what is said and written.</summary>
public abstract class TraceCommandTests : ScratchTests
{
    private protected static string Trace(string name) => Path.Combine(AppContext.BaseDirectory, "Workloads", "Traces.data", name);

    private protected string Target(string name) => Path.Combine(Scratch, name);

    /// <summary>What the program says, on one line: paths of any length break its lines anywhere.</summary>
    private protected static async Task<string> RunAsync(params string[] args)
    {
        var (code, human, _) = await ProgramRun.Of(args);
        Assert.True(code == 0, human);
        return OneLine(human);
    }

    private protected static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private protected static IEnumerable<string> Rows(string file) => File.ReadLines(file).Where(line => !line.StartsWith(';'));
}
