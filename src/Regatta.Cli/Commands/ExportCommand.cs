using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Reports;
using Regatta.Reports.Exports;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta export</c>: the jobs of runs for other programs.</summary>
internal static class ExportCommand
{
    public static Command Create(ITerminal terminal)
    {
        var names = new Argument<string[]>("run") { Description = "Run directories, ids or archives; the newest run if none is given.", Arity = ArgumentArity.ZeroOrMore };
        var format = new Option<string>("--format", "-f") { Description = "parquet and csv: one file of all jobs; swf and batsim: one file a trial (batsim is what evalys reads); openmetrics: what was sampled of the schedulers, one file a trial.", DefaultValueFactory = _ => "csv", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong([.. JobExport.Names]);
        var output = new Option<string?>("--output", "-o") { Description = "The file, or the directory for one file a trial; jobs.csv, jobs.parquet or export/ if not given.", HelpName = "PATH" };
        var options = new ReportOptions();
        var command = new Command("export", "Writes the jobs of runs as Parquet, CSV, SWF, or in Batsim's columns.") { names, format, output, options.Runs };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var opened = options.Open(parsed, parsed.GetValue(names) is { Length: > 0 } given ? given : ["latest"], cancellation);
            var runs = opened.Runs.Select(r => r.Path).ToList();
            var kind = (ExportFormat)JobExport.Names.ToList().IndexOf(parsed.GetRequiredValue(format));
            var path = parsed.GetValue(output) ?? kind switch { ExportFormat.Csv => "jobs.csv", ExportFormat.Parquet => "jobs.parquet", _ => "export" };
            foreach (var file in await JobExport.WriteAsync(runs, kind, path, cancellation))
            {
                terminal.WriteLine(file);
                terminal.WriteJson("file", Path.GetFullPath(file), ReportJson.Default.String);
            }

            return (int)ExitCode.Done;
        });
        return command.WithExamples(
            "regatta export                                        jobs.csv of the newest run",
            "regatta export A B --format parquet -o both.parquet   all jobs of two runs in one file",
            "regatta export latest --format swf -o traces          one SWF file a trial",
            "regatta export latest --format batsim                 jobs.csv files for evalys",
            "regatta export latest --format openmetrics            the schedulers from inside");
    }
}
