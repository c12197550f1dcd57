using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Regatta.Runs.Archives;

/// <summary>A file of an archive that is to be written.</summary>
/// <param name="Open">Opens its content; the same bytes every time.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Sha256">Its sha256, hexadecimal.</param>
public sealed record ArchiveSource(Func<Stream> Open, long Size, string Sha256)
{
    /// <summary>Whether it is compressed already, so that to compress it again gives nothing.</summary>
    public bool IsCompressed { get; init; }

    /// <summary>Whether it is a program.</summary>
    public bool IsExecutable { get; init; }

    /// <summary>A file on the disk.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ArchiveSource Of(string file)
    {
        using var stream = File.OpenRead(file);
        return new ArchiveSource(() => File.OpenRead(file), stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    /// <summary>Bytes in memory.</summary>
    public static ArchiveSource Of(byte[] content) => new(() => new MemoryStream(content), content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));

    /// <summary>A text, as UTF-8.</summary>
    public static ArchiveSource Of(string text, Encoding encoding) => Of(encoding.GetBytes(text));
}

/// <summary>Writes archives: the same files give the same bytes, whenever and wherever they are written by this program.</summary>
public static class ArchiveWriter
{
    // What a zip file can say of a time at the earliest; who wants the times reads the records.
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const int RegularFile = unchecked((int)0x81A40000), Program = unchecked((int)0x81ED0000);

    /// <summary>The bytes of <c>regatta-archive.json</c>.</summary>
    public static byte[] Bytes(ArchiveContent content) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(content, RunJson.Default.ArchiveContent) + "\n");

    /// <summary>Writes an archive through a temporary name.</summary>
    /// <param name="output">The file.</param>
    /// <param name="files">What it holds, by name; the list of hashes is added.</param>
    /// <param name="cancellation">Stops it; nothing is left.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="DiagnosticException">It cannot be written, or a file changed while it was read.</exception>
    public static ArchiveReference Write(string output, IReadOnlyDictionary<string, ArchiveSource> files, CancellationToken cancellation)
    {
        var all = new SortedDictionary<string, ArchiveSource>(files.ToDictionary(), StringComparer.Ordinal);
        all[ArchiveContent.Manifest] = ArchiveSource.Of(string.Concat(all.Select(f => $"{f.Value.Sha256}  {f.Key}\n")), Encoding.UTF8);
        var draft = output + ".new";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
            string sha256;
            using (var stream = new FileStream(draft, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
            {
                using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true) { Comment = ArchiveSeal.Placeholder })
                {
                    foreach (var (name, source) in all) Add(zip, name, source, cancellation);
                }

                ArchiveSeal.Write(stream);
                stream.Flush(flushToDisk: true);
                sha256 = ArchiveSeal.Check(stream, cancellation).Sha256;
            }

            File.Move(draft, output, overwrite: true);
            return new ArchiveReference(Path.GetFileName(output), sha256);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(
                Diagnostic.Error("archive-write", $"the archive '{output}' cannot be written") with { Detail = exception.Message, Help = "name another place with --output FILE" }, exception);
        }
        finally
        {
            if (File.Exists(draft)) File.Delete(draft);
        }
    }

    private static void Add(ZipArchive zip, string name, ArchiveSource source, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var entry = zip.CreateEntry(name, source.IsCompressed ? CompressionLevel.NoCompression : CompressionLevel.Optimal);
        entry.LastWriteTime = NoTime;
        entry.ExternalAttributes = source.IsExecutable ? Program : RegularFile;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var from = source.Open())
        using (var to = entry.Open())
        {
            var buffer = new byte[1 << 20];
            int read;
            while ((read = from.Read(buffer)) > 0)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
                to.Write(buffer, 0, read);
            }
        }

        if (Convert.ToHexStringLower(hash.GetHashAndReset()) == source.Sha256) return;
        throw new DiagnosticException(Diagnostic.Error("archive-source-changed", $"'{name}' changed while it was archived") with { Help = "wait until the run has ended, then archive it again" });
    }
}
