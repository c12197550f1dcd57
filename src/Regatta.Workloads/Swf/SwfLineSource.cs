using System.IO.Compression;

namespace Regatta.Workloads;

/// <summary>Cuts a stream, plain or gzip, into lines without copying them; memory is bounded whatever the stream holds.</summary>
internal sealed class SwfLineSource : IDisposable
{
    /// <summary>A longer line is no SWF: 18 fields take at most some hundred bytes, a header comment some thousand.</summary>
    public const int MaxLineLength = 64 * 1024;

    private readonly string _source;
    private readonly Stream _stream;
    private readonly GZipStream? _gzip;
    private readonly GzipBytes? _packed;
    private long _unpacked;
    private readonly byte[] _buffer = new byte[4 * MaxLineLength];
    private int _start;
    private int _end;
    private bool _atEnd;
    private bool _begun;

    public SwfLineSource(Stream stream, string source)
    {
        _source = source;
        _stream = stream;
        var magic = new byte[2];
        var read = stream.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        if (read == 2 && magic is [0x1f, 0x8b])
        {
            _packed = new GzipBytes(magic, stream);
            _gzip = new GZipStream(_packed, CompressionMode.Decompress, leaveOpen: true);
            _stream = _gzip;
        }
        else
        {
            magic.AsSpan(0, read).CopyTo(_buffer);
            _end = read;
        }
    }

    /// <summary>Number of the line that was read last, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>True when the file begins with a UTF-8 byte order mark.</summary>
    public bool ByteOrderMark { get; private set; }

    /// <summary>Whether the file begins as JSON does.</summary>
    public bool LooksLikeJson { get; private set; }

    /// <summary>Reads the next line without its line feed; false at the end.</summary>
    /// <param name="line">Valid until the next call; empty when the line is too long.</param>
    /// <param name="ended">False when the last line has no line feed.</param>
    /// <param name="tooLong">True when the line is longer than <see cref="MaxLineLength"/>; it was skipped.</param>
    public bool Read(out ReadOnlySpan<byte> line, out bool ended, out bool tooLong, CancellationToken cancellationToken)
    {
        if (!_begun) Begin(cancellationToken);
        ended = true;
        tooLong = false;
        var searched = 0;
        while (true)
        {
            var pending = _buffer.AsSpan(_start, _end - _start);
            var newline = pending[searched..].IndexOf((byte)'\n');
            if (newline >= 0)
            {
                newline += searched;
                line = tooLong || newline > MaxLineLength ? [] : pending[..newline];
                tooLong |= newline > MaxLineLength;
                _start += newline + 1;
                Line++;
                return true;
            }

            if (pending.Length > MaxLineLength)
            {
                tooLong = true;
                _start = _end;
                pending = [];
            }

            searched = pending.Length;
            if (!_atEnd && Fill(cancellationToken)) continue;
            ended = false;
            line = tooLong ? [] : _buffer.AsSpan(_start, _end - _start);
            _start = _end;
            if (line.IsEmpty && !tooLong) return false;
            Line++;
            return true;
        }
    }

    public void Dispose() => _gzip?.Dispose();

    private void Begin(CancellationToken cancellationToken)
    {
        _begun = true;
        while (_end < 4096 && Fill(cancellationToken))
        {
        }

        var head = _buffer.AsSpan(0, _end);
        if (head.StartsWith("\uFEFF"u8))
        {
            ByteOrderMark = true;
            _start = 3;
        }

        LooksLikeJson = head[_start..].TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];
        if (head.Contains((byte)0))
        {
            throw new DiagnosticException(Diagnostic.Error("swf-not-swf", $"{_source} is a binary file, not a workload in the Standard Workload Format") with
            {
                Where = new SourceRange(_source),
                Help = "give a text file of 18 columns, plain or compressed by gzip",
            });
        }
    }

    private bool Fill(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        try
        {
            var read = _stream.Read(_buffer, _end, _buffer.Length - _end);
            _end += read;
            _unpacked += read;
            _atEnd = read == 0;
            if (_atEnd && _packed is not null && !_packed.EndsWell(_unpacked)) throw new InvalidDataException("the data end before the end mark");
            return read > 0;
        }
        catch (InvalidDataException e) when (_gzip is not null)
        {
            throw new DiagnosticException(Diagnostic.Error("swf-gzip", $"{_source}: the compressed data are damaged or cut off") with
            {
                Where = new SourceRange(_source, (int)Math.Min(Line + 1, int.MaxValue)),
                Detail = e.Message,
                Help = "fetch the file again, or unpack what there is with 'gzip -dc' and drop the last line",
            }, e);
        }
    }
}
