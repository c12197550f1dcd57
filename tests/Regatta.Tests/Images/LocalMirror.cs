using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Regatta.Tests.Images;

/// <summary>What the mirror does when it is asked for a path.</summary>
internal abstract record MirrorAnswer
{
    /// <summary>Gives these bytes.</summary>
    public sealed record Bytes(byte[] Content) : MirrorAnswer
    {
        /// <summary>The status that they come with.</summary>
        public int Code { get; init; } = 200;
    }

    /// <summary>Answers with a status and nothing else.</summary>
    public sealed record Status(int Code) : MirrorAnswer
    {
        /// <summary>A header line of the answer.</summary>
        public string? Header { get; init; }
    }

    /// <summary>Takes the question and says nothing.</summary>
    public sealed record Silence : MirrorAnswer;

    /// <summary>Gives the first bytes of a longer answer and then nothing more.</summary>
    public sealed record Stall(byte[] Beginning) : MirrorAnswer;
}

/// <summary>A real HTTP server on the loopback, small enough to hang on purpose.</summary>
internal sealed class LocalMirror : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly Func<string, int, MirrorAnswer> _answer;
    private readonly ConcurrentDictionary<string, int> _asked = new();
    private readonly Task _serving;

    /// <param name="answer">Answer to a path, asked for the n-th time (from 1).</param>
    public LocalMirror(Func<string, int, MirrorAnswer> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public IReadOnlyDictionary<string, int> Asked => _asked;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _serving;
        _ended.Dispose();
    }

    private async Task ServeAsync()
    {
        var open = new List<Task>();
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_ended.Token);
                open.Add(AnswerAsync(client));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                break;
            }
        }

        await Task.WhenAll(open);
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                var path = (await reader.ReadLineAsync(_ended.Token) ?? "GET /").Split(' ')[1];
                while (await reader.ReadLineAsync(_ended.Token) is { Length: > 0 }) ;
                switch (_answer(path, _asked.AddOrUpdate(path, 1, (_, n) => n + 1)))
                {
                    case MirrorAnswer.Bytes { Content: var content, Code: var code }:
                        await HeadAsync(stream, code, content.Length);
                        await stream.WriteAsync(content, _ended.Token);
                        break;
                    case MirrorAnswer.Status { Code: var status, Header: var header }:
                        await HeadAsync(stream, status, 0, header);
                        break;
                    case MirrorAnswer.Stall(var beginning):
                        await HeadAsync(stream, 200, beginning.Length + 1000);
                        await stream.WriteAsync(beginning, _ended.Token);
                        await Task.Delay(Timeout.Infinite, _ended.Token);
                        break;
                    default:
                        await Task.Delay(Timeout.Infinite, _ended.Token);
                        break;
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                // The client went away, or the test is over.
            }
        }
    }

    private async Task HeadAsync(NetworkStream stream, int code, int length, string? header = null) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {code} x\r\nContent-Length: {length}\r\n{(header is null ? "" : header + "\r\n")}Connection: close\r\n\r\n")), _ended.Token);
}
