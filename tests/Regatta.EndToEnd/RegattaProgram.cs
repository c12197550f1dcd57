using System.Text.Json;
using CliWrap;
using CliWrap.Buffered;

namespace Regatta.EndToEnd;

/// <summary>The program as a user starts it: the launcher of the checkout.</summary>
public static class RegattaProgram
{
    /// <summary>The checkout.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The launcher.</summary>
    public static string Launcher => Path.Combine(Root, "regatta");

    /// <summary>Runs the program and returns what it printed; any exit code is returned, none is an exception.</summary>
    public static async Task<ProgramResult> RunAsync(IEnumerable<string> arguments, string? directory = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var result = await CliWrap.Cli.Wrap(Launcher)
            .WithArguments(arguments)
            .WithWorkingDirectory(directory ?? Root)
            .WithEnvironmentVariables(environment ?? new Dictionary<string, string?>())
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        return new ProgramResult(result.ExitCode, result.StandardOutput, result.StandardError);
    }

    /// <summary>Runs the program; a test fails with everything it printed when its exit code is another than expected.</summary>
    public static async Task<ProgramResult> ExpectAsync(int code, IEnumerable<string> arguments, string? directory = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var words = arguments.ToList();
        var result = await RunAsync(words, directory, environment);
        Assert.True(result.Code == code, $"regatta {string.Join(' ', words)}: exit code {result.Code}, expected {code}\n{result.Output}\n{result.Error}");
        return result;
    }

    /// <summary>Skips the test where it cannot be real: it needs root on Debian.</summary>
    public static void RequireRoot() =>
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/etc/debian_version"), "needs root on Debian: libvirt containers, Nix and Ansible are real here");

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Regatta.slnx"))) return directory.FullName;
        }

        throw new DirectoryNotFoundException("the checkout was not found above " + AppContext.BaseDirectory);
    }
}

/// <summary>What a run of the program gave.</summary>
/// <param name="Code">Exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record ProgramResult(int Code, string Output, string Error)
{
    /// <summary>The data of each JSON line of one type on standard output.</summary>
    public IEnumerable<JsonElement> Json(string type) =>
        Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(e => e.GetProperty("type").GetString() == type)
            .Select(e => e.GetProperty("data"));

    /// <summary>What a run said of its points: which is better, and by how much.</summary>
    public IReadOnlyList<string> Verdict()
    {
        var lines = Output.Split('\n').Where(l => l.Contains(" better ", StringComparison.Ordinal) || l.StartsWith("  ·", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(lines);
        return lines;
    }
}
