using Regatta.Analysis;
using Regatta.Reports.Model;

namespace Regatta.Reports.Html;

/// <summary>What faults that were brought about on purpose did.</summary>
internal static class FaultSections
{
    private const int MostWords = 8;

    /// <summary>The section; null when no trial had planned faults.</summary>
    public static PageSection? Of(ReportModel model)
    {
        var faulty = model.Trials.Where(t => t.Record.Injection is not null).ToList();
        if (faulty.Count == 0) return null;
        var body = new Markup().Add($"<p class=\"lead\">Faults that were brought about on purpose, and what they did: counted by the stamps of the payloads themselves, not by what the scheduler says of them. {Falsely(faulty)} A job is lost when its work was never done: one that the scheduler forgot may have run to its end. The charts over time and the Gantt charts mark them.</p>\n");
        foreach (var race in model.Races) Measured(body, model, race);
        body.Raw("<div class=\"scroll\"><table><caption>Every planned fault; times are from it to what the column says</caption><thead><tr><th scope=\"col\">Point</th><th scope=\"col\">Rep.</th><th scope=\"col\" class=\"text\">Fault</th><th scope=\"col\">Came after</th><th scope=\"col\">Over</th><th scope=\"col\">First start</th><th scope=\"col\">Full throughput</th><th scope=\"col\" class=\"text\">Remark</th></tr></thead><tbody>");
        foreach (var (record, injection) in faulty.Select(t => (t.Record, t.Record.Injection!)))
        {
            foreach (var fault in injection.Faults)
            {
                body.Add($"<tr><th scope=\"row\">{TableSections.Point(model, record.Point)}</th><td>{record.Repetition}</td><td class=\"text\">{fault.Text}</td><td>{Seconds(fault.Began - record.Started)}</td>");
                body.Add($"<td>{Seconds(fault.Healed - fault.Began)}</td><td>{Seconds(fault.FirstStart)}</td><td>{Seconds(fault.FullThroughput)}</td><td class=\"text\">{fault.Failure ?? ""}</td></tr>");
            }

            foreach (var missed in injection.Missed)
                body.Add($"<tr><th scope=\"row\">{TableSections.Point(model, record.Point)}</th><td>{record.Repetition}</td><td class=\"text\">{missed}</td><td>–</td><td>–</td><td>–</td><td>–</td><td class=\"text\">it did not come about: the trial ended before</td></tr>");
        }

        body.Raw("</tbody></table></div>\n");
        Told(body, model, [.. faulty.Select(t => t.Record)]);
        return new PageSection("faults", "Faults", "Faults on purpose", body);
    }

    /// <summary>What the scheduler and the nodes told of meanwhile: why work did not go on as before is often among it.</summary>
    private static void Told(Markup body, ReportModel model, IReadOnlyList<TrialRecord> records)
    {
        var told = records.Select(r => (Record: r, Words: r.Mended.Where(m => m.Code == "injected").ToList())).Where(r => r.Words.Count > 0).ToList();
        if (told.Count == 0) return;
        body.Raw("<p>What was told meanwhile:</p>\n<ul>");
        foreach (var (record, words) in told)
        {
            body.Add($"<li>{TableSections.Point(model, record.Point)}, repetition {record.Repetition}: ");
            body.Add($"{string.Join("; ", words.Take(MostWords).Select(w => $"{w.Text.TrimEnd('.')} (after {Seconds(w.Time - record.Started)})"))}");
            body.Add($"{(words.Count > MostWords ? string.Create(CultureInfo.InvariantCulture, $"; and {words.Count - MostWords} more") : "")}</li>");
        }

        body.Raw("</ul>\n");
    }

    private static string Falsely(List<TrialRow> trials)
    {
        var falsely = trials.Sum(t => t.Record.Injection!.Effects.FalselyCompleted);
        return falsely == 0
            ? "No job was called completed that had not done its work."
            : $"{Quantity.Count(falsely, "job")} {(falsely == 1 ? "was" : "were")} called completed without having done the work: the worst that a scheduler can do.";
    }

    private static void Measured(Markup body, ReportModel model, RaceView race)
    {
        var rows = race.Comparison.Where(r => r.Metric.Name.StartsWith("fault-", StringComparison.Ordinal) || r.Metric.Name == "jobs-requeued").ToList();
        if (rows.Count == 0) return;
        body.Add($"<div class=\"scroll\"><table class=\"metrics\"><caption>{race.Workload}: means over valid runs, with their intervals</caption><thead><tr><th scope=\"col\">Metric</th>");
        foreach (var point in race.Points) body.Add($"<th scope=\"col\">{TableSections.Point(model, point)}</th>");
        body.Raw("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            body.Add($"<tr><th scope=\"row\" title=\"{row.Metric.Definition}\">{row.Metric.Title}</th>");
            foreach (var cell in row.Cells)
            {
                body.Raw("<td>");
                TableSections.Value(body, cell, row.Metric.Unit);
                body.Raw("</td>");
            }

            body.Raw("</tr>");
        }

        body.Raw("</tbody></table></div>\n");
    }

    private static string Seconds(long? micros) => micros is { } time ? Quantity.Seconds(time / 1e6) : "–";
}
