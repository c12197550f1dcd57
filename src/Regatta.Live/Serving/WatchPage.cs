using System.Reflection;
using System.Text;
using Regatta.Reports.Html;

namespace Regatta.Live.Serving;

/// <summary>The page: style, scripts and the chart library of the report in one file; what it shows comes as events.</summary>
internal static class WatchPage
{
    /// <summary>The page.</summary>
    public static string Render() => new StringBuilder()
        .Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Regatta – live</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n")
        .Append(PageParts.Style).Append(Asset("live.css"))
        .Append("</style>\n</head>\n<body>\n<header class=\"mast\"><div class=\"mast-in\">").Append(PageParts.Logo)
        .Append("<div class=\"title\"><h1>Regatta, live</h1><p id=\"connection\" role=\"status\">connecting …</p></div><button class=\"theme\" id=\"theme\" type=\"button\">Dark mode</button></div></header>\n")
        .Append("<main class=\"runs\" id=\"runs\"></main>\n<div class=\"tip\" id=\"tip\" role=\"status\" hidden></div>\n<div class=\"sr\" id=\"gantt-live\" aria-live=\"polite\"></div>\n")
        .Append("<noscript><p class=\"runs\">This page draws what comes: it needs scripts. The same in words: regatta status RUN.</p></noscript>\n<script>").Append(PageParts.Charts)
        .Append("</script>\n<script>\n").Append(PageParts.Gantt).Append("</script>\n<script>\n").Append(Asset("live-gantt.js")).Append("</script>\n<script>\n").Append(Asset("live.js")).Append("</script>\n</body>\n</html>\n")
        .ToString();

    private static string Asset(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Regatta.Live.Assets." + name) ?? throw new InvalidOperationException($"the program lacks its part '{name}'");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
