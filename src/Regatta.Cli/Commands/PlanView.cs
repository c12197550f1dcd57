using Regatta.Runs;
using Regatta.Workloads;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Regatta.Cli.Commands;

/// <summary>How a plan looks on a terminal.</summary>
internal static class PlanView
{
    public static IRenderable Render(Plan plan)
    {
        var points = new Table().Border(TableBorder.Simple).AddColumns("point", "scheduler", "profile", "machine", "workload");
        points.AddColumn(new TableColumn("jobs").RightAligned()).AddColumn(new TableColumn("each trial about").RightAligned());
        foreach (var point in plan.Points)
        {
            points.AddRow(
                new Text(point.Name, new Style(decoration: Decoration.Bold)),
                new Text(point.Scheduler),
                new Text(point.Profile),
                new Text(string.Create(CultureInfo.InvariantCulture, $"{point.Workers} × {point.Processors / Math.Max(1, point.Workers)} processors, {point.Machines.Name()}")),
                new Text(point.Workload),
                new Text(point.Jobs.ToString(CultureInfo.InvariantCulture)),
                new Text(Durations.Rounded(point.Expected)));
        }

        var order = string.Join("\n", plan.Trials.GroupBy(t => t.Block).OrderBy(b => b.Key)
            .Select(block => string.Create(CultureInfo.InvariantCulture, $"  block {block.Key}: {string.Join(", ", block.Select(t => t.Point))}")));
        return new Rows(
        [
            points,
            .. Changes(plan),
            new Text(string.Create(CultureInfo.InvariantCulture, $"{plan.Trials.Length} trials, order by seed {plan.Seed}:")),
            new Text(order),
            .. Ends(plan),
            new Text($"about {Durations.Rounded(plan.Expected)} in all, without building images"),
        ]);
    }

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
