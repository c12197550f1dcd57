namespace Regatta.Config;

/// <summary>What a composition is for.</summary>
public enum ComposeMode
{
    /// <summary>One run: sweeps are refused.</summary>
    Run,

    /// <summary>The configuration that a sweep starts from: sweeps are left out, open choices are allowed, and so are keys of other kinds than that of their section.</summary>
    Sweep,
}

/// <summary>Settings of a <see cref="Composer"/>.</summary>
public sealed record ComposerOptions
{
    /// <summary>The resolvers that references can call.</summary>
    public ResolverSet Resolvers { get; init; } = ResolverSet.BuiltIn;

    /// <summary>Environment variables by name; null when not set.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>The clock of <c>${now:...}</c>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes a source of an entry of <c>hydra.searchpath</c>: a path or <c>file://</c> path; null when it is no source.</summary>
    public Func<string, string, ConfigSource?> OpenSource { get; init; } = (location, provider) =>
        location.Contains("://", StringComparison.Ordinal) && !location.StartsWith("file://", StringComparison.Ordinal) ? null
        : new DirectorySource(location.StartsWith("file://", StringComparison.Ordinal) ? location[7..] : location, provider);

    /// <summary>Declarations that defaults lists can name.</summary>
    public SchemaSource? Schemas { get; init; }

    /// <summary>The declaration of the whole configuration: its defaults come first, and every value is checked against it.</summary>
    public StructSchema? Root { get; init; }

    /// <summary>The key of named points, each of which changes the configuration further. While there are any, keys of other kinds than that of their section are left out, for a point may choose the kind that has them; null for none.</summary>
    public string? PointsKey { get; init; }

    /// <summary>Whether the engine's own node <c>hydra</c> is composed too.</summary>
    public bool WithHydra { get; init; } = true;

    /// <summary>The value of <c>hydra.job.name</c> when no configuration names it.</summary>
    public string JobName { get; init; } = "regatta";

    /// <summary>The value of <c>hydra.runtime.cwd</c>.</summary>
    public string WorkingDirectory { get; init; } = "";
}

/// <summary>
/// Composes configurations from a search path. It reads every file once: what changed on disk since is seen by a new composer only.
/// Not safe for use from several threads at once.
/// </summary>
public sealed class Composer
{
    private readonly IReadOnlyList<ConfigSource> _sources;
    private readonly ComposerOptions _options;
    private readonly ConfigRepository _repository;
    private readonly Dictionary<string, ConfigRepository> _repositories = new(StringComparer.Ordinal);
    private readonly Evaluation _evaluation;

    /// <summary>A composer over sources, of which the first is the main one.</summary>
    public Composer(IReadOnlyList<ConfigSource> sources, ComposerOptions? options = null)
    {
        _options = options ?? new ComposerOptions();
        _sources = sources;
        _evaluation = new Evaluation(_options.Resolvers, _options.Environment, _options.Time);
        _repository = Open([]);
    }

    /// <summary>A composer over one directory.</summary>
    public Composer(string directory, ComposerOptions? options = null)
        : this([new DirectorySource(directory)], options)
    {
    }

    internal Evaluation Evaluation => _evaluation;

    internal ComposerOptions Options => _options;

    /// <summary>The declaration of the whole configuration; null when there is none.</summary>
    public StructSchema? Schema => _options.Root;

    /// <summary>All groups, those inside of groups with slashes.</summary>
    public IReadOnlyList<string> Groups => _repository.AllGroups();

    /// <summary>The options of a group; of the root with an empty name.</summary>
    public IReadOnlyList<string> OptionsOf(string group) => _repository.Options(group);

    /// <summary>Whether there is a group of this name.</summary>
    public bool HasGroup(string group) => _repository.HasGroup(group);

    /// <summary>Composes a configuration.</summary>
    /// <param name="primary">Name of the primary configuration; null for none.</param>
    /// <param name="overrides">The overrides, in order.</param>
    /// <param name="mode">What it is for.</param>
    /// <exception cref="DiagnosticException">A file, an override or what they make together is wrong.</exception>
    public Composition Compose(string? primary, IReadOnlyList<string> overrides, ComposeMode mode = ComposeMode.Run) =>
        ComposeParsed(primary, OverrideParser.ParseAll(overrides), mode);

    /// <summary>Composes a configuration with overrides that are parsed already.</summary>
    /// <exception cref="DiagnosticException">A file, an override or what they make together is wrong.</exception>
    public Composition ComposeParsed(string? primary, IReadOnlyList<Override> overrides, ComposeMode mode = ComposeMode.Run)
    {
        var searched = SearchPath(primary, overrides);
        SweepRules.Check(overrides, mode);
        var plan = Plan(searched, primary, overrides, mode);
        return Finish(plan, overrides, job: null, mode);
    }

    /// <summary>The tree of a set of choices before any value override, ready to be used many times.</summary>
    internal sealed record BaseTree(ConfigRepository Repository, string? Primary, IReadOnlyList<DefaultEntry> Entries, DefaultsNode Tree, Choices Choices, ChosenOptions Chosen, MappingNode Root);

    internal BaseTree Plan(ConfigRepository from, string? primary, IReadOnlyList<Override> overrides, ComposeMode mode)
    {
        var (entries, tree, choices) = DefaultsListBuilder.Build(from, primary, overrides, _evaluation, _options.WithHydra, mode == ComposeMode.Sweep);
        var root = new MappingNode();
        if (_options.Root is { } schema)
        {
            root = SchemaNodes.New(new StructHint(schema), new Origin(new OriginSource(OriginKind.Schema, schema.Name)));
            root.Hint = TypeHint.Any;
            root.Closed = null;
        }

        var merge = new NodeMerge(node => TryDereference(root, node));
        foreach (var entry in entries) MergeEntry(root, entry, from, merge);
        var chosen = ChosenOptions.Of(overrides, from, entries);
        chosen.Keep(root, entries, entry => from.Load(entry.Config)!.Content, entry => MergeEntry(root, entry, from, merge));
        root.Closed = true;
        return new BaseTree(from, primary, entries, tree, choices, chosen, root);
    }

    internal Composition Finish(BaseTree plan, IReadOnlyList<Override> overrides, SweepJob? job, ComposeMode mode, Dictionary<string, object?>? cache = null)
    {
        var root = job is null ? plan.Root : (MappingNode)plan.Root.Clone();
        var merge = new NodeMerge(node => TryDereference(root, node));
        new OverrideApplier(root, merge, _evaluation, _options.WithHydra).Apply(job is null ? plan.Choices.Values : job.Values);
        var open = mode == ComposeMode.Sweep || (job is null && _options.PointsKey is { } points && root[points] is ContainerNode { Count: > 0 });
        if (SectionKinds.Settle(root, _evaluation.For(root).Resolve, open, plan.Chosen.Groups, plan.Chosen.Files) is { Count: > 0 } faults) throw new DiagnosticException(faults);
        if (_options.WithHydra) HydraNode.Fill(root, plan, overrides, _options, job);
        return new Composition(root, plan, overrides, _evaluation, cache);
    }

    internal ConfigRepository SearchPath(string? primary, IReadOnlyList<Override> overrides)
    {
        var loaded = primary is null ? null : _repository.Load(primary);
        if (loaded is not null && loaded.Content is not MappingNode)
        {
            throw ConfigFault.Error("primary-config-not-mapping", $"the primary configuration '{primary}' must be a mapping, not a list", loaded.Content.Origin);
        }

        var given = overrides.FirstOrDefault(o => o.Kind == OverrideKind.Change && o.Package is null && o.Key == "hydra.searchpath");
        object? value;
        Origin origin;
        if (given?.PlainValue is not null)
        {
            (value, origin) = (given.PlainValue, given.Origin);
        }
        else
        {
            var node = (loaded?.Content as MappingNode)?["hydra"] is MappingNode hydra ? hydra["searchpath"] : null;
            if (node is null || node.IsNull || node.IsMissing) return _repository;
            origin = node.Origin;
            value = Paths(node, (MappingNode)loaded!.Content);
        }

        if (value is not IReadOnlyList<object?> list || list.Any(p => p is not string))
        {
            throw ConfigFault.Error("searchpath-type", $"hydra.searchpath must be a list of paths, which are text, not {(value is IReadOnlyList<object?> items ? OverrideText.Of(items) : Conversion.Describe(value))}", origin,
                "write hydra.searchpath=[path,path]");
        }

        return Open(list.Cast<string>().ToList());
    }

    private object? Paths(ConfigNode node, MappingNode root)
    {
        try
        {
            return _evaluation.For(root).Resolve(node) switch
            {
                SequenceNode list => list.Items.Select(i => i is ScalarNode scalar ? scalar.Value : i).ToList(),
                ScalarNode scalar => scalar.Value,
                var other => other,
            };
        }
        catch (NodeException e)
        {
            throw ConfigFault.Error(e.Code, $"hydra.searchpath: {e.Message}", e.Where ?? node.Origin, e.Help, cause: e);
        }
    }

    private ConfigRepository Open(IReadOnlyList<string> searchPath)
    {
        var key = string.Join('\n', searchPath);
        if (_repositories.TryGetValue(key, out var known)) return known;
        var all = new List<ConfigSource>();
        if (_options.WithHydra) all.Add(HydraDefaults.Source);
        all.AddRange(_sources);
        foreach (var location in searchPath)
        {
            if (_options.OpenSource(location, "hydra.searchpath") is { } source) all.Add(source);
        }

        if (_options.WithHydra) all.Add(HydraDefaults.Schemas());
        all.Add(_options.Schemas ?? new SchemaSource());
        return _repositories[key] = new ConfigRepository(all);
    }

    private ConfigNode? TryDereference(MappingNode root, ConfigNode node)
    {
        try
        {
            return _evaluation.For(root).Dereference(node) as ConfigNode;
        }
        catch (NodeException)
        {
            return null;
        }
    }

    private static void MergeEntry(MappingNode root, DefaultEntry entry, ConfigRepository from, NodeMerge merge)
    {
        var loaded = from.Load(entry.Config)!;
        try
        {
            var content = loaded.Content;
            if (!loaded.IsSchema && from.SchemaFor(entry.Config) is { } schema) content = Checked(entry, loaded, schema, merge);
            if (!entry.Primary && entry.Config != "hydra/config") CheckSearchPath(entry, content);
            merge.Merge(root, Embedded(content, entry.Package));
        }
        catch (NodeException e)
        {
            throw InConfig(entry, e);
        }
    }

    // A configuration with a schema of the same name is checked against it, whatever else the schema holds.
    private static MappingNode Checked(DefaultEntry entry, LoadedConfig loaded, LoadedConfig schema, NodeMerge merge)
    {
        var typed = (MappingNode)schema.Content.Clone();
        var content = (MappingNode)loaded.Content.Clone();
        ConfigNode? hydra = null;
        if (entry.Primary && content["hydra"] is { } node)
        {
            hydra = node;
            content.Remove("hydra");
        }

        merge.Merge(typed, content);
        if (hydra is not null) typed.Set("hydra", hydra);
        return typed;
    }

    private static ContainerNode Embedded(ContainerNode content, string package)
    {
        if (package.Length == 0) return content;
        var segments = KeyPath.Split(package);
        var node = content;
        for (var i = segments.Count - 1; i >= 0; i--)
        {
            var wrapper = new MappingNode { Origin = content.Origin };
            wrapper.Set(segments[i], node);
            node = wrapper;
        }

        return node;
    }

    private static void CheckSearchPath(DefaultEntry entry, ContainerNode content)
    {
        var path = entry.Package.Length == 0 ? "hydra.searchpath" : entry.Package == "hydra" ? "searchpath" : null;
        if (path is null) return;
        ConfigNode? node = content;
        foreach (var segment in path.Split('.')) node = (node as ContainerNode)?.Child(segment);
        if (node is null || node.IsNull || node.IsMissing) return;
        throw ConfigFault.Error("searchpath-not-primary", $"'{entry.Config}' sets hydra.searchpath, which only the primary configuration and the command line can", node.Origin, "move it there");
    }

    private static DiagnosticException InConfig(DefaultEntry entry, NodeException e)
    {
        var code = e.Code == "key-not-in-struct" ? "key-not-in-schema" : e.Code;
        return ConfigFault.Error(code, $"in '{entry.Config}': {e.Message}", e.Where, e.Help, cause: e);
    }
}
