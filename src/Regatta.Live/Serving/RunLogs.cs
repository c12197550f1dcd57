using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Regatta.Live.Serving;

/// <summary>The logs of a run: those of its trials, those of the trial under way, and what a program in the background says.</summary>
/// <param name="run">The run directory.</param>
internal sealed class RunLogs(string run)
{
    private const int Most = 500;
    private const int Shown = 64 * 1024;

    private static readonly string[] Own = ["detached.log"];

    /// <summary>The logs, the newest first, as a JSON array.</summary>
    public byte[] List() => JsonSerializer.SerializeToUtf8Bytes(
        Files().OrderByDescending(f => f.LastWriteTimeUtc).Take(Most).Select(f => new LogFile(Path.GetRelativePath(run, f.FullName), f.Length, new DateTimeOffset(f.LastWriteTimeUtc).ToUnixTimeMilliseconds())).ToArray(),
        LogJson.Default.LogFileArray);

    /// <summary>The end of a log; null where there is no such log.</summary>
    /// <param name="name">As it stands in the list.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public byte[]? End(string name)
    {
        // Only what the list has: no name leads out of the run.
        if (Files().FirstOrDefault(f => Path.GetRelativePath(run, f.FullName) == name) is not { } file) return null;
        using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Extension != ".gz") stream.Seek(Math.Max(0, stream.Length - Shown), SeekOrigin.Begin);
        using Stream read = file.Extension == ".gz" ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        var end = new byte[Shown];
        var (held, count) = (0, 0);
        while ((count = read.Read(end, held, end.Length - held)) > 0)
        {
            held += count;
            if (held < end.Length) continue;
            end.AsSpan(Shown / 2).CopyTo(end);
            held -= Shown / 2;
        }

        return end[..held];
    }

    private IEnumerable<FileInfo> Files()
    {
        var trials = new DirectoryInfo(Path.Combine(run, "trials"));
        IEnumerable<FileInfo> found = Own.Select(name => new FileInfo(Path.Combine(run, name))).Where(f => f.Exists);
        if (!trials.Exists) return found;
        var all = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        return found.Concat(trials.EnumerateDirectories().SelectMany(p => p.EnumerateDirectories()).Select(t => new DirectoryInfo(Path.Combine(t.FullName, "logs"))).Where(l => l.Exists).SelectMany(l => l.EnumerateFiles("*", all)));
    }
}

/// <summary>A log.</summary>
/// <param name="Name">Its path below the run directory.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Changed">When it was last written, UTC milliseconds since 1970-01-01.</param>
internal sealed record LogFile(string Name, long Length, long Changed);

/// <summary>JSON of the list of logs.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LogFile[]))]
internal sealed partial class LogJson : JsonSerializerContext;
