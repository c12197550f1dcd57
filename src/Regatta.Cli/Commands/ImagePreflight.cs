using Regatta.Cli.Terminal;
using Regatta.Experiments.Planning;
using Regatta.Experiments.Running;
using Regatta.Images;
using Regatta.Runs;

namespace Regatta.Cli.Commands;

/// <summary>Finds the points whose image cannot be built here before anything is started.</summary>
internal static class ImagePreflight
{
    /// <summary>Leaves out of the plan the points that cannot run for want of their image, and says which, and what mends that. Where none can run, all stay.</summary>
    /// <exception cref="DiagnosticException">The run is to begin, and no point can run.</exception>
    public static PreparedExperiment LeaveOutLacking(ITerminal terminal, PreparedExperiment prepared, bool begins, NixImageBuilder? builder = null)
    {
        var lacking = begins ? Check(terminal, prepared, builder) : Tell(terminal, Lacking(prepared, builder));
        PointLeftOut[] left = [.. lacking.SelectMany(i => i.Points.Select(p => new PointLeftOut(p, Reason(i.Lacks))))];
        return left.Length < prepared.Plan.Points.Length ? prepared.LeavingOut(left) : prepared;
    }

    /// <summary>Says which points cannot run for want of their image, and what mends that; the others run.</summary>
    /// <exception cref="DiagnosticException">None can: every image needs what this machine has not locked.</exception>
    public static List<LackingImage> Check(ITerminal terminal, PreparedExperiment prepared, NixImageBuilder? builder = null)
    {
        var lacking = Lacking(prepared, builder);
        if (lacking.Sum(i => i.Points.Count) == prepared.Plan.Points.Length) throw new DiagnosticException([.. lacking.SelectMany(i => i.Lacks)]);
        return Tell(terminal, lacking);
    }

    private static List<LackingImage> Lacking(PreparedExperiment prepared, NixImageBuilder? given)
    {
        var builder = given ?? ImageCommand.Builder();
        return
        [
            .. prepared.Plan.Points.GroupBy(p => (Own: RunSession.ImageOf(prepared.Points[p.Name].Experiment), Beside: RunSession.BesideOf(prepared.Points[p.Name].Experiment)))
                .Select(g => new LackingImage([.. g.Select(p => p.Name)], [.. new[] { g.Key.Own, g.Key.Beside }.OfType<ImageSpec>().SelectMany(builder.Lacks)])).Where(i => i.Lacks.Count > 0),
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
}

/// <summary>Points whose image cannot be built here, and why.</summary>
/// <param name="Points">Their names.</param>
/// <param name="Lacks">What is missing; at least one.</param>
internal sealed record LackingImage(IReadOnlyList<string> Points, IReadOnlyList<Diagnostic> Lacks);
