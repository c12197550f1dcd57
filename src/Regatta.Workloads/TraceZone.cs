namespace Regatta.Workloads;

/// <summary>Time zones by the names of the IANA database, such as <c>Europe/Berlin</c>.</summary>
public static class TraceZone
{
    /// <summary>The zone of a name.</summary>
    /// <param name="text">The name.</param>
    /// <param name="where">Where it stands.</param>
    /// <exception cref="DiagnosticException">There is none of that name (<c>time-zone</c>).</exception>
    public static TimeZoneInfo Parse(string text, SourceRange where)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone)) return zone;
        var near = Suggestion.Nearest(text, TimeZoneInfo.GetSystemTimeZones().Select(known => known.Id));
        throw new DiagnosticException(Diagnostic.Error("time-zone", $"there is no time zone '{text}'") with
        {
            Where = where, Help = near is null ? "take a name of the IANA database, such as Europe/Berlin, America/New_York or UTC" : $"did you mean '{near}'?",
        });
    }
}
