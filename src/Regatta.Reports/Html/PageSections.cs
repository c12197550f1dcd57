using Regatta.Reports.Model;

namespace Regatta.Reports.Html;

/// <summary>A section of the page.</summary>
/// <param name="Id">Its anchor.</param>
/// <param name="Short">What the contents call it.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Body">What it holds.</param>
internal sealed record PageSection(string Id, string Short, string Title, Markup Body)
{
    /// <summary>Classes of the element.</summary>
    public string Class { get; init; } = "";

    /// <summary>The heading is there for screen readers only.</summary>
    public bool TitleHidden { get; init; }
}

/// <summary>The page's sections of text; those with tables and charts are in <see cref="TableSections"/> and <see cref="ChartSections"/>.</summary>
internal static class PageSections
{
    /// <summary>All sections that the model has something for, in reading order.</summary>
    public static IReadOnlyList<PageSection> Of(ReportModel model)
    {
        PageSection?[] sections =
        [
            Verdict(model),
            Provenance(model),
            TableSections.Fairness(model),
            TableSections.Comparison(model),
            FaultSections.Of(model),
            ChartSections.Gantt(model),
            ChartSections.Distributions(model),
            ChartSections.OverTime(model),
            ClassSections.HeatMaps(model),
            ClassSections.Groups(model),
            ChartSections.Stages(model),
            ChartSections.Throughput(model),
            VirtualTimeSections.VirtualTime(model),
            InsideSections.Of(model),
            ClientSections.Clients(model),
            ChartSections.Predicted(model),
            TableSections.Trials(model),
            Conclusions(model),
            TableSections.Checklist(model),
            Again(model),
        ];
        return [.. sections.OfType<PageSection>()];
    }

    private static PageSection Verdict(ReportModel model)
    {
        var body = new Markup();
        var kicker = model.Verdict.Tone switch { VerdictTone.Clear => "Verdict", VerdictTone.Unsure => "Verdict: not certain", _ => "No verdict" };
        body.Add($"<p class=\"kicker\">{kicker}</p>\n<p class=\"headline\">{model.Verdict.Headline}</p>\n");
        Sentences(body, model.Verdict);
        foreach (var one in model.Verdict.Workloads)
        {
            body.Add($"<h3>{one.Workload}</h3>\n<p><b>{one.Verdict.Headline}</b></p>\n");
            Sentences(body, one.Verdict);
        }

        if (model.Glance.Length > 0)
        {
            body.Raw("<div class=\"stats\">");
            foreach (var fact in model.Glance) body.Add($"<div class=\"stat\"><b>{fact.Value}</b><span>{fact.Name}</span></div>");
            body.Raw("</div>\n");
        }

        return new PageSection("verdict", "Verdict", "Verdict", body)
        {
            Class = "verdict " + model.Verdict.Tone switch { VerdictTone.Clear => "clear", VerdictTone.Unsure => "unsure", _ => "void" },
            TitleHidden = true,
        };
    }

    private static void Sentences(Markup body, Verdict verdict)
    {
        if (verdict.Sentences.IsEmpty) return;
        body.Raw("<ul>");
        foreach (var sentence in verdict.Sentences) body.Add($"<li>{sentence}</li>");
        body.Raw("</ul>\n");
    }

    private static PageSection? Provenance(ReportModel model)
    {
        if (model.Provenance.Length == 0) return null;
        var body = new Markup().Raw("<p class=\"lead\">What the numbers below were measured on, and with what. All of it is in the run directory.</p>\n<div class=\"facts\">");
        foreach (var group in model.Provenance)
        {
            body.Add($"<div><h3>{group.Title}</h3><dl>");
            foreach (var fact in group.Facts) body.Add($"<div><dt>{fact.Name}</dt><dd>{fact.Value}</dd></div>");
            body.Raw("</dl></div>");
        }

        return new PageSection("provenance", "Environment", "Environment and provenance", body.Raw("</div>\n"));
    }

    private static PageSection? Conclusions(ReportModel model)
    {
        var body = new Markup();
        if (model.Conclusions.Length == 0)
        {
            body.Raw("<p class=\"lead\">The validators before the run and the analysers after it found nothing to remark.</p>\n");
        }
        else
        {
            body.Raw("<p class=\"lead\">What the validators found before the run and the analysers after it.</p>\n<ul class=\"notes\">");
            foreach (var note in model.Conclusions)
            {
                var (kind, tag) = note.Severity switch { Severity.Error => ("error", "bad"), Severity.Warning => ("warning", "warn"), _ => ("hint", "hint") };
                body.Add($"<li class=\"{kind}\"><span class=\"tag {tag}\">{kind}</span> {note.Summary}");
                if (note.Detail is { } detail) body.Add($"<p>{detail}</p>");
                if (note.Help is { } help) body.Add($"<p>{help}</p>");
                body.Raw("</li>");
            }

            body.Raw("</ul>\n");
        }

        return new PageSection("conclusions", "Conclusions", "Conclusions of the checks", body);
    }

    private static PageSection? Again(ReportModel model)
    {
        if (model.Reproduce.Length == 0 && model.Experiments.Length == 0) return null;
        var body = new Markup().Add($"<p class=\"lead\">{(model.Archives.IsEmpty ? "The run directory" : "The archive")} holds all that is needed.</p>\n");
        if (model.Reproduce.Length > 0) body.Add($"<pre>{string.Join('\n', model.Reproduce)}</pre>\n");
        body.Add(Archives(model));
        foreach (var experiment in model.Experiments)
            body.Add($"<details class=\"keep-closed\"><summary>Experiment of {experiment.Name}, composed and resolved</summary><pre>{experiment.Value}</pre></details>\n");
        return new PageSection("again", "Run it again", "Run it again", body);
    }

    // Links lead to where the file was written, as seen from the page in its run directory.
    private static Markup Archives(ReportModel model)
    {
        var list = new Markup();
        if (model.Archives.IsEmpty) return list;
        list.Raw("<ul>");
        foreach (var archive in model.Archives)
        {
            list.Raw("<li>");
            if (archive.Sha256 is not { } sha256) list.Add($"This page is part of an archive, whose files stand with their sha256 in <a href=\"../../../manifest-sha256.txt\">its list</a>; <code>regatta verify</code> checks them all.");
            else if (archive.Path is { } path) list.Add($"<a href=\"{Reference(path)}\">{archive.Name}</a>, sha256 <code>{sha256}</code>");
            else list.Add($"{archive.Name}, sha256 <code>{sha256}</code>");
            list.Raw("</li>");
        }

        return list.Raw("</ul>\n");
    }

    private static string Reference(string path) => "../" + string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
}
