using System.Buffers.Binary;

namespace Regatta.Workloads;

/// <summary>
/// The bytes of a gzip file of which the first ones were looked at already. Remembers what is needed to tell a file that was cut off:
/// <see cref="System.IO.Compression.GZipStream"/> takes its end for the end of the data.
/// </summary>
internal sealed class GzipBytes(byte[] start, Stream rest) : ForwardStream
{
    private readonly byte[] _last = new byte[4];
    private int _given;
    private bool _severalMembers;

    /// <summary>
    /// Whether the last four bytes are the length of the unpacked data modulo 2^32, as RFC 1952 ends a member. Of several members
    /// only the last one's length stands there, which is then below the whole.
    /// </summary>
    public bool EndsWell(long unpacked)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(_last);
        return Given >= 18 && (length == (uint)unpacked || (_severalMembers && length < unpacked));
    }

    public override int Read(Span<byte> buffer)
    {
        int count;
        if (_given < start.Length)
        {
            count = Math.Min(buffer.Length, start.Length - _given);
            start.AsSpan(_given, count).CopyTo(buffer);
            _given += count;
        }
        else
        {
            count = rest.Read(buffer);
        }

        Remember(buffer[..count]);
        return count;
    }

    private void Remember(ReadOnlySpan<byte> bytes)
    {
        // A member's head may lie across two reads: join the ends that meet.
        Span<byte> seam = [_last[2], _last[3], .. bytes.Length > 0 ? bytes[..1] : [], .. bytes.Length > 1 ? bytes[1..2] : []];
        ReadOnlySpan<byte> head = [0x1f, 0x8b, 8];
        _severalMembers |= (Given > 2 && seam.IndexOf(head) >= 0) || (Given > 0 && bytes.IndexOf(head) >= 0);
        Given += bytes.Length;
        if (bytes.Length >= 4)
        {
            bytes[^4..].CopyTo(_last);
            return;
        }

        foreach (var b in bytes)
        {
            _last.AsSpan(1).CopyTo(_last);
            _last[3] = b;
        }
    }
}
