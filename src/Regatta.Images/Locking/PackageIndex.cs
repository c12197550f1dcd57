using Regatta.Images.Packages;

namespace Regatta.Images.Locking;

/// <summary>Debian's <c>Packages</c> indices: what a repository holds, with the hashes that its signature vouches for.</summary>
public sealed class PackageIndex
{
    private readonly Dictionary<(string Name, string Version, string Architecture), LockedPackage> _packages = [];
    private readonly HashSet<string> _required = new(StringComparer.Ordinal);

    /// <summary>Names of the packages that every Debian system has: essential, or of priority <c>required</c>.</summary>
    public IEnumerable<string> Required => _required.Order(StringComparer.Ordinal);

    /// <summary>Adds an index. A package that an earlier index holds as well stays where that one has it.</summary>
    /// <param name="repo">Repository that it describes.</param>
    /// <param name="text">Its text: stanzas of fields, as in deb-control(5).</param>
    public void Add(string repo, TextReader text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        while (text.ReadLine() is { } line)
        {
            if (line.Length == 0)
            {
                Take(repo, fields);
                fields.Clear();
            }
            else if (!char.IsWhiteSpace(line[0]) && line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                fields[line[..colon]] = line[(colon + 1)..].Trim();
            }
        }

        Take(repo, fields);
    }

    /// <summary>The package of a name, version and architecture; null when no index holds it.</summary>
    public LockedPackage? Find(string name, string version, string architecture) => _packages.GetValueOrDefault((name, version, architecture));

    private void Take(string repo, Dictionary<string, string> fields)
    {
        if (!fields.TryGetValue("Filename", out var path) || !fields.TryGetValue("SHA256", out var sha256)) return;
        var (name, version, architecture) = (fields["Package"], fields["Version"], fields["Architecture"]);
        var package = new LockedPackage(name, version, architecture, repo, path, long.Parse(fields["Size"], CultureInfo.InvariantCulture), sha256, Essential: false);
        _packages.TryAdd((name, version, architecture), package);
        if (fields.GetValueOrDefault("Essential") == "yes" || fields.GetValueOrDefault("Priority") == "required") _required.Add(name);
    }
}
