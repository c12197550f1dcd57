using System.Buffers.Text;
using System.IO.Compression;
using System.Text;

namespace Regatta.Workloads;

/// <summary>
/// Writes the Standard Workload Format 2.2. What <see cref="SwfReader"/> reads comes back from what this writes bit by bit: header lines as
/// they stood, whole seconds as whole numbers, fractions with as many digits as it takes to tell them apart. Not for several threads.
/// </summary>
public sealed class SwfWriter : IDisposable
{
    private const int LongestLine = SwfField.Count * 26;

    private readonly Stream _stream;
    private readonly GZipStream? _gzip;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _length;

    /// <summary>Opens a writer and writes the header.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="header">Header lines; none may hold a line end.</param>
    /// <param name="gzip">Whether to compress.</param>
    /// <exception cref="ArgumentException">A header line holds a line end, or is neither a comment nor empty.</exception>
    public SwfWriter(Stream stream, SwfHeader header, bool gzip = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(header);
        _stream = stream;
        if (gzip) _stream = _gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
        foreach (var line in header.Lines)
        {
            if (line.AsSpan().ContainsAny('\r', '\n') || !(line.AsSpan().Trim() is [] or [';', ..]))
                throw new ArgumentException($"not a header line: '{line}'", nameof(header));
            var bytes = Encoding.UTF8.GetBytes(line);
            if (_length + bytes.Length + 1 > _buffer.Length) Empty();
            if (bytes.Length + 1 > _buffer.Length)
            {
                _stream.Write(bytes);
            }
            else
            {
                bytes.CopyTo(_buffer, _length);
                _length += bytes.Length;
            }

            _buffer[_length++] = (byte)'\n';
        }
    }

    /// <summary>Jobs written so far.</summary>
    public long Count { get; private set; }

    /// <summary>Writes one job.</summary>
    public void Write(in SwfRecord record)
    {
        if (_length + LongestLine > _buffer.Length) Empty();
        Put(record.JobNumber);
        Put(record.Submit);
        Put(record.Wait);
        Put(record.RunTime);
        Put(record.AllocatedProcessors);
        Put(record.AverageCpuTime);
        Put(record.UsedMemory);
        Put(record.RequestedProcessors);
        Put(record.RequestedTime);
        Put(record.RequestedMemory);
        Put(record.Status);
        Put(record.User);
        Put(record.Group);
        Put(record.Executable);
        Put(record.Queue);
        Put(record.Partition);
        Put(record.PrecedingJob);
        Put(record.ThinkTime);
        _buffer[_length - 1] = (byte)'\n';
        Count++;
    }

    /// <summary>Writes what is still held back, and the end of the compressed data.</summary>
    public void Dispose()
    {
        Empty();
        _gzip?.Dispose();
        if (_gzip is null) _stream.Flush();
    }

    private void Put(long value)
    {
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(_length), out var written);
        _length += written;
        _buffer[_length++] = (byte)' ';
    }

    private void Put(double value)
    {
        if (value == Math.Floor(value) && Math.Abs(value) <= 1L << 53)
        {
            Put((long)value);
            return;
        }

        value.TryFormat(_buffer.AsSpan(_length), out var written, "R", CultureInfo.InvariantCulture);
        _length += written;
        _buffer[_length++] = (byte)' ';
    }

    private void Empty()
    {
        _stream.Write(_buffer, 0, _length);
        _length = 0;
    }
}
