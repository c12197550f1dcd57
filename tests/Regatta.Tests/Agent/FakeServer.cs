using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Regatta.Tests.Agent;

/// <summary>Speaks HTTP/1.1 as far as the drivers need it: one request after another on a connection, each with the length of its body.</summary>
internal abstract class FakeServer : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _connections = [];
    private Task _serving = Task.CompletedTask;

    /// <param name="address">What to listen on; connections wait there until <see cref="Serve"/>.</param>
    protected FakeServer(EndPoint address)
    {
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(address);
        _listener.Listen(64);
    }

    /// <summary>What is listened on.</summary>
    protected EndPoint Address => _listener.LocalEndPoint!;

    /// <summary>Held while a request is answered.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>Cancelled when the server ends.</summary>
    protected CancellationToken Stopped => _stop.Token;

    public virtual async ValueTask DisposeAsync()
    {
        if (_serving.IsCompleted) return;
        await _stop.CancelAsync();
        _listener.Dispose();
        Cut();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    protected void Serve() => _serving = Task.Run(ServeAsync);

    /// <summary>Cuts all connections.</summary>
    protected void Cut()
    {
        lock (Gate)
        {
            _connections.ForEach(c => c.Dispose());
            _connections.Clear();
        }
    }

    /// <summary>The answer to a request; without a text the connection is cut instead.</summary>
    protected abstract (int Status, string? Text) Respond(string method, string path, string body);

    /// <summary>Takes a connection over for the rest of its time; false when the request is one to answer.</summary>
    protected virtual Task<bool> KeepAsync(Stream stream, string path) => Task.FromResult(false);

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var connection = await _listener.AcceptAsync(_stop.Token);
            lock (Gate) _connections.Add(connection);
            _ = Task.Run(() => TalkAsync(connection));
        }
    }

    private async Task TalkAsync(Socket connection)
    {
        try
        {
            await using var stream = new NetworkStream(connection, ownsSocket: true);
            while (await ReadAsync(stream) is var (method, path, body) && method.Length > 0)
            {
                if (await KeepAsync(stream, path)) return;
                string? text;
                int status;
                lock (Gate) (status, text) = Respond(method, path, body);
                if (text is null) return;
                await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: {Encoding.UTF8.GetByteCount(text)}\r\nContent-Type: application/json\r\n\r\n{text}"));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or SocketException or OperationCanceledException)
        {
            // The client or the test is gone.
        }
    }

    private static async Task<(string Method, string Path, string Body)> ReadAsync(NetworkStream stream)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (!(bytes.Count > 3 && bytes[^1] == '\n' && bytes[^3] == '\n'))
        {
            if (await stream.ReadAsync(one) == 0) return ("", "", "");
            bytes.Add(one[0]);
        }

        var head = Encoding.UTF8.GetString([.. bytes]).Split("\r\n");
        var length = head.Select(l => l.Split(": ")).FirstOrDefault(p => p[0].Equals("Content-Length", StringComparison.OrdinalIgnoreCase)) is { } pair ? int.Parse(pair[1], CultureInfo.InvariantCulture) : 0;
        var body = new byte[length];
        await stream.ReadExactlyAsync(body);
        return (head[0].Split(' ')[0], Uri.UnescapeDataString(head[0].Split(' ')[1]), Encoding.UTF8.GetString(body));
    }
}
