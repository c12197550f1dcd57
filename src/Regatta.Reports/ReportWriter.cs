using Regatta.Reports.Html;
using Regatta.Reports.Model;
using Regatta.Runs;

namespace Regatta.Reports;

/// <summary>A report that was written.</summary>
/// <param name="Model">What it says.</param>
/// <param name="Page">The HTML file.</param>
/// <param name="Figures">The figures for papers, SVG and PNG; empty when none were asked for.</param>
public sealed record WrittenReport(ReportModel Model, string Page, IReadOnlyList<string> Figures);

/// <summary>Reads runs and writes their report: what <c>regatta report</c>, <c>regatta compare</c> and the end of <c>regatta run</c> do.</summary>
public static class ReportWriter
{
    /// <summary>Writes <c>report/index.html</c> of one run.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="known">Tables of jobs that are at hand; null for none.</param>
    /// <param name="monitor">Hears of each step.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DiagnosticException">The run cannot be read, or holds no trial.</exception>
    public static async Task<WrittenReport> WriteAsync(string run, KnownTables? known, IActivityMonitor monitor, CancellationToken cancellation) =>
        await WriteAsync([await RecordedRun.ReadAsync(run, known, cancellation)], Path.Combine(run, "report", "index.html"), null, figures: true, monitor, cancellation);

    /// <summary>Writes the report of one or several runs.</summary>
    /// <param name="runs">The runs, at least one.</param>
    /// <param name="page">Where the HTML goes; figures go into <c>figures/</c> beside it.</param>
    /// <param name="settings">How; null for what the runs ask for themselves.</param>
    /// <param name="figures">Whether figures for papers are written too.</param>
    /// <param name="monitor">Hears of each step.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DiagnosticException">No trial is there, or the file cannot be written.</exception>
    public static async Task<WrittenReport> WriteAsync(
        IReadOnlyList<RecordedRun> runs, string page, ReportSettings? settings, bool figures, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var name = string.Join(", ", runs.Select(r => r.Id));
        monitor.Report(new Activity("report", name, "computes metrics and comparison"));
        // Where an archive lies is told as seen from the run's own page.
        var own = runs.Count == 1 && Path.GetFullPath(page) == Path.Combine(Path.GetFullPath(runs[0].Path), "report", "index.html");
        var model = ReportBuilder.Build(own ? runs : [.. runs.Select(r => r with { Archives = [.. r.Archives.Select(a => a with { Path = null })] })], settings);
        try
        {
            monitor.Report(new Activity("report", name, "writes the page"));
            await HtmlReport.WriteAsync(model, page, cancellation);
            var files = figures ? WriteFigures(model, page) : [];
            monitor.Report(new Activity("report", name, page, ActivityState.Done));
            return new WrittenReport(model, page, files);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(
                Diagnostic.Error("report-write", $"the report cannot be written to '{page}'") with
                {
                    Detail = exception.Message,
                    Help = "name another place with --output FILE",
                },
                exception);
        }
    }

    // A method of its own: the plotting library is loaded when figures are drawn, not before.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static IReadOnlyList<string> WriteFigures(ReportModel model, string page) =>
        Figures.PaperFigures.Write(model, Path.Combine(Path.GetDirectoryName(Path.GetFullPath(page))!, "figures"));
}
