using ScottPlot;
using SkiaSharp;

namespace Regatta.Reports.Figures;

/// <summary>How figures for papers look and are written, whatever they show.</summary>
/// <param name="directory">Where to; made if it is not there.</param>
internal sealed class FigureFiles(string directory)
{
    /// <summary>Width of every figure, in pixels of the SVG.</summary>
    public const int Width = 720;

    /// <summary>Height of most figures, in pixels of the SVG.</summary>
    public const int Height = 420;

    private static readonly SKPngEncoderOptions Flat = new(SKPngEncoderFilterFlags.None, zLibLevel: 6);

    private readonly List<string> _written = [];

    /// <summary>The files so far, SVG and PNG of each figure.</summary>
    public IReadOnlyList<string> Written => _written;

    /// <summary>An empty plot.</summary>
    /// <param name="x">What its horizontal axis shows, with the unit.</param>
    /// <param name="y">What its vertical axis shows, with the unit.</param>
    public static Plot New(string x, string y)
    {
        var plot = new Plot();
        plot.XLabel(x);
        plot.YLabel(y);
        plot.Axes.Bottom.Label.Bold = plot.Axes.Left.Label.Bold = false;
        plot.Axes.Bottom.Label.FontSize = plot.Axes.Left.Label.FontSize = 14;
        plot.Font.Set("DejaVu Sans");
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(.08);
        plot.Legend.OutlineColor = Colors.Transparent;
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.Legend.ShadowColor = Colors.Transparent;
        return plot;
    }

    /// <summary>Writes a figure as SVG to set and as PNG, of twice the size, to show.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Save(string name, Plot plot, int height = Height)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, name);
        File.WriteAllText(path + ".svg", plot.GetSvgXml(Width, height));
        plot.ScaleFactor = 2;
        using (var png = File.Create(path + ".png")) SavePng(plot, Width * 2, height * 2, png);
        _written.Add(path + ".svg");
        _written.Add(path + ".png");
    }

    // As the plot would save itself, but for the filters that its encoder tries on each line: charts are flat, and without them a file is as small and done in a third of the time.
    private static void SavePng(Plot plot, int width, int height, Stream png)
    {
        using var surface = Drawing.CreateSurface(width, height);
        plot.Render(surface.Canvas, width, height);
        using var pixels = surface.PeekPixels();
        if (!pixels.Encode(png, Flat)) throw new IOException("the library for images could not write a PNG");
    }
}
