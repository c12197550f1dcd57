namespace Regatta.Config;

/// <summary>Finds what a path leads to, following the references on its way; knows which are being followed, so that a circle is seen.</summary>
internal sealed class ReferencePaths(Evaluator evaluator)
{
    /// <summary>What to do about references in a circle.</summary>
    public const string CycleCure = "give one of them a value of its own";

    private readonly List<ConfigNode> _active = [];

    public object Follow(string path, ContainerNode parent, Reference reference)
    {
        ContainerNode? from;
        string key;
        try
        {
            (from, key) = Start(parent, path);
        }
        catch (NodeException e)
        {
            throw new NodeException("interpolation-key-not-found", $"'{reference.Source}' climbs above the root: {e.Message}");
        }

        object? found;
        try
        {
            found = Select(from, key, throwOnMissing: true, out _);
        }
        catch (NodeException e) when (e.Code == "missing-value")
        {
            throw new NodeException("interpolation-to-missing", $"'{reference.Source}' refers to a value that was never given: {e.Message}", null, e) { Help = e.Help };
        }

        if (found is null)
            throw new NodeException("interpolation-key-not-found", $"'{reference.Source}' refers to '{key}', which does not exist") { Help = NearestPath(from, key) };
        for (ContainerNode? up = parent; up is not null; up = up.Parent)
        {
            if (ReferenceEquals(up, found)) throw new NodeException("interpolation-cycle", $"'{reference.Source}' refers to a mapping or list that it stands in itself") { Help = "refer to a value beside it, or move it out of there" };
        }

        return found == NullValue ? null! : found;
    }

    private static readonly object NullValue = new();

    private static string? NearestPath(ContainerNode from, string path)
    {
        ContainerNode? node = from;
        var segments = KeyPath.Split(path);
        for (var i = 0; i < segments.Count; i++)
        {
            var child = node.Child(segments[i]);
            if (child is ContainerNode next && !next.IsSpecial)
            {
                node = next;
                continue;
            }

            if (child is null && node is MappingNode mapping && Suggestion.Nearest(segments[i], mapping.Keys) is { } nearest)
                return $"did you mean '{string.Join('.', segments.Take(i).Append(nearest).Concat(segments.Skip(i + 1)))}'?";
            return null;
        }

        return null;
    }

    private static (ContainerNode From, string Key) Start(ContainerNode parent, string path)
    {
        if (!path.StartsWith('.')) return (parent.Root!, path);
        ContainerNode? from = parent;
        var dots = 0;
        while (dots < path.Length && path[dots] == '.') dots++;
        for (var i = 1; i < dots; i++) from = from?.Parent;
        return from is null ? throw new NodeException("interpolation-key-not-found", $"'{path}' has too many dots") : (from, path[dots..]);
    }

    // Null: there is no such key. The value itself otherwise: a node, or what a reference or resolver gave.
    private object? Select(ContainerNode from, string path, bool throwOnMissing, out bool notContainer)
    {
        notContainer = false;
        if (path.Length == 0) return from;
        var segments = KeyPath.Split(path);
        object? current = from;
        for (var i = 0; i < segments.Count; i++)
        {
            if (current is not ContainerNode container)
            {
                notContainer = true;
                throw new NodeException("interpolation-resolution",
                    $"'{string.Join('.', segments.Take(i))}' is not a mapping or list and has no '{segments[i]}'");
            }

            if (container.IsNull) return null;
            if (container is SequenceNode && !PythonText.TryInt(segments[i], out _))
                throw new NodeException("interpolation-resolution", $"'{segments[i]}' is not an index into the list '{container.Path}'");
            var child = container.Child(segments[i]);
            if (child is null) return null;
            if (child.IsMissing && throwOnMissing)
                throw new NodeException("missing-value", $"'{child.Path}' is ???") { Help = $"give it a value: {child.Path}=..." };
            var last = i == segments.Count - 1;
            current = child.IsInterpolation ? FollowNode(child) : child;
            if (!last && current is ScalarNode { IsMissing: true }) return null;
            if (current is null)
            {
                if (last) return NullValue;
                notContainer = true;
                throw new NodeException("interpolation-resolution",
                    $"'{string.Join('.', segments.Take(i + 1))}' is not a mapping or list and has no '{segments[i + 1]}'");
            }
        }

        return current;
    }

    private object? FollowNode(ConfigNode child)
    {
        foreach (var node in _active)
        {
            if (ReferenceEquals(node, child)) throw new NodeException("interpolation-cycle", $"references go round in a circle: {Chain(child)}") { Help = CycleCure };
        }

        _active.Add(child);
        try
        {
            return evaluator.Dereference(child);
        }
        finally
        {
            _active.RemoveAt(_active.Count - 1);
        }
    }

    public string Chain(ConfigNode? back = null)
    {
        var paths = _active.Select(n => n.Path).ToList();
        if (back is not null)
        {
            paths = paths[Math.Max(0, paths.IndexOf(back.Path))..];
            paths.Add(back.Path);
        }

        return string.Join(" -> ", paths.Take(20));
    }

    /// <summary>A node by path, or null.</summary>
    public ConfigNode? SelectNode(ContainerNode from, string key)
    {
        var (start, path) = Start(from, key);
        return Select(start, path, throwOnMissing: false, out _) as ConfigNode;
    }

    /// <summary>A value by path for a resolver: <paramref name="absent"/> when it is not there or not reachable.</summary>
    public object? SelectLeniently(ContainerNode from, string key, bool throwOnMissing, bool fromRoot = false, object? absent = null)
    {
        var (start, path) = fromRoot ? (from, key) : Start(from, key);
        var notContainer = false;
        try
        {
            var found = Select(start, path, throwOnMissing, out notContainer);
            return found is null ? absent : found == NullValue ? null : found is ScalarNode scalar ? scalar.Value : found;
        }
        catch (NodeException) when (notContainer)
        {
            return absent;
        }
    }
}
