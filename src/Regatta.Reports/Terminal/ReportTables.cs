using Regatta.Analysis;
using Regatta.Reports.Model;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Regatta.Reports.Terminal;

/// <summary>A report as tables for a terminal; plain text where there is none.</summary>
public static class ReportTables
{
    /// <summary>The verdict and what it rests on.</summary>
    public static IRenderable Verdict(ReportModel model)
    {
        var text = new Paragraph();
        Verdict(text, model.Verdict, "");
        foreach (var one in model.Verdict.Workloads) Verdict(text, one.Verdict, one.Workload + ": ");
        return text;
    }

    private static void Verdict(Paragraph text, Verdict verdict, string of)
    {
        var colour = verdict.Tone switch { VerdictTone.Clear => Color.Green, VerdictTone.Unsure => Color.Yellow, _ => Color.Red };
        text.Append(of + verdict.Headline + "\n", new Style(colour, decoration: Decoration.Bold));
        foreach (var sentence in verdict.Sentences) text.Append("  · " + sentence + "\n");
    }

    /// <summary>The comparison; <paramref name="all"/> shows every metric, else those of the short tables.</summary>
    public static IRenderable Comparison(ReportModel model, bool all = false)
    {
        var rows = model.Comparison.Where(r => all || r.Metric.Headline).ToList();
        var bound = rows.Any(r => r.Bound is not null);
        var table = New().AddColumn(new TableColumn(Text("Metric")));
        foreach (var point in model.Points) table.AddColumn(new TableColumn(Text(point)).RightAligned());
        if (bound) table.AddColumn(new TableColumn(Text("Lower bound")).RightAligned());
        foreach (var row in rows)
        {
            var cells = new List<IRenderable> { Text(row.Metric.Title) };
            cells.AddRange(row.Cells.Select(c => Cell(row, c)));
            if (bound) cells.Add(Text(row.Bound is null ? "" : Quantity.Format(row.Bound, row.Metric.Unit)));
            table.AddRow(cells);
        }

        return table;
    }

    /// <summary>One line for each trial.</summary>
    public static IRenderable Trials(ReportModel model)
    {
        var table = New();
        foreach (var name in new[] { "Trial", "Block", "Jobs", "Mean wait", "Bounded slowdown", "Utilisation", "Makespan", "Standing" })
            table.AddColumn(name is "Trial" or "Standing" ? new TableColumn(Text(name)) : new TableColumn(Text(name)).RightAligned());
        foreach (var trial in model.Trials)
        {
            var (colour, word) = trial.Standing switch { TrialStanding.Valid => (Color.Green, "valid"), TrialStanding.Marked => (Color.Yellow, "marked"), _ => (Color.Red, "invalid") };
            table.AddRow(
                Text($"{trial.Record.Point}/{Quantity.Digits(trial.Record.Repetition)}"),
                Text(Quantity.Digits(trial.Record.Block % 1_000_000)),
                Text(Quantity.Format(trial.Metrics["jobs"], Unit.Jobs)),
                Text(Quantity.Format(trial.Metrics["wait-mean"], Unit.Seconds)),
                Text(Quantity.Format(trial.Metrics["bounded-slowdown-mean"], Unit.Ratio)),
                Text(Quantity.Format(trial.Metrics["utilisation"], Unit.Share)),
                Text(Quantity.Format(trial.Metrics["makespan"], Unit.Seconds)),
                new Text(trial.Remarks.Length == 0 ? word : $"{word}: {trial.Remarks[0]}", new Style(colour)));
        }

        return table;
    }

    private static Table New() => new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);

    private static Text Text(string text) => new(text);

    private static Paragraph Cell(ComparisonRow row, ComparisonCell cell)
    {
        var unit = row.Metric.Unit;
        var text = new Paragraph();
        text.Append(Quantity.Format(cell.Value, unit));
        if (cell is { Low: { } low, High: { } high }) text.Append($"\n{Quantity.Format(low, unit)} to {Quantity.Format(high, unit)}", new Style(Color.Grey));
        if (cell is { Value: { } reached and not 0, Reference: { } ideal and not 0 }) text.Append($"\n{Quantity.Digits(reached / ideal)}× the reference", new Style(Color.Grey));
        if (cell.Shift is not { } shift) return text;
        var (mark, colour) = cell.Outcome switch { CellOutcome.Better => (" better", Color.Green), CellOutcome.Worse => (" worse", Color.Red), _ => ("", Color.Grey) };
        var p = cell.P is { } value ? value < 0.001 ? ", p < 0.001" : $", p = {Quantity.Probability(value)}" : "";
        text.Append($"\n{(cell.Relative is { } share ? Quantity.SignedPercent(share) : Quantity.Change(shift, unit))}{mark}{p}", new Style(colour));
        return text;
    }
}
