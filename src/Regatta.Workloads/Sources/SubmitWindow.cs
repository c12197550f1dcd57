namespace Regatta.Workloads;

/// <summary>A span of submit times that a workload is cut to: [<paramref name="From"/>, <paramref name="To"/>).</summary>
/// <param name="From">Its beginning, counted from the start of the workload.</param>
/// <param name="To">Its end, after the beginning; <see cref="TimeSpan.MaxValue"/> for that of the workload.</param>
public sealed record SubmitWindow(TimeSpan From, TimeSpan To)
{
    /// <summary>Reads <c>FROM..TO</c>, each a duration or left out.</summary>
    /// <exception cref="DiagnosticException">It is none, or ends before it begins (<c>workload-window</c>).</exception>
    public static SubmitWindow Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        var (from, to) = (TimeSpan.Zero, TimeSpan.MaxValue);
        if (dots >= 0 && (dots == 0 || Durations.TryParse(text[..dots], out from)) && (dots + 2 == text.Length || Durations.TryParse(text[(dots + 2)..], out to)) && from < to)
            return new SubmitWindow(from, to);
        throw new DiagnosticException(Diagnostic.Error("workload-window", $"'{text}' is no span of time") with { Help = "FROM..TO, each a duration or left out, such as 2h..26h" });
    }
}
