namespace Regatta.Config;

/// <summary>The sources of one search path, and what was already read from them.</summary>
internal sealed class ConfigRepository
{
    /// <summary>The name of the empty configuration that stands in where there is no primary one.</summary>
    public const string NoPrimary = "_dummy_empty_config_";

    private readonly IReadOnlyList<ConfigSource> _sources;
    private readonly Dictionary<string, LoadedConfig?> _loaded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _configs = new(StringComparer.Ordinal);

    public ConfigRepository(IReadOnlyList<ConfigSource> sources)
    {
        _sources = sources;
        _loaded[NoPrimary] = new LoadedConfig(NoPrimary, new MappingNode(), null, [], OriginSource.Engine);
        _configs[NoPrimary] = true;
    }

    public IReadOnlyList<ConfigSource> Sources => _sources;

    public LoadedConfig? Load(string path)
    {
        if (_loaded.TryGetValue(path, out var known)) return known;
        LoadedConfig? config = null;
        foreach (var source in _sources)
        {
            if (!source.HasConfig(path)) continue;
            config = source.Load(path);
            break;
        }

        _loaded[path] = config;
        return config;
    }

    /// <summary>Keeps what was read before the search path was known.</summary>
    public void Remember(string path, LoadedConfig? config) => _loaded[path] = config;

    public bool HasGroup(string path)
    {
        if (_groups.TryGetValue(path, out var known)) return known;
        return _groups[path] = _sources.Any(s => s.HasGroup(path));
    }

    public bool HasConfig(string path)
    {
        if (_configs.TryGetValue(path, out var known)) return known;
        return _configs[path] = _sources.Any(s => s.HasConfig(path));
    }

    public IReadOnlyList<string> Options(string group) =>
        _sources.Where(s => s.HasGroup(group)).SelectMany(s => s.Options(group)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();

    public IReadOnlyList<string> Groups(string group) =>
        _sources.Where(s => s.HasGroup(group)).SelectMany(s => s.Groups(group)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();

    /// <summary>The groups that are not the engine's own, with those inside of them.</summary>
    public IReadOnlyList<string> AllGroups()
    {
        var all = new List<string>();
        var waiting = new Queue<string>([""]);
        while (waiting.Count > 0)
        {
            var group = waiting.Dequeue();
            foreach (var child in Groups(group))
            {
                var path = group.Length == 0 ? child : $"{group}/{child}";
                if (path == "hydra") continue;
                all.Add(path);
                if (all.Count < 10_000) waiting.Enqueue(path);
            }
        }

        return all.Order(StringComparer.Ordinal).ToList();
    }

    /// <summary>The schema of the same name, when a text has one.</summary>
    public LoadedConfig? SchemaFor(string path)
    {
        var last = _sources[^1] as SchemaSource;
        return last is { IsEmpty: false } && last.HasConfig(path) ? last.Load(path) : null;
    }

    public string Describe() => string.Join('\n', _sources.Where(s => s.Provider is not ("hydra" or "schema")).Select(s => $"searched {s}"));

    public string? NearestGroup(string name) => Suggestion.Nearest(name, AllGroups());
}
