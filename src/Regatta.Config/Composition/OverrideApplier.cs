using System.Numerics;

namespace Regatta.Config;

/// <summary>Applies value overrides to a composed tree, in the order of the command line.</summary>
/// <param name="ownNode">Whether the engine's own node is composed; where it is not, its keys need not exist to be set.</param>
internal sealed class OverrideApplier(MappingNode root, NodeMerge merge, Evaluation evaluation, bool ownNode = true)
{
    public void Apply(IReadOnlyList<Override> overrides)
    {
        foreach (var entry in overrides) Apply(entry);
    }

    private void Apply(Override entry)
    {
        if (entry.Package is not null)
        {
            throw ConfigFault.Error("override-group-not-exist", $"override '{entry.Text}': there is no group '{entry.Key}' to choose a package for", entry.KeyOrigin,
                "a package after @ goes with a group; leave it out to set a value");
        }

        try
        {
            switch (entry.Kind)
            {
                case OverrideKind.Delete: Delete(entry); break;
                case OverrideKind.Add: Add(entry); break;
                default: Update(entry, force: entry.Kind == OverrideKind.ForceAdd || (entry.IsHydra && !ownNode)); break;
            }
        }
        catch (NodeException e)
        {
            throw Explained(entry, e);
        }
    }

    private DiagnosticException Explained(Override entry, NodeException e)
    {
        var missing = e.Code is "key-not-in-struct" or "key-not-in-schema";
        if (!missing || entry.Kind is not OverrideKind.Change)
            return ConfigFault.Error(missing ? "key-not-in-schema" : e.Code, $"override '{entry.Text}': {e.Message}", entry.Origin, e.Help, cause: e);
        var path = e.Path ?? entry.Key;
        // Where the key itself is there, what its value brings is new.
        var help = Nearest(entry.Key) is { } near && near != entry.Key ? $"did you mean '{near}'?" : $"to add a new key, write +{entry.Text}";
        return ConfigFault.Error("override-key-not-found", $"override '{entry.Text}': there is no key '{path}'{(path == entry.Key ? "" : $" ({entry.Key})")}", entry.KeyOrigin, help, cause: e);
    }

    // The key that was meant: each segment corrected in turn; the last one is also looked for anywhere else in the tree.
    private string? Nearest(string key)
    {
        ContainerNode node = root;
        var segments = KeyPath.Split(key);
        var corrected = new List<string>();
        foreach (var segment in segments)
        {
            var child = node.Child(segment);
            var name = segment;
            if (child is null)
            {
                var keys = node is MappingNode mapping ? mapping.Keys.Where(k => node != root || k != "hydra").ToList() : [];
                if (Suggestion.Nearest(segment, keys) is not { } nearest) return SameName(segments[^1]);
                name = nearest;
                child = node.Child(nearest);
            }

            corrected.Add(name);
            if (corrected.Count < segments.Count)
            {
                if (child is not ContainerNode next) return null;
                node = next;
            }
        }

        return string.Join('.', corrected);
    }

    private string? SameName(string name)
    {
        var waiting = new Queue<ContainerNode>([root]);
        for (var seen = 0; waiting.Count > 0 && seen < 2000; seen++)
        {
            var node = waiting.Dequeue();
            if (node is not MappingNode mapping) continue;
            foreach (var item in mapping.Items)
            {
                if (node == root && item.Key is "hydra") continue;
                if (item.Key is string key && key == name && node != root) return item.Path;
                if (item is ContainerNode container) waiting.Enqueue(container);
            }
        }

        return null;
    }

    private void Add(Override entry)
    {
        var value = entry.PlainValue;
        var current = Select(entry.Key);
        if (current is not null && value is not (PlainMap or IReadOnlyList<object?>))
        {
            var node = Node(entry.Key);
            var detail = node is null ? null : $"it was set to {node.Summary()} at {node.Origin}";
            throw ConfigFault.Error("append-key-exists", $"override '{entry.Text}': '{entry.Key}' exists already", entry.KeyOrigin,
                $"write {entry.Text[1..]} to change it, or +{entry.Text} to set it whether it exists or not", detail);
        }

        Update(entry, force: true);
    }

    private void Delete(Override entry)
    {
        var found = Select(entry.Key);
        if (found is null)
        {
            var node = Node(entry.Key);
            var near = Nearest(entry.Key);
            throw ConfigFault.Error("delete-key-not-found", node is null
                ? $"override '{entry.Text}': '{entry.Key}' does not exist and cannot be deleted"
                : $"override '{entry.Text}': '{entry.Key}' holds no value ({node.Summary()}) and cannot be deleted", entry.KeyOrigin,
                node is not null ? $"leave the override out, or give the key a value: {entry.Key}=VALUE"
                : near is not null ? $"did you mean ~{near}?" : "leave the override out");
        }

        var wanted = entry.PlainValue;
        if (wanted is not null && !SameValue(found, wanted))
        {
            throw ConfigFault.Error("delete-value-mismatch", $"override '{entry.Text}': '{entry.Key}' is {(found is ConfigNode node ? node.Summary() : Conversion.Describe(found))}, not {Conversion.Describe(wanted)}", entry.Origin,
                $"write ~{entry.Key} to delete it whatever its value is");
        }

        var segments = KeyPath.Split(entry.Key);
        ContainerNode? container = root;
        if (segments.Count > 1) container = Select(string.Join('.', segments.Take(segments.Count - 1))) as ContainerNode;
        switch (container)
        {
            case SequenceNode:
                throw new NodeException("list-index-not-int", $"an item of the list '{container.Path}' cannot be deleted") { Help = $"give the whole list: {container.Path}=[...]" };
            case MappingNode { Schema: not null } typed when typed != root:
                throw new NodeException("delete-typed-key", $"'{entry.Key}' is declared by {typed.Schema} and cannot be deleted");
            case MappingNode mapping:
                mapping.Remove(segments[^1]);
                break;
        }
    }

    private void Update(Override entry, bool force)
    {
        var segments = KeyPath.Split(entry.Key);
        ContainerNode node = root;
        for (var i = 0; i < segments.Count - 1; i++) node = Step(node, segments[i], force, entry);
        var last = segments[^1];
        var value = TreeBuilder.FromPlain(entry.PlainValue, entry.Origin);
        using var opened = Opened.If(force, node);
        if (node is SequenceNode list)
        {
            var at = Index(list, last, entry);
            if (value is ContainerNode item && at >= 0 && at < list.Count && list.Items[at] is ContainerNode into) merge.Merge(into, item);
            else merge.SetNode(list, (long)at, value);
            return;
        }

        var mapping = (MappingNode)node;
        if (value is ContainerNode content)
        {
            var current = mapping[last];
            if (current is null && !force && !mapping.IsSpecial) merge.SetNode(mapping, last, new ScalarNode(null) { Origin = entry.Origin });
            if (current is ContainerNode target)
            {
                merge.Merge(target, content);
                return;
            }
        }

        merge.SetNode(mapping, last, value);
    }

    private ContainerNode Step(ContainerNode node, string segment, bool force, Override entry)
    {
        object key = segment;
        if (node is SequenceNode list) key = (long)Index(list, segment, entry);
        var child = node.Child(segment);
        if (child is null or not ContainerNode)
        {
            using var opened = Opened.If(force, node);
            merge.SetNode(node, key, new MappingNode { Origin = entry.Origin });
            child = node.Child(segment);
        }

        if (child is ContainerNode { IsInterpolation: true }) child = evaluation.For(root).Dereference(child) as ConfigNode;
        if (child is ContainerNode { IsMissing: true }) throw new NodeException("missing-value", $"'{child.Path}' is ??? and has no '{entry.Key}' yet", child.Path);
        return child as ContainerNode is { IsNull: false } next ? next
            : throw new NodeException("override-key-not-found", $"'{segment}' in '{entry.Key}' holds no mapping", child?.Path);
    }

    private static int Index(SequenceNode list, string segment, Override entry)
    {
        if (PythonText.TryInt(segment, out var number) && number is long at and >= int.MinValue and <= int.MaxValue) return (int)at;
        throw new NodeException("list-index-not-int", $"'{list.Path}' is a list; '{segment}' in '{entry.Key}' is no index", list.Path)
        {
            Help = list.Count == 0 ? "the list is empty" : $"its items are {list.Path}.0 to {list.Path}.{(list.Count - 1).ToString(CultureInfo.InvariantCulture)}",
        };
    }

    // The value under a key with references followed: null when there is none, when it is null, or when it was never given.
    private object? Select(string key)
    {
        var evaluator = evaluation.For(root);
        var found = evaluator.Paths.SelectLeniently(root, "." + key, throwOnMissing: false);
        return found is "???" or ConfigNode { IsMissing: true } or ConfigNode { IsNull: true } ? null : found;
    }

    private ConfigNode? Node(string key)
    {
        ConfigNode? node = root;
        foreach (var segment in KeyPath.Split(key)) node = (node as ContainerNode)?.Child(segment);
        return node;
    }

    private static bool SameValue(object? found, object? wanted)
    {
        switch (found, wanted)
        {
            case (ScalarNode scalar, _): return SameValue(scalar.Value, wanted);
            case (MappingNode mapping, PlainMap map):
                return mapping.Count == map.Items.Count && map.Items.All(i => i.Key is not null && mapping[i.Key] is { } item && SameValue(item, i.Value));
            case (SequenceNode list, IReadOnlyList<object?> items):
                return list.Count == items.Count && list.Items.Zip(items).All(p => SameValue(p.First, p.Second));
            case (EnumMember member, string name): return member.Name == name;
            case (double or long or bool or BigInteger, double or long or bool or BigInteger):
                return OverrideCasts.Compare(found, wanted) == 0;
            default: return Equals(found, wanted);
        }
    }

    // Lifts the struct rule from one container while a key is added.
    private readonly struct Opened : IDisposable
    {
        private readonly ContainerNode? _node;
        private readonly bool? _before;

        private Opened(ContainerNode node)
        {
            _node = node;
            _before = node.Closed;
            node.Closed = false;
        }

        public static Opened If(bool condition, ContainerNode node) => condition ? new Opened(node) : default;

        public void Dispose()
        {
            if (_node is not null) _node.Closed = _before;
        }
    }
}
