using System.Globalization;
using Regatta.Analysis;
using Regatta.Reports.Model;

namespace Regatta.Reports.Html;

/// <summary>Sections that are tables.</summary>
internal static class TableSections
{
    /// <summary>What was equal and what was not.</summary>
    public static PageSection Fairness(ReportModel model)
    {
        var body = new Markup().Add($"<p class=\"lead\">{model.Fairness.Summary}</p>\n");
        if (model.Fairness.Differences.Length > 0)
        {
            body.Raw("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Setting</th>");
            foreach (var point in model.Points) body.Add($"<th scope=\"col\" class=\"text\">{Point(model, point)}</th>");
            body.Raw("<th scope=\"col\" class=\"text\">What it means</th></tr></thead><tbody>");
            foreach (var row in model.Fairness.Differences)
            {
                body.Add($"<tr><th scope=\"row\"><code>{row.Setting}</code></th>");
                foreach (var value in row.Values) body.Add($"<td class=\"text\">{(value is null ? "not recorded" : value)}</td>");
                body.Add($"<td class=\"text\"><span class=\"tag {(row.Explained ? "good" : "warn")}\">{(row.Explained ? "explained" : "unexplained")}</span> {row.Status}</td></tr>");
            }

            body.Raw("</tbody></table></div>\n");
        }

        if (model.Fairness.Equal.Length > 0)
        {
            body.Add($"<details><summary>{Quantity.Count(model.Fairness.Equal.Length, "setting")} equal on all sides</summary><div class=\"facts\"><dl>");
            foreach (var fact in model.Fairness.Equal) body.Add($"<div><dt><code>{fact.Name}</code></dt><dd>{fact.Value}</dd></div>");
            body.Raw("</dl></div></details>\n");
        }

        return new PageSection("fairness", "Fairness", "Fairness contract", body);
    }

    /// <summary>Metric by metric, point by point.</summary>
    public static PageSection? Comparison(ReportModel model)
    {
        if (model.Comparison.Length == 0) return null;
        var body = new Markup().Add($"<p class=\"lead\">{model.ComparisonNote}</p>\n");
        Table(body, model, [.. model.Comparison.Where(r => r.Metric.Headline)]);
        var rest = model.Comparison.Where(r => !r.Metric.Headline).ToList();
        if (rest.Count > 0)
        {
            body.Add($"<details class=\"keep-closed\"><summary>{Quantity.Count(rest.Count, "further metric")}</summary>");
            Table(body, model, rest);
            body.Raw("</details>\n");
        }

        return new PageSection("comparison", "Comparison", "Comparison", body);
    }

    private static void Table(Markup body, ReportModel model, List<ComparisonRow> rows)
    {
        var bound = rows.Any(r => r.Bound is not null);
        body.Raw("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Metric</th>");
        foreach (var point in model.Points) body.Add($"<th scope=\"col\">{Point(model, point)}</th>");
        if (bound) body.Raw("<th scope=\"col\">Lower bound</th>");
        body.Raw("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            body.Add($"<tr><th scope=\"row\" title=\"{row.Metric.Definition}\">{row.Metric.Title}<small>{Better(row.Metric)}</small></th>");
            foreach (var cell in row.Cells) Cell(body, row, cell);
            if (bound) body.Add($"<td>{(row.Bound is null ? "" : Quantity.Format(row.Bound, row.Metric.Unit))}</td>");
            body.Raw("</tr>");
        }

        body.Raw("</tbody></table></div>\n");
    }

    private static void Cell(Markup body, ComparisonRow row, ComparisonCell cell)
    {
        var unit = row.Metric.Unit;
        var outcome = cell.Outcome switch { CellOutcome.Better => "better", CellOutcome.Worse => "worse", _ => "" };
        body.Add($"<td class=\"{outcome}\">{Quantity.Format(cell.Value, unit)}");
        if (cell is { Low: { } low, High: { } high }) body.Add($"<small>{Quantity.Format(low, unit)} to {Quantity.Format(high, unit)}</small>");
        if (cell.Shift is { } shift)
        {
            body.Add($"<small class=\"delta\">{(cell.Relative is { } share ? Quantity.SignedPercent(share) : Quantity.Change(shift, unit))} {Word(cell.Outcome)}</small>");
            var evidence = new List<string>();
            if (cell is { ShiftLow: { } from, ShiftHigh: { } to }) evidence.Add($"{Quantity.Change(from, unit)} to {Quantity.Change(to, unit)}");
            if (cell.P is { } p) evidence.Add($"p {(p < 0.001 ? "" : "= ")}{Quantity.Probability(p)}");
            if (cell.Effect is { } effect) evidence.Add($"δ = {Quantity.Digits(effect, 2)}");
            if (evidence.Count > 0) body.Add($"<small>{string.Join(", ", evidence)}</small>");
        }

        if (cell is { Value: { } value, Reference: { } ideal }) body.Add($"<small>{Distance(value, ideal, unit)}</small>");
        if (cell.Value is { } reached && row.Bound is { } floor and > 0) body.Add($"<small>{Quantity.Digits(reached / floor, 3)}× the bound</small>");
        body.Raw("</td>");
    }

    private static string Distance(double value, double ideal, Unit unit) =>
        ideal == 0 || value == 0 ? $"reference {Quantity.Format(ideal, unit)}" : $"{Quantity.Digits(value / ideal, 3)}× the reference ({Quantity.Format(ideal, unit)})";

    private static string Word(CellOutcome outcome) => outcome switch { CellOutcome.Better => "▲ better", CellOutcome.Worse => "▼ worse", CellOutcome.Unclear => "not borne out", _ => "" };

    private static string Better(Metric metric) => metric.Direction switch { Direction.Lower => "lower is better", Direction.Higher => "higher is better", _ => "describes" };

    /// <summary>Means by size and run time.</summary>
    public static PageSection? HeatMaps(ReportModel model)
    {
        if (model.HeatMaps.Length == 0) return null;
        var body = new Markup().Raw("<p class=\"lead\">Who waits: jobs by size (rows) and run time (columns), all valid repetitions together. Deeper colour is a longer wait; the scale is logarithmic and the same for all points of a metric.</p>\n");
        foreach (var metric in model.HeatMaps.GroupBy(h => h.Metric))
        {
            var values = metric.SelectMany(h => h.Rows).SelectMany(r => r.Cells).Where(c => c.Value is > 0).Select(c => c.Value!.Value).DefaultIfEmpty(1).ToList();
            var (least, most) = (Math.Log(values.Min()), Math.Log(values.Max()));
            body.Add($"<h3>{metric.Key}</h3><div class=\"heats\">");
            foreach (var map in metric)
            {
                body.Add($"<div class=\"scroll\"><table class=\"heat\"><caption>{Point(model, map.Point)}</caption><thead><tr><td></td>");
                foreach (var column in map.Columns) body.Add($"<th scope=\"col\">{column}</th>");
                body.Raw("</tr></thead><tbody>");
                foreach (var row in map.Rows)
                {
                    body.Add($"<tr><th scope=\"row\">{row.Name}</th>");
                    foreach (var cell in row.Cells) Heat(body, cell, map.Unit, least, most);
                    body.Raw("</tr>");
                }

                body.Raw("</tbody></table></div>");
            }

            body.Raw("</div>\n");
        }

        return new PageSection("classes", "By class", "By size and run time", body);
    }

    private static void Heat(Markup body, HeatCell cell, Unit unit, double least, double most)
    {
        if (cell.Value is not { } value)
        {
            body.Raw("<td class=\"none\">–<small>no jobs</small></td>");
            return;
        }

        var level = value <= 0 ? 0 : most <= least ? 0.5 : Math.Clamp((Math.Log(value) - least) / (most - least), 0, 1);
        // From pale to deep blue; the text turns white where the ground is deep. The same in dark mode: the number stays readable on it.
        var light = 93 - (level * 63);
        var style = string.Create(CultureInfo.InvariantCulture, $"background:hsl(206 {45 + (level * 30):F0}% {light:F0}%);color:{(light < 56 ? "#fff" : "#10202c")}");
        body.Add($"<td style=\"{style}\">{Quantity.Format(value, unit)}<small>{Quantity.Count(cell.Jobs, "job")}</small></td>");
    }

    /// <summary>Every trial, in the order in which they ran.</summary>
    public static PageSection? Trials(ReportModel model)
    {
        if (model.Trials.Length == 0) return null;
        var several = model.Runs.Length > 1;
        var body = new Markup().Raw("<p class=\"lead\">Every trial in the order in which they ran; none is left out. Invalid ones are shown and not compared.</p>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Order</th><th scope=\"col\" class=\"text\">Point</th><th scope=\"col\" class=\"text\">Standing</th><th scope=\"col\">Repetition</th><th scope=\"col\">Block</th><th scope=\"col\">Jobs</th><th scope=\"col\">Mean wait</th><th scope=\"col\">Mean bounded slowdown</th><th scope=\"col\">Utilisation</th><th scope=\"col\">Makespan</th></tr></thead><tbody>");
        foreach (var trial in model.Trials)
        {
            var (record, metrics) = (trial.Record, trial.Metrics);
            body.Add($"<tr><td>{record.Order}</td><td class=\"text\">{Point(model, record.Point)}");
            if (several) body.Add($"<small>{trial.Run}</small>");
            var (tag, word) = trial.Standing switch { TrialStanding.Valid => ("good", "valid"), TrialStanding.Marked => ("warn", "marked"), _ => ("bad", "invalid") };
            body.Add($"</td><td class=\"text\"><span class=\"tag {tag}\">{word}</span>");
            foreach (var remark in trial.Remarks) body.Add($"<small>{remark}</small>");
            body.Add($"</td><td>{record.Repetition}</td><td>{record.Block % 1_000_000}</td><td>{Quantity.Format(metrics["jobs"], Unit.Jobs)}</td>");
            body.Add($"<td>{Quantity.Format(metrics["wait-mean"], Unit.Seconds)}</td><td>{Quantity.Format(metrics["bounded-slowdown-mean"], Unit.Ratio)}</td>");
            body.Add($"<td>{Quantity.Format(metrics["utilisation"], Unit.Share)}</td><td>{Quantity.Format(metrics["makespan"], Unit.Seconds)}</td></tr>");
        }

        return new PageSection("trials", "Trials", "Trials", body.Raw("</tbody></table></div>\n"));
    }

    /// <summary>The methodology checklist.</summary>
    public static PageSection? Checklist(ReportModel model)
    {
        if (model.Checklist.Length == 0) return null;
        var body = new Markup().Add($"<p class=\"lead\">{model.Checklist.Count(i => i.Kept == true)} of {model.Checklist.Count(i => i.Kept is not null)} items that apply are kept. Sources: Frachtenberg and Feitelson, “Pitfalls in parallel job scheduling evaluation”, JSSPP 2005; Hoefler and Belli, “Scientific benchmarking of parallel computing systems”, SC’15.</p>\n");
        foreach (var source in model.Checklist.GroupBy(i => i.Source))
        {
            body.Add($"<div class=\"scroll\"><table class=\"check\"><caption>{source.Key}</caption><thead><tr><th scope=\"col\">Item</th><th scope=\"col\" class=\"text\">Kept</th><th scope=\"col\" class=\"text\">What this report did</th></tr></thead><tbody>");
            foreach (var item in source)
            {
                var (tag, word) = item.Kept switch { true => ("good", "✓ kept"), false => ("warn", "✗ not kept"), null => ("", "– not applicable") };
                body.Add($"<tr><td>{item.Item}</td><td class=\"text\"><span class=\"tag {tag}\">{word}</span></td><td class=\"text\">{item.Done}</td></tr>");
            }

            body.Raw("</tbody></table></div>\n");
        }

        return new PageSection("checklist", "Checklist", "Methodology checklist", body);
    }

    /// <summary>A point's name with the mark that its lines have.</summary>
    internal static Markup Point(ReportModel model, string point)
    {
        var index = Math.Max(0, model.Points.IndexOf(point));
        return new Markup().Add($"<span class=\"swatch d{index % 4}\" style=\"--c:var(--p{index % 8})\"></span>{point}");
    }
}
