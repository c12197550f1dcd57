namespace Regatta.Workloads;

/// <summary>A time zone by its name in the IANA database, such as <c>Europe/Berlin</c>.</summary>
/// <param name="Rules">Its rules.</param>
public sealed record TraceZone(TimeZoneInfo Rules)
{
    /// <summary>The zone of a name.</summary>
    /// <exception cref="DiagnosticException">There is none of that name (<c>time-zone</c>).</exception>
    public static TraceZone Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (TimeZoneInfo.TryFindSystemTimeZoneById(text, out var rules)) return new TraceZone(rules);
        var near = Suggestion.Nearest(text, TimeZoneInfo.GetSystemTimeZones().Select(known => known.Id));
        throw new DiagnosticException(Diagnostic.Error("time-zone", $"there is no time zone '{text}'") with
        {
            Help = near is null ? "take a name of the IANA database, such as Europe/Berlin, America/New_York or UTC" : $"did you mean '{near}'?",
        });
    }

    /// <summary>The name.</summary>
    public override string ToString() => Rules.Id;
}
