using System.Buffers;
using System.Security.Cryptography;

namespace Regatta.Runs;

/// <summary>A new file that is written from its beginning to its end, and hashed on the way: a table of many jobs need not be in memory as a whole, nor be read again.</summary>
internal sealed class HashedFile : Stream
{
    private const int Chunk = 1 << 16;

    private readonly FileStream _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    // Of thousands of small files each would leave one to the collector.
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(Chunk);
    private int _used;
    private long _written;
    private bool _closed;

    public HashedFile(string path) => _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _written + _used;

    public override long Position { get => Length; set => throw new NotSupportedException(); }

    /// <summary>Writes what is still held, and returns the sha256 of the file, hexadecimal.</summary>
    /// <param name="durable">Whether to wait until it is on the disk.</param>
    public string Finish(bool durable)
    {
        Pass();
        _file.Flush(flushToDisk: durable);
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Chunk - _used) Pass();
        if (bytes.Length >= Chunk)
        {
            Pass(bytes);
            return;
        }

        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Nothing: a table flushes after each of its columns, and nobody reads the file before it is finished.</summary>
    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_closed)
        {
            _closed = true;
            _file.Dispose();
            _hash.Dispose();
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        base.Dispose(disposing);
    }

    private void Pass()
    {
        if (_used > 0) Pass(_buffer.AsSpan(0, _used));
        _used = 0;
    }

    private void Pass(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        _file.Write(bytes);
        _written += bytes.Length;
    }
}
