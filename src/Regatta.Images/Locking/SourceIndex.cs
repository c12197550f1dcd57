using Regatta.Images.Packages;

namespace Regatta.Images.Locking;

/// <summary>Debian's <c>Sources</c> indices: the files of source packages, with the hashes that a repository's signature vouches for.</summary>
public sealed class SourceIndex
{
    // By the name of the description (.dsc), which names package and version.
    private readonly Dictionary<string, IReadOnlyList<LockedPackage>> _packages = new(StringComparer.Ordinal);

    /// <summary>Adds an index. A package that an earlier index holds as well stays where that one has it.</summary>
    /// <param name="repo">Repository that it describes.</param>
    /// <param name="text">Its text: stanzas of fields, as in deb-src-control(5) with the fields of dsc(5).</param>
    public void Add(string repo, TextReader text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fields = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        List<string>? field = null;
        while (text.ReadLine() is { } line)
        {
            if (line.Length == 0)
            {
                Take(repo, fields);
                fields.Clear();
            }
            else if (char.IsWhiteSpace(line[0]))
            {
                field?.Add(line.Trim());
            }
            else if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                fields[line[..colon]] = field = [line[(colon + 1)..].Trim()];
            }
        }

        Take(repo, fields);
    }

    /// <summary>The files of a source package beside its description, whose name tells which it is; null when no index holds it.</summary>
    public IReadOnlyList<LockedPackage>? Find(string description) => _packages.GetValueOrDefault(description);

    private void Take(string repo, Dictionary<string, List<string>> fields)
    {
        if (!fields.TryGetValue("Checksums-Sha256", out var sums) || !fields.TryGetValue("Directory", out var directory)) return;
        var files = new List<LockedPackage>();
        var description = "";
        foreach (var row in sums.Where(s => s.Length > 0))
        {
            if (row.Split(' ') is not [var sha256, var size, var file]) continue;
            // Signatures of upstream's archive are no part of what is built.
            if (file.EndsWith(".dsc", StringComparison.Ordinal)) description = file;
            else if (!file.EndsWith(".asc", StringComparison.Ordinal))
                files.Add(new LockedPackage(fields["Package"][0], fields["Version"][0], LockedPackage.Source, repo, $"{directory[0]}/{file}", long.Parse(size, CultureInfo.InvariantCulture), sha256, Essential: false));
        }

        if (description.Length > 0) _packages.TryAdd(description, files);
    }
}
