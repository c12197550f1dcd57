using Regatta.Analysis;
using Regatta.Reports.Charts;
using Regatta.Reports.Model;

namespace Regatta.Reports.Html;

/// <summary>Sections that hold charts: the frame for each, its caption in words, and the numbers as a table beside it.</summary>
internal static class ChartSections
{
    /// <summary>Who ran where and when.</summary>
    public static PageSection? Gantt(ReportModel model)
    {
        var charts = model.Gantt;
        if (charts.Length == 0 && model.GanttLeftOut is null) return null;
        var body = new Markup().Raw("<p class=\"lead\">One lane is one processor. Drag to move, Ctrl + wheel or two fingers to zoom (the wheel alone once the chart was clicked), double-click to zoom in; arrow keys, + and −, 0 for all, n and p to step through the jobs. Jobs that did not complete are outlined and struck.</p>\n");
        if (charts.Length > 0)
        {
            body.Raw("<div class=\"controls\"><label>Trial ");
            Select(body, "gantt-first", charts, 0, none: false);
            body.Raw("</label>");
            if (charts.Length > 1)
            {
                var second = charts.ToList().FindIndex(c => c.Point != charts[0].Point);
                body.Raw("<label>below it ");
                Select(body, "gantt-second", charts, second, none: true);
                body.Raw("</label>");
            }

            body.Raw("<label>Colour <select id=\"gantt-colour\"><option value=\"job\">each job its own</option><option value=\"wait\">by wait</option><option value=\"size\">by size</option><option value=\"user\">by user</option><option value=\"state\">by state</option></select></label>");
            body.Raw("<span class=\"buttons\"><button class=\"button\" id=\"gantt-in\" type=\"button\" aria-label=\"Zoom in\">+</button><button class=\"button\" id=\"gantt-out\" type=\"button\" aria-label=\"Zoom out\">−</button><button class=\"button\" id=\"gantt-all\" type=\"button\">All</button></span></div>\n");
            body.Raw("<figure><div id=\"gantt-area\"></div><canvas class=\"gantt-overview\" id=\"gantt-overview\" role=\"img\" aria-label=\"Whole trial; drag to choose the window\"></canvas><div class=\"legend\" id=\"gantt-legend\"></div>");
            body.Add($"<figcaption>{Caption(charts)}</figcaption></figure>\n");
        }

        if (model.GanttLeftOut is { } left) body.Add($"<p class=\"lead\">{left}</p>\n");
        return new PageSection("gantt", "Gantt chart", "Gantt chart", body);
    }

    private static string Caption(IReadOnlyList<GanttChart> charts)
    {
        var faults = charts.Sum(c => c.Faults.Length);
        var text = $"{Quantity.Count(charts.Count, "trial")} to choose from. Which core of a node a job had is not recorded: lanes are filled within each node.";
        return faults == 0 ? text : $"{text} Red marks are faults: {string.Join("; ", charts.SelectMany(c => c.Faults.Select(f => $"{c.Point}, repetition {c.Repetition}, after {Quantity.Seconds(f.Time)}: {f.Text}")).Take(8))}.";
    }

    private static void Select(Markup body, string id, IReadOnlyList<GanttChart> charts, int selected, bool none)
    {
        body.Add($"<select id=\"{id}\">");
        if (none) body.Add($"<option value=\"-1\"{Chosen(selected < 0)}>nothing</option>");
        for (var i = 0; i < charts.Count; i++) body.Add($"<option value=\"{i}\"{Chosen(i == selected)}>{charts[i].Point}, repetition {charts[i].Repetition}{(charts[i].Faults.Length > 0 ? " ⚠" : "")}</option>");
        body.Raw("</select>");
    }

    private static Markup Chosen(bool chosen) => new Markup().Raw(chosen ? " selected" : "");

    /// <summary>The name of a chart's element: the first race has the plain one.</summary>
    private static string Id(string chart, int race) => race == 0 ? chart : string.Create(CultureInfo.InvariantCulture, $"{chart}-{race + 1}");

    // A section that holds the same for each race that has something for it; null when none has.
    private static PageSection? Each(ReportModel model, string id, string brief, string title, string lead, Func<RaceView, bool> has, Action<Markup, RaceView, int> add)
    {
        if (!model.Races.Any(has)) return null;
        var body = new Markup().Raw(lead);
        for (var race = 0; race < model.Races.Length; race++)
        {
            if (!has(model.Races[race])) continue;
            TableSections.Workload(body, model, model.Races[race]);
            add(body, model.Races[race], race);
        }

        return new PageSection(id, brief, title, body);
    }

    /// <summary>Distributions of waits and slowdowns.</summary>
    public static PageSection? Distributions(ReportModel model)
    {
        var several = model.Races.Any(r => r.Charts.Waits.Any(c => c.Repetition > 1));
        var lead = "<p class=\"lead\">Share of jobs (vertical) that waited at most so long (horizontal): a curve further to the left is better. Jobs that never started count in the whole, so a curve that ends below 100 % shows them."
            + (several ? " Thick lines are all valid repetitions together, thin ones each repetition: how far they lie apart is how much a run differs from the next." : "") + "</p>\n";
        return Each(model, "distributions", "Waits", "Waiting time and slowdown", lead, r => r.Charts.Waits.Any(c => c.X.Length > 0), (body, race, i) =>
        {
            Drawn(body, race);
            body.Raw("<div class=\"pair\">");
            Distribution(body, model, Id("waits", i), "Waiting time", race.Charts.Waits, Quantity.Seconds, "wait", log: false);
            Distribution(body, model, Id("slowdowns", i), "Bounded slowdown", race.Charts.Slowdowns, v => Quantity.Digits(v), "bounded slowdown", Curves.Wide(race.Charts.Slowdowns));
            body.Raw("</div>\n");
        });
    }

    // Which of very many trials have curves.
    private static void Drawn(Markup body, RaceView race)
    {
        var (points, drawn) = (race.Points.Length, race.Charts.Points.Length);
        var repetitions = race.Charts.Courses.Select(c => c.Repetition).DefaultIfEmpty(0).Max();
        if (drawn < points) body.Add($"<p class=\"lead\">Curves here and below are of the first {drawn} of {points} points, and of their first {Quantity.Count(repetitions, "repetition")}; tables have all.</p>\n");
        else if (race.Charts.Courses.Length == ChartBuilder.MostTrials) body.Add($"<p class=\"lead\">Thin curves, and those over time, are of the first {Quantity.Count(repetitions, "repetition")} of each point; thick ones, and tables, are of all.</p>\n");
    }

    private static void Distribution(Markup body, ReportModel model, string id, string title, IReadOnlyList<Curve> curves, Func<double, string> format, string noun, bool log)
    {
        body.Add($"<figure><h4>{title}</h4><div class=\"controls\"><label><input type=\"checkbox\" id=\"{id}-log\"{new Markup().Raw(log ? " checked" : "")}> logarithmic</label></div><div class=\"chart\" id=\"{id}\"></div>");
        var whole = curves.Where(c => c.Repetition == 0 && c.X.Length > 0).ToList();
        if (whole.Count <= 4) body.Add($"<figcaption>Half of the jobs that started had a {noun} of at most {string.Join("; ", whole.Select(c => $"{format(c.Quantiles[Curve.Levels.IndexOf(0.5)])} on {c.Point}"))}.</figcaption>");
        body.Raw("<details><summary>As a table</summary><div class=\"scroll\"><table><caption>Quantiles of the jobs that started" + (curves.Any(c => c.Repetition > 1) ? ", all valid repetitions together" : "") + "</caption><thead><tr><th scope=\"col\">Point</th>");
        foreach (var level in Curve.Levels) body.Add($"<th scope=\"col\">{level.ToString("P0", CultureInfo.InvariantCulture)}</th>");
        body.Raw("</tr></thead><tbody>");
        foreach (var curve in whole)
        {
            body.Add($"<tr><th scope=\"row\">{TableSections.Point(model, curve.Point)}</th>");
            foreach (var quantile in curve.Quantiles) body.Add($"<td>{format(quantile)}</td>");
            body.Raw("</tr>");
        }

        body.Raw("</tbody></table></div></details></figure>");
    }

    /// <summary>Utilisation and queue over time.</summary>
    public static PageSection? OverTime(ReportModel model)
    {
        var lead = new Markup().Raw("<p class=\"lead\">Share of the processors that ran jobs, and what waited for them. Both charts zoom together.</p>\n<div class=\"controls\"><label>Repetition <select id=\"course-repetition\">");
        foreach (var repetition in model.Races.SelectMany(r => r.Charts.Courses).Select(c => c.Repetition).Distinct().Order()) lead.Add($"<option value=\"{repetition}\">{repetition}</option>");
        lead.Raw("</select></label><label>Queue <select id=\"queue-kind\"><option value=\"queued\">jobs that wait</option><option value=\"queuedProcessors\">processors they wait for</option></select></label></div>\n");
        return Each(model, "time", "Over time", "Utilisation and queue over time", lead.ToString(), r => r.Charts.Courses.Length > 0, (body, race, i) =>
        {
            body.Add($"<figure><h4>Utilisation</h4><div class=\"chart short\" id=\"{Id("utilisation", i)}\"></div></figure>\n");
            body.Add($"<figure><h4>Queue</h4><div class=\"chart\" id=\"{Id("queue", i)}\"></div>");
            body.Add($"<figcaption>{(race.Charts.Courses.All(c => c.Exact) ? "Every step is drawn." : $"Values are means over at most {Quantity.Digits(TrialSeries.Most)} equal spans of each trial.")} A job waits from when it is eligible.</figcaption></figure>\n");
        });
    }

    /// <summary>The stages of a wait.</summary>
    public static PageSection? Stages(ReportModel model)
    {
        (string Id, string Title, string Text)[] stages =
        [
            ("accept", "Accept", "sent until the scheduler took the job"),
            ("queue", "Queue", "eligible until nodes were allocated"),
            ("launch", "Launch", "allocated until the payload ran"),
            ("release", "Release", "payload ended until the resources were free"),
        ];
        const string Lead = "<p class=\"lead\">Where the time of a job goes besides running. Each stage has a scale of its own, since the queue dwarfs the rest.</p>\n";
        return Each(model, "stages", "Stages", "Stages of a wait", Lead, r => r.Charts.Stages.Length > 0, (body, race, i) =>
        {
            body.Raw("<div class=\"pair\">");
            foreach (var (id, title, text) in stages.Where(s => race.Charts.Stages.Any(b => b.Stage == s.Id)))
            {
                var rows = race.Charts.Stages.Count(b => b.Stage == id);
                var height = string.Create(CultureInfo.InvariantCulture, $"height:{46 + (rows * (rows > 6 ? 26 : 38))}px");
                var absent = race.Charts.Points.Except(race.Charts.Stages.Where(b => b.Stage == id).Select(b => b.Point)).ToList();
                body.Add($"<figure><h4>{title}</h4><div class=\"chart\" id=\"{Id("stage-" + id, i)}\" style=\"{height}\"></div><figcaption>{title}: {text}; mean over jobs.{(absent.Count == 0 ? "" : $" Not recorded for {string.Join(", ", absent)}.")}</figcaption></figure>");
            }

            body.Raw("</div>\n<details><summary>As a table</summary><div class=\"scroll\"><table><thead><tr><th scope=\"col\">Stage</th><th scope=\"col\" class=\"text\">Point</th><th scope=\"col\">Mean</th><th scope=\"col\">Median</th><th scope=\"col\">90 %</th><th scope=\"col\">99 %</th></tr></thead><tbody>");
            foreach (var bar in race.Charts.Stages)
                body.Add($"<tr><th scope=\"row\">{bar.Stage}</th><td class=\"text\">{TableSections.Point(model, bar.Point)}</td><td>{Quantity.Seconds(bar.Mean)}</td><td>{Quantity.Seconds(bar.P50)}</td><td>{Quantity.Seconds(bar.P90)}</td><td>{Quantity.Seconds(bar.P99)}</td></tr>");
            body.Raw("</tbody></table></div></details>\n");
        });
    }

    /// <summary>The three rates.</summary>
    public static PageSection? Throughput(ReportModel model)
    {
        const string Lead = "<p class=\"lead\">Three rates, never one: jobs submitted, started and released per second.</p>\n<div class=\"controls\"><label>Rate <select id=\"rate-kind\"><option value=\"started\">started</option><option value=\"submitted\">submitted</option><option value=\"released\">released</option></select></label></div>\n";
        return Each(model, "throughput", "Throughput", "Throughput", Lead, r => r.Charts.Courses.Length > 0, (body, race, i) =>
        {
            body.Add($"<figure><div class=\"chart\" id=\"{Id("rates", i)}\"></div></figure>\n");
            body.Raw("<div class=\"scroll\"><table><caption>Jobs per second: mean from the first to the last, and quantiles of 1-second samples; means over valid runs</caption><thead><tr><th scope=\"col\">Rate</th><th scope=\"col\" class=\"text\">Point</th><th scope=\"col\">Mean</th><th scope=\"col\">Median</th><th scope=\"col\">90 %</th><th scope=\"col\">99 %</th></tr></thead><tbody>");
            foreach (var rate in new[] { "submitted", "started", "released" })
            {
                for (var p = 0; p < race.Points.Length; p++)
                {
                    string Cell(string metric) => Quantity.Format(race.Comparison.FirstOrDefault(r => r.Metric.Name == metric)?.Cells[p].Value, Analysis.Unit.JobsPerSecond);
                    body.Add($"<tr><th scope=\"row\">{rate}</th><td class=\"text\">{TableSections.Point(model, race.Points[p])}</td><td>{Cell(rate + "-rate")}</td><td>{Cell(rate + "-rate-p50")}</td><td>{Cell(rate + "-rate-p90")}</td><td>{Cell(rate + "-rate-p99")}</td></tr>");
                }
            }

            body.Raw("</tbody></table></div>\n");
        });
    }

    /// <summary>The simulation's waits against those of the trial.</summary>
    public static PageSection? Predicted(ReportModel model)
    {
        const string Lead = "<p class=\"lead\">Each mark is a job: its wait in a simulation of the same policy without overhead (across) and as it was measured (up). On the line the scheduler did what the policy says; above it the job waited longer.</p>\n";
        return Each(model, "predicted-section", "Predicted", "Predicted against measured", Lead, r => r.Charts.Predicted.Length > 0, (body, race, i) =>
        {
            body.Add($"<figure><div class=\"chart square\" id=\"{Id("predicted", i)}\"></div></figure>\n<div class=\"scroll\"><table><caption>One repetition of each point; mean waits of the jobs that are drawn</caption><thead><tr><th scope=\"col\">Point</th><th scope=\"col\">Repetition</th><th scope=\"col\" class=\"text\">Simulated with</th><th scope=\"col\">Jobs</th><th scope=\"col\">Predicted</th><th scope=\"col\">Measured</th></tr></thead><tbody>");
            foreach (var p in race.Charts.Predicted)
                body.Add($"<tr><th scope=\"row\">{TableSections.Point(model, p.Point)}</th><td>{p.Repetition}</td><td class=\"text\">{p.Policy}</td><td>{p.Predicted.Length}</td><td>{Quantity.Seconds(p.Predicted.Average())}</td><td>{Quantity.Seconds(p.Measured.Average())}</td></tr>");
            body.Raw("</tbody></table></div>\n");
        });
    }
}
