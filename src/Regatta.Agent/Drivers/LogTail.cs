using System.Text;

namespace Regatta.Agent.Drivers;

/// <summary>Follows a log file from where it stood, over rotation and truncation; only whole lines are given out.</summary>
internal sealed class LogTail(string path) : IDisposable
{
    private const int NameEvery = 50;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly List<byte> _partial = [];
    private FileStream? _file;
    private string? _name;
    private bool _fromEnd;
    private int _quiet;

    /// <summary>Notes where the log stands: what was written before is not read. A log that is not there yet is read from its beginning.</summary>
    public void SkipToEnd()
    {
        _fromEnd = true;
        Open();
        _fromEnd = false;
    }

    /// <summary>The whole lines that were written since the last call.</summary>
    public IReadOnlyList<string> Read()
    {
        var lines = new List<string>();
        if (_file is null && !Open()) return lines;
        while (true)
        {
            Drain(lines);
            if (_file!.Length < _file.Position)
            {
                // Truncated: what is there now is new.
                _file.Position = 0;
                _partial.Clear();
                continue;
            }

            // The name is not asked for at every look.
            if (++_quiet % NameEvery != 0) return lines;

            // Renamed or removed by a log rotation: the rest of the old file was read just now, the new one begins at its beginning.
            if (Name(_file) == _name || !File.Exists(path)) return lines;
            Drain(lines);
            _file.Dispose();
            _file = null;
            _partial.Clear();
            if (!Open()) return lines;
        }
    }

    public void Dispose() => _file?.Dispose();

    private void Drain(List<string> lines)
    {
        int count;
        while ((count = _file!.Read(_buffer)) > 0)
        {
            var rest = _buffer.AsSpan(0, count);
            int end;
            while ((end = rest.IndexOf((byte)'\n')) >= 0)
            {
                if (_partial.Count == 0)
                {
                    lines.Add(Encoding.UTF8.GetString(rest[..end]));
                }
                else
                {
                    _partial.AddRange(rest[..end]);
                    lines.Add(Encoding.UTF8.GetString([.. _partial]));
                    _partial.Clear();
                }

                rest = rest[(end + 1)..];
            }

            _partial.AddRange(rest);
        }
    }

    private bool Open()
    {
        try
        {
            _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (FileNotFoundException)
        {
            return false;
        }

        _name = Name(_file);
        if (_fromEnd) _file.Position = _file.Length;
        return true;
    }

    // The kernel's name of the open file changes when it is renamed or removed.
    private static string? Name(FileStream file) =>
        new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}")).LinkTarget;
}
