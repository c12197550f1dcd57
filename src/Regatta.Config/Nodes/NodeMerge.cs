namespace Regatta.Config;

/// <summary>
/// Merges one tree into another by OmegaConf's rules: mappings merge deep, lists are replaced, <c>???</c> changes nothing,
/// null replaces, a list never meets a mapping; declared types convert and check.
/// </summary>
/// <param name="dereference">Follows a reference in the tree that is merged into; null when it leads nowhere yet.</param>
internal sealed class NodeMerge(Func<ConfigNode, ConfigNode?> dereference)
{
    /// <summary>Merges <paramref name="source"/>, which stays as it is, into <paramref name="target"/>.</summary>
    /// <exception cref="NodeException">They do not fit together.</exception>
    public void Merge(ContainerNode target, ConfigNode source)
    {
        switch (target, source)
        {
            case (MappingNode into, MappingNode from): MergeMappings(into, from); break;
            case (SequenceNode into, SequenceNode from): MergeSequences(into, from); break;
            default:
                throw new NodeException("merge-conflict", $"'{NodeTypes.PathOrRoot(target)}' is {Kind(target)} and cannot become {Kind(source)}", target.Path)
                {
                    Where = source.Origin,
                    Help = $"it was made {Kind(target)} at {target.Origin}; give one of them another name, or set it to null first",
                };
        }
    }

    private void MergeMappings(MappingNode target, MappingNode source)
    {
        if (source.IsNull || source.IsInterpolation)
        {
            Remember(target, source);
            SetContainer(target, source.SpecialValue, source.Origin);
            UpdateTypes(target, source);
            return;
        }

        NodeTypes.ValidateMerge(target, source);
        if ((target.IsInterpolation || target.IsMissing) && !source.IsMissing) Expand(target);
        if (!source.IsMissing)
        {
            foreach (var item in source.Items) MergeItem(target, item.Key!, item, source.Schema is not null);
        }

        UpdateTypes(target, source);
        if (source.Closed is { } closed) target.Closed = closed;
    }

    private void MergeItem(MappingNode target, object key, ConfigNode source, bool fromStruct)
    {
        var current = target[key];
        var missing = source.IsMissing;
        if (current is MappingNode mapping) NodeTypes.ValidateMerge(mapping, source);
        if (current is ContainerNode { IsNull: true } empty && !missing && !source.IsNull) Expand(empty);
        // A single value replaces the reference, wherever it leads: only what could be merged into its target needs the target.
        var wantsTarget = source is ContainerNode || (missing && source.Hint is AnyHint);
        if (wantsTarget && current is { IsInterpolation: true } && dereference(current) is ContainerNode referred)
        {
            var copy = (ContainerNode)referred.Clone();
            copy.History = new Replaced(current);
            SetNode(target, key, copy);
            current = target[key];
        }

        if (current is null && target.ItemHint is StructHint element && !missing)
        {
            var made = SchemaNodes.New(element, source.Origin);
            SetNode(target, key, made);
            current = target[key];
        }

        switch (current, source)
        {
            case (null, _):
                SetNode(target, key, source.Clone(), open: fromStruct);
                break;
            case (ContainerNode into, ContainerNode from):
                Merge(into, from);
                break;
            case (ScalarNode { Hint: not AnyHint } typed, ScalarNode scalar):
                if (!missing) SetScalar(typed, scalar);
                break;
            default:
                // A list or mapping that is declared but not given takes the place of a single value.
                if (!missing || (current is ScalarNode && source is ContainerNode)) SetNode(target, key, source.Clone());
                else if (current is ScalarNode && source.Hint is not AnyHint) AdoptHint(current, source.Hint);
                break;
        }
    }

    private static void AdoptHint(ConfigNode node, TypeHint hint)
    {
        var scalar = (ScalarNode)node;
        scalar.Value = NodeTypes.ConvertAt(scalar.Value, hint, scalar, scalar.Origin);
        scalar.Hint = hint;
    }

    private void MergeSequences(SequenceNode target, SequenceNode source)
    {
        if (source.IsMissing) return;
        var history = new Replaced(target);
        if (source.State != ContainerState.Value)
        {
            if (source.IsNull && !target.Hint.Optional) throw NodeTypes.NotOptional(target.Path, target.Hint, source.Origin);
            target.SetSpecial(source.SpecialValue);
        }
        else
        {
            var items = new SequenceNode { Hint = target.Hint, ItemHint = target.ItemHint, Parent = target.Parent, Key = target.Key };
            foreach (var item in source.Items) Append(items, item, target.Path);
            target.TakeItems(items);
        }

        target.History = history;
        target.Origin = source.Origin;
        if (source.Closed is { } closed) target.Closed = closed;
    }

    private void Append(SequenceNode list, ConfigNode item, string path)
    {
        var at = $"{path}[{list.Count}]";
        if (list.ItemHint is StructHint element && item is MappingNode { State: ContainerState.Value } mapping)
        {
            var made = SchemaNodes.New(element, item.Origin);
            list.Add(made);
            Merge(made, mapping);
            made.Origin = item.Origin;
            return;
        }

        if (item.IsNull && !list.ItemHint.Optional) throw NodeTypes.NotOptional(at, list.ItemHint, item.Origin);
        var node = item is ScalarNode scalar && list.ItemHint is not AnyHint ? SchemaNodes.Wrap(list.ItemHint, scalar.Value, scalar.Origin, at) : item.Clone();
        list.Add(node);
    }

    /// <summary>Puts a node under a key or index, checked against what is declared and whether the container is closed.</summary>
    public void SetNode(ContainerNode container, object key, ConfigNode value, bool open = false)
    {
        if (container is SequenceNode sequence)
        {
            SetInSequence(sequence, (int)(long)key, value);
            return;
        }

        var mapping = (MappingNode)container;
        key = NodeTypes.NormalizeKey(mapping, key, value.Origin);
        var current = mapping[key];
        if (current is null && !open) NodeTypes.CheckOpen(mapping, key, value.Origin);
        NodeTypes.Validate(mapping, key, current, value);
        Remember(value, current);
        if (value is ScalarNode { Hint: not AnyHint } typed && mapping.ItemHint is not UnionHint)
        {
            mapping.Set(key, typed);
            if (mapping.ItemHint is not AnyHint) NodeTypes.UpdateHint(typed, mapping.ItemHint);
        }
        else if (current is not null && current.Hint is not AnyHint)
        {
            SetValue(current, value);
        }
        else if (mapping.ItemHint is not AnyHint && value is ScalarNode scalar)
        {
            var wrapped = SchemaNodes.Wrap(mapping.ItemHint, scalar.Value, value.Origin, mapping.PathOf(key));
            wrapped.History = value.History;
            mapping.Set(key, wrapped);
        }
        else
        {
            mapping.Set(key, value);
            // Where scalars are asked for, a container is let through, as OmegaConf does; binding finds it.
            if (mapping.ItemHint is StructHint or DictHint or ListHint) NodeTypes.UpdateHint(value, mapping.ItemHint);
        }
    }

    private void SetInSequence(SequenceNode sequence, int at, ConfigNode value)
    {
        if (at < 0 || at >= sequence.Count)
        {
            throw new NodeException("merge-conflict", $"'{sequence.PathOf((long)at)}' does not exist: '{sequence.Path}' has {sequence.Count} items", sequence.PathOf((long)at))
            {
                Where = value.Origin,
                Help = "give the whole list: " + sequence.Path + "=[...]",
            };
        }

        var current = sequence.Items[at];
        if (value.IsNull && !current.Hint.Optional) throw NodeTypes.NotOptional(sequence.PathOf((long)at), current.Hint, value.Origin);
        Remember(value, current);
        if (current.Hint is not AnyHint) SetValue(current, value);
        else sequence.Set(at, value);
    }

    private void SetValue(ConfigNode current, ConfigNode value)
    {
        var special = value.IsSpecial ? value is ScalarNode s ? s.Value : ((ContainerNode)value).SpecialValue : null;
        switch (current)
        {
            case ScalarNode scalar when value is ScalarNode source:
                SetScalar(scalar, source);
                break;
            case ScalarNode scalar when value.IsSpecial:
                SetScalar(scalar, new ScalarNode(special) { Origin = value.Origin });
                break;
            case ScalarNode scalar:
                throw NodeTypes.TypeFault(scalar.Path, value, scalar.Hint);
            case ContainerNode container when value.IsSpecial:
                SetContainer(container, special, value.Origin);
                container.History = value.History;
                break;
            case MappingNode mapping when value is MappingNode source:
                var history = value.History;
                mapping.SetItems();
                if (mapping.Hint is StructHint type) SchemaNodes.Fill(mapping, type.Schema, value.Origin);
                foreach (var item in source.Items) SetNode(mapping, item.Key!, item.Clone(), open: mapping.Schema is null);
                mapping.Origin = value.Origin;
                mapping.History = history;
                break;
            case SequenceNode sequence when value is SequenceNode source:
                var items = new SequenceNode { Hint = sequence.Hint, ItemHint = sequence.ItemHint };
                foreach (var item in source.Items) Append(items, item, sequence.Path);
                sequence.TakeItems(items);
                sequence.Origin = value.Origin;
                sequence.History = value.History;
                break;
            default:
                throw NodeTypes.TypeFault(current.Path, value, current.Hint);
        }
    }

    private static void SetScalar(ScalarNode target, ScalarNode source)
    {
        var value = NodeTypes.ConvertAt(source.Value, target.Hint, target, source.Origin);
        target.History = new Replaced(target);
        target.Value = value;
        target.Expression = source.Expression;
        target.Origin = source.Origin;
    }

    private static void SetContainer(ContainerNode target, object? special, Origin origin)
    {
        if (special is null && !target.Hint.Optional) throw NodeTypes.NotOptional(target.Path, target.Hint, origin);
        target.SetSpecial(special);
        target.Origin = origin;
        if (target is MappingNode mapping) mapping.Schema = null;
    }

    private static void Expand(ContainerNode node)
    {
        node.SetItems();
        if (node is MappingNode mapping && mapping.Hint is StructHint type) SchemaNodes.Fill(mapping, type.Schema, node.Origin);
    }

    private static void UpdateTypes(MappingNode target, MappingNode source)
    {
        if (source.Schema is not null) target.Schema = source.Schema;
        if (target.Hint is AnyHint && source.Hint is not AnyHint) NodeTypes.UpdateHint(target, source.Hint);
    }

    private static void Remember(ConfigNode value, ConfigNode? current)
    {
        if (current is not null && value.History is null) value.History = new Replaced(current);
    }

    private static string Kind(ConfigNode node) => node switch
    {
        MappingNode => "a mapping",
        SequenceNode => "a list",
        _ => "a single value",
    };
}
