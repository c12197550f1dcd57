using Microsoft.Playwright;
using Regatta.Reports.Html;
using Regatta.Reports.Model;
using Regatta.Runs;

namespace Regatta.Tests.Reports;

/// <summary>The page in a real browser: Debian's Chromium, without a network.</summary>
public sealed class PageTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("regatta-page-").FullName;
    private RealBrowser? _browser;

    public async ValueTask InitializeAsync() => _browser = await RealBrowser.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Opens_without_errors_and_without_asking_the_network()
    {
        var page = await OpenAsync(await WriteAsync(Sample.Race()));
        await Assertions.Expect(page.Locator(".headline")).ToContainTextAsync("Too few runs");
        await Assertions.Expect(page.Locator("#provenance")).ToContainTextAsync("AMD EPYC 7B13");
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task Draws_every_chart()
    {
        var page = await OpenAsync(await WriteAsync(Sample.Race()));
        foreach (var id in new[] { "waits", "slowdowns", "utilisation", "queue", "rates", "stage-accept", "stage-queue", "stage-launch", "stage-release" })
            Assert.True(await page.EvaluateAsync<int>($"document.querySelectorAll('#{id} svg path').length") > 4, $"{id} is not drawn");
        Assert.Equal(2, await page.EvaluateAsync<int>("regattaReport.gantts.length"));
        Assert.True(await page.EvaluateAsync<bool>("regattaReport.gantts.every(g => g.drawnBoxes >= 60)"));
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task Charts_zoom_and_go_on_zoomed_when_the_theme_changes()
    {
        var page = await OpenAsync(await WriteAsync(Sample.Race()));
        await page.EvaluateAsync("regattaReport.charts.waits.dispatchAction({ type: 'dataZoom', start: 20, end: 60 })");
        await page.Locator("#theme").ClickAsync();

        var zoom = await page.EvaluateAsync<double[]>("(() => { const z = regattaReport.charts.waits.getOption().dataZoom[0]; return [z.start, z.end]; })()");

        Assert.Equal([20.0, 60.0], zoom);
        // Utilisation and queue zoom as one.
        await page.EvaluateAsync("regattaReport.charts.queue.dispatchAction({ type: 'dataZoom', dataZoomIndex: 0, start: 10, end: 30 })");
        await page.WaitForFunctionAsync("regattaReport.charts.utilisation.getOption().dataZoom[0].start === 10");
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task The_Gantt_chart_zooms_moves_and_tells_of_the_job_under_the_pointer()
    {
        var page = await OpenAsync(await WriteAsync(Sample.Race()));
        var canvas = page.Locator("#gantt-area canvas").First;
        await canvas.ScrollIntoViewIfNeededAsync();
        var whole = await page.EvaluateAsync<double>("regattaReport.view.to - regattaReport.view.from");

        await page.Locator("#gantt-in").ClickAsync();
        Assert.Equal(whole / 2, await page.EvaluateAsync<double>("regattaReport.view.to - regattaReport.view.from"), whole * 1e-6);

        // The wheel belongs to the page until the chart was clicked.
        var box = (await canvas.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width / 2), box.Y + 60);
        await page.Mouse.ClickAsync(box.X + (box.Width / 2), box.Y + 60);
        await page.Mouse.WheelAsync(0, -200);
        await page.WaitForFunctionAsync($"regattaReport.view.to - regattaReport.view.from < {(whole / 2.2).ToString(CultureInfo.InvariantCulture)}");

        var before = await page.EvaluateAsync<double>("regattaReport.view.from");
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.True(await page.EvaluateAsync<double>("regattaReport.view.from") > before);
        await page.Keyboard.PressAsync("0");
        Assert.Equal(whole, await page.EvaluateAsync<double>("regattaReport.view.to - regattaReport.view.from"), 1e-6);

        // Over the middle of a job, wherever the layout put it.
        var place = await page.EvaluateAsync<double[]>("(() => { const g = regattaReport.gantts[0], b = 20, j = g.chart.boxes.job[b]; g.draw(); return [g.x((g.chart.jobs.start[j] + g.chart.jobs.finish[j]) / 2), g.at.top + (g.chart.boxes.lane[b] + .5) * g.at.laneHeight, g.chart.jobs.id[j]]; })()");
        box = (await canvas.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (float)place[0], box.Y + (float)place[1]);
        await Assertions.Expect(page.Locator("#tip")).ToContainTextAsync($"Job {place[2].ToString(CultureInfo.InvariantCulture)}");

        await page.Keyboard.PressAsync("n");
        await Assertions.Expect(page.Locator("#gantt-live")).ToContainTextAsync("waited");
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task Another_trial_and_another_colour_can_be_chosen()
    {
        var page = await OpenAsync(await WriteAsync(Sample.Race()));
        await page.Locator("#gantt-first").SelectOptionAsync("2");
        await page.Locator("#gantt-second").SelectOptionAsync("-1");
        await page.Locator("#gantt-colour").SelectOptionAsync("wait");

        Assert.Equal(1, await page.EvaluateAsync<int>("regattaReport.gantts.length"));
        await Assertions.Expect(page.Locator("#gantt-area .name")).ToContainTextAsync("repetition 2");
        await Assertions.Expect(page.Locator("#gantt-legend")).ToContainTextAsync("under 1 s");
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task Dark_mode_follows_the_system_and_the_button()
    {
        var path = await WriteAsync(Sample.Race());
        var page = await OpenAsync(path, new() { ColorScheme = ColorScheme.Dark });
        Assert.Equal("dark", await page.EvaluateAsync<string>("document.documentElement.dataset.theme"));
        var dark = await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");

        await page.Locator("#theme").ClickAsync();

        Assert.Equal("light", await page.EvaluateAsync<string>("document.documentElement.dataset.theme"));
        Assert.NotEqual(dark, await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        Assert.Empty(_browser!.Faults);
    }

    [Theory]
    [InlineData(360)]
    [InlineData(820)]
    [InlineData(1440)]
    public async Task Nothing_is_wider_than_the_screen(int width)
    {
        var page = await OpenAsync(await WriteAsync(Sample.Race()), new() { ViewportSize = new() { Width = width, Height = 800 } });

        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task Prints_in_light_colours_with_its_tables_open()
    {
        var page = await OpenAsync(await WriteAsync(Sample.Race()), new() { ColorScheme = ColorScheme.Dark });

        var pdf = await page.PdfAsync(new() { Format = "A4", PrintBackground = true });

        Assert.Equal("%PDF"u8.ToArray(), pdf[..4]);
        Assert.True(pdf.Length > 50_000, $"the printed report has {pdf.Length} bytes");
        // Charts are drawn in widths that paper has, and are drawn again for the screen afterwards.
        Assert.True(await page.EvaluateAsync<bool>("Gantt.paper === null && regattaReport.charts.waits.getWidth() === document.getElementById('waits').clientWidth"));
        Assert.True(await page.EvaluateAsync<bool>("[...document.querySelectorAll('#distributions details')].every(d => d.open)"));
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task Ten_thousand_jobs_are_drawn_zoomed_and_found()
    {
        var page = await OpenAsync(await WriteAsync([Sample.Trial("big", 1, jobs: 10_000, processors: 64, backfill: true)]));
        Assert.Equal(10_000, await page.EvaluateAsync<int>("regattaReport.gantts[0].chart.jobs.id.length"));

        var drawn = await page.EvaluateAsync<int>("(() => { const g = regattaReport.gantts[0]; regattaReport.view.set(0, regattaReport.view.length / 50); g.draw(); return g.drawnBoxes; })()");

        Assert.InRange(drawn, 50, 5_000);
        Assert.True(await page.EvaluateAsync<bool>("(() => { const g = regattaReport.gantts[0], b = g.chart.boxes, j = g.chart.jobs; for (let i = 0; i < 100; i++) { const k = b.job[i], x = g.x((j.start[k] + j.finish[k]) / 2); if (x < g.at.right && g.jobAt(x, g.at.top + (b.lane[i] + .5) * g.at.laneHeight) !== k) return false; } return true; })()"));
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task A_killed_worker_is_seen_in_verdict_Gantt_and_trials()
    {
        var trials = Sample.Race().Append(Sample.Trial("slurm-fifo", 3, killed: 200_000_000, order: 5)).ToList();
        var page = await OpenAsync(await WriteAsync(trials));

        await Assertions.Expect(page.Locator("#verdict")).ToContainTextAsync("w2: the worker was killed");
        await Assertions.Expect(page.Locator("#trials tbody tr").Nth(4)).ToContainTextAsync("the worker was killed");
        await page.Locator("#gantt-first").SelectOptionAsync(new SelectOptionValue { Label = "slurm-fifo, repetition 3 ⚠" });
        await Assertions.Expect(page.Locator("#gantt-area .name").First).ToContainTextAsync("1 fault");
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task Several_workloads_have_charts_each_and_a_scheduler_its_colour_on_all()
    {
        var page = await OpenAsync(await WriteAsync(Sample.Schedulers()));

        foreach (var id in new[] { "waits", "waits-2", "slowdowns-2", "utilisation-2", "queue-2", "rates-2", "stage-accept-2", "stage-release-2", "predicted", "predicted-2" })
            Assert.True(await page.EvaluateAsync<int>($"document.querySelectorAll('#{id} svg path').length") > 4, $"{id} is not drawn");
        Assert.Equal(2, await page.Locator("#comparison table.metrics").Filter(new() { HasText = "Wait time, 90th percentile" }).CountAsync());
        Assert.True(await page.EvaluateAsync<bool>("(() => { const c = id => regattaReport.charts[id].getOption().series.find(s => s.name.startsWith('flux')).lineStyle.color; return c('waits') === c('waits-2'); })()"));
        Assert.Empty(_browser!.Faults);
    }

    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task Twelve_points_with_long_names_fit_the_screen(int width)
    {
        var trials = Enumerable.Range(1, 12).Select(i => Sample.Trial($"slurm-scheduler.settings.SchedulerParameters=bf_interval_{i}_with_a_rather_long_name", 1, backfill: i % 2 == 0, order: i)).ToList();

        var page = await OpenAsync(await WriteAsync(trials), new() { ViewportSize = new() { Width = width, Height = 800 } });

        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Equal(12, await page.EvaluateAsync<int>("regattaReport.charts.waits.getOption().legend[0].data.length"));
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task A_trial_without_jobs_and_one_whose_jobs_never_started_make_a_page_too()
    {
        var full = Sample.Trial("full", 1);
        var empty = full with { Record = full.Record with { Point = "empty" }, Jobs = Regatta.Analysis.JobTable.From([]) };
        var stuck = full with
        {
            Record = full.Record with { Point = "stuck" },
            Jobs = Regatta.Analysis.JobTable.From([.. full.Jobs.Records.Select(j => j with { Decided = null, Start = null, Finish = null, Released = null, State = Regatta.Workloads.JobState.Unfinished })]),
        };

        foreach (var trials in new[] { new[] { empty }, [stuck], [empty, stuck, full] })
        {
            var page = await OpenAsync(await WriteAsync(trials));
            Assert.True(await page.Locator(".headline").CountAsync() == 1);
        }

        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task Names_that_look_like_markup_stay_text()
    {
        var evil = Sample.Trial("slurm-fifo", 1);
        evil = evil with { Record = evil.Record with { Point = "</script><img src=x onerror=alert(1)>", Workload = "<b>\"x\"</b>", Faults = [new(evil.Record.Started + 1, "w1", "'\"><script>alert(2)</script>")] } };
        var run = Path.Combine(_directory, "run");
        var path = Path.Combine(run, "report.html");
        await Sample.WriteRunAsync(run, "<i>name</i>", [Sample.Trial("plain", 1)]);
        var recorded = await RecordedRun.ReadAsync(run, TestContext.Current.CancellationToken);
        await HtmlReport.WriteAsync(ReportBuilder.Build([recorded with { Trials = [recorded.Trials[0] with { Trial = evil }] }]), path, TestContext.Current.CancellationToken);

        var page = await OpenAsync(path);

        Assert.Equal(0, await page.Locator("img").CountAsync());
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("<i>name</i>: </script><img src=x onerror=alert(1)>");
        Assert.Empty(_browser!.Faults);
    }

    private async Task<string> WriteAsync(IReadOnlyList<Regatta.Analysis.Trial> trials, ReportSettings? settings = null)
    {
        var run = await Sample.WriteRunAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(_directory, Guid.NewGuid().ToString("N"))).FullName, "20260101T130000Z-quickstart-1a2b3c4d"), "quickstart", trials);
        var path = Path.Combine(run, "report", "index.html");
        await HtmlReport.WriteAsync(ReportBuilder.Build([await RecordedRun.ReadAsync(run, TestContext.Current.CancellationToken)], settings), path, TestContext.Current.CancellationToken);
        return path;
    }

    private async Task<IPage> OpenAsync(string path, BrowserNewPageOptions? options = null)
    {
        var page = await _browser!.PageAsync(options);
        await page.RouteAsync("**/*", async route =>
        {
            if (route.Request.Url.StartsWith("file:", StringComparison.Ordinal))
            {
                await route.ContinueAsync();
                return;
            }

            _browser!.Faults.Add("asked for " + route.Request.Url);
            await route.AbortAsync();
        });
        await page.GotoAsync("file://" + path);
        await page.WaitForFunctionAsync("window.regattaReport && window.regattaReport.ready");
        return page;
    }
}
