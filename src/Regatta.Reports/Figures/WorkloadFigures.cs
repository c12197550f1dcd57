using System.Collections.Immutable;
using Regatta.Reports.Model;
using Regatta.Workloads;
using ScottPlot;

namespace Regatta.Reports.Figures;

/// <summary>What a workload looks like as files for papers, SVG to set and PNG to show: sizes, run times, times between submissions, and the daily cycle.</summary>
public static class WorkloadFigures
{
    private const int Width = 720;
    private const int Height = 420;

    /// <summary>Draws every picture that <paramref name="summary"/> has bars for.</summary>
    /// <param name="summary">The workload.</param>
    /// <param name="directory">Where to; made if it is not there.</param>
    /// <returns>The files, SVG and PNG of each picture.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static IReadOnlyList<string> Write(WorkloadSummary summary, string directory)
    {
        ArgumentNullException.ThrowIfNull(summary);
        Directory.CreateDirectory(directory);
        var files = new List<string>();
        void Save(string name, ImmutableArray<HistogramBar> bars, string axis, string colour, bool turned = true)
        {
            if (bars.IsEmpty) return;
            var plot = Bars(bars, axis, colour, turned);
            var path = Path.Combine(directory, name);
            File.WriteAllText(path + ".svg", plot.GetSvgXml(Width, Height));
            plot.ScaleFactor = 2;
            plot.SavePng(path + ".png", Width * 2, Height * 2);
            files.Add(path + ".svg");
            files.Add(path + ".png");
        }

        Save("sizes", summary.Sizes, "Processors of a job", "#0072b2");
        Save("run-times", summary.RunTimes, "Run time of a job, from", "#d55e00");
        Save("inter-arrivals", summary.InterArrivals, "Time since the submission before, from", "#007a5a");
        Save("daily-cycle", summary.DailyCycle, "Hour of the day", "#a8478a", turned: false);
        return files;
    }

    private static Plot Bars(ImmutableArray<HistogramBar> bars, string axis, string colour, bool turned)
    {
        var plot = new Plot();
        plot.XLabel(axis);
        plot.YLabel("Jobs");
        plot.Axes.Bottom.Label.Bold = plot.Axes.Left.Label.Bold = false;
        plot.Axes.Bottom.Label.FontSize = plot.Axes.Left.Label.FontSize = 14;
        plot.Font.Set("DejaVu Sans");
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(.08);
        plot.Grid.XAxisStyle.IsVisible = false;
        plot.Add.Bars(bars.Select((bar, i) => new Bar { Position = i, Value = bar.Count, Size = .85, FillColor = Color.FromHex(colour), LineWidth = 0 }).ToArray());
        plot.Axes.Bottom.SetTicks([.. bars.Select((_, i) => (double)i)], [.. bars.Select(bar => bar.Label)]);
        if (turned)
        {
            plot.Axes.Bottom.TickLabelStyle.Rotation = -40;
            plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.MiddleRight;
            plot.Axes.Bottom.MinimumSize = 80;
        }

        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = v => Quantity.Digits(v), IntegerTicksOnly = true };
        plot.Axes.SetLimits(-.7, bars.Length - .3, 0, Math.Max(1, bars.Max(bar => bar.Count)) * 1.06);
        return plot;
    }
}
