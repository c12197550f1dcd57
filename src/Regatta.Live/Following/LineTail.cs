namespace Regatta.Live.Following;

/// <summary>The whole lines of a file that another program appends to, each once. A file that is not there yet has none; one that became shorter is another file and begins anew.</summary>
/// <param name="path">The file.</param>
internal sealed class LineTail(string path)
{
    // More at once would keep others waiting; the next look goes on there.
    private const int Most = 1 << 20;

    private long _read;
    private byte[] _buffer = new byte[64 * 1024];
    private int _held;

    /// <summary>Bytes that were taken so far.</summary>
    public long Offset => _read - _held;

    /// <summary>Takes the lines that have come since the last look, without their ends.</summary>
    /// <param name="take">Is given each.</param>
    /// <returns>True when there may be more already.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool Look(Action<ReadOnlySpan<byte>> take)
    {
        // To ask how long it is costs a tenth of opening it.
        var there = new FileInfo(path);
        if (!there.Exists) (_read, _held) = (0, 0);
        if (!there.Exists || there.Length == _read) return false;
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            (_read, _held) = (0, 0);
            return false;
        }

        using (file)
        {
            if (file.Length < _read) (_read, _held) = (0, 0);
            file.Position = _read;
            for (var taken = 0; taken < Most;)
            {
                if (_held == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
                var count = file.Read(_buffer.AsSpan(_held));
                if (count == 0) return false;
                _read += count;
                _held += count;
                taken += count;
                GiveOut(take);
            }

            return true;
        }
    }

    private void GiveOut(Action<ReadOnlySpan<byte>> take)
    {
        var rest = _buffer.AsSpan(0, _held);
        while (rest.IndexOf((byte)'\n') is >= 0 and var end)
        {
            if (end > 0) take(rest[..end]);
            rest = rest[(end + 1)..];
        }

        rest.CopyTo(_buffer);
        _held = rest.Length;
    }
}
