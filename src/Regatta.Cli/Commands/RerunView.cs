using Regatta.Analysis;
using Regatta.Archives.Repeating;
using Regatta.Cli.Terminal;
using Regatta.Reports.Model;
using Spectre.Console;

namespace Regatta.Cli.Commands;

/// <summary>A run against its repetition, on the terminal.</summary>
internal static class RerunView
{
    private const int MostFacts = 40;

    public static void Print(ITerminal terminal, RepeatedRun outcome)
    {
        var (results, percent) = (outcome.Results, string.Create(CultureInfo.InvariantCulture, $"{outcome.Results.Margin * 100:0.##} %"));
        terminal.WriteLine();
        terminal.WriteLine($"Original against repetition: {outcome.Original} against {outcome.Repetition}");
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey).AddColumns("Point", "Metric", "Original", "Repetition", "Change", "p same", "p other", "Result");
        foreach (var row in results.Metrics)
        {
            var (word, colour) = Word(row.Outcome);
            var unit = MetricCatalogue.Find(row.Metric)?.Unit ?? Unit.Ratio;
            table.AddRow(
                new Text(row.Point), new Text(row.Metric), new Text(Value(row.Original, unit)), new Text(Value(row.Repetition, unit)),
                new Text(row.Original == 0 || !double.IsFinite(row.Repetition) ? "" : Quantity.SignedPercent((row.Repetition / row.Original) - 1)),
                new Text(P(row, row.Equivalence)), new Text(P(row, row.Difference)), new Text(word, new Style(colour)));
        }

        terminal.Write(table);
        terminal.WriteLine($"p same: two one-sided tests (TOST) that the means differ by less than {percent} of the original's. p other: Brunner–Munzel test for a difference, Holm's correction over the table.");
        foreach (var verdict in results.Verdicts)
            terminal.WriteLine($"{verdict.Metric}, {verdict.Second} against {verdict.First}: {(verdict.Holds ? $"both found the same: {Word(verdict.Original)}" : $"the original found {Word(verdict.Original)}, the repetition {Word(verdict.Repetition)}")}");
        if (outcome.Environment.IsEmpty) terminal.WriteLine("Nothing that is recorded of the two environments differs.");
        else
        {
            terminal.WriteLine("What differs between the two environments:");
            foreach (var difference in outcome.Environment.Take(MostFacts)) terminal.WriteLine($"  {difference.Name}: {difference.Original ?? "not recorded"} → {difference.Repetition ?? "not recorded"}");
            if (outcome.Environment.Length > MostFacts) terminal.WriteLine($"  … and {outcome.Environment.Length - MostFacts} more; --json has all");
        }
    }

    private static string Value(double value, Unit unit) => Quantity.Format(value, unit);

    private static string P(RepeatedMetric row, double p) => row.Outcome == RepetitionOutcome.TooFewRuns ? "" : Quantity.Probability(p);

    private static (string Word, Color Colour) Word(RepetitionOutcome outcome) => outcome switch
    {
        RepetitionOutcome.Holds => ("holds", Color.Green),
        RepetitionOutcome.HoldsWithin => ("holds, within the margin", Color.Green),
        RepetitionOutcome.Differs => ("DIFFERS", Color.Red),
        RepetitionOutcome.TooFewRuns => ("too few trials", Color.Yellow),
        _ => ("not settled", Color.Yellow),
    };

    private static string Word(Outcome outcome) => outcome switch
    {
        Outcome.FirstBetter => "worse",
        Outcome.SecondBetter => "better",
        Outcome.Different => "different",
        Outcome.NoDifferenceFound => "no difference",
        Outcome.TooFewRuns => "too few runs to tell",
        _ => "not defined",
    };
}
