using Regatta.Analysis;
using Regatta.Reports.Model;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Regatta.Reports.Terminal;

/// <summary>A report as tables for a terminal; plain text where there is none.</summary>
public static class ReportTables
{
    // Longer tables scroll the verdict away.
    private const int MostTrials = 16;

    /// <summary>The verdict and what it rests on.</summary>
    public static IRenderable Verdict(ReportModel model)
    {
        var parts = new List<IRenderable>();
        Add(parts, model.Verdict, "");
        foreach (var one in model.Verdict.Workloads) Add(parts, one.Verdict, one.Workload + ": ");
        return new Rows(parts);
    }

    private static void Add(List<IRenderable> parts, Verdict verdict, string of)
    {
        var colour = verdict.Tone switch { VerdictTone.Clear => Color.Green, VerdictTone.Unsure => Color.Yellow, _ => Color.Red };
        parts.Add(new Text(of + verdict.Headline, new Style(colour, decoration: Decoration.Bold)));
        parts.AddRange(verdict.Sentences.Select(Point));
    }

    /// <summary>The comparison, a table for each race; <paramref name="all"/> shows every metric, else those of the short tables.</summary>
    public static IRenderable Comparison(ReportModel model, bool all = false)
    {
        var parts = new List<IRenderable>();
        foreach (var race in model.Races.Where(r => r.Comparison.Length > 0))
        {
            if (model.Races.Length > 1) parts.Add(new Text($"\nWorkload {race.Workload}", new Style(decoration: Decoration.Bold)));

            var rows = race.Comparison.Where(r => all || r.Metric.Headline).ToList();
            parts.Add(all || race.Points.Length <= 2
                ? new Fitting(ByMetric(race, rows))
                : new Fitting(ByMetric(race, rows), ByPoint(race, rows), ByPoint(race, [.. rows.Where(r => Brief.Contains(r.Metric.Name))])));
        }

        if (model.Races.Any(r => r.Comparison.Any(c => c.Cells.Any(x => x.Reference is not null))))
            parts.Add(new Text("ref: the same jobs simulated without overhead, with the nearest policy", new Style(Color.Grey)));
        if (Covered(model) is { } covered) parts.Add(new Text(covered, new Style(Color.Grey)));
        return new Rows(parts);
    }

    private static string? Covered(ReportModel model) =>
        model.Races.SelectMany(r => r.Comparison).SelectMany(r => r.Cells).Select(c => c.Coverage).OfType<SimulatedCoverage>().MinBy(c => c.Runs) is { } few
            ? $"in brackets: how often such an interval of so few runs covers the true mean, by simulation; at n = {Quantity.Digits(few.Runs)} it covers {few.Words()}"
            : null;

    /// <summary>One line for each trial; where there are many, only for those that are not plainly valid.</summary>
    public static IRenderable Trials(ReportModel model)
    {
        var shown = model.Trials.Length <= MostTrials ? [.. model.Trials] : model.Trials.Where(t => t.Standing != TrialStanding.Valid).ToList();
        var rest = model.Trials.Length - shown.Count;
        var note = rest == 0 ? null : $"{(shown.Count == 0 ? "" : "The other ")}{Quantity.Count(rest, "trial")} {(rest == 1 ? "is" : "are")} valid; the report shows each.";
        if (shown.Count == 0) return Text(note!);
        var table = New();
        foreach (var name in new[] { "Trial", "Block", "Jobs", "Mean wait", "Bounded slowdown", "Utilisation", "Makespan", "Standing" })
            table.AddColumn(name is "Trial" or "Standing" ? new TableColumn(Text(name)) : new TableColumn(Text(name)).RightAligned());
        foreach (var trial in shown)
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
                new Text(trial.Remarks.Length == 0 ? word : $"{word}: {string.Join(", ", trial.Remarks.Select(r => r.Code).Distinct())}", new Style(colour)));
        }

        return new Rows([table, .. Remarks(shown), .. note is null ? [] : new[] { Text(note) }]);
    }

    // What is wrong with many trials is mostly the same: each kind once, with the first trial's words.
    private static IEnumerable<Text> Remarks(IReadOnlyList<TrialRow> trials)
    {
        foreach (var kind in trials.SelectMany(t => t.Remarks.Select(r => (Trial: t, Remark: r))).GroupBy(r => r.Remark.Code, StringComparer.Ordinal))
        {
            var (trial, remark) = kind.First();
            var count = kind.Select(r => r.Trial).Distinct().Count();
            yield return Text($"  {kind.Key}, {trial.Record.Point}/{Quantity.Digits(trial.Record.Repetition)}{(count > 1 ? $" and {Quantity.Count(count - 1, "other trial")}" : "")}: {remark.Text}");
        }
    }

    private static readonly string[] Brief = ["wait-mean", "bounded-slowdown-mean", "utilisation", "makespan"];

    private static Table ByMetric(RaceView race, List<ComparisonRow> rows)
    {
        var bound = rows.Any(r => r.Bound is not null);
        var table = New().AddColumn(new TableColumn(Text("Metric")));
        foreach (var point in race.Points) table.AddColumn(new TableColumn(Text(point)).RightAligned());
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

    // Many points read better below each other than side by side.
    private static Table ByPoint(RaceView race, List<ComparisonRow> rows)
    {
        var table = New().AddColumn(new TableColumn(Text("Point")));
        foreach (var row in rows) table.AddColumn(new TableColumn(Text(row.Metric.Title)).RightAligned());
        for (var i = 0; i < race.Points.Length; i++)
            table.AddRow([Text(race.Points[i]), .. rows.Select(r => (IRenderable)Cell(r, r.Cells[i]))]);
        if (rows.FirstOrDefault(r => r.Bound is not null) is { } bounded)
            table.AddRow([new Text("lower bound", new Style(Color.Grey)), .. rows.Select(r => (IRenderable)Text(r == bounded ? Quantity.Format(r.Bound, r.Metric.Unit) : ""))]);
        return table;
    }

    private static Table New() => new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);

    private static Text Text(string text) => new(text);

    // A sentence whose further lines stand under its first word.
    private static Grid Point(string sentence) => new Grid().AddColumn(new GridColumn().Width(3).NoWrap().Padding(0, 0)).AddColumn(new GridColumn().Padding(0, 0)).AddRow(new Text("  ·"), new Text(" " + sentence));

    private static Paragraph Cell(ComparisonRow row, ComparisonCell cell)
    {
        var unit = row.Metric.Unit;
        var text = new Paragraph();
        text.Append(Quantity.Format(cell.Value, unit));
        if (cell is { Low: { } low, High: { } high }) text.Append($"\n{Quantity.Format(low, unit)} to {Quantity.Format(high, unit)}{(cell.Coverage is { } covers ? $" ({covers.Range()})" : "")}", new Style(Color.Grey));
        if (cell is { Value: { } reached and not 0, Reference: { } ideal and not 0 }) text.Append($"\n{Quantity.Digits(reached / ideal)}× ref", new Style(Color.Grey));
        if (cell.Shift is not { } shift) return text;
        var (mark, colour) = cell.Outcome switch { CellOutcome.Better => (" better", Color.Green), CellOutcome.Worse => (" worse", Color.Red), CellOutcome.TooFewRuns => (" ?", Color.Grey), _ => ("", Color.Grey) };
        var p = cell.P is { } value && cell.Outcome != CellOutcome.TooFewRuns ? value < 0.001 ? ", p < 0.001" : $", p = {Quantity.Probability(value)}" : "";
        var change = unit != Unit.Share && cell.Relative is { } share ? Quantity.SignedPercent(share) : Quantity.Change(shift, unit);
        text.Append($"\n{change}{mark}{p}", new Style(colour));
        return text;
    }

    /// <summary>The first of several forms that fits the terminal without breaking words; else the last.</summary>
    private sealed class Fitting(params Table[] forms) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => ((IRenderable)Chosen(options, maxWidth)).Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => ((IRenderable)Chosen(options, maxWidth)).Render(options, maxWidth);

        private Table Chosen(RenderOptions options, int maxWidth) =>
            Array.Find(forms, f => ((IRenderable)f).Measure(options, int.MaxValue / 2).Max <= maxWidth) ?? forms[^1];
    }
}
