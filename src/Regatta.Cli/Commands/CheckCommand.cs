using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Reports;
using Regatta.Reports.Checks;
using Spectre.Console;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta check</c>: holds a run to an earlier one, for CI.</summary>
internal static class CheckCommand
{
    public static Command Create(ITerminal terminal)
    {
        var name = new Argument<string>("run") { Description = "The run that is checked: directory, id or latest.", DefaultValueFactory = _ => "latest" };
        var against = new Option<string>("--baseline") { Description = "Baseline run.", Required = true, HelpName = "RUN" };
        var most = new Option<double>("--max-regression")
        {
            Description = "By how much a metric may be worse, such as 5% or 0.05.",
            HelpName = "SHARE",
            DefaultValueFactory = _ => 0.05,
            CustomParser = result =>
            {
                if (Share(result.Tokens[0].Value) is { } share) return share;
                result.AddError($"'{result.Tokens[0].Value}' is no share for --max-regression: write it as 5% or 0.05");
                return 0;
            },
        };
        var junit = new Option<string?>("--junit") { Description = "Write the result as JUnit XML, too.", HelpName = "FILE" };
        var strict = new Option<bool>("--strict") { Description = "Also fail on inconclusive or undefined metrics." };
        var options = new ReportOptions();
        var command = new Command("check", "Compares a run with a baseline run and fails when it is worse by more than allowed.") { name, against, most, junit, strict };
        foreach (var option in new Option[] { options.Judge, options.WarmUp, options.CoolDown, options.Tau, options.Runs }) command.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            var runs = await options.ReadAsync(parsed, [parsed.GetRequiredValue(name), parsed.GetRequiredValue(against)], cancellation);
            var outcome = RegressionCheck.Of(runs[0], runs[1], parsed.GetValue(most), options.Settings(parsed, runs));
            var fails = outcome.Fails(parsed.GetValue(strict));
            if (parsed.GetValue(junit) is { } file) Write(JUnitXml.Of(outcome, parsed.GetValue(strict)), file);
            Print(terminal, outcome);
            terminal.WriteJson("check", outcome, ReportJson.Default.CheckOutcome);
            terminal.WriteLine(fails ? $"{outcome.Run} is worse than {outcome.Baseline}" : $"{outcome.Run} holds up against {outcome.Baseline}");
            return (int)(fails ? ExitCode.Failed : ExitCode.Done);
        });
        return command.WithExamples(
            "regatta check latest --baseline runs/BASELINE --max-regression 5%",
            "regatta check latest --baseline A --judge wait-p90 makespan --junit check.xml",
            "regatta check latest --baseline A --strict         uncertain is not good enough");
    }

    private static void Write(System.Xml.Linq.XDocument document, string file)
    {
        try
        {
            // Some readers of JUnit files stumble over a byte order mark.
            using var writer = System.Xml.XmlWriter.Create(file, new System.Xml.XmlWriterSettings { Encoding = new System.Text.UTF8Encoding(false), Indent = true });
            document.Save(writer);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(Diagnostic.Error("check-write", $"the JUnit file cannot be written to '{file}'") with { Detail = exception.Message }, exception);
        }
    }

    private static void Print(ITerminal terminal, CheckOutcome outcome)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey).AddColumns("Point", "Result", "Metric");
        foreach (var item in outcome.Items)
        {
            var (word, colour) = item.Result switch
            {
                CheckResult.Passed => ("passed", Color.Green),
                CheckResult.Regressed => ("REGRESSED", Color.Red),
                CheckResult.Uncertain => ("uncertain", Color.Yellow),
                _ => ("not defined", Color.Yellow),
            };
            table.AddRow(new Text(item.Point), new Text(word, new Style(colour)), new Text(item.Text));
        }

        terminal.Write(table);
    }

    private static double? Share(string text)
    {
        var percent = text.EndsWith('%');
        if (!double.TryParse(percent ? text[..^1].TrimEnd() : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) return null;
        value = percent ? value / 100 : value;
        return double.IsFinite(value) ? value : null;
    }
}
