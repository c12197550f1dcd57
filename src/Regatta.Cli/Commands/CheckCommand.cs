using System.CommandLine;
using Regatta.Analysis;
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
        var name = new Argument<string>("run") { Description = "The run that is checked: directory, id, archive or latest.", DefaultValueFactory = _ => "latest" };
        var before = new Option<string?>("--baseline") { Description = "Baseline run: each point is held to the one of its name there.", HelpName = "RUN" };
        var against = new Option<string[]>("--against") { Description = "Point of the same run that the others are held to, block by block; one for each workload.", HelpName = "POINT", AllowMultipleArgumentsPerToken = true };
        var most = new Option<string[]>("--max-regression")
        {
            Description = "By how much metrics may be worse than in the baseline, such as 5%, or wait-p90=10% for one of them; 5% if not given.", HelpName = "[METRIC=]SHARE", AllowMultipleArgumentsPerToken = true,
        };
        var bound = new Option<string[]>("--bound") { Description = "What a metric must keep to, such as 'wait-p90 <= 40s', 'backfill: utilisation >= 58%' or 'wait-mean[processors=1..4] <= 10s'; may be repeated.", HelpName = "BOUND", AllowMultipleArgumentsPerToken = true };
        var bounds = new Option<string?>("--bounds") { Description = "File with one bound a line; what stands behind '#' is its reason.", HelpName = "FILE" };
        var junit = new Option<string?>("--junit") { Description = "Write the result as JUnit XML, too.", HelpName = "FILE" };
        var strict = new Option<bool>("--strict") { Description = "Also fail on inconclusive or undefined metrics." };
        var options = new ReportOptions();
        var command = new Command("check", "Holds a run to a baseline run, to bounds, or both, and fails when it is worse than allowed.") { name, before, against, most, bound, bounds, junit, strict };
        foreach (var option in new Option[] { options.Judge, options.WarmUp, options.CoolDown, options.Tau, options.Runs }) command.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            var rules = Bounds(parsed.GetValue(bound) ?? [], parsed.GetValue(bounds));
            var (baseline, others) = (parsed.GetValue(before), parsed.GetValue(against) ?? []);
            if (baseline is not null && others.Length > 0)
                throw Fault("check-both", "a run is held to another run, or its points to one of them", "give --baseline or --against");
            if (baseline is null && others.Length == 0 && rules.IsEmpty)
                throw new DiagnosticException(Diagnostic.Error("check-nothing", "nothing is named that the run is held to") with { Where = new SourceRange("command line"), Help = "name a run with --baseline, a point with --against, or bounds such as --bound 'wait-p90 <= 40s'" });
            var allowed = Allowed(parsed.GetValue(most) ?? []);
            var runs = await options.ReadAsync(parsed, baseline is null ? [parsed.GetRequiredValue(name)] : [parsed.GetRequiredValue(name), baseline], cancellation);
            var settings = options.Settings(parsed, runs);
            var outcome = baseline is not null ? RegressionCheck.Of(runs[0], runs[1], allowed, settings)
                : others.Length > 0 ? RegressionCheck.Within(runs[0], others, allowed, settings)
                : new CheckOutcome(runs[0].Id, null, allowed, []);
            outcome = outcome with { Items = [.. outcome.Items, .. BoundCheck.Of(runs[0], rules, settings)] };
            var fails = outcome.Fails(parsed.GetValue(strict));
            if (parsed.GetValue(junit) is { } file) Write(JUnitXml.Of(outcome, parsed.GetValue(strict)), file);
            Print(terminal, outcome);
            if (terminal.Json) terminal.WriteJson("check", outcome, ReportJson.Default.CheckOutcome);
            var other = outcome.Baseline ?? "its bounds";
            terminal.WriteLine(fails ? $"{outcome.Run} is worse than {other}" : $"{outcome.Run} holds up against {other}");
            return (int)(fails ? ExitCode.Failed : ExitCode.Done);
        });
        return command.WithExamples(
            "regatta check latest --baseline runs/BASELINE --max-regression 5%",
            "regatta check latest --baseline A --judge wait-p90 makespan --max-regression 5% wait-p90=10% --junit check.xml",
            "regatta check latest --bound 'wait-p90 <= 40s' 'utilisation >= 58%'",
            "regatta check latest --bounds ci/bounds.txt",
            "regatta check latest --against slurm+before --judge main-pass-per-job    two builds in one run, paired by block",
            "regatta check latest --baseline A --strict         uncertain is not good enough");
    }

    internal static void Write(System.Xml.Linq.XDocument document, string file)
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
                CheckResult.OutOfBounds => ("OUT OF BOUNDS", Color.Red),
                CheckResult.Uncertain => ("uncertain", Color.Yellow),
                _ => ("not defined", Color.Yellow),
            };
            table.AddRow(new Text(item.Point), new Text(word, new Style(colour)), new Text(item.Text));
        }

        terminal.Write(table);
    }

    private static ImmutableArray<Bound> Bounds(string[] texts, string? file) =>
        [.. texts.Select(text => Bound.Parse(text, new SourceRange("command line"))), .. file is null ? [] : Bound.Read(file)];

    private static AllowedRegression Allowed(string[] texts)
    {
        var allowed = new AllowedRegression(0.05, ImmutableSortedDictionary<string, double>.Empty);
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var metric = equals < 0 ? null : text[..equals];
            if (metric is not null && MetricCatalogue.Find(metric) is null)
                throw Fault("metric-unknown", $"there is no metric '{metric}'", Suggestion.Help(metric, [.. MetricCatalogue.All.Select(m => m.Name)]));
            if (Share(text[(equals + 1)..]) is not { } share) throw Fault("check-share", $"'{text}' is no share for --max-regression", "write it as 5% or 0.05, or wait-p90=10% for one metric");
            allowed = metric is null ? allowed with { Others = share } : allowed with { Metrics = allowed.Metrics.SetItem(metric, share) };
        }

        return allowed;
    }

    private static DiagnosticException Fault(string code, string summary, string help) => new(Diagnostic.Error(code, summary) with { Where = new SourceRange("command line"), Help = help });

    internal static double? Share(string text)
    {
        var percent = text.EndsWith('%');
        if (!double.TryParse(percent ? text[..^1].TrimEnd() : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) return null;
        value = percent ? value / 100 : value;
        return double.IsFinite(value) ? value : null;
    }
}
