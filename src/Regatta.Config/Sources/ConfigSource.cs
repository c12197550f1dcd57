namespace Regatta.Config;

/// <summary>A place that configurations are read from. The first source of a search path that has a name wins; files of the same name are never merged.</summary>
public abstract class ConfigSource
{
    /// <summary>Names the source.</summary>
    /// <param name="provider">Who put it on the search path: <c>main</c>, <c>command line</c>, ...</param>
    /// <param name="location">Where it is, for messages.</param>
    protected ConfigSource(string provider, string location)
    {
        Provider = provider;
        Location = location;
    }

    /// <summary>Who put it on the search path.</summary>
    public string Provider { get; }

    /// <summary>Where it is, for messages.</summary>
    public string Location { get; }

    /// <summary>Whether it can be read at all.</summary>
    public abstract bool IsAvailable { get; }

    /// <summary>Whether there is a group (a directory) of this name.</summary>
    public abstract bool HasGroup(string path);

    /// <summary>Whether there is a configuration (a <c>.yaml</c> file) of this name.</summary>
    public abstract bool HasConfig(string path);

    /// <summary>The names of the options of a group, without <c>.yaml</c>.</summary>
    public abstract IEnumerable<string> Options(string group);

    /// <summary>The names of the groups right below a group.</summary>
    public abstract IEnumerable<string> Groups(string group);

    /// <summary>The text of a configuration and the name to show for it; null for what is made of no text.</summary>
    protected internal abstract (string Text, string Name)? Read(string path);

    internal virtual LoadedConfig Load(string path)
    {
        var (text, name) = Read(path) ?? throw new InvalidOperationException($"'{path}' was said to exist in {Location}");
        return LoadedConfig.FromText(path, text, name);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Provider}: {Location}";

    /// <summary>A configuration's file name.</summary>
    protected static string FileName(string path) => path.EndsWith(".yaml", StringComparison.Ordinal) ? path : path + ".yaml";
}

/// <summary>A directory of YAML files.</summary>
public sealed class DirectorySource : ConfigSource
{
    private readonly string _root;
    private readonly string _shown;

    /// <summary>Reads from a directory.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="provider">Who put it on the search path.</param>
    public DirectorySource(string path, string provider = "main")
        : base(provider, "file://" + path)
    {
        _root = System.IO.Path.GetFullPath(path);
        _shown = path;
    }

    /// <inheritdoc/>
    public override bool IsAvailable => Directory.Exists(_root);

    /// <inheritdoc/>
    public override bool HasGroup(string path) => Directory.Exists(System.IO.Path.Join(_root, path));

    /// <inheritdoc/>
    public override bool HasConfig(string path) => File.Exists(System.IO.Path.Join(_root, FileName(path)));

    /// <inheritdoc/>
    public override IEnumerable<string> Options(string group) =>
        Entries(group, files: true).Where(f => f.EndsWith(".yaml", StringComparison.Ordinal)).Select(f => f[..^5]);

    /// <inheritdoc/>
    public override IEnumerable<string> Groups(string group) => Entries(group, files: false);

    /// <inheritdoc/>
    protected internal override (string Text, string Name)? Read(string path)
    {
        var name = System.IO.Path.Join(_shown, FileName(path));
        var file = new FileInfo(System.IO.Path.Join(_root, FileName(path)));
        try
        {
            if (file.Length > 4L * YamlReader.LengthLimit)
                throw ConfigFault.Error("yaml-too-large", $"'{name}' has {file.Length} bytes, too many for a configuration", new Origin(new OriginSource(OriginKind.File, name)));
            return (File.ReadAllText(file.FullName), name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ConfigFault.Error("unreadable", $"'{name}' cannot be read: {e.Message}", new Origin(new OriginSource(OriginKind.File, name)), "check the permissions of the file", cause: e);
        }
    }

    private List<string> Entries(string group, bool files)
    {
        var directory = new DirectoryInfo(System.IO.Path.Join(_root, group));
        if (!directory.Exists) return [];
        try
        {
            return (files ? directory.EnumerateFiles() : (IEnumerable<FileSystemInfo>)directory.EnumerateDirectories())
                .Select(e => e.Name).Where(n => !n.StartsWith('.')).Order(StringComparer.Ordinal).ToList();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ConfigFault.Error("unreadable", $"'{directory.FullName}' cannot be listed: {e.Message}", help: "check the permissions of the directory", cause: e);
        }
    }
}

/// <summary>YAML texts that are held in memory.</summary>
public sealed class MemorySource : ConfigSource
{
    private readonly Dictionary<string, string> _files;
    private readonly HashSet<string> _groups = new(StringComparer.Ordinal) { "" };
    private readonly string _root;

    /// <summary>Reads from texts.</summary>
    /// <param name="files">Path to text; a path is relative to <paramref name="root"/>'s parent and may begin with <c>../</c>.</param>
    /// <param name="provider">Who put it on the search path.</param>
    /// <param name="root">The directory that paths of configurations are relative to; empty when the paths of the texts are.</param>
    /// <param name="location">Where it is, for messages.</param>
    public MemorySource(IReadOnlyDictionary<string, string> files, string provider = "main", string root = "", string? location = null)
        : base(provider, location ?? "memory://" + root)
    {
        _root = Normalize(root);
        _files = files.ToDictionary(f => Normalize(f.Key), f => f.Value, StringComparer.Ordinal);
        foreach (var file in _files.Keys)
        {
            for (var slash = file.LastIndexOf('/'); slash > 0; slash = file.LastIndexOf('/', slash - 1)) _groups.Add(file[..slash]);
        }
    }

    /// <inheritdoc/>
    public override bool IsAvailable => HasGroup("");

    /// <inheritdoc/>
    public override bool HasGroup(string path) => _groups.Contains(Absolute(path));

    /// <inheritdoc/>
    public override bool HasConfig(string path) => _files.ContainsKey(Absolute(FileName(path)));

    /// <inheritdoc/>
    public override IEnumerable<string> Options(string group) =>
        Below(_files.Keys, group).Where(f => f.EndsWith(".yaml", StringComparison.Ordinal)).Select(f => f[..^5]);

    /// <inheritdoc/>
    public override IEnumerable<string> Groups(string group) => Below(_groups, group);

    /// <inheritdoc/>
    protected internal override (string Text, string Name)? Read(string path)
    {
        var file = Absolute(FileName(path));
        return _files.TryGetValue(file, out var text) ? (text, file) : null;
    }

    private List<string> Below(IEnumerable<string> paths, string group)
    {
        var prefix = Absolute(group);
        if (prefix.Length > 0) prefix += "/";
        return paths.Where(p => p.Length > prefix.Length && p.StartsWith(prefix, StringComparison.Ordinal) && p.IndexOf('/', prefix.Length) < 0)
            .Select(p => p[prefix.Length..]).Order(StringComparer.Ordinal).ToList();
    }

    private string Absolute(string path) => _root.Length == 0 && !path.Contains("//", StringComparison.Ordinal) && !path.Contains("..", StringComparison.Ordinal)
        ? path.TrimEnd('/') : Normalize($"{_root}/{path}");

    private static string Normalize(string path)
    {
        var segments = new List<string>();
        foreach (var segment in path.Split('/'))
        {
            if (segment is "" or ".") continue;
            if (segment == ".." && segments.Count > 0 && segments[^1] != "..") segments.RemoveAt(segments.Count - 1);
            else segments.Add(segment);
        }

        return string.Join('/', segments);
    }
}
