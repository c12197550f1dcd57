using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Diagnostics;
using Regatta.Experiments.Composing;
using Regatta.Experiments.Planning;
using Regatta.Experiments.Running;
using Regatta.Host;
using Regatta.Host.Checks;
using Regatta.Machines.Provisioning;
using Regatta.Reports;
using Regatta.Reports.Terminal;
using Regatta.Runs;

namespace Regatta.Cli.Commands;

/// <summary>What <c>run</c>, <c>plan</c> and <c>resume</c> share.</summary>
internal static class RunOptions
{
    public static Argument<string[]> Words() => new("experiment")
    {
        Description = "Name of an experiment, then overrides: key=value. 'regatta config groups' lists what there is.",
        Arity = ArgumentArity.ZeroOrMore,
        HelpName = "EXPERIMENT [KEY=VALUE…]",
    };

    public static Option<bool> Yes() => new("--yes", "-y") { Description = "Agrees to what the program says it will install or set on this host." };

    /// <summary>Composes and plans.</summary>
    public static (ComposedExperiment Composed, PreparedExperiment Prepared) Prepare(IReadOnlyList<string> words)
    {
        var installation = Installation.OfProcess();
        var here = Directory.GetCurrentDirectory();
        var composed = new ExperimentComposer(installation, here).Compose(ExperimentComposer.Overrides(words));
        return (composed, new Planner(new WorkloadLoader(installation, here).Load).Prepare(composed.Experiment, composed.Points));
    }

    /// <summary>Leaves out of the plan the points that cannot run for want of their image, and says which, and what mends that. Where none can run, all stay.</summary>
    /// <exception cref="DiagnosticException">The run is to begin, and no point can run.</exception>
    public static PreparedExperiment LeaveOutLacking(ITerminal terminal, PreparedExperiment prepared, bool begins)
    {
        var lacking = begins ? CheckLacking(terminal, prepared) : Tell(terminal, Lacking(prepared));
        PointLeftOut[] left = [.. lacking.SelectMany(i => i.Points.Select(p => new PointLeftOut(p, Reason(i.Lacks))))];
        return left.Length < prepared.Plan.Points.Length ? prepared.LeavingOut(left) : prepared;
    }

    /// <summary>Says which points cannot run for want of their image, and what mends that; the others run.</summary>
    /// <exception cref="DiagnosticException">None can: every image needs what this machine has not locked.</exception>
    public static List<LackingImage> CheckLacking(ITerminal terminal, PreparedExperiment prepared)
    {
        var lacking = Lacking(prepared);
        if (lacking.Sum(i => i.Points.Count) == prepared.Plan.Points.Length) throw new DiagnosticException([.. lacking.SelectMany(i => i.Lacks)]);
        return Tell(terminal, lacking);
    }

    private static List<LackingImage> Lacking(PreparedExperiment prepared)
    {
        var builder = ImageCommand.Builder();
        return
        [
            .. prepared.Plan.Points.GroupBy(p => RunSession.ImageOf(prepared.Points[p.Name].Experiment))
                .Select(g => new LackingImage([.. g.Select(p => p.Name)], g.Key is null ? [] : builder.Lacks(g.Key))).Where(i => i.Lacks.Count > 0),
        ];
    }

    private static List<LackingImage> Tell(ITerminal terminal, List<LackingImage> lacking)
    {
        foreach (var (points, lacks) in lacking)
        {
            foreach (var lack in lacks)
                terminal.Report(lack with { Severity = Severity.Warning, Summary = $"{string.Join(", ", points)} cannot run: {lack.Summary}" });
        }

        return lacking;
    }

    private static string Reason(IReadOnlyList<Diagnostic> lacks) =>
        string.Join("; ", lacks.Select(l => l.Help is { } help ? $"{l.Summary} ({help})" : l.Summary));

    /// <summary>Makes the host ready for clusters: says what is missing, and mends it where that was agreed to.</summary>
    /// <exception cref="DiagnosticException">Something is missing, and nobody agreed to mend it.</exception>
    public static async Task PrepareHostAsync(ITerminal terminal, Plan plan, bool yes, CancellationToken cancellation)
    {
        if (plan.Points.All(p => p.Machines is "simulation" or "ssh")) return;
        var state = StateDirectory.OfProcess();
        var checks = Doctor.Examine(await HostFacts.ReadAsync(state, cancellation).ConfigureAwait(false));
        var missing = Doctor.Diagnostics(checks);
        if (missing.Count == 0) return;
        var commands = Doctor.Commands(checks, refresh: true);
        if (commands.Count > 0)
        {
            terminal.WriteLine("This host lacks what clusters need. To be run as root:");
            foreach (var command in commands) terminal.WriteLine("  " + string.Join(' ', command));
            if (!yes && !terminal.Confirm("Run these commands?")) throw new DiagnosticException(missing);
            checks = await terminal.WatchAsync(monitor => Doctor.FixAsync(state, checks, monitor, cancellation)).ConfigureAwait(false);
        }

        missing = Doctor.Diagnostics(checks);
        if (missing.Count > 0) throw new DiagnosticException(missing);
    }

    /// <summary>Runs what a run directory still lacks, reports, and returns the exit code.</summary>
    public static async Task<int> CarryOutAsync(ITerminal terminal, RunDirectory run, PreparedExperiment prepared, CancellationToken cancellation)
    {
        using var machines = new MachineProviders(StateDirectory.OfProcess(), TimeProvider.System);
        var session = new RunSession(Installation.OfProcess(), ImageCommand.Builder(), machines, TimeProvider.System);
        RunOutcome outcome;
        try
        {
            outcome = await terminal.WatchAsync(async monitor =>
            {
                // Jobs are ended and machines removed, which takes seconds; nobody should wonder meanwhile.
                var told = cancellation.Register(() => monitor.Report(new Activity("run", "interrupted", "ending jobs and removing machines; Ctrl-C again leaves them to 'regatta reap'")));
                await using (told.ConfigureAwait(false)) return await session.RunAsync(run, prepared, monitor, cancellation).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            throw new DiagnosticException(
                Diagnostic.Error("run-interrupted", $"interrupted; {prepared.Plan.Trials.Count(run.Has)} of {prepared.Plan.Trials.Length} trials are kept") with
                {
                    Help = $"go on with: regatta resume {Shown(run.Path)}",
                    ExitCode = ExitCode.Interrupted,
                },
                exception);
        }

        catch (IOException exception) when (DiskSpace.IsSpent(exception))
        {
            throw new DiagnosticException(
                Diagnostic.Error("run-disk-full", $"no space is left for the run; {prepared.Plan.Trials.Count(run.Has)} of {prepared.Plan.Trials.Length} trials are kept") with
                {
                    Detail = exception.Message,
                    Help = $"make room, then go on with: regatta resume {Shown(run.Path)}",
                    ExitCode = ExitCode.Host,
                },
                exception);
        }

        foreach (var (trial, reason) in outcome.Failed)
        {
            foreach (var diagnostic in reason.Diagnostics) terminal.Report(diagnostic with { Summary = $"trial {trial.Id}: {diagnostic.Summary}" });
        }

        if (outcome.Finished > 0) await ReportAsync(terminal, run, cancellation).ConfigureAwait(false);
        if (outcome.Failed.Count == 0) return (int)ExitCode.Done;
        terminal.WriteLine($"{outcome.Failed.Count} {(outcome.Failed.Count == 1 ? "trial" : "trials")} failed. Retry with: regatta resume {Shown(run.Path)}");
        return (int)ExitCode.Failed;
    }

    /// <summary>A path as short as it can be written here.</summary>
    public static string Shown(string path)
    {
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    private static async Task ReportAsync(ITerminal terminal, RunDirectory run, CancellationToken cancellation)
    {
        var written = await terminal.WatchAsync(monitor => ReportWriter.WriteAsync(run.Path, monitor, cancellation)).ConfigureAwait(false);
        terminal.Write(ReportTables.Verdict(written.Model));
        terminal.Write(ReportTables.Comparison(written.Model));
        terminal.Write(ReportTables.Trials(written.Model));
        terminal.WriteLine($"Run:    {Shown(run.Path)}");
        terminal.WriteLine($"Report: {Shown(written.Page)}");
        terminal.WriteJson("report", ReportSummary.Of(written.Model, Path.GetFullPath(written.Page)), ReportJson.Default.ReportSummary);
    }
}

/// <summary>Points whose image cannot be built here, and why.</summary>
/// <param name="Points">Their names.</param>
/// <param name="Lacks">What is missing; at least one.</param>
internal sealed record LackingImage(IReadOnlyList<string> Points, IReadOnlyList<Diagnostic> Lacks);
