using System.Text.RegularExpressions;
using Regatta.Host;

namespace Regatta.Cli;

/// <summary>What the user is told of an exception that nothing below the command line took for its own.</summary>
internal static partial class ProgramFault
{
    /// <summary>With <c>REGATTA_DEBUG=1</c> a fault of the program shows its stack trace.</summary>
    private static bool Debug => Environment.GetEnvironmentVariable("REGATTA_DEBUG") is "1" or "true";

    /// <summary>The diagnostics of an exception, at least one.</summary>
    public static IReadOnlyList<Diagnostic> Diagnostics(Exception exception) => exception switch
    {
        DiagnosticException known => known.Diagnostics,
        OperationCanceledException => [Diagnostic.Warning("interrupted", "interrupted; what was done is kept")],
        AggregateException { InnerExceptions: [var only] } => Diagnostics(only),
        IOException spent when DiskSpace.IsSpent(spent) =>
            [Diagnostic.Error("disk-full", "no space is left on the disk") with { Detail = spent.Message, Help = "make room, then run the command again" }],
        IOException or UnauthorizedAccessException => [FileAccess(exception)],
        _ => [OfProgram(exception)],
    };

    /// <summary>Standard output (or standard error, where human text goes with <c>--json</c>) took no more.</summary>
    public static Diagnostic OutputLost(Exception fault) =>
        Diagnostic.Error("output-lost", $"the output of the command could not be written whole: {Line((fault.InnerException ?? fault).Message)}") with
        {
            Help = "make room where it is redirected to, or redirect it to another file, then run the command again",
        };

    private static Diagnostic FileAccess(Exception exception)
    {
        var path = (exception as FileNotFoundException)?.FileName ?? (QuotedPath().Match(exception.Message) is { Success: true } match ? match.Groups[1].Value : null);
        var what = path is null ? "a file or directory" : $"'{path}'";
        var (summary, help) = exception switch
        {
            UnauthorizedAccessException => ($"no access to {what}", "change its owner or its permissions, or run the command as a user who has access"),
            FileNotFoundException or DirectoryNotFoundException => ($"{what} is not there", "check the path, and that nothing removed it meanwhile"),
            PathTooLongException => ($"the path {what} is too long", "use a shorter path"),
            _ => ($"{what} cannot be read or written", "check the path and the disk that it is on, then run the command again"),
        };
        return Diagnostic.Error("file-access", summary) with { Detail = Detail(exception), Help = help };
    }

    private static Diagnostic OfProgram(Exception exception) =>
        Diagnostic.Error("program-fault", $"this is a fault of the program: {exception.GetType().Name}: {Line(exception.Message)}") with
        {
            Detail = Debug ? exception.ToString() : null,
            Help = Debug ? "report it with this text and the command" : "run the command again with REGATTA_DEBUG=1 for the stack trace, and report it with the command",
        };

    private static string Detail(Exception exception) => Debug ? exception.ToString() : Line(exception.Message);

    private static string Line(string message) => message.ReplaceLineEndings(" ").Trim();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex QuotedPath();
}
