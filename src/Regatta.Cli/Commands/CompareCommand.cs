using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Reports;
using Regatta.Reports.Model;
using Regatta.Reports.Terminal;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta compare</c>: points of one or several runs against each other, on the terminal.</summary>
internal static class CompareCommand
{
    public static Command Create(ITerminal terminal)
    {
        var names = new Argument<string[]>("run") { Description = "Run directories, ids or archives; the first point of the first is what the others are measured against.", Arity = ArgumentArity.OneOrMore };
        var all = new Option<bool>("--all") { Description = "Every metric, not only those of the short table." };
        var output = new Option<string?>("--output", "-o") { Description = "Write the report as HTML, too.", HelpName = "FILE" };
        var options = new ReportOptions();
        var command = new Command("compare", "Compares the points of runs: table, verdict and what is unlike between them.") { names, all, output };
        options.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var runs = await options.ReadAsync(parsed, parsed.GetRequiredValue(names), cancellation);
            var settings = options.Settings(parsed, runs);
            var page = parsed.GetValue(output);
            var model = page is null
                ? ReportBuilder.Build(runs, settings)
                : (await terminal.WatchAsync(monitor => ReportWriter.WriteAsync(runs, page, settings, figures: false, monitor, cancellation))).Model;
            terminal.Write(ReportTables.Comparison(model, parsed.GetValue(all)));
            terminal.Write(ReportTables.Verdict(model));
            terminal.WriteLine(model.Fairness.Summary);
            foreach (var row in model.Fairness.Differences.Where(d => !d.Explained))
            {
                var values = row.Values.Select((v, i) => (Value: v ?? "not recorded", Point: model.Points[i])).GroupBy(v => v.Value, v => v.Point, StringComparer.Ordinal);
                terminal.WriteLine($"  {row.Setting}: {string.Join("; ", values.Select(v => $"{v.Key} ({string.Join(", ", v)})"))} – {row.Status}");
            }

            if (page is not null) terminal.WriteLine($"Report: {Path.GetFullPath(page)}");
            if (terminal.Json) terminal.WriteJson("comparison", ReportSummary.Of(model, page is null ? null : Path.GetFullPath(page)), ReportJson.Default.ReportSummary);
            return (int)ExitCode.Done;
        });
        return command.WithExamples(
            "regatta compare runs/BEFORE runs/AFTER             the same experiment, before and after a change",
            "regatta compare latest --baseline fifo             the points of the newest run",
            "regatta compare A B --factor image                 the image is what is compared",
            "regatta compare A B --all --output comparison.html");
    }
}
