using System.IO.Compression;

namespace Regatta.Runs.Archives;

/// <summary>The entries of a zip file, held to what an archive may have before anything of it is written.</summary>
internal static class ArchiveEntries
{
    private const int KindOfFile = 0xF000, RegularFile = 0x8000, Folder = 0x4000, OwnerRuns = 0x40;

    /// <summary>The files by their names.</summary>
    /// <exception cref="DiagnosticException">A name leaves the archive, stands twice or is a link, or there is more than the limits allow.</exception>
    public static SortedDictionary<string, ZipArchiveEntry> Of(ZipArchive zip, string file, ArchiveLimits limits)
    {
        var files = new SortedDictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        if (zip.Entries.Count > limits.MostFiles)
            throw Fault("archive-too-large", file, string.Create(CultureInfo.InvariantCulture, $"it names {zip.Entries.Count:#,0} files, more than {limits.MostFiles:#,0}"), "unpack it with another program, if you trust it, and name its run directories");
        long declared = 0;
        foreach (var entry in zip.Entries)
        {
            var kind = (entry.ExternalAttributes >> 16) & KindOfFile;
            if (kind is not (0 or RegularFile or Folder))
                throw Fault("archive-link", file, $"'{Shown(entry.FullName)}' in it is a link or a device", "an archive holds files only: do not trust it");
            if (!Stays(entry.FullName.TrimEnd('/'), limits) || entry.FullName.EndsWith("//", StringComparison.Ordinal))
                throw Fault("archive-path", file, $"'{Shown(entry.FullName)}' in it is no name of a file below its directory", "do not trust it");
            if (entry.FullName.EndsWith('/') && entry.Length == 0) continue;
            if (!files.TryAdd(entry.FullName, entry))
                throw Fault("archive-name-twice", file, $"'{Shown(entry.FullName)}' stands in it twice", "nobody knows which of the two is meant: ask for another copy");
            declared += entry.Length;
            if (entry.Length < 0 || declared > limits.MostBytes)
                throw Fault("archive-too-large", file, $"its files are {Sizes.Format(Math.Max(0, declared))} together, more than {Sizes.Format(limits.MostBytes)}", "unpack it with another program, if you trust it, and name its run directories");
        }

        foreach (var name in files.Keys)
        {
            for (var slash = name.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = name.IndexOf('/', slash + 1))
            {
                if (files.ContainsKey(name[..slash]))
                    throw Fault("archive-name-twice", file, $"'{Shown(name[..slash])}' in it is a file and a directory", "nobody knows which of the two is meant: ask for another copy");
            }
        }

        return files;
    }

    /// <summary>The mode of a file once it is unpacked: nobody else writes it, and of its own mode only counts whether it is a program.</summary>
    public static UnixFileMode Mode(ZipArchiveEntry entry) =>
        ((entry.ExternalAttributes >> 16) & OwnerRuns) == 0 ? (UnixFileMode)0b110_100_100 : (UnixFileMode)0b111_101_101;

    /// <summary>A fault of an archive.</summary>
    public static DiagnosticException Fault(string code, string file, string what, string help, Exception? cause = null) =>
        new(Diagnostic.Error(code, $"{Path.GetFileName(file)}: {what}") with { Where = new SourceRange(file), Help = help }, cause);

    /// <summary>A name that anyone may have written, fit to be shown.</summary>
    public static string Shown(string name) => string.Concat(name.Take(120).Select(c => char.IsControl(c) ? '?' : c)) + (name.Length > 120 ? "…" : "");

    private static bool Stays(string name, ArchiveLimits limits) =>
        name.Length > 0 && name.Length <= limits.LongestName && !name.StartsWith('/') && !name.Any(c => c == '\\' || char.IsControl(c)) && name.Split('/').All(part => part.Length > 0 && part != "." && part != "..");
}
