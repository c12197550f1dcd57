using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Reports;
using Regatta.Reports.Terminal;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta report</c>: the report of a run, or of several together, as one HTML file.</summary>
internal static class ReportCommand
{
    public static Command Create(ITerminal terminal)
    {
        var names = new Argument<string[]>("run") { Description = "Run directories, ids or archives; the newest run if none is given.", Arity = ArgumentArity.ZeroOrMore };
        var output = new Option<string?>("--output", "-o") { Description = "The HTML file; report/index.html in the run if not given, ID.html for a run in an archive, report.html for several runs.", HelpName = "FILE" };
        var noFigures = new Option<bool>("--no-figures") { Description = "Do not write the figures for papers (SVG and PNG)." };
        var gantt = new Option<int>("--gantt-jobs") { Description = "Most jobs whose Gantt charts the page carries.", HelpName = "JOBS", DefaultValueFactory = _ => 60_000 };
        var options = new ReportOptions();
        var command = new Command("report", "Writes the report of a run as one HTML file that opens offline, with figures for papers beside it.") { names, output, noFigures, gantt };
        options.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var wanted = parsed.GetValue(names) is { Length: > 0 } given ? given : ["latest"];
            var runs = await options.ReadAsync(parsed, wanted, cancellation);
            var page = parsed.GetValue(output) ?? (runs.Count > 1 ? "report.html" : runs[0].Archive is null ? Path.Combine(runs[0].Path, "report", "index.html") : runs[0].Id + ".html");
            var settings = options.Settings(parsed, runs) with { MostGanttJobs = parsed.GetValue(gantt) };
            var written = await terminal.WatchAsync(monitor => ReportWriter.WriteAsync(runs, page, settings, !parsed.GetValue(noFigures), monitor, cancellation));
            terminal.Write(ReportTables.Verdict(written.Model));
            terminal.Write(ReportTables.Comparison(written.Model));
            terminal.Write(ReportTables.Trials(written.Model));
            terminal.WriteLine($"Report: {Path.GetFullPath(page)}");
            if (terminal.Json) terminal.WriteJson("report", ReportSummary.Of(written.Model, Path.GetFullPath(page)), ReportJson.Default.ReportSummary);
            return (int)ExitCode.Done;
        });
        return command.WithExamples(
            "regatta report                                     the newest run",
            "regatta report runs/20260101T120000Z-quickstart-1a2b3c4d",
            "regatta report A B --output both.html              two runs in one report",
            "regatta report --judge wait-p90,utilisation        test these metrics instead",
            "regatta report --warm-up 10m --tau 30s             measure otherwise than the run was planned");
    }
}
