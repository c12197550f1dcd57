using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Regatta.Reports.Charts;
using Regatta.Reports.Model;

namespace Regatta.Reports.Html;

/// <summary>Renders a report as one HTML file that holds all it needs: style, scripts, the chart library and the numbers.</summary>
public static class HtmlReport
{
    internal const string Logo = """
        <svg viewBox="0 0 48 48" aria-hidden="true"><path d="M23 4v32H8C14 27 20 17 23 4z" fill="#5ab4f0"/><path d="M26 10c6 8 11 17 13 26H26z" fill="#ff8a4c"/><path d="M5 39h38c-2 4-6 6-11 6H16c-5 0-9-2-11-6z" fill="#e8f0f6"/></svg>
        """;

    /// <summary>The page.</summary>
    public static string Render(ReportModel model)
    {
        var sections = PageSections.Of(model);
        var page = new Markup();
        page.Raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        // No address can be reached from the page, whatever a name in it says.
        page.Raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n");
        page.Add($"<meta name=\"generator\" content=\"Regatta\">\n<title>{model.Title} – Regatta</title>\n<style>\n").Raw(Asset("report.css")).Raw("</style>\n</head>\n<body>\n");
        page.Raw("<a class=\"skip\" href=\"#verdict\">Skip to the verdict</a>\n<header class=\"mast\"><div class=\"mast-in\">").Raw(Logo);
        page.Add($"<div class=\"title\"><h1>{model.Title}</h1><p>{model.Subtitle}</p></div><button class=\"theme\" id=\"theme\" type=\"button\">Dark mode</button></div></header>\n");
        page.Raw("<div class=\"frame\">\n<nav class=\"toc\" aria-label=\"Contents\"><ol>");
        foreach (var section in sections) page.Add($"<li><a href=\"#{section.Id}\">{section.Short}</a></li>");
        page.Raw("</ol></nav>\n<main>\n");
        foreach (var section in sections)
        {
            page.Add($"<section id=\"{section.Id}\" class=\"{section.Class}\" aria-labelledby=\"{section.Id}-title\">\n");
            page.Add($"<h2 id=\"{section.Id}-title\"{new Markup().Raw(section.TitleHidden ? " class=\"sr\"" : "")}>{section.Title}</h2>\n{section.Body}</section>\n");
        }

        page.Add($"<footer>Made by Regatta from {string.Join(", ", model.Runs)}. This file holds all it shows and asks the network for nothing.</footer>\n");
        page.Raw("</main>\n</div>\n<div class=\"tip\" id=\"tip\" role=\"status\" hidden></div>\n<div class=\"sr\" id=\"gantt-live\" aria-live=\"polite\"></div>\n");
        page.Raw("<script type=\"application/json\" id=\"report-data\">").Raw(Json(model)).Raw("</script>\n").Raw(ReportNumbers.Of(model).ToElement());
        page.Raw("<script>").Raw(Asset("echarts.echarts.common.min.js")).Raw("</script>\n<script>\n").Raw(Asset("gantt.js")).Raw("</script>\n<script>\n").Raw(Asset("report.js")).Raw("</script>\n</body>\n</html>\n");
        return page.ToString();
    }

    /// <summary>Writes the page to <paramref name="path"/> through a temporary name, so that nobody ever reads half of it.</summary>
    public static async Task WriteAsync(ReportModel model, string path, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var draft = path + ".new";
        await File.WriteAllTextAsync(draft, Render(model), new UTF8Encoding(false), cancellation);
        File.Move(draft, path, overwrite: true);
    }

    // The default encoder writes < and > as escapes, so that no text can end the script element.
    private static string Json(ReportModel model) => JsonSerializer.Serialize(new PageCharts([.. model.Races.Select(r => r.Charts)], model.Gantt), PageJson.Default.PageCharts);

    internal static string Asset(string name)
    {
        var assembly = Assembly.GetExecutingAssembly();
        using var stream = assembly.GetManifestResourceStream("Regatta.Reports.Html.Assets." + name)
            ?? throw new InvalidOperationException($"the program lacks its part '{name}'");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

/// <summary>What the page draws.</summary>
/// <param name="Races">Charts of each race.</param>
/// <param name="Gantt">Gantt charts of all races.</param>
internal sealed record PageCharts(ImmutableArray<RaceCharts> Races, ImmutableArray<GanttChart> Gantt);

/// <summary>JSON of what the page draws.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(PageCharts))]
[JsonSerializable(typeof(GanttChart))]
internal sealed partial class PageJson : JsonSerializerContext;
