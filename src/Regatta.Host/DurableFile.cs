using System.Text;

namespace Regatta.Host;

/// <summary>Files that are there whole or not at all, after a crash too.</summary>
public static class DurableFile
{
    /// <summary>Read and written by the owner only.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Read by everybody.</summary>
    public const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes a file: to a temporary name, flushed, renamed, its directory flushed.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = Public)
    {
        var full = Path.GetFullPath(path);
        var directory = Path.GetDirectoryName(full)!;
        var temporary = Path.Combine(directory, $".{Path.GetFileName(full)}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0, UnixCreateMode = mode }))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            // The mode at creation is narrowed by the process's mask.
            File.SetUnixFileMode(temporary, mode);
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        Posix.SyncDirectory(directory);
    }

    /// <summary>Brings to the disk all that was written to the file system of a directory: one wait for many files.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public static void SyncAll(string directory) => Posix.SyncFileSystem(directory);

    /// <summary>Writes a text file as UTF-8.</summary>
    public static void Write(string path, string content, UnixFileMode mode = Public) => Write(path, Encoding.UTF8.GetBytes(content), mode);
}
