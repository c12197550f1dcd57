using Regatta.Analysis;
using Regatta.Reports.Model;

namespace Regatta.Reports.Html;

/// <summary>Schedulers from inside: what they counted of themselves, and what their processes used.</summary>
internal static class InsideSections
{
    private const double Width = 520, Height = 110, Left = 44, Bottom = 18;

    /// <summary>The section; null where nothing was sampled.</summary>
    public static PageSection? Of(ReportModel model)
    {
        if (model.Inside.Length == 0) return null;
        var body = new Markup().Raw("<p class=\"lead\">What the scheduler counted of itself, and what its processes on the head used, once a second. Every number is in samples.parquet of the trial; bands are faults on purpose.</p>\n");
        foreach (var (index, view) in model.Inside.Index())
        {
            body.Add($"<details{new Markup().Raw(index < 2 ? " open" : "")}><summary>{TableSections.Point(model, view.Point)}, repetition {view.Repetition}</summary>\n");
            if (view.Words.Length > 0)
            {
                body.Raw("<ul>");
                foreach (var sentence in view.Words) body.Add($"<li>{sentence}</li>");
                body.Raw("</ul>\n");
            }

            body.Raw("<div class=\"pair\">");
            foreach (var series in view.Series.Where(s => s.Values.Any(v => v > 0))) Chart(body, view, series);
            body.Raw("</div></details>\n");
        }

        return new PageSection("inside", "From inside", "The scheduler from inside", body);
    }

    // Small pictures without a script: hundreds of them cost a page nothing.
    private static void Chart(Markup body, InsideView view, InsideSeries series)
    {
        var most = series.Values.Max();
        var end = Math.Max(view.Length, series.Times[^1]);
        double X(double time) => Left + (Math.Clamp(time, 0, end) / end * (Width - Left - 4));
        double Y(double value) => 6 + ((1 - (value / most)) * (Height - 6 - Bottom));
        body.Add($"<figure><h4>{series.Title}</h4><svg viewBox=\"0 0 {Plain(Width)} {Plain(Height)}\" role=\"img\" aria-label=\"{series.Title} over time; at most {Quantity.Digits(most)} {series.Unit}\" style=\"width:100%;height:auto\">");
        foreach (var fault in view.Faults)
            body.Add($"<rect x=\"{Plain(X(fault.Time))}\" y=\"0\" width=\"{Plain(Math.Max(1.5, X(fault.Until ?? fault.Time) - X(fault.Time)))}\" height=\"{Plain(Height - Bottom)}\" fill=\"var(--bad)\" opacity=\"0.18\"><title>{fault.Text}</title></rect>");
        body.Add($"<path d=\"M{Plain(Left)} {Plain(Height - Bottom)}H{Plain(Width - 4)}\" stroke=\"currentColor\" opacity=\"0.3\"/>");
        body.Add($"<polyline points=\"{string.Join(' ', series.Times.Zip(series.Values).Select(p => $"{Plain(X(p.First))},{Plain(Y(p.Second))}"))}\" fill=\"none\" stroke=\"var(--accent)\" stroke-width=\"1.5\"/>");
        body.Add($"<text x=\"{Plain(Left - 4)}\" y=\"14\" text-anchor=\"end\" font-size=\"11\" fill=\"currentColor\">{Quantity.Digits(most)}</text><text x=\"{Plain(Left - 4)}\" y=\"28\" text-anchor=\"end\" font-size=\"11\" fill=\"currentColor\">{series.Unit}</text>");
        body.Add($"<text x=\"{Plain(Left)}\" y=\"{Plain(Height - 4)}\" font-size=\"11\" fill=\"currentColor\">0 s</text><text x=\"{Plain(Width - 4)}\" y=\"{Plain(Height - 4)}\" text-anchor=\"end\" font-size=\"11\" fill=\"currentColor\">{Quantity.Seconds(end)}</text></svg></figure>");
    }

    private static string Plain(double value) => Math.Round(value, 1).ToString(CultureInfo.InvariantCulture);
}
