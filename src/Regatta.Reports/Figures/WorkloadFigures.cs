using Regatta.Reports.Model;
using Regatta.Workloads;
using ScottPlot;

namespace Regatta.Reports.Figures;

/// <summary>What a workload looks like as files for papers, SVG to set and PNG to show: sizes, run times, times between submissions, and the daily cycle.</summary>
public static class WorkloadFigures
{
    /// <summary>Draws every picture that <paramref name="summary"/> has bars for.</summary>
    /// <param name="summary">The workload.</param>
    /// <param name="directory">Where to; made if it is not there.</param>
    /// <returns>The files, SVG and PNG of each picture.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static IReadOnlyList<string> Write(WorkloadSummary summary, string directory)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var files = new FigureFiles(directory);
        void Save(string name, ImmutableArray<HistogramBar> bars, string axis, string colour, bool turned = true)
        {
            if (!bars.IsEmpty) files.Save(name, Bars(bars, axis, colour, turned));
        }

        Save("sizes", summary.Sizes, "Processors of a job", "#0072b2");
        Save("run-times", summary.RunTimes, "Run time of a job, from", "#d55e00");
        Save("inter-arrivals", summary.InterArrivals, "Time since the submission before, from", "#007a5a");
        Save("daily-cycle", summary.DailyCycle, $"Hour of the day ({summary.DailyCycleZone})", "#a8478a", turned: false);
        return files.Written;
    }

    private static Plot Bars(ImmutableArray<HistogramBar> bars, string axis, string colour, bool turned)
    {
        var plot = FigureFiles.New(axis, "Jobs");
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
