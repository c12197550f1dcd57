using Regatta.Cli.Terminal;
using Regatta.Experiments.Planning;
using Regatta.Experiments.Running;
using Regatta.Host;
using Regatta.Images;
using Regatta.Machines.Provisioning;
using Regatta.Reports;
using Regatta.Reports.Model;
using Regatta.Reports.Terminal;
using Regatta.Runs;

namespace Regatta.Cli.Commands;

/// <summary>Carries a run out, as far as its trials are missing, and reports.</summary>
internal static class RunCarrier
{
    /// <summary>Runs what a run directory still lacks, reports, and returns the exit code.</summary>
    public static Task<int> CarryOutAsync(ITerminal terminal, RunDirectory run, PreparedExperiment prepared, CancellationToken cancellation) =>
        CarryOutAsync(terminal, run, prepared, ImageCommand.Builder(), cancellation);

    /// <summary>Runs what a run directory still lacks on images of a builder, reports, and returns the exit code.</summary>
    public static async Task<int> CarryOutAsync(ITerminal terminal, RunDirectory run, PreparedExperiment prepared, IImageBuilder images, CancellationToken cancellation)
    {
        using var machines = new MachineProviders(StateDirectory.OfProcess(), TimeProvider.System);
        var session = new RunSession(Installation.OfProcess(), images, machines, TimeProvider.System);
        try
        {
            return await CarryOutAsync(terminal, run, prepared, session, cancellation);
        }
        catch (OperationCanceledException exception)
        {
            throw new DiagnosticException(
                Diagnostic.Error("run-interrupted", $"interrupted; {prepared.Plan.Trials.Count(run.Has)} of {prepared.Plan.Trials.Length} trials are kept") with
                {
                    Help = $"go on with: regatta resume {RunOptions.Shown(run.Path)}",
                },
                exception);
        }
        catch (IOException exception) when (DiskSpace.IsSpent(exception))
        {
            throw new DiagnosticException(
                Diagnostic.Error("run-disk-full", $"no space is left for the run; {prepared.Plan.Trials.Count(run.Has)} of {prepared.Plan.Trials.Length} trials are kept") with
                {
                    Detail = exception.Message,
                    Help = $"make room, then go on with: regatta resume {RunOptions.Shown(run.Path)}",
                },
                exception);
        }
    }

    private static async Task<int> CarryOutAsync(ITerminal terminal, RunDirectory run, PreparedExperiment prepared, RunSession session, CancellationToken cancellation)
    {
        var known = new KnownTables();
        var outcome = await terminal.WatchAsync(async monitor =>
        {
            // Jobs are ended and machines removed, which takes seconds; nobody should wonder meanwhile.
            var told = cancellation.Register(() => monitor.Report(new Activity("run", "interrupted", "ending jobs and removing machines; Ctrl-C again leaves them to 'regatta reap'")));
            await using (told) return await session.RunAsync(run, prepared, known, monitor, cancellation);
        });
        foreach (var (trial, reason) in outcome.Failed)
        {
            foreach (var diagnostic in reason.Diagnostics) terminal.Report(diagnostic with { Summary = $"trial {trial.Id}: {diagnostic.Summary}" });
        }

        var nothing = outcome.Finished > 0 ? await ReportAsync(terminal, run, prepared, known, cancellation) : null;
        if (nothing is not null) terminal.Report(nothing);
        if (outcome.Failed.Count == 0) return (int)(nothing is null ? ExitCode.Done : ExitCode.Failed);
        terminal.WriteLine($"{outcome.Failed.Count} {(outcome.Failed.Count == 1 ? "trial" : "trials")} failed. Retry with: regatta resume {RunOptions.Shown(run.Path)}");
        return (int)ExitCode.Failed;
    }

    /// <returns>That no trial of the run may be compared; null where one may.</returns>
    private static async Task<Diagnostic?> ReportAsync(ITerminal terminal, RunDirectory run, PreparedExperiment prepared, KnownTables known, CancellationToken cancellation)
    {
        var checks = new VirtualTimeChecks(StateDirectory.OfProcess());
        if (prepared.Plan.Points.Any(p => p.Real is not null)) checks.Recall(run.Path);
        var written = await terminal.WatchAsync(monitor => ReportWriter.WriteAsync(run.Path, known, monitor, cancellation));
        checks.Keep(written.Model);
        terminal.Write(ReportTables.Verdict(written.Model));
        terminal.Write(ReportTables.Comparison(written.Model));
        terminal.Write(ReportTables.Trials(written.Model));
        terminal.WriteLine($"Run:    {RunOptions.Shown(run.Path)}");
        terminal.WriteLine($"Report: {RunOptions.Shown(written.Page)}");
        if (terminal.Json) terminal.WriteJson("report", ReportSummary.Of(written.Model, Path.GetFullPath(written.Page)), ReportJson.Default.ReportSummary);
        return written.Model.Trials.Any(t => t.Standing != TrialStanding.Invalid) ? null
            : Diagnostic.Error("run-invalid", written.Model.Trials.Length == 1 ? "the run's only trial is not valid" : $"none of the run's {written.Model.Trials.Length} trials is valid") with { Help = "the report says for each what went wrong, with the lines of its logs" };
    }
}
