using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Regatta.Agent.Sampling;

/// <summary>
/// GET over one kept connection of HTTP/1.1, from the thread that asks: what it costs is that thread's processor time, which can be measured. The usual client
/// spreads its work over the threads of all.
/// </summary>
/// <param name="connect">Opens a connection.</param>
/// <param name="most">The most bytes of an answer.</param>
internal sealed class PlainHttp(Func<Stream> connect, int most = 32 << 20) : IDisposable
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private Stream? _stream;
    // What was answered last; used again, since an answer may have megabytes and comes every second.
    private byte[] _body = [];
    private int _from, _to, _length;

    /// <summary>A connection to a UNIX socket.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="within">How long an answer may take.</param>
    public static Stream Unix(string path, TimeSpan within)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = (int)within.TotalMilliseconds, SendTimeout = (int)within.TotalMilliseconds };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException(exception.Message, exception);
        }
    }

    /// <summary>A connection over TCP.</summary>
    /// <param name="host">Name or address.</param>
    /// <param name="port">Port.</param>
    /// <param name="within">How long an answer may take.</param>
    public static Stream Tcp(string host, int port, TimeSpan within)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = (int)within.TotalMilliseconds, SendTimeout = (int)within.TotalMilliseconds };
        try
        {
            socket.Connect(host, port);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException(exception.Message, exception);
        }
    }

    /// <summary>TLS over a connection, from the thread that asks.</summary>
    /// <param name="stream">The connection; it ends with this one.</param>
    /// <param name="options">Whom to trust, and who one is.</param>
    public static Stream Tls(Stream stream, SslClientAuthenticationOptions options)
    {
        var tls = new SslStream(stream);
        try
        {
            tls.AuthenticateAsClient(options);
            return tls;
        }
        catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException)
        {
            tls.Dispose();
            throw exception as IOException ?? new IOException(exception.Message, exception);
        }
    }

    /// <summary>Asks for a path; after a failure the next question opens a new connection.</summary>
    /// <param name="path">The path.</param>
    /// <param name="headers">Further lines of the request, each with its end.</param>
    /// <returns>The body of the answer, valid until the next question.</returns>
    /// <exception cref="IOException">There is no answer, or it is not one of 200.</exception>
    public ReadOnlyMemory<byte> Get(string path, string headers = "")
    {
        try
        {
            _stream ??= connect();
            _stream.Write(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n{headers}\r\n"));
            var status = Line();
            if (status.Split(' ') is not [_, var code, ..]) throw new IOException($"not an answer of HTTP: {status}");
            long? length = null;
            var (chunked, close) = (false, false);
            while (Line() is { Length: > 0 } line)
            {
                if (Is(line, "content-length:", out var value)) length = long.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture);
                else if (Is(line, "transfer-encoding:", out value)) chunked = value.Contains("chunked", StringComparison.OrdinalIgnoreCase);
                else if (Is(line, "connection:", out value)) close = value.Equals("close", StringComparison.OrdinalIgnoreCase);
            }

            _length = 0;
            if (chunked) Chunks();
            else Take(length ?? throw new IOException("the answer does not say how long it is"));
            if (close) Close();
            return code == "200" ? _body.AsMemory(0, _length) : throw new IOException($"answered {code}");
        }
        catch (Exception exception) when (exception is IOException or SocketException or FormatException or OverflowException)
        {
            Close();
            throw exception as IOException ?? new IOException(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private void Close()
    {
        _stream?.Dispose();
        (_stream, _from, _to) = (null, 0, 0);
    }

    private static bool Is(string line, string name, out string value)
    {
        value = line.StartsWith(name, StringComparison.OrdinalIgnoreCase) ? line[name.Length..].Trim() : "";
        return line.StartsWith(name, StringComparison.OrdinalIgnoreCase);
    }

    private void Chunks()
    {
        while (ChunkLength() is > 0 and var length)
        {
            Take(length);
            Next();
        }

        while (Next().Length > 0)
        {
            // What follows the last chunk is not asked for.
        }
    }

    private long ChunkLength()
    {
        var line = Next();
        var extension = line.IndexOf((byte)';');
        if (extension >= 0) line = line[..extension];
        return long.Parse(line.Trim((byte)' '), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    /// <summary>Takes so many bytes behind those of the body that are there.</summary>
    private void Take(long length)
    {
        if (length > most - _length) throw new IOException("the answer is too long");
        var end = _length + (int)length;
        if (end > _body.Length) Array.Resize(ref _body, Math.Max(end, Math.Min(most, 2 * _body.Length)));
        var have = Math.Min((int)length, _to - _from);
        Array.Copy(_buffer, _from, _body, _length, have);
        _from += have;
        _stream!.ReadExactly(_body, _length + have, (int)length - have);
        _length = end;
    }

    private string Line() => Encoding.ASCII.GetString(Next());

    /// <summary>The next line, without its end; valid until more is read.</summary>
    private ReadOnlySpan<byte> Next()
    {
        while (true)
        {
            if (Array.IndexOf(_buffer, (byte)'\n', _from, _to - _from) is >= 0 and var end)
            {
                var line = _buffer.AsSpan(_from, end - _from).TrimEnd((byte)'\r');
                _from = end + 1;
                return line;
            }

            if (_from > 0) Array.Copy(_buffer, _from, _buffer, 0, _to - _from);
            (_from, _to) = (0, _to - _from);
            if (_to == _buffer.Length) throw new IOException("a line of the answer is too long");
            var read = _stream!.Read(_buffer, _to, _buffer.Length - _to);
            if (read == 0) throw new IOException("the connection ended");
            _to += read;
        }
    }
}
