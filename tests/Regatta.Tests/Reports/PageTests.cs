using Microsoft.Playwright;
using Regatta.Reports.Html;
using Regatta.Reports.Model;
using Regatta.Reports.Runs;
using Xunit;

namespace Regatta.Tests.Reports;

/// <summary>The page in a real browser: Debian's Chromium, without a network.</summary>
public sealed class PageTests : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";
    private static readonly string[] Flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    private readonly string directory = Directory.CreateTempSubdirectory("regatta-page-").FullName;
    private readonly List<string> faults = [];
    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Chromium)) Assert.Skip($"{Chromium} is not there: the pages are not tested in a browser; mend with: apt-get install chromium");
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = Flags });
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null) await browser.DisposeAsync();
        playwright?.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Opens_without_errors_and_without_asking_the_network()
    {
        var page = await OpenAsync(await WriteAsync(Sample.Race()));
        await Assertions.Expect(page.Locator(".headline")).ToContainTextAsync("Too few runs");
        await Assertions.Expect(page.Locator("#provenance")).ToContainTextAsync("AMD EPYC 7B13");
        Assert.Empty(faults);
    }

    [Fact]
    public async Task Draws_every_chart()
    {
        var page = await OpenAsync(await WriteAsync(Sample.Race()));
        foreach (var id in new[] { "waits", "slowdowns", "utilisation", "queue", "rates", "stage-accept", "stage-queue", "stage-launch", "stage-release" })
            Assert.True(await page.EvaluateAsync<int>($"document.querySelectorAll('#{id} svg path').length") > 4, $"{id} is not drawn");
        Assert.Equal(2, await page.EvaluateAsync<int>("regattaReport.gantts.length"));
        Assert.True(await page.EvaluateAsync<bool>("regattaReport.gantts.every(g => g.drawnBoxes >= 60)"));
        Assert.Empty(faults);
    }

    private async Task<string> WriteAsync(IReadOnlyList<Regatta.Analysis.Trial> trials, ReportSettings? settings = null)
    {
        var run = await Sample.WriteRunAsync(Path.Combine(directory, "20260101T130000Z-quickstart-1a2b3c4d"), "quickstart", trials);
        var path = Path.Combine(run, "report", "index.html");
        await HtmlReport.WriteAsync(ReportBuilder.Build([await RecordedRun.ReadAsync(run, TestContext.Current.CancellationToken)], settings), path, TestContext.Current.CancellationToken);
        return path;
    }

    private async Task<IPage> OpenAsync(string path, BrowserNewPageOptions? options = null)
    {
        var page = await browser!.NewPageAsync(options);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") faults.Add(message.Text);
        };
        page.PageError += (_, error) => faults.Add(error);
        await page.RouteAsync("**/*", async route =>
        {
            if (route.Request.Url.StartsWith("file:", StringComparison.Ordinal))
            {
                await route.ContinueAsync();
                return;
            }

            faults.Add("asked for " + route.Request.Url);
            await route.AbortAsync();
        });
        await page.GotoAsync("file://" + path);
        await page.WaitForFunctionAsync("window.regattaReport && window.regattaReport.ready");
        return page;
    }
}
