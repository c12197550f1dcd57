namespace Regatta.Ansible;

/// <summary>Turns what went wrong in a playbook into diagnostics.</summary>
internal static class PlaybookFaults
{
    private const int Lines = 20;

    /// <summary>A program is not there.</summary>
    public static Diagnostic Missing(string program) =>
        Diagnostic.Error("ansible-missing", $"{program} is not on this host") with
        {
            Help = "regatta doctor --fix",
        };

    /// <summary>One diagnostic for each host on which a task failed, with the last of its failures.</summary>
    public static ImmutableArray<Diagnostic> Of(string playbook, int exitCode, IEnumerable<PlaybookEvent> events, IReadOnlyCollection<string> printed, string log)
    {
        var failures = events
            .Where(e => e is { Event: PlaybookEventKind.Failed or PlaybookEventKind.Unreachable, Ignored: false })
            .GroupBy(e => e.Host, StringComparer.Ordinal)
            .Select(g => g.Last())
            .Select(e => Of(e, log))
            .ToImmutableArray();
        if (!failures.IsEmpty) return failures;
        return
        [
            Diagnostic.Error("ansible-failed", $"ansible-playbook {playbook} ended with exit code {exitCode} before a task failed") with
            {
                Detail = printed.Count == 0 ? null : string.Join('\n', printed.TakeLast(Lines)),
                Help = $"the whole log is in {log}",
            },
        ];
    }

    private static Diagnostic Of(PlaybookEvent failure, string log)
    {
        var unreachable = failure.Event == PlaybookEventKind.Unreachable;
        return Diagnostic.Error(
            unreachable ? "ansible-unreachable" : "ansible-task-failed",
            unreachable ? $"{failure.Host} cannot be reached (task '{failure.Task}')" : $"task '{failure.Task}' failed on {failure.Host}") with
        {
            Detail = Detail(failure),
            Where = Place(failure.Path),
            Help = $"the whole log is in {log}",
        };
    }

    /// <summary>The message, then the last lines of what the task printed.</summary>
    private static string? Detail(PlaybookEvent failure)
    {
        var parts = new List<string>();
        if (failure.Message is { } message) parts.Add(message.Trim());
        foreach (var text in new[] { failure.Error, failure.Output })
        {
            if (text is null) continue;
            var lines = text.TrimEnd().Split('\n');
            parts.Add(string.Join('\n', lines.TakeLast(Lines)));
        }

        return parts.Count == 0 ? null : string.Join('\n', parts);
    }

    private static SourceRange? Place(string? path)
    {
        if (path is null) return null;
        var colon = path.LastIndexOf(':');
        return colon > 0 && int.TryParse(path.AsSpan(colon + 1), out var line)
            ? new SourceRange(System.IO.Path.Combine("ansible", path[..colon]), line)
            : new SourceRange(path);
    }
}
