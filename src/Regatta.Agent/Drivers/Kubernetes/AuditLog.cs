using System.Text.Json;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>The API server's audit log, read as it grows: what was created, with microseconds.</summary>
internal sealed class AuditLog : IDisposable
{
    private readonly string _path;
    private readonly LogTail _tail;

    private AuditLog(string path) => (_path, _tail) = (path, new LogTail(path));

    /// <summary>The log at a path; null when there is none and will be none: the server makes the file with its first line, but not its directory.</summary>
    public static AuditLog? Of(string path) => Directory.Exists(Path.GetDirectoryName(path)) ? new AuditLog(path) : null;

    /// <summary>Passes over what is there.</summary>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    public void SkipToEnd()
    {
        try
        {
            _tail.SkipToEnd();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(Diagnostic.Error("replay-audit-log", $"the audit log {_path} cannot be read") with { Detail = exception.Message }, exception);
        }
    }

    /// <summary>Reads what has come.</summary>
    /// <param name="each">Takes each line that may speak of a replay.</param>
    /// <param name="wrong">Takes what is wrong with a line that is no JSON.</param>
    public void Read(Action<AuditLine> each, Action<string> wrong)
    {
        foreach (var line in _tail.Read())
        {
            // Most lines of a log that records all are of no matter.
            if (!line.Contains("\"create\"", StringComparison.Ordinal) || !line.Contains("regatta-", StringComparison.Ordinal)) continue;
            AuditLine? parsed;
            try
            {
                parsed = JsonSerializer.Deserialize(line, KubernetesJson.Default.AuditLine);
            }
            catch (JsonException exception)
            {
                wrong(exception.Message);
                continue;
            }

            if (parsed is not null) each(parsed);
        }
    }

    public void Dispose() => _tail.Dispose();
}
