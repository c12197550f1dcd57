using System.ComponentModel;
using System.Text;
using CliWrap;
using CliWrap.Buffered;

namespace Regatta.Host;

/// <summary>What a program of the host printed and how it ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record ToolResult(int ExitCode, string Output, string Error);

/// <summary>Short programs of the host, run to their end.</summary>
public static class HostTool
{
    /// <summary>Runs a program and returns how it ended, whatever that is.</summary>
    /// <exception cref="DiagnosticException">The program is not there.</exception>
    public static async Task<ToolResult> TryAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation, string? input = null)
    {
        try
        {
            var result = await CliWrap.Cli.Wrap(program).WithArguments(arguments)
                .WithStandardInputPipe(input is null ? PipeSource.Null : PipeSource.FromString(input, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
                .WithValidation(CommandResultValidation.None)
                .ExecuteBufferedAsync(Encoding.UTF8, cancellation);
            return new ToolResult(result.ExitCode, result.StandardOutput, result.StandardError);
        }
        catch (Win32Exception exception)
        {
            throw new DiagnosticException(
                Diagnostic.Error("program-missing", $"the program '{program}' is not on this host") with
                {
                    Help = "regatta doctor --fix",
                },
                exception);
        }
    }

    /// <summary>Runs a program that must succeed and returns its standard output.</summary>
    /// <exception cref="DiagnosticException">It is not there, or it failed (with its command line and last lines).</exception>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation, string? input = null)
    {
        var result = await TryAsync(program, arguments, cancellation, input);
        if (result.ExitCode == 0) return result.Output;
        throw new DiagnosticException(Diagnostic.Error("program-failed", $"'{program}' ended with exit code {result.ExitCode}") with
        {
            Detail = $"{program} {string.Join(' ', arguments)}\n{LastLines(result.Error.Length > 0 ? result.Error : result.Output, 20)}",
        });
    }

    /// <summary>The absolute path of a program, looked for in <c>PATH</c> and where system programs are; null when there is none.</summary>
    public static string? Find(string program, string? path = null)
    {
        var folders = (path ?? Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/sbin", "/usr/bin", "/sbin", "/bin"]);
        return folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
    }

    /// <summary>The last lines of a text, blank ones at the end left out.</summary>
    public static string LastLines(string text, int count) =>
        string.Join('\n', text.ReplaceLineEndings("\n").TrimEnd().Split('\n').TakeLast(count));
}
