using Microsoft.Playwright;

namespace Regatta.Tests;

/// <summary>A real browser, Debian's Chromium, and what its pages complain of.</summary>
internal sealed class RealBrowser : IAsyncDisposable
{
    private const string Chromium = "/usr/bin/chromium";
    private static readonly string[] Flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private RealBrowser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    /// <summary>Errors and warnings of all pages.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Starts it; skips the test where it is not there.</summary>
    public static async Task<RealBrowser> StartAsync()
    {
        if (!File.Exists(Chromium)) Assert.Skip($"{Chromium} is not there: the pages are not tested in a browser; mend with: apt-get install chromium");
        var playwright = await Playwright.CreateAsync();
        return new RealBrowser(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = Flags }));
    }

    /// <summary>A new page.</summary>
    public async Task<IPage> PageAsync(BrowserNewPageOptions? options)
    {
        var page = await _browser.NewPageAsync(options);
        // Generous, for machines that are busy with other work: what is tested is that it happens, not how soon.
        page.SetDefaultTimeout(180_000);
        Assertions.SetDefaultExpectTimeout(60_000);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") Faults.Add(message.Text);
        };
        page.PageError += (_, error) => Faults.Add(error);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
