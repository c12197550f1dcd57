namespace Regatta.Config;

/// <summary>A composed configuration: its tree, what was chosen, and how it came about.</summary>
public sealed class Composition
{
    private readonly Evaluation _evaluation;
    private readonly ConfigNode? _hydra;
    private MappingNode? _hydraRoot;
    private readonly Dictionary<string, object?> _cache;

    internal Composition(MappingNode full, Composer.BaseTree plan, IReadOnlyList<Override> overrides, Evaluation evaluation, Dictionary<string, object?>? cache)
    {
        _evaluation = evaluation;
        _cache = cache ?? new(StringComparer.Ordinal);
        Plan = plan;
        Overrides = overrides;
        Root = full;
        _hydra = full["hydra"];
        if (_hydra is not null) full.Remove("hydra");
    }

    /// <summary>The configuration, with references unresolved.</summary>
    public MappingNode Root { get; }

    /// <summary>The overrides that made it, in order.</summary>
    public IReadOnlyList<Override> Overrides { get; }

    /// <summary>The group choices by key, such as <c>scheduler</c> or <c>scheduler@backup</c>; null for an empty choice.</summary>
    public IReadOnlyDictionary<string, string?> Choices => Plan.Choices.InOrder
        .Where(k => !k.Key.StartsWith("hydra/", StringComparison.Ordinal)).ToDictionary(k => k.Key, k => k.Value, StringComparer.Ordinal);

    /// <summary>The final defaults list, in order of merging, without the engine's own entries.</summary>
    public IReadOnlyList<DefaultEntry> Defaults => Plan.Entries.Where(e => e.Config != "hydra/config" && e.Parent != "hydra/config" && !e.Config.StartsWith("hydra/", StringComparison.Ordinal)).ToList();

    /// <summary>The final defaults list with the engine's own entries.</summary>
    public IReadOnlyList<DefaultEntry> AllDefaults => Plan.Entries;

    internal Composer.BaseTree Plan { get; }

    /// <summary>
    /// The engine's own node is not part of what is composed for the user, but references of its own see everything.
    /// Most compositions never look at it, so that it is put together only when one does.
    /// </summary>
    internal MappingNode? HydraRoot
    {
        get
        {
            if (_hydra is null || _hydraRoot is not null) return _hydraRoot;
            _hydraRoot = (MappingNode)Root.Clone();
            _hydraRoot.Set("hydra", _hydra.Clone());
            return _hydraRoot;
        }
    }

    internal Dictionary<string, object?> Cache => _cache;

    /// <summary>The configuration as YAML, references as they are.</summary>
    public string ToYaml() => YamlDumper.Dump(Root);

    /// <summary>The whole configuration with every reference followed; values that were never given stay <c>???</c>.</summary>
    /// <exception cref="DiagnosticException">A reference leads nowhere, or round in a circle.</exception>
    public MappingNode Resolve() => (MappingNode)Resolve(Root, Root);

    /// <summary>A part of the resolved configuration; null when there is no such key.</summary>
    /// <param name="path">A dotted path; empty or <c>_global_</c> for everything.</param>
    /// <exception cref="DiagnosticException">A reference leads nowhere, or round in a circle.</exception>
    public ConfigNode? Resolve(string path) => Find(path) is { } node ? Resolve(node, Root) : null;

    /// <summary>A part of the configuration as it stands; null when there is no such key.</summary>
    public ConfigNode? Find(string path) => Find(Root, path);

    /// <summary>A value of the engine's own node, such as <c>hydra.run.dir</c>, resolved; null when there is none.</summary>
    /// <exception cref="DiagnosticException">A reference leads nowhere.</exception>
    public ConfigNode? Hydra(string path) => HydraRoot is not null && Find(HydraRoot, path) is { } node ? Resolve(node, HydraRoot) : null;

    /// <summary>A part of the engine's own node as it stands; null when there is none.</summary>
    public ConfigNode? HydraNode(string path) => HydraRoot is not null ? Find(HydraRoot, path) : null;

    /// <summary>The paths of mandatory values that were never given.</summary>
    public IReadOnlyList<string> MissingKeys()
    {
        var missing = new List<string>();
        CollectMissing(Root, missing);
        return missing;
    }

    /// <summary>Everything that would stop a run: references that lead nowhere and mandatory values that were never given. Empty when all is well.</summary>
    public IReadOnlyList<Diagnostic> Check()
    {
        var found = new List<Diagnostic>();
        Check(Root, _evaluation.For(Root, () => HydraRoot, _cache), found);
        return found;
    }

    private static ConfigNode? Find(MappingNode root, string path)
    {
        if (path.Length == 0 || path == "_global_") return root;
        ConfigNode? node = root;
        foreach (var segment in KeyPath.Split(path)) node = (node as ContainerNode)?.Child(segment);
        return node;
    }

    private ConfigNode Resolve(ConfigNode node, MappingNode root)
    {
        try
        {
            return _evaluation.For(root, () => HydraRoot, _cache).Resolve(node);
        }
        catch (NodeException e)
        {
            throw new DiagnosticException(Explain(e, node), e);
        }
    }

    private static Diagnostic Explain(NodeException e, ConfigNode node)
    {
        var path = e.Path ?? node.Path;
        var diagnostic = Diagnostic.Error("config-" + e.Code, path.Length == 0 || e.Message.Contains($"'{path}'", StringComparison.Ordinal) ? e.Message : $"'{path}': {e.Message}") with { Help = e.Help };
        return e.Where is { Source.Kind: not OriginKind.Engine } where ? ConfigFault.At(diagnostic, where) : diagnostic;
    }

    private static void CollectMissing(ConfigNode node, List<string> missing)
    {
        if (node.IsMissing) missing.Add(node.Path);
        foreach (var child in Children(node)) CollectMissing(child, missing);
    }

    private static void Check(ConfigNode node, Evaluator evaluator, List<Diagnostic> found)
    {
        if (found.Count >= 100) return;
        if (node.IsMissing)
        {
            var diagnostic = Diagnostic.Error("config-missing-value", $"'{node.Path}' must be given") with { Help = $"write {node.Path}=VALUE" };
            found.Add(node.Origin.Source.Kind == OriginKind.Engine ? diagnostic : ConfigFault.At(diagnostic, node.Origin));
        }
        else if (node.IsInterpolation)
        {
            try
            {
                evaluator.Resolve(node);
            }
            catch (NodeException e)
            {
                found.Add(Explain(e, node));
            }
        }

        foreach (var child in Children(node)) Check(child, evaluator, found);
    }

    private static IReadOnlyList<ConfigNode> Children(ConfigNode node) => node switch
    {
        MappingNode mapping => mapping.Items,
        SequenceNode sequence => sequence.Items,
        _ => [],
    };
}
