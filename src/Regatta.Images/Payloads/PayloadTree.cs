namespace Regatta.Images.Payloads;

/// <summary>A file or symbolic link of a payload.</summary>
/// <param name="Path">Absolute path that it is meant for.</param>
/// <param name="Executable">Anybody may execute it.</param>
/// <param name="Target">Where a symbolic link points; null for a file.</param>
/// <param name="Container">The file that holds its bytes.</param>
/// <param name="Offset">Where they begin there.</param>
/// <param name="Length">How many there are.</param>
public sealed record PayloadFile(string Path, bool Executable, string? Target, string Container, long Offset, long Length)
{
    /// <summary>Its bytes.</summary>
    public Stream Open()
    {
        var stream = new FileStream(Container, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        stream.Seek(Offset, SeekOrigin.Begin);
        return stream;
    }
}

/// <summary>The files that a source has, by the absolute paths that they are meant for.</summary>
/// <param name="Kind">What the source is.</param>
/// <param name="Source">Its address, with a path made absolute.</param>
/// <param name="Files">Files by path; every directory on a path is a real one, no symbolic link.</param>
/// <param name="Prefix">The prefix where the source itself says it (a directory); null when it has to be found.</param>
public sealed record PayloadTree(PayloadKind Kind, string Source, IReadOnlyDictionary<string, PayloadFile> Files, string? Prefix);
