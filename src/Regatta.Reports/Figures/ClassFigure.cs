using Regatta.Reports.Model;
using ScottPlot;

namespace Regatta.Reports.Figures;

/// <summary>Means by size and run time as a figure: one grid of squares for each point, side by side, on one scale.</summary>
internal static class ClassFigure
{
    private const int MostColumns = 4;

    /// <summary>Height of the figure, in pixels.</summary>
    public static int Height(ImmutableArray<HeatMap> maps) => 110 + (((maps.Length + Across(maps) - 1) / Across(maps)) * (70 + (maps[0].Rows.Length * 42)));

    public static Plot Of(ImmutableArray<HeatMap> maps)
    {
        var plot = new Plot();
        plot.Font.Set("DejaVu Sans");
        var values = maps.SelectMany(m => m.Rows).SelectMany(r => r.Cells).Where(c => c.Value is > 0).Select(c => Math.Log(c.Value!.Value)).DefaultIfEmpty(0).ToList();
        var (least, most) = (values.Min(), values.Max());
        var (across, wide, high) = (Across(maps), maps[0].Columns.Length + 0.35, maps[0].Rows.Length + 1.6);
        Label(plot, maps[0].Metric, -1.45, 1.25, 13, Alignment.MiddleLeft, Colors.Black);
        for (var i = 0; i < maps.Length; i++)
        {
            var (left, top) = ((i % across) * wide, -(i / across) * high);
            Label(plot, maps[i].Point, left + (maps[i].Columns.Length / 2.0), top + 0.62, 13, Alignment.MiddleCenter, Colors.Black);
            for (var column = 0; column < maps[i].Columns.Length; column++) Label(plot, maps[i].Columns[column], left + column + 0.5, top + 0.18, 11, Alignment.MiddleCenter, Colors.Black);
            for (var row = 0; row < maps[i].Rows.Length; row++)
            {
                if (i % across == 0) Label(plot, maps[i].Rows[row].Name, left - 0.08, top - row - 0.5, 11, Alignment.MiddleRight, Colors.Black);
                for (var column = 0; column < maps[i].Columns.Length; column++)
                {
                    var cell = maps[i].Rows[row].Cells[column];
                    var box = plot.Add.Rectangle(left + column, left + column + 1, top - row - 1, top - row);
                    box.LineColor = Colors.White;
                    box.LineWidth = 2;
                    var level = cell.Value is not { } value || value <= 0 ? 0 : most <= least ? 0.5 : Math.Clamp((Math.Log(value) - least) / (most - least), 0, 1);
                    box.FillColor = cell.Value is null ? Color.FromHex("#f0f0f0") : Shade(level);
                    Label(plot, cell.Value is null ? "–" : Quantity.Format(cell.Value, maps[i].Unit), left + column + 0.5, top - row - 0.5, 11, Alignment.MiddleCenter, level > 0.55 ? Colors.White : Colors.Black);
                }
            }
        }

        plot.HideGrid();
        plot.Layout.Frameless();
        plot.Axes.SetLimits(-1.5, across * wide, -(((maps.Length + across - 1) / across) * high) + 0.4, 1.5);
        return plot;
    }

    // From pale over mid to deep blue, as in the page.
    private static Color Shade(double level)
    {
        (double R, double G, double B) pale = (228, 238, 246), mid = (59, 143, 214), deep = (19, 84, 135);
        var ((r0, g0, b0), (r1, g1, b1), t) = level < 0.5 ? (pale, mid, level * 2) : (mid, deep, (level * 2) - 1);
        return new Color((byte)(r0 + ((r1 - r0) * t)), (byte)(g0 + ((g1 - g0) * t)), (byte)(b0 + ((b1 - b0) * t)));
    }

    private static int Across(ImmutableArray<HeatMap> maps) => Math.Min(maps.Length, Math.Max(1, MostColumns / Math.Max(1, (maps[0].Columns.Length + 1) / 2)));

    private static void Label(Plot plot, string text, double x, double y, float size, Alignment alignment, Color colour)
    {
        var label = plot.Add.Text(text, x, y);
        label.LabelFontSize = size;
        label.LabelFontColor = colour;
        label.LabelAlignment = alignment;
    }
}
