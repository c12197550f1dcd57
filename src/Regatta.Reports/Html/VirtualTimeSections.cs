using Regatta.Reports.Model;

namespace Regatta.Reports.Html;

/// <summary>The section of trials in virtual time.</summary>
internal static class VirtualTimeSections
{
    /// <summary>How alike repetitions are, and virtual time against real time.</summary>
    public static PageSection? VirtualTime(ReportModel model)
    {
        if (model.VirtualTime is not { } view) return null;
        var body = new Markup().Raw("<p class=\"lead\">The scheduler, its emulated nodes and its jobs went by one clock that jumps over the time in which all of them wait. What a launch, a network and a burst of requests cost on a cluster is left out.</p>\n");
        body.Raw("<div class=\"scroll\"><table class=\"virtual-time\"><thead><tr><th scope=\"col\" class=\"text\">Point</th><th scope=\"col\" class=\"text\">Time</th><th scope=\"col\">Times as fast</th><th scope=\"col\">Runs</th><th scope=\"col\" title=\"Kendall's tau of the starts, mean over pairs of repetitions\">Order of starts</th><th scope=\"col\">least</th><th scope=\"col\" title=\"How far the starts of a job are apart, mean over jobs and pairs\">Starts apart</th><th scope=\"col\">Mean wait</th><th scope=\"col\" title=\"The largest over the smallest, less one\">spread</th></tr></thead><tbody>");
        foreach (var row in view.Alike)
            body.Add($"<tr><td class=\"text\">{TableSections.Point(model, row.Point)}</td><td class=\"text\">{row.Time}</td><td>{Quantity.Digits(row.Factor)}</td><td>{row.Runs}</td><td>{Tau(row.Tau)}</td><td>{Tau(row.LeastTau)}</td><td>{Seconds(row.Difference)}</td><td>{Seconds(row.Wait)}</td><td>{(double.IsNaN(row.WaitSpread) ? "–" : row.WaitSpread.ToString("0.0 %", CultureInfo.InvariantCulture))}</td></tr>");
        body.Raw("</tbody></table></div>\n");
        foreach (var known in view.Known) body.Add($"<p>Virtual time was last held against real time on this host: {known}</p>\n");
        if (view.Checks.IsEmpty && view.Known.IsEmpty)
            return new PageSection("virtual-time", "Virtual time", "Virtual time", body.Raw("<p>Nothing here ran in real time as well: <code>regatta run warp-fidelity</code> holds the two against each other, on this host.</p>\n"));
        foreach (var check in view.Checks)
        {
            body.Add($"<p>{check.ToString()}</p>\n");
            body.Raw("<div class=\"scroll\"><table class=\"virtual-time\"><thead><tr><th scope=\"col\" class=\"text\">Metric</th><th scope=\"col\">Real time</th><th scope=\"col\">Virtual time</th><th scope=\"col\" title=\"The largest difference of two real runs\">Margin</th><th scope=\"col\" title=\"Two one-sided tests\">p</th><th scope=\"col\" class=\"text\">Equal within it</th></tr></thead><tbody>");
            foreach (var row in check.Rows)
                body.Add($"<tr><td class=\"text\">{row.Metric}</td><td>{Quantity.Digits(row.Real)}</td><td>{Quantity.Digits(row.Virtual)}</td><td>{Quantity.Digits(row.Margin)}</td><td>{row.P.ToString("0.000", CultureInfo.InvariantCulture)}</td><td class=\"text\">{(row.Holds ? "yes" : "not shown")}</td></tr>");
            body.Raw("</tbody></table></div>\n");
        }

        return new PageSection("virtual-time", "Virtual time", "Virtual time", body);
    }

    private static string Tau(double tau) => double.IsNaN(tau) ? "–" : tau.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Seconds(double seconds) => double.IsNaN(seconds) ? "–" : Quantity.Seconds(seconds);
}
