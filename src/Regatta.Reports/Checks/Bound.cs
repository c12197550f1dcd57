using Regatta.Analysis;

namespace Regatta.Reports.Checks;

/// <summary>
/// What a metric must keep to, whatever other runs did: <c>wait-p90 &lt;= 40s</c>, <c>backfill: utilisation &gt;= 58%</c>, <c>wait-mean[processors=1..4] &lt;= 10s</c>.
/// </summary>
public sealed record Bound
{
    // Of a part of the jobs only what each job has by itself can be told.
    private static readonly ImmutableHashSet<string> OfJobs =
        ["wait", "turnaround", "slowdown", "bounded-slowdown", "per-processor-bounded-slowdown", "accept", "queue", "launch", "release", "jobs-not-completed", "jobs-completed", "jobs-lost", "jobs-requeued"];

    /// <summary>What was written, such as <c>wait-p90 &lt;= 40s</c>.</summary>
    public required string Text { get; init; }

    /// <summary>The point; null for every point.</summary>
    public string? Point { get; init; }

    /// <summary>The metric.</summary>
    public required Metric Metric { get; init; }

    /// <summary>The jobs; null for all.</summary>
    public JobClass? Jobs { get; init; }

    /// <summary>Whether the limit is the most that is allowed; else it is the least.</summary>
    public required bool AtMost { get; init; }

    /// <summary>The limit, in the metric's unit.</summary>
    public required double Limit { get; init; }

    /// <summary>Why; null when nobody said.</summary>
    public string? Reason { get; init; }

    /// <summary>Where it stands.</summary>
    public SourceRange Where { get; init; }

    /// <summary>Reads a bound: a metric, perhaps of one point and of some jobs, <c>&lt;=</c> or <c>&gt;=</c>, and a value; what stands behind <c>#</c> is the reason.</summary>
    /// <param name="text">The text.</param>
    /// <param name="where">Where it stands.</param>
    /// <exception cref="DiagnosticException">It is none (<c>check-bound</c>, <c>metric-unknown</c>).</exception>
    public static Bound Parse(string text, SourceRange where)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (rule, reason) = Cut(text, '#');
        var sign = rule.IndexOfAny(['<', '>']);
        if (sign < 0 || sign + 1 >= rule.Length || rule[sign + 1] != '=') throw Fault($"'{rule.Trim()}' is no bound", "write it as METRIC <= VALUE or METRIC >= VALUE, such as 'wait-p90 <= 40s'", where);
        var (point, subject) = Cut(rule[..sign], ':') is (var p, { } rest) ? (p.Trim(), rest) : (null, rule[..sign]);
        var (name, jobs) = Class(subject.Trim(), where);
        if (MetricCatalogue.Find(name) is not { } metric)
            throw new DiagnosticException(Diagnostic.Error("metric-unknown", $"there is no metric '{name}'") with { Where = where, Help = Suggestion.Help(name, [.. MetricCatalogue.All.Select(m => m.Name)]) });
        if (jobs is not null && !OfJobs.Contains(metric.Family)) throw Fault($"'{name}' is of the whole machine, not of some jobs", "name jobs with metrics of theirs, such as wait-p90[user=3]", where);
        var value = rule[(sign + 2)..].Trim();
        if (Value(value, metric.Unit) is not { } limit) throw Fault($"'{value}' is no value of '{name}'", Examples(metric.Unit), where);
        return new Bound { Text = rule.Trim(), Point = point, Metric = metric, Jobs = jobs, AtMost = rule[sign] == '<', Limit = limit, Reason = reason?.Trim() is { Length: > 0 } why ? why : null, Where = where };
    }

    /// <summary>Reads a file of bounds, one a line; empty lines and those that begin with <c>#</c> are skipped.</summary>
    /// <exception cref="DiagnosticException">A line is none, with its number.</exception>
    public static ImmutableArray<Bound> Read(string file)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DiagnosticException(Diagnostic.Error("check-bounds-file", $"the bounds in '{file}' cannot be read") with { Detail = e.Message, Help = "name a file with one bound a line, such as 'wait-p90 <= 40s'" }, e);
        }

        return [.. lines.Select((line, i) => (Text: line.Trim(), Line: i + 1)).Where(l => l.Text.Length > 0 && l.Text[0] != '#').Select(l => Parse(l.Text, new SourceRange(file, l.Line)))];
    }

    private static (string Name, JobClass? Jobs) Class(string subject, SourceRange where)
    {
        var open = subject.IndexOf('[', StringComparison.Ordinal);
        if (open < 0) return (subject, null);
        if (subject[^1] != ']') throw Fault($"'{subject}' lacks its closing bracket", "write the jobs as wait-p90[user=3]", where);
        try
        {
            return (subject[..open].Trim(), JobClass.Parse(subject[(open + 1)..^1]));
        }
        catch (DiagnosticException e)
        {
            throw new DiagnosticException([.. e.Diagnostics.Select(d => d with { Where = where })], e);
        }
    }

    private static (string Before, string? After) Cut(string text, char mark) => text.IndexOf(mark, StringComparison.Ordinal) is >= 0 and var at ? (text[..at], text[(at + 1)..]) : (text, null);

    private static double? Value(string text, Unit unit)
    {
        double value;
        return unit switch
        {
            Unit.Seconds or Unit.CpuSeconds => Durations.TrySeconds(text, out value) ? value : null,
            Unit.Bytes => Sizes.TryBytes(text, out value) ? value : null,
            Unit.Share when text.EndsWith('%') => Number(text[..^1].TrimEnd()) / 100,
            Unit.JobsPerSecond when text.EndsWith("/s", StringComparison.Ordinal) => Number(text[..^2].TrimEnd()),
            _ => Number(text),
        };
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;

    private static string Examples(Unit unit) => unit switch
    {
        Unit.Seconds or Unit.CpuSeconds => $"write {Durations.Examples}",
        Unit.Bytes => $"write {Sizes.Examples}",
        Unit.Share => "write a share, such as 58% or 0.58",
        _ => "write a number",
    };

    private static DiagnosticException Fault(string summary, string help, SourceRange where) => new(Diagnostic.Error("check-bound", summary) with { Where = where, Help = help });
}
