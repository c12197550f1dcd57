using Microsoft.Playwright;
using Regatta.Live.Serving;
using Regatta.Runs;
using Regatta.Tests.Reports;

namespace Regatta.Tests.Live;

/// <summary>The live page in a real browser: Debian's Chromium.</summary>
public sealed class WatchPageTests : IAsyncLifetime
{
    private readonly int _port = LoopbackPort.Free();
    private RealBrowser? _browser;

    public async ValueTask InitializeAsync() => _browser = await RealBrowser.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
    }

    [Fact]
    public async Task Follows_a_trial_from_its_first_job_to_its_verdict()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1), Sample.Trial("slurm-backfill", 1, backfill: true, order: 2));
        await using var server = Serve(run);
        var page = await OpenAsync(server);
        await Assertions.Expect(page.Locator(".run .line").First).ToContainTextAsync("0 of 2 trials have ended");

        run.Begin(0);
        run.Come(0, 80);
        await Assertions.Expect(page.Locator(".run h3")).ToContainTextAsync("slurm-fifo, repetition 1");
        await page.WaitForFunctionAsync("regattaLive.panels[0].chart.chart.jobs.id.length > 5");
        run.Come(0, run.Events);
        await Assertions.Expect(page.Locator(".stat").Nth(3)).ToContainTextAsync("60ended");
        await page.WaitForFunctionAsync("regattaLive.panels[0].chart.drawnBoxes > 0 || regattaLive.panels[0].chart.state.fresh.length === 0");
        await page.WaitForFunctionAsync("Object.keys(regattaLive.panels[0].charts).length === 2");
        await run.EndAsync(0);

        await Assertions.Expect(page.Locator(".run h3")).ToContainTextAsync("has ended, valid");
        Assert.Equal("v", await page.Locator(".cell").First.GetAttributeAsync("data-s"));
        Assert.True(await page.EvaluateAsync<bool>("regattaLive.panels[0].chart.drawnBoxes >= 60"));
        run.Write(JournalKind.Finished, "run");
        await Assertions.Expect(page.Locator(".run .tag")).ToHaveTextAsync("complete");
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task What_is_sampled_from_inside_is_drawn_as_it_comes_and_what_is_chosen_stays_chosen()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        run.Begin(0);
        run.Come(0, 80);
        await using var server = Serve(run);
        var page = await OpenAsync(server);
        await page.WaitForFunctionAsync("Object.keys(regattaLive.panels[0].charts).length === 2");
        var choice = page.GetByLabel("From inside", new() { Exact = true });
        await Assertions.Expect(choice).ToHaveCountAsync(0);

        // A series that is the same all along is not offered.
        for (var second = 0; second < 3; second++) run.Sampled(0, second, ("queue", 10 - second), ("threads", second), ("constant", 7));
        await Assertions.Expect(choice.Locator("option")).ToHaveTextAsync(["queue", "threads"]);
        await page.WaitForFunctionAsync(Drawn(3));
        await choice.SelectOptionAsync("threads");
        await page.WaitForFunctionAsync($"{Drawn(3)} && regattaLive.panels[0].charts.inside.getOption().series[0].data[2][1] === 2");

        // One that changes for the first time finds its place beside the others, in the same list: it may be open.
        await choice.EvaluateAsync("e => e.dataset.same = 'yes'");
        run.Sampled(0, 3, ("queue", 7), ("threads", 9), ("constant", 7), ("rpc{type=\"<b>PING</b>\"}", 1));
        run.Sampled(0, 4, ("queue", 6), ("threads", 4), ("constant", 7), ("rpc{type=\"<b>PING</b>\"}", 5));
        await Assertions.Expect(choice.Locator("option")).ToHaveTextAsync(["queue", "rpc{type=\"<b>PING</b>\"}", "threads"]);
        await page.WaitForFunctionAsync(Drawn(5));
        Assert.Equal(("threads", "yes"), (await choice.InputValueAsync(), await choice.GetAttributeAsync("data-same")));
        Assert.Equal("[[0,0],[1,1],[2,2],[3,9],[4,4]]", await page.EvaluateAsync<string>("JSON.stringify(regattaLive.panels[0].charts.inside.getOption().series[0].data)"));

        // Whoever opens the page later sees all of it, too.
        var later = await OpenAsync(server);
        await Assertions.Expect(later.GetByLabel("From inside", new() { Exact = true }).Locator("option")).ToHaveTextAsync(["queue", "rpc{type=\"<b>PING</b>\"}", "threads"]);
        await later.WaitForFunctionAsync(Drawn(5));

        // What came while it ran is not what is kept: a trial without kept samples shows none.
        await run.EndAsync(0);
        await Assertions.Expect(page.Locator(".run h3")).ToContainTextAsync("has ended, valid");
        await Assertions.Expect(choice).ToBeHiddenAsync();
        Assert.Empty(_browser!.Faults);

        static string Drawn(int values) => $"regattaLive.panels[0].charts.inside?.getOption()?.series[0]?.data.length === {values}";
    }

    [Fact]
    public async Task Opens_under_its_own_policy_and_asks_for_nothing_from_elsewhere()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        run.Begin(0);
        run.Come(0, run.Events);
        await using var server = Serve(run);

        var page = await OpenAsync(server, bypass: false);

        await Assertions.Expect(page.Locator(".stat").Nth(3)).ToContainTextAsync("60ended");
        await Assertions.Expect(page.Locator(".run .chart canvas")).ToHaveCountAsync(2);
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task Comes_back_by_itself_when_the_program_was_started_again()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        run.Begin(0);
        run.Come(0, 60);
        var server = Serve(run);
        var page = await OpenAsync(server);
        await page.WaitForFunctionAsync("regattaLive.panels[0].chart?.chart.jobs.id.length > 5");

        await server.DisposeAsync();
        await Assertions.Expect(page.Locator("#connection")).ToContainTextAsync("does not answer");
        run.Come(0, run.Events);
        await using var again = Serve(run);

        await Assertions.Expect(page.Locator("#connection")).ToContainTextAsync("live");
        await page.WaitForFunctionAsync("regattaLive.panels[0].chart.chart.jobs.id.length === 60");
        Assert.Equal(1, await page.Locator(".run").CountAsync());
        // That the connection broke is the browser's to say.
        Assert.DoesNotContain(_browser!.Faults, f => !f.Contains("net::ERR_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Runs_stand_side_by_side_and_an_earlier_trial_can_be_looked_at()
    {
        using var one = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1), Sample.Trial("slurm-fifo", 2));
        using var two = await GrowingRun.OfAsync(Sample.Trial("flux-easy", 1));
        one.Begin(0);
        await one.EndAsync(0);
        one.Begin(1);
        one.Come(1, 50);
        two.Begin(0);
        two.Fail(0, "the replay on head failed: <b>no</b>");
        await using var server = WatchServer.Start(WatchAddress.Of("127.0.0.1", _port, null), [one.Path, two.Path], TimeProvider.System);
        var page = await OpenAsync(server, new() { ViewportSize = new() { Width = 1500, Height = 900 } });

        await Assertions.Expect(page.Locator(".run")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator(".run").Nth(1)).ToContainTextAsync("the replay on head failed: <b>no</b>");
        var (left, right) = ((await page.Locator(".run").First.BoundingBoxAsync())!, (await page.Locator(".run").Nth(1).BoundingBoxAsync())!);
        Assert.True(right.X >= left.X + left.Width, "the runs do not stand side by side");

        await Assertions.Expect(page.Locator(".run h3").First).ToContainTextAsync("repetition 2");
        await page.Locator(".run").First.Locator(".cell").First.ClickAsync();
        await Assertions.Expect(page.Locator(".run h3").First).ToContainTextAsync("repetition 1");
        await page.Locator(".run").First.Locator(".cell").First.ClickAsync();
        await Assertions.Expect(page.Locator(".run h3").First).ToContainTextAsync("repetition 2");
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task Ten_thousand_jobs_come_and_only_what_is_new_is_drawn()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1, jobs: 10_000, processors: 64, backfill: true));
        run.Begin(0);
        run.Come(0, run.Events - 200);
        await using var server = Serve(run);
        var page = await OpenAsync(server);
        await page.WaitForFunctionAsync("regattaLive.panels[0].chart?.chart.jobs.id.length > 9900");
        // All of it once, and from then on what runs and what has just ended.
        await page.WaitForFunctionAsync("regattaLive.panels[0].chart.moved === false");
        await page.EvaluateAsync("(() => { const c = regattaLive.panels[0].chart; c.view.set(0, c.view.length); c.draw(); c.draw(); })()");
        Assert.InRange(await page.EvaluateAsync<int>("regattaLive.panels[0].chart.drawnBoxes"), 0, 200);
        run.Come(0, run.Events);
        await Assertions.Expect(page.Locator(".stat").Nth(3)).ToContainTextAsync("10,000ended");
        Assert.Empty(_browser!.Faults);
    }

    [Theory]
    [InlineData(360)]
    [InlineData(820)]
    [InlineData(1440)]
    public async Task Nothing_is_wider_than_the_screen(int width)
    {
        var long1 = Sample.Trial("slurm-scheduler.settings.SchedulerParameters=bf_interval_1_with_a_rather_long_name", 1);
        using var run = await GrowingRun.OfAsync(long1, Sample.Trial("slurm-fifo", 1, order: 2));
        run.Begin(0);
        run.Come(0, 150);
        await using var server = Serve(run);

        var page = await OpenAsync(server, new() { ViewportSize = new() { Width = width, Height = 800 } });
        await page.WaitForFunctionAsync("Object.keys(regattaLive.panels[0].charts).length === 2");

        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task Dark_mode_follows_the_system_and_the_button()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        run.Begin(0);
        run.Come(0, 150);
        await using var server = Serve(run);
        var page = await OpenAsync(server, new() { ColorScheme = ColorScheme.Dark });
        Assert.Equal("dark", await page.EvaluateAsync<string>("document.documentElement.dataset.theme"));
        var dark = await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");

        await page.Locator("#theme").ClickAsync();

        Assert.Equal("light", await page.EvaluateAsync<string>("document.documentElement.dataset.theme"));
        Assert.NotEqual(dark, await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task Names_that_look_like_markup_stay_text()
    {
        var trial = Sample.Trial("slurm-fifo", 1);
        using var run = await GrowingRun.OfAsync(trial);
        run.Begin(0);
        run.Write(JournalKind.TrialFailed, "slurm-fifo/1", "</script><img src=x onerror=alert(1)>");
        await using var server = Serve(run);

        var page = await OpenAsync(server);

        await Assertions.Expect(page.Locator(".run")).ToContainTextAsync("</script><img src=x onerror=alert(1)>");
        Assert.Equal(0, await page.Locator("img").CountAsync());
        Assert.Empty(_browser!.Faults);
    }

    [Fact]
    public async Task Logs_are_read_where_they_are()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        run.Begin(0);
        await File.WriteAllTextAsync(Path.Combine(RunDirectory.DraftOf(run.Path, run.Planned(0)), "logs", "agent.log"), "the agent says <i>hello</i>\n", TestContext.Current.CancellationToken);
        await using var server = Serve(run);
        var page = await OpenAsync(server);

        await page.GetByText("Logs", new() { Exact = true }).ClickAsync();
        await page.GetByLabel("Log").SelectOptionAsync(new SelectOptionValue { Index = 1 });

        await Assertions.Expect(page.Locator("pre.log")).ToContainTextAsync("the agent says <i>hello</i>");
        Assert.Empty(_browser!.Faults);
    }

    private WatchServer Serve(GrowingRun run) => WatchServer.Start(WatchAddress.Of("127.0.0.1", _port, null), [run.Path], TimeProvider.System);

    private async Task<IPage> OpenAsync(WatchServer server, BrowserNewPageOptions? options = null, bool bypass = true)
    {
        // What waits for a condition evaluates text in the page, which the page's own policy forbids; one test leaves the policy in force.
        var page = await _browser!.PageAsync(new(options ?? new()) { BypassCSP = bypass });
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(server.Url.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal)) _browser!.Faults.Add("asked for " + request.Url);
        };
        await page.GotoAsync(server.Url.ToString());
        await Assertions.Expect(page.Locator(".run .tag").First).Not.ToBeEmptyAsync();
        return page;
    }
}
