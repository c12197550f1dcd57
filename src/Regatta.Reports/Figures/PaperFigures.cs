using Regatta.Reports.Charts;
using Regatta.Reports.Model;
using ScottPlot;

namespace Regatta.Reports.Figures;

/// <summary>The charts of a report as files for papers: SVG to set, PNG to show. Colour-blind-safe colours, and a line pattern for each point beside its colour.</summary>
public static class PaperFigures
{
    private const int MostGanttBoxes = 20_000;
    private static readonly string[] Palette = ["#0072b2", "#d55e00", "#007a5a", "#a8478a", "#8a6d00", "#3e8ec4", "#5d3a9b", "#6b6b6b"];
    private static readonly MarkerShape[] Shapes = [MarkerShape.FilledCircle, MarkerShape.FilledTriangleUp, MarkerShape.FilledSquare, MarkerShape.FilledDiamond];
    private static readonly LinePattern[] Patterns = [LinePattern.Solid, LinePattern.Dashed, LinePattern.Dotted, LinePattern.DenselyDashed];

    /// <summary>Draws every figure that <paramref name="model"/> has numbers for.</summary>
    /// <param name="model">The report.</param>
    /// <param name="directory">Where to; made if it is not there.</param>
    /// <returns>The files, SVG and PNG of each figure.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static IReadOnlyList<string> Write(ReportModel model, string directory)
    {
        var files = new FigureFiles(directory);
        foreach (var race in model.Races)
        {
            var charts = race.Charts;
            var prefix = model.Races.Length > 1 ? FileName(race.Workload) + "-" : "";
            if (charts.Waits.Any(c => c.X.Length > 0)) files.Save(prefix + "wait-ecdf", Distribution(charts, charts.Waits, "Wait (s)", logarithmic: false));
            if (charts.Slowdowns.Any(c => c.X.Length > 0)) files.Save(prefix + "bounded-slowdown-ecdf", Distribution(charts, charts.Slowdowns, "Bounded slowdown", Curves.Wide(charts.Slowdowns)));
            if (charts.Courses.Any(c => c.X.Length > 0))
            {
                files.Save(prefix + "utilisation", Course(charts, c => [.. c.Utilisation.Select(v => v * 100)], "Utilisation (%)"));
                files.Save(prefix + "queue", Course(charts, c => c.Queued, "Jobs that wait"));
                files.Save(prefix + "started-rate", Course(charts, c => c.Started, "Jobs started per second", rate: true));
            }

            if (charts.Stages.Length > 0) files.Save(prefix + "stages", Stages(charts));
            if (charts.Predicted.Length > 0) files.Save(prefix + "predicted", Predicted(charts));
            if (race.HeatMaps.Length > 0) foreach (var maps in race.HeatMaps.GroupBy(h => h.Metric)) files.Save(prefix + "classes-" + FileName(maps.Key.ToLowerInvariant()), ClassFigure.Of([.. maps]), ClassFigure.Height([.. maps]));
        }

        foreach (var gantt in model.Gantt.Where(g => g.Repetition == model.Gantt[0].Repetition && g.Boxes.Job.Length <= MostGanttBoxes))
            files.Save(string.Create(CultureInfo.InvariantCulture, $"gantt-{FileName(gantt.Point)}-{gantt.Repetition}"), Gantt(gantt), Math.Clamp(120 + (gantt.Lanes * 14), 240, 900));
        return files.Written;
    }

    private static Color Colour(RaceCharts charts, string point) => Color.FromHex(Palette[Math.Max(0, charts.Points.IndexOf(point)) % Palette.Length]);

    private static LinePattern Pattern(RaceCharts charts, string point) => Math.Max(0, charts.Points.IndexOf(point)) is var i ? Patterns[(i + (i / Palette.Length)) % Patterns.Length] : default;

    private static Plot Distribution(RaceCharts charts, IReadOnlyList<Curve> curves, string title, bool logarithmic)
    {
        var plot = FigureFiles.New(title, "Share of jobs");
        var several = curves.Any(c => c.Repetition > 1);
        double Place(double x) => logarithmic ? Math.Log10(Math.Max(x, 1e-6)) : x;
        foreach (var curve in curves.Where(c => c.X.Length > 0 && (several || c.Repetition != 0)).OrderByDescending(c => c.Repetition))
        {
            var single = several && curve.Repetition > 0;
            var line = plot.Add.Scatter(curve.X.Select(Place).Prepend(Place(curve.X[0])).ToArray(), curve.Y.Prepend(0).ToArray());
            line.ConnectStyle = ConnectStyle.StepHorizontal;
            line.MarkerSize = 0;
            line.LineWidth = single ? 1 : 2;
            line.Color = Colour(charts, curve.Point).WithAlpha(single ? .3 : 1);
            line.LinePattern = single ? LinePattern.Solid : Pattern(charts, curve.Point);
            if (!single) line.LegendText = curve.Point;
        }

        if (logarithmic)
        {
            plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic
            {
                MinorTickGenerator = new ScottPlot.TickGenerators.LogMinorTickGenerator(),
                IntegerTicksOnly = true,
                LabelFormatter = v => Quantity.Digits(Math.Pow(10, v)),
            };
        }

        plot.Axes.SetLimitsY(0, 1.02);
        plot.ShowLegend(Edge.Top);
        return plot;
    }

    private static Plot Course(RaceCharts charts, Func<TimeCourse, IReadOnlyList<double>> values, string title, bool rate = false)
    {
        var plot = FigureFiles.New("Time from the start of the trial (s)", title);
        var first = charts.Courses.Min(c => c.Repetition);
        foreach (var course in charts.Courses.Where(c => c.Repetition == first))
        {
            var y = values(course);
            if (y.Count == 0) continue;
            var (x, end) = rate ? (course.RateX, course.RateX[^1] + course.Span) : (course.X, course.End);
            var line = plot.Add.Scatter(x.Append(end).ToArray(), y.Append(y[^1]).ToArray());
            line.ConnectStyle = ConnectStyle.StepHorizontal;
            line.MarkerSize = 0;
            line.LineWidth = 1.5f;
            line.Color = Colour(charts, course.Point);
            line.LinePattern = Pattern(charts, course.Point);
            line.LegendText = course.Point;
        }

        plot.Axes.SetLimitsY(0, Math.Max(1e-9, charts.Courses.Where(c => c.Repetition == first).SelectMany(values).DefaultIfEmpty(0).Max()) * 1.08);
        plot.ShowLegend(Edge.Top);
        return plot;
    }

    private static Plot Stages(RaceCharts charts)
    {
        var plot = FigureFiles.New("", "Mean (s, logarithmic)");
        var stages = charts.Stages.Select(s => s.Stage).Distinct().ToList();
        var points = charts.Points.Where(p => charts.Stages.Any(s => s.Point == p)).ToList();
        var least = charts.Stages.Where(s => s.Mean > 0).Select(s => Math.Log10(s.Mean)).DefaultIfEmpty(0).Min();
        var floor = Math.Floor(least - 0.3);
        foreach (var point in points)
        {
            var bars = charts.Stages.Where(s => s.Point == point && s.Mean > 0).Select(s => new Bar
            {
                Position = (stages.IndexOf(s.Stage) * (points.Count + 1)) + points.IndexOf(point),
                ValueBase = floor,
                Value = Math.Log10(s.Mean),
                FillColor = Colour(charts, point),
                LineWidth = 0,
            }).ToArray();
            plot.Add.Bars(bars).LegendText = point;
        }

        plot.Axes.Bottom.SetTicks([.. stages.Select((_, i) => (i * (points.Count + 1)) + ((points.Count - 1) / 2.0))], [.. stages]);
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true, LabelFormatter = v => Quantity.Seconds(Math.Pow(10, v)) };
        plot.Axes.Margins(bottom: 0);
        plot.ShowLegend(Edge.Top);
        return plot;
    }

    private static Plot Predicted(RaceCharts charts)
    {
        var plot = FigureFiles.New("Wait predicted (s)", "Wait measured (s)");
        var most = charts.Predicted.SelectMany(p => p.Predicted.Concat(p.Measured)).DefaultIfEmpty(1).Max();
        plot.Add.Line(0, 0, most, most).Color = Colors.Gray;
        foreach (var prediction in charts.Predicted)
        {
            var marks = plot.Add.ScatterPoints(prediction.Predicted.ToArray(), prediction.Measured.ToArray());
            marks.Color = Colour(charts, prediction.Point).WithAlpha(.6);
            marks.MarkerSize = 6;
            marks.MarkerShape = Shapes[Math.Max(0, charts.Points.IndexOf(prediction.Point)) % Shapes.Length];
            marks.LegendText = prediction.Point;
        }

        plot.ShowLegend(Edge.Top);
        return plot;
    }

    private static Plot Gantt(GanttChart chart)
    {
        var plot = FigureFiles.New("Time from the start of the trial (s)", "");
        var (start, finish, state) = (chart.Jobs.Start, chart.Jobs.Finish, chart.Jobs.State);
        for (var box = 0; box < chart.Boxes.Job.Length; box++)
        {
            var job = chart.Boxes.Job[box];
            var top = -chart.Boxes.Lane[box];
            var rectangle = plot.Add.Rectangle(start[job], Math.Max(finish[job], start[job]), top - chart.Boxes.Lanes[box] + 0.06, top - 0.06);
            var completed = state[job] == (int)Workloads.JobState.Completed;
            rectangle.FillColor = Color.FromHex(Palette[(int)(chart.Jobs.Id[job] % 7)]).WithAlpha(.75);
            rectangle.LineColor = completed ? Colors.White : Color.FromHex("#a8400a");
            rectangle.LineWidth = completed ? .3f : 2;
        }

        foreach (var fault in chart.Faults)
        {
            var line = plot.Add.VerticalLine(fault.Time);
            line.Color = Color.FromHex("#a8400a");
            line.LegendText = fault.Text;
        }

        foreach (var node in chart.Nodes.Skip(1))
        {
            var line = plot.Add.HorizontalLine(-node.First);
            line.Color = Colors.Black.WithAlpha(.5);
            line.LineWidth = 1;
        }

        plot.Axes.Left.SetTicks([.. chart.Nodes.Select(n => -n.First - (n.Lanes / 2.0))], [.. chart.Nodes.Select(n => n.Name.Length == 0 ? "processors" : n.Name)]);
        plot.Axes.SetLimits(0, Math.Max(chart.Length, 1e-3), -chart.Lanes, 0);
        plot.Title($"{chart.Point}, repetition {Quantity.Digits(chart.Repetition)}", 14);
        return plot;
    }

    private static string FileName(string point) => string.Concat(point.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));
}
