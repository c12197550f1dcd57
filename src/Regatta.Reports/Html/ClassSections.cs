using Regatta.Analysis;
using Regatta.Reports.Model;

namespace Regatta.Reports.Html;

/// <summary>Sections that split the jobs: by size and run time together, and by each of state, user, size and run time.</summary>
internal static class ClassSections
{
    /// <summary>Means by size and run time.</summary>
    public static PageSection? HeatMaps(ReportModel model)
    {
        if (model.Races.All(r => r.HeatMaps.Length == 0)) return null;
        var body = new Markup().Raw("<p class=\"lead\">Who waits: jobs by size (rows) and run time (columns), all valid repetitions together. Deeper colour is a longer wait; the scale is logarithmic and the same for all points of a metric.</p>\n");
        foreach (var race in model.Races)
        {
            TableSections.Workload(body, model, race);
            foreach (var (i, metric) in race.HeatMaps.GroupBy(h => h.Metric).Index())
            {
                // Many points make many maps: the first metric shows, the others open.
                var folded = i > 0 && race.Points.Length > TableSections.MostColumns;
                if (folded) body.Add($"<details><summary>{metric.Key}</summary>");
                Heats(body, model, metric);
                if (folded) body.Raw("</details>\n");
            }
        }

        return new PageSection("classes", "By class", "By size and run time", body);
    }

    private static void Heats(Markup body, ReportModel model, IGrouping<string, HeatMap> metric)
    {
        var values = metric.SelectMany(h => h.Rows).SelectMany(r => r.Cells).Where(c => c.Value is > 0).Select(c => c.Value!.Value).DefaultIfEmpty(1).ToList();
        var (least, most) = (Math.Log(values.Min()), Math.Log(values.Max()));
        body.Add($"<h4>{metric.Key}</h4><div class=\"heats\">");
        foreach (var map in metric)
        {
            body.Add($"<div class=\"scroll\"><table class=\"heat\"><caption>{TableSections.Point(model, map.Point)}</caption><thead><tr><td></td>");
            foreach (var column in map.Columns) body.Add($"<th scope=\"col\">{column}</th>");
            body.Raw("</tr></thead><tbody>");
            foreach (var row in map.Rows)
            {
                body.Add($"<tr><th scope=\"row\">{row.Name}</th>");
                foreach (var cell in row.Cells) Heat(body, cell, map.Unit, least, most);
                body.Raw("</tr>");
            }

            body.Raw("</tbody></table></div>");
        }

        body.Raw("</div>\n");
    }

    private static void Heat(Markup body, HeatCell cell, Unit unit, double least, double most)
    {
        if (cell.Value is not { } value)
        {
            body.Raw("<td class=\"none\">–<small>no jobs</small></td>");
            return;
        }

        var level = value <= 0 ? 0 : most <= least ? 0.5 : Math.Clamp((Math.Log(value) - least) / (most - least), 0, 1);
        // From pale to deep blue; the text turns white where the ground is deep. The same in dark mode: the number stays readable on it.
        var light = 93 - (level * 63);
        var style = string.Create(CultureInfo.InvariantCulture, $"background:hsl(206 {45 + (level * 30):F0}% {light:F0}%);color:{(light < 56 ? "#fff" : "#10202c")}");
        body.Add($"<td style=\"{style}\">{Quantity.Format(value, unit)}<small>{Quantity.Count(cell.Jobs, "job")}</small></td>");
    }

    /// <summary>Jobs and means by state, user, size and run time.</summary>
    public static PageSection? Groups(ReportModel model)
    {
        if (model.Races.All(r => r.Groups.Length == 0)) return null;
        var body = new Markup().Raw("<p class=\"lead\">Whose jobs these means are made of: the number of jobs, their mean wait and their mean bounded slowdown, all repetitions that are compared together.</p>\n");
        foreach (var race in model.Races.Where(r => r.Groups.Length > 0))
        {
            TableSections.Workload(body, model, race);
            foreach (var table in race.Groups)
            {
                body.Add($"<details><summary>By {table.Title.ToLowerInvariant()}</summary>");
                Table(body, model, race, table);
                if (table.LeftOut > 0) body.Add($"<p class=\"lead\">{Quantity.Count(table.LeftOut, "further group")} with less work {(table.LeftOut == 1 ? "is" : "are")} left out; 'regatta query' reaches all.</p>");
                body.Raw("</details>\n");
            }
        }

        return new PageSection("groups", "By group", "By state, user, size and run time", body);
    }

    private static void Table(Markup body, ReportModel model, RaceView race, GroupTable table)
    {
        body.Add($"<div class=\"scroll\"><table class=\"metrics\"><thead><tr><th scope=\"col\">{table.Title}</th>");
        foreach (var point in race.Points) body.Add($"<th scope=\"col\">{TableSections.Point(model, point)}<small>mean wait; bounded slowdown; jobs</small></th>");
        body.Raw("</tr></thead><tbody>");
        foreach (var row in table.Rows)
        {
            body.Add($"<tr><th scope=\"row\">{row.Name}</th>");
            foreach (var cell in row.Cells)
            {
                if (cell.Jobs == 0) body.Raw("<td>–<small>no jobs</small></td>");
                else body.Add($"<td>{Quantity.Format(cell.Wait, Unit.Seconds)}<small>{Quantity.Format(cell.BoundedSlowdown, Unit.Ratio)}</small><small>{Quantity.Count(cell.Jobs, "job")}</small></td>");
            }

            body.Raw("</tr>");
        }

        body.Raw("</tbody></table></div>\n");
    }
}
