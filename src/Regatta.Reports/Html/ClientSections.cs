using Regatta.Analysis;
using Regatta.Reports.Model;
using Regatta.Workloads;

namespace Regatta.Reports.Html;

/// <summary>The section of clients beside the workload.</summary>
internal static class ClientSections
{
    /// <summary>How long clients waited, and what they did to the jobs.</summary>
    public static PageSection? Clients(ReportModel model)
    {
        if (model.Clients is not { } view) return null;
        var body = new Markup().Raw("<p class=\"lead\">Clients that called the scheduler on the head beside the workload: processes, from their start to their end. Percentiles are of each trial, means over the valid repetitions.</p>\n");
        if (!view.Sentences.IsEmpty)
        {
            body.Raw("<ul>");
            foreach (var sentence in view.Sentences) body.Add($"<li>{sentence}</li>");
            body.Raw("</ul>\n");
        }

        body.Raw("<div class=\"scroll\"><table class=\"clients\"><thead><tr><th scope=\"col\" class=\"text\">Point</th><th scope=\"col\" class=\"text\">Clients</th><th scope=\"col\">Calls a second</th><th scope=\"col\">Median</th><th scope=\"col\">90th percentile</th><th scope=\"col\">99th percentile</th><th scope=\"col\">Calls</th><th scope=\"col\" title=\"Timed out, or not begun since too many were under way\">No answer</th><th scope=\"col\">Failed</th><th scope=\"col\">Jobs started per second</th></tr></thead><tbody>");
        foreach (var row in view.Rows)
        {
            body.Add($"<tr><td class=\"text\">{TableSections.Point(model, row.Point)}</td><td class=\"text\">{row.Kind.Name()}<small><code>{row.Command}</code></small></td><td>{Quantity.Digits(row.Rate)}</td>");
            foreach (var latency in new[] { row.P50, row.P90, row.P99 }) body.Add($"<td>{(double.IsNaN(latency) ? "–" : Quantity.Seconds(latency))}</td>");
            body.Add($"<td>{Quantity.Format(row.Calls, Unit.Jobs)}</td><td>{Quantity.Format(row.NoAnswer, Unit.Jobs)}</td><td>{Quantity.Format(row.Failed, Unit.Jobs)}</td><td>{(double.IsNaN(row.StartRate) ? "–" : Quantity.Digits(row.StartRate))}</td></tr>");
        }

        return new PageSection("clients", "Clients", "Clients beside the workload", body.Raw("</tbody></table></div>\n"));
    }
}
