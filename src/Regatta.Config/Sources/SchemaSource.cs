namespace Regatta.Config;

/// <summary>Declarations that defaults lists can name like files; the last source of every search path.</summary>
public sealed class SchemaSource : ConfigSource
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _groups = new(StringComparer.Ordinal) { "" };

    /// <summary>An empty source.</summary>
    public SchemaSource()
        : base("schema", "structured://")
    {
    }

    /// <inheritdoc/>
    public override bool IsAvailable => true;

    /// <summary>Whether it declares nothing.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Registers a declaration under a path such as <c>scheduler/base</c>.</summary>
    /// <param name="path">Group and name.</param>
    /// <param name="schema">The declaration.</param>
    /// <param name="defaults">Its defaults list: texts, <see cref="PlainMap"/> items; null for none.</param>
    /// <param name="package">Its package; null for that of its group.</param>
    public SchemaSource Add(string path, StructSchema schema, IReadOnlyList<object?>? defaults = null, string? package = null)
    {
        _entries[path] = new Entry(schema, defaults, package);
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1)) _groups.Add(path[..slash]);
        return this;
    }

    /// <inheritdoc/>
    public override bool HasGroup(string path) => _groups.Contains(path.TrimEnd('/'));

    /// <inheritdoc/>
    public override bool HasConfig(string path) => _entries.ContainsKey(Plain(path));

    /// <inheritdoc/>
    public override IEnumerable<string> Options(string group) => Below(_entries.Keys, group);

    /// <inheritdoc/>
    public override IEnumerable<string> Groups(string group) => Below(_groups, group);

    /// <inheritdoc/>
    protected internal override (string Text, string Name)? Read(string path) => null;

    internal override LoadedConfig Load(string path)
    {
        var entry = _entries[Plain(path)];
        var origin = new Origin(new OriginSource(OriginKind.Schema, entry.Schema.Name) { ConfigPath = path });
        var node = SchemaNodes.New(new StructHint(entry.Schema), origin);
        node.Hint = TypeHint.Any;
        var list = entry.Defaults is null ? null : (SequenceNode)TreeBuilder.FromPlain(entry.Defaults, origin);
        return new LoadedConfig(path, node, entry.Package, DefaultsListReader.Read(path, list), origin.Source) { IsSchema = true };
    }

    private static string Plain(string path) => path.EndsWith(".yaml", StringComparison.Ordinal) ? path[..^5] : path.TrimEnd('/');

    private static List<string> Below(IEnumerable<string> paths, string group)
    {
        var prefix = group.TrimEnd('/');
        if (prefix.Length > 0) prefix += "/";
        return paths.Where(p => p.Length > prefix.Length && p.StartsWith(prefix, StringComparison.Ordinal) && p.IndexOf('/', prefix.Length) < 0)
            .Select(p => p[prefix.Length..]).ToList();
    }

    private sealed record Entry(StructSchema Schema, IReadOnlyList<object?>? Defaults, string? Package);
}
