using System.Net;
using System.Text;
using Regatta.Live.Following;

namespace Regatta.Live.Serving;

/// <summary>
/// Serves the page that follows runs, and what is new of them as server-sent events. Only reads. It has no state of its own: whoever comes back is told everything from the disk.
/// </summary>
public sealed class WatchServer : IAsyncDisposable
{
    // Seen by a reader as moving; a look costs a few system calls.
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100), Alive = TimeSpan.FromSeconds(10);

    private readonly HttpListener _listener;
    private readonly WatchAddress _address;
    private readonly ImmutableArray<string> _runs;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _accepting;
    private readonly byte[] _page;

    private WatchServer(HttpListener listener, int port, WatchAddress address, ImmutableArray<string> runs, TimeProvider time)
    {
        (_listener, _address, _runs, _time) = (listener, address, runs, time);
        _page = Encoding.UTF8.GetBytes(WatchPage.Render());
        var host = IPAddress.Any.Equals(address.Address) ? Dns.GetHostName() : address.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address.Address}]" : address.Address.ToString();
        Url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{host}:{port}/") + (address.Token is { } token ? $"?token={token}" : ""));
        _accepting = AcceptAsync();
    }

    /// <summary>What to open in a browser.</summary>
    public Uri Url { get; }

    /// <summary>Begins to serve.</summary>
    /// <param name="address">Where.</param>
    /// <param name="runs">The run directories, in the order of the page.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="DiagnosticException">A run is none, or the address cannot be listened at.</exception>
    public static WatchServer Start(WatchAddress address, ImmutableArray<string> runs, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(address);
        foreach (var run in runs) Runs.RunDirectory.ReadPlan(run);
        var last = address.Port ?? WatchAddress.FirstPort + WatchAddress.Ports - 1;
        for (var port = address.Port ?? WatchAddress.FirstPort; ; port++)
        {
            var listener = new HttpListener { IgnoreWriteExceptions = false };
            listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://{(IPAddress.Any.Equals(address.Address) ? "*" : address.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address.Address}]" : address.Address.ToString())}:{port}/"));
            if (address.Address.Equals(IPAddress.Loopback)) listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}/"));
            try
            {
                listener.Start();
                return new WatchServer(listener, port, address, runs, time);
            }
            catch (HttpListenerException exception)
            {
                listener.Close();
                if (port < last) continue;
                throw Taken(address, port, exception);
            }
        }
    }

    /// <summary>Ends it; whoever reads is cut off and comes back when it is served again.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Abort();
        await _accepting;
        _ending.Dispose();
    }

    private static DiagnosticException Taken(WatchAddress address, int port, HttpListenerException exception) => new(
        Diagnostic.Error("watch-port-taken", string.Create(CultureInfo.InvariantCulture, $"the page cannot be served at port {port} of {address.Address}")) with
        {
            Detail = exception.Message,
            Help = address.Port is null
                ? string.Create(CultureInfo.InvariantCulture, $"the ports {WatchAddress.FirstPort} to {port} are all taken: end a 'regatta watch', or name a port with --port")
                : "another program has it, or the address is not this host's: name another with --port, or none",
        },
        exception);

    private async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException && _ending.IsCancellationRequested)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(context), CancellationToken.None);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            await AnswerAsync(context.Request, context.Response);
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or OperationCanceledException or IOException { InnerException: System.Net.Sockets.SocketException })
        {
            // The reader is gone, or this server.
            context.Response.Abort();
        }
    }

    private async Task AnswerAsync(HttpListenerRequest request, HttpListenerResponse response)
    {
        response.Headers["Server"] = "regatta";
        response.Headers["Cache-Control"] = "no-store";
        response.Headers["X-Content-Type-Options"] = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        if (!_address.Admits(request.Url?.Host ?? "", request.QueryString["token"]))
        {
            await SendAsync(response, 403, "text/plain", "The URL lacks the token, or the page was asked for under another name: open the URL that regatta watch printed.\n"u8.ToArray());
            return;
        }

        if (request.HttpMethod is not ("GET" or "HEAD"))
        {
            await SendAsync(response, 405, "text/plain", "The page can only be read.\n"u8.ToArray());
            return;
        }

        switch (request.Url!.AbsolutePath)
        {
            case "/":
                response.Headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; frame-ancestors 'none'";
                await SendAsync(response, 200, "text/html", _page);
                break;
            case "/events":
                await FollowAsync(request, response);
                break;
            case "/logs" or "/log" when RunOf(request) is { } run:
                var logs = new RunLogs(run);
                if (request.Url.AbsolutePath == "/logs") await SendAsync(response, 200, "application/json", logs.List());
                else if (logs.End(request.QueryString["file"] ?? "") is { } end) await SendAsync(response, 200, "text/plain", end);
                else await SendAsync(response, 404, "text/plain", "There is no such log.\n"u8.ToArray());
                break;
            default:
                await SendAsync(response, 404, "text/plain", "There is nothing here.\n"u8.ToArray());
                break;
        }
    }

    private string? RunOf(HttpListenerRequest request) =>
        int.TryParse(request.QueryString["run"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < _runs.Length ? _runs[number] : null;

    private static async Task SendAsync(HttpListenerResponse response, int status, string type, byte[] body)
    {
        response.StatusCode = status;
        response.ContentType = type + "; charset=utf-8";
        response.ContentLength64 = body.Length;
        await response.OutputStream.WriteAsync(body);
        response.Close();
    }

    /// <summary>Tells what is new until the reader goes. <c>trial0=POINT/REPETITION</c> asks for a trial of run 0 other than the one under way.</summary>
    private async Task FollowAsync(HttpListenerRequest request, HttpListenerResponse response)
    {
        response.ContentType = "text/event-stream; charset=utf-8";
        response.SendChunked = true;
        var stream = response.OutputStream;
        await stream.WriteAsync("retry: 1000\n\nevent: hello\ndata: {}\n\n"u8.ToArray(), _ending.Token);
        var followers = new RunFollower?[_runs.Length];
        var unread = new byte[]?[_runs.Length];
        using var timer = new PeriodicTimer(Between, _time);
        using var batch = new MemoryStream();
        var alive = _time.GetTimestamp();
        do
        {
            batch.SetLength(0);
            for (var i = 0; i < followers.Length; i++)
            {
                foreach (var message in await LookAsync(i, followers, request))
                {
                    // What cannot be read stays so for a while, and is told once.
                    if (message.Kind == "unread" && unread[i] is { } told && told.AsSpan().SequenceEqual(message.Json)) continue;
                    if (message.Kind == "unread") unread[i] = message.Json;
                    Write(batch, message);
                }
            }

            if (batch.Length == 0 && _time.GetElapsedTime(alive) > Alive) batch.Write(":\n\n"u8);
            if (batch.Length == 0) continue;
            alive = _time.GetTimestamp();
            await stream.WriteAsync(batch.GetBuffer().AsMemory(0, (int)batch.Length), _ending.Token);
            await stream.FlushAsync(_ending.Token);
        }
        while (await timer.WaitForNextTickAsync(_ending.Token));
    }

    // A run that cannot be read for now, as one that is being moved, is read again at the next look.
    private async Task<IReadOnlyList<LiveMessage>> LookAsync(int number, RunFollower?[] followers, HttpListenerRequest request)
    {
        try
        {
            var follower = followers[number] ??= new RunFollower(number, _runs[number], request.QueryString[string.Create(CultureInfo.InvariantCulture, $"trial{number}")], _time);
            return await follower.LookAsync(_ending.Token);
        }
        catch (DiagnosticException fault)
        {
            return [LiveJson.Message("unread", new RunUnread(number, fault.Diagnostics[0].Summary))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [LiveJson.Message("unread", new RunUnread(number, exception.Message))];
        }
    }

    private static void Write(MemoryStream batch, LiveMessage message)
    {
        batch.Write("event: "u8);
        batch.Write(Encoding.ASCII.GetBytes(message.Kind));
        batch.Write("\ndata: "u8);
        batch.Write(message.Json);
        batch.Write("\n\n"u8);
    }
}
