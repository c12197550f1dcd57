using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Regatta.Runs.Archives;

/// <summary>An archive that was unpacked, and what is wrong with its bytes.</summary>
/// <param name="Reference">The file.</param>
/// <param name="Content">What it says that it holds.</param>
/// <param name="Directory">Where it was unpacked.</param>
/// <param name="Files">How many files it holds, the list of hashes left out.</param>
/// <param name="Faults">An error for each file that is not the one that was archived; empty when every byte is.</param>
public sealed record UnpackedArchive(ArchiveReference Reference, ArchiveContent Content, string Directory, int Files, ImmutableArray<Diagnostic> Faults)
{
    private const int Piece = 1 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The directories of its runs.</summary>
    public IEnumerable<string> Runs => Content.Runs.Select(r => Path.Combine(Directory, "runs", r.Id));

    /// <summary>True when a file is a zip file by its first bytes, so that it is read as an archive.</summary>
    public static bool IsArchive(string path)
    {
        if (!File.Exists(path)) return false;
        if (path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase)) return true;
        using var stream = File.OpenRead(path);
        Span<byte> begin = stackalloc byte[4];
        return stream.ReadAtLeast(begin, 4, throwOnEndOfStream: false) == 4 && begin.SequenceEqual("PK\u0003\u0004"u8);
    }

    /// <summary>Unpacks an archive.</summary>
    /// <param name="file">The file.</param>
    /// <param name="directory">An empty directory that it is unpacked into.</param>
    /// <param name="limits">What it may take; null for the usual limits.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DiagnosticException">It is no archive of this program, of a newer version, broken, or not to be unpacked.</exception>
    public static UnpackedArchive Of(string file, string directory, ArchiveLimits? limits, CancellationToken cancellation)
    {
        limits ??= ArchiveLimits.Default;
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            var seal = Task.Run(() => Sealed(file, cancellation), cancellation);
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            var entries = ArchiveEntries.Of(zip, file, limits);
            var content = ReadContent(entries, file, limits);
            var faults = ImmutableArray.CreateBuilder<Diagnostic>();
            var hashes = ReadManifest(entries, file, limits, faults);
            foreach (var (name, entry) in entries)
            {
                cancellation.ThrowIfCancellationRequested();
                Unpack(name, entry, directory, file, hashes, faults, cancellation);
            }

            var (sha256, whole) = seal.GetAwaiter().GetResult();
            faults.AddRange(hashes.Keys.Where(name => !entries.ContainsKey(name)).Select(name => Changed(file, name, "it is not there", "archive-file-missing")));
            if (!whole && faults.Count == 0)
            {
                faults.Add(Diagnostic.Error("archive-seal", $"{Path.GetFileName(file)} was changed, though not in what its files hold") with
                {
                    Where = new SourceRange(file),
                    Detail = "the hash at its end is of other bytes: a time, an attribute or the like was changed, or it was packed again",
                    Help = "ask for another copy",
                });
            }

            return new UnpackedArchive(new ArchiveReference(Path.GetFileName(file), sha256), content, directory, entries.Count - 1, faults.ToImmutable());
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException)
        {
            throw ArchiveEntries.Fault("archive-broken", file, $"it is no whole zip file: {exception.Message}", "ask for another copy; a download that broke off looks so", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw ArchiveEntries.Fault("archive-unpack", file, $"it cannot be read or unpacked: {exception.Message}", "it is unpacked below TMPDIR: make room there, or name another directory by that variable", exception);
        }
    }

    // While the files are unpacked: the two read the file twice, and share its pages.
    private static (string Sha256, bool Whole) Sealed(string file, CancellationToken cancellation)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return ArchiveSeal.Check(stream, cancellation);
    }

    private static ArchiveContent ReadContent(SortedDictionary<string, ZipArchiveEntry> entries, string file, ArchiveLimits limits)
    {
        if (!entries.TryGetValue(ArchiveContent.FileName, out var entry))
        {
            throw ArchiveEntries.Fault(
                "archive-foreign", file, entries.ContainsKey("ro-crate-metadata.json") ? $"it is a crate of another program: it has no {ArchiveContent.FileName}" : $"it is no archive of Regatta: it has no {ArchiveContent.FileName}", "name a file that 'regatta archive' wrote");
        }

        var text = Text(entry, file, limits);
        try
        {
            if (JsonSerializer.Deserialize(text, RunJson.Default.FileVersion)?.Version is > 0 and var version && version > ArchiveContent.CurrentVersion)
                throw ArchiveEntries.Fault("archive-version", file, $"it has version {version}; this program reads 1 to {ArchiveContent.CurrentVersion}", "read it with the version of regatta that wrote it, or a newer one");
            var content = JsonSerializer.Deserialize(text, RunJson.Default.ArchiveContent) ?? throw new JsonException("it holds null");
            if (content.Runs.IsDefaultOrEmpty || content.Workloads.IsDefault || content.Locks.IsDefault) throw new JsonException("it names no runs, no workloads or no locks");
            if (content.Runs.FirstOrDefault(r => !PathName.Fits(r.Id)) is { } odd) throw new JsonException($"'{ArchiveEntries.Shown(odd.Id)}' is no id of a run");
            if (content.Workloads.Select(w => w.File).Concat(content.Locks.Select(l => l.File)).FirstOrDefault(f => !entries.ContainsKey(f)) is { } missing)
                throw new JsonException($"it names '{ArchiveEntries.Shown(missing)}', which the archive does not hold");
            return content;
        }
        catch (JsonException exception)
        {
            throw ArchiveEntries.Fault("archive-content", file, $"{ArchiveContent.FileName} in it cannot be read: {exception.Message}", "ask for another copy", exception);
        }
    }

    private static Dictionary<string, string> ReadManifest(SortedDictionary<string, ZipArchiveEntry> entries, string file, ArchiveLimits limits, ImmutableArray<Diagnostic>.Builder faults)
    {
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!entries.TryGetValue(ArchiveContent.Manifest, out var entry))
        {
            faults.Add(Changed(file, ArchiveContent.Manifest, "it is not there", "archive-file-missing"));
            return hashes;
        }

        foreach (var line in Text(entry, file, limits).Split('\n').Where(l => l.Length > 0))
        {
            if (line.Length > 66 && line[64..66] == "  " && hashes.TryAdd(line[66..], line[..64])) continue;
            faults.Add(Changed(file, ArchiveContent.Manifest, $"a line of it is no hash and name: '{ArchiveEntries.Shown(line)}'", "archive-file-changed"));
        }

        return hashes;
    }

    private static void Unpack(string name, ZipArchiveEntry entry, string directory, string file, Dictionary<string, string> hashes, ImmutableArray<Diagnostic>.Builder faults, CancellationToken cancellation)
    {
        var place = Path.Combine(directory, name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        string? hash = null;
        try
        {
            using var to = new FileStream(place, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, UnixCreateMode = ArchiveEntries.Mode(entry) });
            hash = Copy(entry, to, file, cancellation);
        }
        catch (InvalidDataException exception)
        {
            faults.Add(Changed(file, name, exception.Message, "archive-file-changed"));
            return;
        }

        if (name == ArchiveContent.Manifest) return;
        if (!hashes.TryGetValue(name, out var recorded)) faults.Add(Changed(file, name, "the list of hashes does not name it", "archive-file-added"));
        else if (recorded != hash) faults.Add(Changed(file, name, $"its sha256 is {hash}, and should be {ArchiveEntries.Shown(recorded)}", "archive-file-changed"));
    }

    // Stops at the size that the archive declares, whatever the compressed data give. What a piece holds is hashed and written while the next one is unpacked.
    private static string Copy(ZipArchiveEntry entry, FileStream to, string file, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var from = entry.Open();
        var (piece, next) = (new byte[(int)Math.Clamp(entry.Length + 1, 1, Piece)], Array.Empty<byte>());
        var written = Task.CompletedTask;
        long sum = 0;
        try
        {
            int read;
            while ((read = from.ReadAtLeast(piece, piece.Length, throwOnEndOfStream: false)) > 0)
            {
                cancellation.ThrowIfCancellationRequested();
                if ((sum += read) > entry.Length)
                    throw ArchiveEntries.Fault("archive-bomb", file, $"'{ArchiveEntries.Shown(entry.FullName)}' in it holds more than the {entry.Length} bytes that it declares", "do not trust it");
                written.GetAwaiter().GetResult();
                var (bytes, length) = (piece, read);
                written = length < Piece ? Take() : Task.Run(Take, CancellationToken.None);
                (piece, next) = (next.Length < piece.Length ? new byte[piece.Length] : next, piece);

                Task Take()
                {
                    hash.AppendData(bytes, 0, length);
                    to.Write(bytes, 0, length);
                    return Task.CompletedTask;
                }
            }
        }
        finally
        {
            written.GetAwaiter().GetResult();
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Text(ZipArchiveEntry entry, string file, ArchiveLimits limits)
    {
        if (entry.Length > limits.MostOfIndex)
            throw ArchiveEntries.Fault("archive-too-large", file, $"'{entry.FullName}' in it is {Sizes.Format(entry.Length)}, more than {Sizes.Format(limits.MostOfIndex)}", "do not trust it");
        using var memory = new MemoryStream();
        using var from = entry.Open();
        var buffer = new byte[1 << 16];
        int read;
        while ((read = from.Read(buffer)) > 0)
        {
            if (memory.Length + read > entry.Length)
                throw ArchiveEntries.Fault("archive-bomb", file, $"'{entry.FullName}' in it holds more than the {entry.Length} bytes that it declares", "do not trust it");
            memory.Write(buffer, 0, read);
        }

        try
        {
            return Strict.GetString(memory.GetBuffer(), 0, (int)memory.Length);
        }
        catch (DecoderFallbackException exception)
        {
            throw ArchiveEntries.Fault("archive-content", file, $"{entry.FullName} in it holds bytes that are no UTF-8", "ask for another copy", exception);
        }
    }

    private static Diagnostic Changed(string file, string name, string why, string code) => Diagnostic.Error(code, $"{Path.GetFileName(file)}: {ArchiveEntries.Shown(name)} is not the file that was archived") with
    {
        Where = new SourceRange(file),
        Detail = why,
        Help = "ask for another copy",
    };
}
