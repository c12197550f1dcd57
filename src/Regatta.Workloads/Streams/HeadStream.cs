using System.IO.Compression;

namespace Regatta.Workloads;

/// <summary>A stream whose beginning can be looked at before it is read; not for seeking.</summary>
internal sealed class HeadStream : Stream
{
    private const int Size = 16 * 1024;

    private readonly Stream _stream;
    private readonly byte[] _head;
    private int _read;

    /// <summary>Looks at the beginning.</summary>
    /// <param name="stream">The stream; left open.</param>
    public HeadStream(Stream stream)
    {
        _stream = stream;
        if (stream is HeadStream other)
        {
            (_stream, _head, Text) = (other._stream, other._head, other.Text);
            return;
        }

        var head = new byte[Size];
        _head = head[..stream.ReadAtLeast(head, Size, throwOnEndOfStream: false)];
        Text = Packed ? Unpack(_head) : _head;
    }

    /// <summary>The first bytes, unpacked where they are gzip.</summary>
    public byte[] Text { get; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    private bool Packed => _head is [0x1f, 0x8b, ..];

    /// <summary>This stream, unpacked where it is gzip.</summary>
    public Stream Unpacked() => Packed ? new GZipStream(this, CompressionMode.Decompress, leaveOpen: true) : this;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_read >= _head.Length) return _stream.Read(buffer);
        var part = _head.AsSpan(_read, Math.Min(buffer.Length, _head.Length - _read));
        part.CopyTo(buffer);
        _read += part.Length;
        return part.Length;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>What the first bytes of packed data unpack to, as far as they can be; what is wrong with them whoever reads them says.</summary>
    private static byte[] Unpack(byte[] head)
    {
        using var unpacked = new GZipStream(new MemoryStream(head), CompressionMode.Decompress);
        var text = new byte[Size];
        var length = 0;
        try
        {
            while (length < Size && unpacked.Read(text, length, Size - length) is > 0 and var read) length += read;
        }
        catch (InvalidDataException)
        {
            // The beginning of packed data ends in their middle.
        }

        return text[..length];
    }
}
