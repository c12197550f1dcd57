using System.Formats.Tar;

namespace Regatta.Images.Payloads;

/// <summary>
/// The files of tar archives laid over each other, as a container runtime lays layers (OCI image layer specification: <c>.wh.</c> entries remove).
/// Nothing is unpacked: a link that leads out of the archive leads nowhere.
/// </summary>
internal sealed class LayeredTree
{
    private const string Whiteout = ".wh.";
    private const string Opaque = ".wh..wh..opq";

    private readonly Dictionary<string, PayloadFile> _files = new(StringComparer.Ordinal);

    /// <summary>The files by absolute path.</summary>
    public IReadOnlyDictionary<string, PayloadFile> Files => _files;

    /// <summary>Lays a tar archive on top.</summary>
    /// <param name="archive">Path of the archive, not compressed.</param>
    /// <param name="name">What a person calls it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">It is no tar archive.</exception>
    public async Task AddAsync(string archive, string name, CancellationToken cancellation)
    {
        var layer = new Dictionary<string, PayloadFile>(StringComparer.Ordinal);
        try
        {
            var stream = File.OpenRead(archive);
            await using (stream)
            {
                var reader = new TarReader(stream);
                await using (reader)
                {
                    while (await reader.GetNextEntryAsync(copyData: false, cancellation) is { } entry)
                        Take(entry, archive, layer);
                }
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new DiagnosticException(Diagnostic.Error("payload-archive", $"'{name}' is not a whole tar archive") with { Detail = exception.Message }, exception);
        }

        var directories = _files.Keys.SelectMany(Parents).ToHashSet(StringComparer.Ordinal);
        foreach (var (path, file) in layer)
        {
            // A file in the place of a directory, or a directory in the place of a file.
            if (directories.Contains(path)) RemoveBelow(path);
            foreach (var parent in Parents(path)) _files.Remove(parent);
            _files[path] = file;
        }
    }

    private void Take(TarEntry entry, string archive, Dictionary<string, PayloadFile> layer)
    {
        if (Normal(entry.Name) is not { } given) return;
        var slash = given.LastIndexOf('/');
        var (parent, last) = (Resolve(given[..slash], layer), given[(slash + 1)..]);
        if (last.StartsWith(Whiteout, StringComparison.Ordinal))
        {
            // Whiteouts are for what lies below this layer, wherever they stand in it.
            if (last != Opaque)
            {
                _files.Remove($"{parent}/{last[Whiteout.Length..]}");
                parent = $"{parent}/{last[Whiteout.Length..]}";
            }

            RemoveBelow(parent);
            return;
        }

        var path = $"{parent}/{last}";
        switch (entry.EntryType)
        {
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                layer[path] = new PayloadFile(path, DirectoryReader.IsExecutable(entry.Mode), null, archive, entry.Length == 0 ? 0 : entry.DataOffset, entry.Length);
                break;
            case TarEntryType.SymbolicLink:
                layer[path] = new PayloadFile(path, false, entry.LinkName, archive, 0, 0);
                break;
            case TarEntryType.HardLink when Normal(entry.LinkName) is { } target && At(target, layer) is { } same:
                layer[path] = same with { Path = path };
                break;
            default:
                break;
        }
    }

    private PayloadFile? At(string path, Dictionary<string, PayloadFile> layer) => layer.GetValueOrDefault(path) ?? _files.GetValueOrDefault(path);

    /// <summary>A directory with the symbolic links on its way followed, as an archive that unpacks over another means it.</summary>
    private string Resolve(string directory, Dictionary<string, PayloadFile> layer)
    {
        var links = 0;
        var pending = new Stack<string>(directory.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var resolved = "";
        while (pending.TryPop(out var part))
        {
            if (part == ".") continue;
            if (part == "..")
            {
                resolved = resolved.Length == 0 ? "" : resolved[..resolved.LastIndexOf('/')];
                continue;
            }

            var next = $"{resolved}/{part}";
            if (At(next, layer)?.Target is not { } target || ++links > 40)
            {
                resolved = next;
                continue;
            }

            if (target.StartsWith('/')) resolved = "";
            foreach (var piece in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse()) pending.Push(piece);
        }

        return resolved;
    }

    private void RemoveBelow(string directory)
    {
        foreach (var inner in _files.Keys.Where(k => k.StartsWith(directory + "/", StringComparison.Ordinal)).ToList()) _files.Remove(inner);
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1)) yield return path[..slash];
    }

    /// <summary>The absolute path of an entry; null for the root and for what leads out of it.</summary>
    private static string? Normal(string name)
    {
        var parts = name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").ToList();
        return parts.Count == 0 || parts.Contains("..") ? null : "/" + string.Join('/', parts);
    }
}
