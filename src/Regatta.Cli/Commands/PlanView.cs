using Regatta.Experiments.Configuration;
using Regatta.Experiments.Planning;
using Regatta.Runs;
using Regatta.Workloads;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Regatta.Cli.Commands;

/// <summary>How a plan looks on a terminal.</summary>
internal static class PlanView
{
    // More rows scroll away what stands before them.
    private const int MostPoints = 40;
    private const int MostBlocks = 12;

    public static IRenderable Render(PreparedExperiment prepared)
    {
        var plan = prepared.Plan;
        var points = new Table().Border(TableBorder.Simple).AddColumns("point", "scheduler", "profile", "machine", "workload");
        points.AddColumn(new TableColumn("jobs").RightAligned()).AddColumn(new TableColumn("each trial about").RightAligned());
        foreach (var point in plan.Points.Take(MostPoints))
        {
            points.AddRow(
                new Text(point.Name, new Style(decoration: Decoration.Bold)),
                new Text(point.Scheduler),
                new Text(point.Profile),
                new Text(string.Create(CultureInfo.InvariantCulture, $"{point.Workers} × {point.Processors / Math.Max(1, point.Workers)} processors, {point.Machines.Name()}")),
                new Text(point.Workload),
                new Text(point.Jobs.ToString(CultureInfo.InvariantCulture)),
                new Text(point.Real is { } real ? $"{Durations.Rounded(real)} for {Durations.Rounded(point.Expected)} of virtual time" : Durations.Rounded(point.Expected)));
        }

        if (plan.Points.Length > MostPoints) points.AddRow($"and {plan.Points.Length - MostPoints} more");
        var blocks = plan.Trials.GroupBy(t => t.Block).OrderBy(b => b.Key).ToList();
        var order = string.Join("\n", blocks.Take(MostBlocks).Select(block => string.Create(CultureInfo.InvariantCulture, $"  block {block.Key}: {Named([.. block.Select(t => t.Point)])}")));
        if (blocks.Count > MostBlocks) order += string.Create(CultureInfo.InvariantCulture, $"\n  and {blocks.Count - MostBlocks} more blocks");
        var launcher = prepared.Launcher;
        var estimate = LaunchEstimate.Of(plan, launcher);
        return new Rows(
        [
            points,
            .. Changes(plan),
            .. Faults(plan),
            new Text(string.Create(CultureInfo.InvariantCulture, $"{plan.Trials.Length} trials, order by seed {plan.Seed}:")),
            new Text(order),
            .. Ends(plan),
            .. Simulated(launcher, estimate),
            .. OnHosts(launcher, estimate),
            .. plan.Points.All(p => p.Machines == MachineKind.Simulation) ? Array.Empty<IRenderable>() : [new Text($"about {Durations.Rounded(plan.Expected / Beside(launcher, estimate))} in all, without building images")],
        ]);
    }

    private static string Named(List<string> points) =>
        points.Count <= MostPoints ? string.Join(", ", points) : $"{string.Join(", ", points.Take(MostPoints))} and {points.Count - MostPoints} more";

    private static IEnumerable<IRenderable> Simulated(LauncherSection launcher, LaunchEstimate estimate)
    {
        if (estimate.Trials == 0) yield break;
        var where = launcher.Name switch
        {
            LauncherName.Slurm => string.Create(CultureInfo.InvariantCulture, $"{Count(estimate.Tasks, "task")} of Slurm in {Count(estimate.Submissions, "array")} and a probe"),
            LauncherName.Flux => string.Create(CultureInfo.InvariantCulture, $"{Count(estimate.Tasks, "task")} of Flux by {Count(estimate.Submissions, "submission")} and a probe"),
            LauncherName.Kubernetes => string.Create(CultureInfo.InvariantCulture, $"{Count(estimate.Tasks, "pod")} of Kubernetes in {Count(estimate.Submissions, "Job")} and a probe, {Math.Min(estimate.Tasks, launcher.Kubernetes.Parallelism)} at once"),
            LauncherName.Ssh => string.Create(CultureInfo.InvariantCulture, $"{Count(estimate.Tasks, "task")} on {Count(launcher.Ssh.Hosts.Count, "host")}, {launcher.Ssh.Hosts.Sum(h => h.Parallel)} at once"),
            _ => string.Create(CultureInfo.InvariantCulture, $"on this machine, {launcher.SimulatedAtOnce} at once"),
        };
        yield return new Text(string.Create(CultureInfo.InvariantCulture, $"{Count(estimate.Trials, "simulated trial")}: {where}; about {Durations.Rounded(estimate.Processor)} of processor time and {(estimate.Bytes < 1_000_000_000 ? $"{Math.Ceiling(estimate.Bytes / 1e6):#,0} MB" : $"{estimate.Bytes / 1e9:#,0.0} GB")} on the disk"));
    }

    private static IEnumerable<IRenderable> OnHosts(LauncherSection launcher, LaunchEstimate estimate)
    {
        if (estimate.OnMachines == 0) yield break;
        yield return new Text(string.Create(CultureInfo.InvariantCulture, $"{Count(estimate.OnMachines, "trial")} on machines: {Count(estimate.Alone, "task")} on {Count(launcher.Ssh.Hosts.Count, "host")}, one at a time on each"));
    }

    // Hosts that measure at the same time.
    private static int Beside(LauncherSection launcher, LaunchEstimate estimate) => launcher.Name == LauncherName.Ssh ? Math.Max(1, Math.Min(launcher.Ssh.Hosts.Count, estimate.Alone)) : 1;

    private static string Count(int number, string of) => string.Create(CultureInfo.InvariantCulture, $"{number:#,0} {of}{(number == 1 ? "" : "s")}");

    private static IEnumerable<IRenderable> Changes(Plan plan)
    {
        var changed = plan.Points.Where(p => p.Settings is { IsEmpty: false }).ToList();
        if (changed.Count == 0) yield break;
        yield return new Text("changed in the profiles:");
        foreach (var point in changed)
        {
            foreach (var (key, value) in point.Settings!) yield return new Text($"  {point.Name}: {key}{(value.Length == 0 ? $" is left to {point.Scheduler}'s own default" : "=" + value)}");
        }

        yield return Text.Empty;
    }

    private static IEnumerable<IRenderable> Faults(Plan plan)
    {
        var faulty = plan.Points.Where(p => p.Faults is not null).ToList();
        if (faulty.Count == 0) yield break;
        yield return new Text("faults on purpose, in each trial:");
        foreach (var point in faulty)
        {
            foreach (var fault in point.Faults!) yield return new Text($"  {point.Name}: {fault.Name}, {fault.Text}");
        }

        yield return Text.Empty;
    }

    private static IEnumerable<IRenderable> Ends(Plan plan)
    {
        if (plan.EarlyEnd is not { } end) yield break;
        if (end.Precision is { } precision)
        {
            yield return new Text(string.Create(CultureInfo.InvariantCulture,
                $"repetitions end when {end.Metric} is known to {precision * 100:0.##} % at every point, after {end.Fewest} at the earliest"));
        }

        if (end.Budget is { } budget) yield return new Text($"no block is begun after {Durations.Rounded(budget)} of trials");
    }
}
