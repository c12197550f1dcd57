using Regatta.Analysis;
using Regatta.Reports.Model;

namespace Regatta.Reports.Html;

/// <summary>Sections that are tables.</summary>
internal static class TableSections
{
    // More columns than this are read better as one list a setting.
    internal const int MostColumns = 3;

    /// <summary>What was equal and what was not.</summary>
    public static PageSection Fairness(ReportModel model)
    {
        var body = new Markup().Add($"<p class=\"lead\">{model.Fairness.Summary}</p>\n");
        if (model.Fairness.Differences.Length > 0)
        {
            var columns = model.Points.Length <= MostColumns;
            body.Raw("<div class=\"scroll\"><table class=\"stack\"><thead><tr><th scope=\"col\">Setting</th>");
            if (columns) foreach (var point in model.Points) body.Add($"<th scope=\"col\" class=\"text\">{Point(model, point)}</th>");
            else body.Raw("<th scope=\"col\" class=\"text\">Value, and where</th>");
            body.Raw("<th scope=\"col\" class=\"text\">What it means</th></tr></thead><tbody>");
            foreach (var row in model.Fairness.Differences)
            {
                body.Add($"<tr><th scope=\"row\"><code>{Broken(row.Setting)}</code></th>");
                if (columns)
                {
                    for (var i = 0; i < row.Values.Length; i++) body.Add($"<td class=\"text\" data-label=\"{model.Points[i]}\">{Broken(row.Values[i] ?? "not recorded")}</td>");
                }
                else
                {
                    body.Raw("<td class=\"text\">");
                    foreach (var value in row.Values.Select((v, i) => (Value: v ?? "not recorded", Point: model.Points[i])).GroupBy(v => v.Value, v => v.Point))
                        body.Add($"<div class=\"value\">{Broken(value.Key)}<small>{string.Join(", ", value)}</small></div>");
                    body.Raw("</td>");
                }

                body.Add($"<td class=\"text\"><span class=\"tag {(row.Explained ? "good" : "warn")}\">{(row.Explained ? "explained" : "unexplained")}</span> {row.Status}</td></tr>");
            }

            body.Raw("</tbody></table></div>\n");
        }

        if (model.Fairness.Equal.Length > 0)
        {
            body.Add($"<details><summary>{Quantity.Count(model.Fairness.Equal.Length, "setting")} equal on all sides</summary><div class=\"facts\"><dl>");
            foreach (var fact in model.Fairness.Equal) body.Add($"<div><dt><code>{Broken(fact.Name)}</code></dt><dd>{Broken(fact.Value)}</dd></div>");
            body.Raw("</dl></div></details>\n");
        }

        return new PageSection("fairness", "Fairness", "Fairness contract", body);
    }

    /// <summary>Metric by metric, point by point; a table for each race.</summary>
    public static PageSection? Comparison(ReportModel model)
    {
        if (model.Races.All(r => r.Comparison.Length == 0)) return null;
        var body = new Markup();
        foreach (var race in model.Races.Where(r => r.Comparison.Length > 0))
        {
            Workload(body, model, race);
            body.Add($"<p class=\"lead\">{race.Note}</p>\n");
            List<ComparisonRow> headline = [.. race.Comparison.Where(r => r.Metric.Headline)];
            if (race.Points.Length <= MostColumns) Table(body, model, race, headline);
            else ByPoint(body, model, race, headline);
            var rest = race.Comparison.Where(r => !r.Metric.Headline).ToList();
            if (rest.Count == 0) continue;
            body.Add($"<details class=\"keep-closed\"><summary>{Quantity.Count(rest.Count, "further metric")}</summary>");
            Table(body, model, race, rest);
            body.Raw("</details>\n");
        }

        return new PageSection("comparison", "Comparison", "Comparison", body);
    }

    /// <summary>The heading of a race inside a section; none where there is only one.</summary>
    internal static void Workload(Markup body, ReportModel model, RaceView race)
    {
        if (model.Races.Length > 1) body.Add($"<h3 class=\"race\">Workload {race.Workload}</h3>\n");
    }

    private static void Table(Markup body, ReportModel model, RaceView race, List<ComparisonRow> rows)
    {
        var bound = rows.Any(r => r.Bound is not null);
        body.Raw("<div class=\"scroll\"><table class=\"metrics\"><thead><tr><th scope=\"col\">Metric</th>");
        foreach (var point in race.Points) body.Add($"<th scope=\"col\">{Point(model, point)}</th>");
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

    // Many points read better below each other than side by side.
    private static void ByPoint(Markup body, ReportModel model, RaceView race, List<ComparisonRow> rows)
    {
        body.Raw("<div class=\"scroll\"><table class=\"metrics many\"><thead><tr><th scope=\"col\">Point</th>");
        foreach (var row in rows) body.Add($"<th scope=\"col\" title=\"{row.Metric.Definition}\">{row.Metric.Title}<small>{Better(row.Metric)}{(row.Bound is { } bound ? $"; bound {Quantity.Format(bound, row.Metric.Unit)}" : "")}</small></th>");
        body.Raw("</tr></thead><tbody>");
        for (var i = 0; i < race.Points.Length; i++)
        {
            body.Add($"<tr><th scope=\"row\">{Point(model, race.Points[i])}</th>");
            foreach (var row in rows) Cell(body, row, row.Cells[i]);
            body.Raw("</tr>");
        }

        body.Raw("</tbody></table></div>\n");
    }

    /// <summary>What a point reached, with its interval.</summary>
    internal static void Value(Markup body, ComparisonCell cell, Unit unit)
    {
        body.Add($"{Quantity.Format(cell.Value, unit)}");
        if (cell is { Low: { } low, High: { } high }) body.Add($"<small>{Quantity.Format(low, unit)} to {Quantity.Format(high, unit)}{Covers(cell.Coverage)}</small>");
    }

    private static void Cell(Markup body, ComparisonRow row, ComparisonCell cell)
    {
        var unit = row.Metric.Unit;
        var outcome = cell.Outcome switch { CellOutcome.Better => "better", CellOutcome.Worse => "worse", _ => "" };
        body.Add($"<td class=\"{outcome}\">");
        Value(body, cell, unit);
        if (cell.Shift is { } shift)
        {
            body.Add($"<small class=\"delta\">{Change(cell, shift, unit)} {Word(cell.Outcome)}</small>");
            if (cell is { ShiftLow: { } from, ShiftHigh: { } to, ShiftConfidence: { } sure }) body.Add($"<small>{Quantity.Change(from, unit)} to {Quantity.Change(to, unit)} ({Quantity.Confidence(sure)}{(cell.ShiftCoverage is { } covers ? $"; covers {covers.Range()}" : "")})</small>");
            var evidence = new List<string>();
            if (cell.P is { } p) evidence.Add($"p {(p < 0.001 ? "" : "= ")}{Quantity.Probability(p)}");
            if (cell.Effect is { } effect) evidence.Add($"δ = {Quantity.Digits(effect, 2)}");
            if (evidence.Count > 0) body.Add($"<small>{string.Join(", ", evidence)}</small>");
        }

        if (cell is { Value: { } value, Reference: { } ideal }) body.Add($"<small>{Distance(value, ideal, unit)}</small>");
        if (cell.Value is { } reached && row.Bound is { } floor and > 0) body.Add($"<small>{Quantity.Digits(reached / floor, 3)}× the bound</small>");
        body.Raw("</td>");
    }

    /// <summary>A change as a share of the first point's value; of a share in points, for a percentage of a percentage misleads.</summary>
    internal static string Change(ComparisonCell cell, double shift, Unit unit) =>
        unit != Unit.Share && cell.Relative is { } share ? Quantity.SignedPercent(share) : Quantity.Change(shift, unit);

    internal static string Covers(SimulatedCoverage? coverage) => coverage is null ? "" : $" (covers {coverage.Range()})";

    private static string Distance(double value, double ideal, Unit unit) =>
        ideal == 0 || value == 0 ? $"ref {Quantity.Format(ideal, unit)}" : $"{Quantity.Digits(value / ideal, 3)}× ref ({Quantity.Format(ideal, unit)})";

    private static string Word(CellOutcome outcome) => outcome switch { CellOutcome.Better => "▲ better", CellOutcome.Worse => "▼ worse", CellOutcome.Unclear => "not borne out", CellOutcome.TooFewRuns => "too few runs", _ => "" };

    private static string Better(Metric metric) => metric.Direction switch { Direction.Lower => "lower is better", Direction.Higher => "higher is better", _ => "describes" };

    /// <summary>Every trial, in the order in which they ran.</summary>
    public static PageSection? Trials(ReportModel model)
    {
        if (model.Trials.Length == 0) return null;
        var several = model.Runs.Length > 1;
        var emulated = model.Trials.Any(t => Emulation.Of(t.Record) is not null);
        var body = new Markup().Raw("<p class=\"lead\">Every trial in the order in which they ran; none is left out. Invalid ones are shown and not compared.</p>\n<div class=\"scroll\"><table class=\"trials\"><thead><tr><th scope=\"col\" title=\"Place in the order in which they ran\">No.</th><th scope=\"col\" class=\"text\">Point</th><th scope=\"col\" class=\"text\">Standing</th><th scope=\"col\" title=\"Repetition\">Rep.</th><th scope=\"col\">Block</th><th scope=\"col\">Jobs</th><th scope=\"col\">Mean wait</th><th scope=\"col\">Mean bounded slowdown</th><th scope=\"col\">Utilisation</th><th scope=\"col\">Makespan</th></tr></thead><tbody>");
        foreach (var trial in model.Trials)
        {
            var (record, metrics) = (trial.Record, trial.Metrics);
            body.Add($"<tr><td>{record.Order}</td><td class=\"text\">{Point(model, record.Point)}");
            if (several) body.Add($"<small>{trial.Run}</small>");
            if (emulated) body.Add($"<small>{(Emulation.Of(record) is { } how ? $"emulated: {how}" : "real nodes")}</small>");
            var (tag, word) = trial.Standing switch { TrialStanding.Valid => ("good", "valid"), TrialStanding.Marked => ("warn", "marked"), _ => ("bad", "invalid") };
            body.Add($"</td><td class=\"text\"><span class=\"tag {tag}\">{word}</span>");
            foreach (var remark in trial.Remarks) body.Add($"<small>{remark.Text}</small>");
            // The page lies in the run's own directory report/; of several runs it lies elsewhere.
            if (trial.Logs is { } logs && !several) body.Add($"<small><a href=\"../{logs}\">logs of the nodes</a></small>");
            foreach (var excerpt in trial.Excerpts)
                body.Add($"<details><summary>{excerpt.Log} around: {excerpt.Fault}</summary><pre>{string.Join('\n', excerpt.Lines)}</pre></details>");
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
        var index = Math.Max(0, model.Races.Select(r => r.Points.IndexOf(point)).Max());
        return new Markup().Add($"<span class=\"point\"><span class=\"swatch d{(index + (index / 8)) % 4}\" style=\"--c:var(--p{index % 8})\"></span>{point}</span>");
    }

    // Long settings break after their separators, not in the middle of a word.
    private static Markup Broken(string text)
    {
        var broken = new Markup();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not (',' or '.' or '/' or '=' or ';')) continue;
            broken.Add($"{text[start..(i + 1)]}").Raw("<wbr>");
            start = i + 1;
        }

        return broken.Add($"{text[start..]}");
    }
}
