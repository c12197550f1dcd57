using System.Net;
using System.Net.Sockets;
using System.Text;
using Regatta.Live.Serving;
using Regatta.Tests.Reports;

namespace Regatta.Tests.Live;

public sealed class WatchServerTests : IDisposable
{
    private readonly HttpClient _client = new();

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Serves_the_page_and_what_is_new_and_nothing_else()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        run.Begin(0);
        run.Come(0, 30);
        await using var server = Start(run);

        var page = await GetAsync(server, "");
        Assert.Contains("default-src 'none'", string.Join(' ', page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.DoesNotContain("://", (await page.Content.ReadAsStringAsync(Cancel)).Split("<script>")[0], StringComparison.Ordinal);
        Assert.Equal(["hello", "plan", "state", "trial", "news"], await EventsAsync(server, "news"));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(server, "plan.json")).StatusCode);
        using var post = await _client.PostAsync(server.Url, new StringContent("x"), Cancel);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    [Fact]
    public async Task A_name_that_was_made_to_point_here_is_refused()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        await using var server = Start(run);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Url, "events"));
        request.Headers.Host = $"evil.example:{server.Url.Port}";

        using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);

        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.BadRequest });
    }

    [Fact]
    public async Task With_a_token_only_who_has_it_may_read()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        await using var server = WatchServer.Start(WatchAddress.Of("0.0.0.0", LoopbackPort.Free(), "0123456789abcdef0123456789abcdef"), [run.Path], TimeProvider.System);
        Assert.EndsWith("/?token=0123456789abcdef0123456789abcdef", server.Url.ToString(), StringComparison.Ordinal);
        var here = new Uri($"http://127.0.0.1:{server.Url.Port}/");

        foreach (var (query, status) in new[] { ("", HttpStatusCode.Forbidden), ("?token=0123456789abcdef0123456789abcdee", HttpStatusCode.Forbidden), (server.Url.Query, HttpStatusCode.OK) })
        {
            using var answer = await _client.GetAsync(new Uri(here, query), Cancel);
            Assert.Equal(status, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Logs_are_listed_and_read_and_nothing_beside_them()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        run.Begin(0);
        var log = Path.Combine(Regatta.Runs.RunDirectory.DraftOf(run.Path, run.Planned(0)), "logs", "head", "slurmctld.log");
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        await File.WriteAllTextAsync(log, new string('.', 200_000) + "\nthe end\n", Cancel);
        await using var server = Start(run);

        Assert.Contains("slurm-fifo/.1.draft/logs/head/slurmctld.log", await TextAsync(server, "logs?run=0"), StringComparison.Ordinal);
        var end = await TextAsync(server, "log?run=0&file=trials/slurm-fifo/.1.draft/logs/head/slurmctld.log");
        Assert.EndsWith("\nthe end\n", end, StringComparison.Ordinal);
        Assert.InRange(end.Length, 1_000, 65_536);
        foreach (var other in new[] { "plan.json", "../plan.json", "/etc/passwd", "trials/slurm-fifo/.1.draft/logs/../under-way.json", "" })
            Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(server, $"log?run=0&file={Uri.EscapeDataString(other)}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(server, "logs?run=1")).StatusCode);
    }

    [Fact]
    public async Task A_server_that_is_started_again_tells_everything_anew_at_the_same_place()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        run.Begin(0);
        run.Come(0, 30);
        var port = LoopbackPort.Free();
        foreach (var _ in new[] { 1, 2 })
        {
            await using var server = WatchServer.Start(WatchAddress.Of("127.0.0.1", port, null), [run.Path], TimeProvider.System);
            Assert.Equal(["hello", "plan", "state", "trial", "news"], await EventsAsync(server, "news"));
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_and_without_one_another_is_found()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var taken = Assert.Throws<DiagnosticException>(() => WatchServer.Start(WatchAddress.Of("127.0.0.1", port, null), [run.Path], TimeProvider.System));
        Assert.Contains($"error[watch-port-taken]: the page cannot be served at port {port} of 127.0.0.1", taken.Message, StringComparison.Ordinal);

        await using var first = WatchServer.Start(WatchAddress.Of("127.0.0.1", null, null), [run.Path], TimeProvider.System);
        await using var second = WatchServer.Start(WatchAddress.Of("127.0.0.1", null, null), [run.Path], TimeProvider.System);
        Assert.NotEqual(first.Url.Port, second.Url.Port);
    }

    [Theory]
    [InlineData("0.0.0.0", null, false, "error[watch-open]: whoever reaches 0.0.0.0 could read the run: the page is served there only with a token")]
    [InlineData("192.0.2.7", null, false, "error[watch-open]")]
    [InlineData("my-host", null, true, "error[watch-address]: 'my-host' is no address that the page can be served at")]
    [InlineData("127.0.0.1", 0, false, "error[watch-port]: 0 is no port")]
    [InlineData("127.0.0.1", 65536, false, "error[watch-port]: 65536 is no port")]
    [InlineData("192.0.2.7", 8642, true, "error[watch-port-taken]: the page cannot be served at port 8642 of 192.0.2.7")]
    public async Task Addresses_that_cannot_be_are_refused(string listen, int? port, bool token, string text)
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));

        var refused = Assert.Throws<DiagnosticException>(() => WatchServer.Start(WatchAddress.Of(listen, port, token ? "0123456789abcdef0123456789abcdef" : null), [run.Path], TimeProvider.System));

        Assert.Contains(text, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_is_made_once_and_its_owners_alone()
    {
        var directory = Directory.CreateTempSubdirectory("regatta-token-").FullName;
        var file = Path.Combine(directory, "state", "watch-token");
        var token = WatchAddress.TokenIn(file);
        Assert.Equal(32, token.Length);
        Assert.Equal(token, WatchAddress.TokenIn(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Contains("error[watch-token]", Assert.Throws<DiagnosticException>(() => WatchAddress.TokenIn(file)).Message, StringComparison.Ordinal);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(file, "1234");
        Assert.Contains("error[watch-token]", Assert.Throws<DiagnosticException>(() => WatchAddress.TokenIn(file)).Message, StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static WatchServer Start(GrowingRun run) => WatchServer.Start(WatchAddress.Of("127.0.0.1", LoopbackPort.Free(), null), [run.Path], TimeProvider.System);

    private Task<HttpResponseMessage> GetAsync(WatchServer server, string path) => _client.GetAsync(new Uri(server.Url, path), Cancel);

    private async Task<string> TextAsync(WatchServer server, string path) => await (await GetAsync(server, path)).Content.ReadAsStringAsync(Cancel);

    /// <summary>The kinds of events up to the first of a kind.</summary>
    private async Task<List<string>> EventsAsync(WatchServer server, string last)
    {
        using var reader = new StreamReader(await _client.GetStreamAsync(new Uri(server.Url, "events"), Cancel), Encoding.UTF8);
        var kinds = new List<string>();
        while (kinds.LastOrDefault() != last && await reader.ReadLineAsync(Cancel) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal)) kinds.Add(line["event: ".Length..]);
        }

        return kinds;
    }
}
