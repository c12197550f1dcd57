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
                throw new NodeException("merge-conflict", $"'{PathOrRoot(target)}' is {Kind(target)} and cannot become {Kind(source)}", target.Path)
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

        ValidateMerge(target, source);
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
        if (current is MappingNode mapping) ValidateMerge(mapping, source);
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
                if (!missing) SetNode(target, key, source.Clone());
                else if (current is ScalarNode && source.Hint is not AnyHint) AdoptHint(current, source.Hint);
                break;
        }
    }

    private static void AdoptHint(ConfigNode node, TypeHint hint)
    {
        var scalar = (ScalarNode)node;
        scalar.Value = ConvertAt(scalar.Value, hint, scalar, scalar.Origin);
        scalar.Hint = hint;
    }

    private void MergeSequences(SequenceNode target, SequenceNode source)
    {
        if (source.IsMissing) return;
        var history = new Replaced(target);
        if (source.State != ContainerState.Value)
        {
            if (source.IsNull && !target.Hint.Optional) throw NotOptional(target.Path, target.Hint, source.Origin);
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

        if (item.IsNull && !list.ItemHint.Optional) throw NotOptional(at, list.ItemHint, item.Origin);
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
        key = NormalizeKey(mapping, key, value.Origin);
        var current = mapping[key];
        if (current is null && !open) CheckOpen(mapping, key, value.Origin);
        Validate(mapping, key, current, value);
        Remember(value, current);
        if (value is ScalarNode { Hint: not AnyHint } typed && mapping.ItemHint is not UnionHint)
        {
            mapping.Set(key, typed);
            if (mapping.ItemHint is not AnyHint) UpdateHint(typed, mapping.ItemHint);
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
            if (mapping.ItemHint is StructHint or DictHint or ListHint) UpdateHint(value, mapping.ItemHint);
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
        if (value.IsNull && !current.Hint.Optional) throw NotOptional(sequence.PathOf((long)at), current.Hint, value.Origin);
        Remember(value, current);
        if (current.Hint is not AnyHint) SetValue(current, value);
        else sequence.Set(at, value);
    }

    private static void Validate(MappingNode mapping, object key, ConfigNode? current, ConfigNode value)
    {
        if (value.IsInterpolation || value.IsMissing) return;
        if (value.IsNull)
        {
            if (!(current?.Hint ?? mapping.ItemHint).Optional) throw NotOptional(mapping.PathOf(key), current?.Hint ?? mapping.ItemHint, value.Origin);
            return;
        }

        if (current is not MappingNode { Hint: DictHint or StructHint } target) return;
        if (target.Hint is DictHint && value is MappingNode { Schema: null }) return;
        if (target.Hint is StructHint wanted && value is MappingNode { Schema: { } schema } && schema.Extends(wanted.Schema)) return;
        throw TypeFault(mapping.PathOf(key), value, target.Hint);
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
                throw TypeFault(scalar.Path, value, scalar.Hint);
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
                throw TypeFault(current.Path, value, current.Hint);
        }
    }

    private static void SetScalar(ScalarNode target, ScalarNode source)
    {
        var value = ConvertAt(source.Value, target.Hint, target, source.Origin);
        target.History = new Replaced(target);
        target.Value = value;
        target.Expression = source.Expression;
        target.Origin = source.Origin;
    }

    private static object? ConvertAt(object? value, TypeHint hint, ConfigNode node, Origin origin)
    {
        try
        {
            return Conversion.Convert(value, hint);
        }
        catch (ConversionException e)
        {
            throw new NodeException("value-type-mismatch", $"'{node.Path}': {e.Message}", node.Path, e) { Where = origin, Help = e.Help };
        }
    }

    private static void SetContainer(ContainerNode target, object? special, Origin origin)
    {
        if (special is null && !target.Hint.Optional) throw NotOptional(target.Path, target.Hint, origin);
        target.SetSpecial(special);
        target.Origin = origin;
        if (target is MappingNode mapping) mapping.Schema = null;
    }

    private static void Expand(ContainerNode node)
    {
        node.SetItems();
        if (node is MappingNode mapping && mapping.Hint is StructHint type) SchemaNodes.Fill(mapping, type.Schema, node.Origin);
    }

    private static void ValidateMerge(MappingNode target, ConfigNode source)
    {
        if (source.IsNull && !target.Hint.Optional) throw NotOptional(target.Path, target.Hint, source.Origin);
        if (source.IsMissing || source.IsNull || target.Schema is not { } wanted || !target.IsSpecial && target.Schema is null) return;
        if (source is MappingNode mapping && (mapping.IsSpecial || mapping.Schema is null || mapping.Schema.Extends(wanted))) return;
        throw TypeFault(target.Path, source, new StructHint(wanted));
    }

    private static void UpdateTypes(MappingNode target, MappingNode source)
    {
        if (source.Schema is not null) target.Schema = source.Schema;
        if (target.Hint is AnyHint && source.Hint is not AnyHint) UpdateHint(target, source.Hint);
    }

    /// <summary>Gives a node that had no type the type that is declared for it.</summary>
    private static void UpdateHint(ConfigNode node, TypeHint hint)
    {
        if (hint is AnyHint) return;
        if (node.IsNull && !hint.Optional) throw NotOptional(node.Path, hint, node.Origin);
        if (!node.IsSpecial)
        {
            var fits = (node, hint) switch
            {
                (MappingNode, StructHint or DictHint) => true,
                (SequenceNode, ListHint) => true,
                (ScalarNode { Value: long or System.Numerics.BigInteger }, IntHint) => true,
                (ScalarNode { Value: bool }, BoolHint or IntHint) => true,
                (ScalarNode { Value: double }, FloatHint) => true,
                (ScalarNode { Value: string }, StringHint) => true,
                (ScalarNode { Value: EnumMember member }, EnumHint type) => member.Type.TypeName == type.TypeName,
                (ScalarNode, QuantityHint or UnionHint) => true,
                _ => false,
            };
            if (!fits) throw TypeFault(node.Path, node, hint);
        }

        node.Hint = hint;
        if (node is SequenceNode list && hint is ListHint items)
        {
            list.ItemHint = items.Item;
            foreach (var item in list.Items) UpdateHint(item, items.Item);
        }
        else if (node is MappingNode mapping && hint is DictHint dict)
        {
            mapping.ItemHint = dict.Value;
            mapping.KeyHint = dict.Key;
            foreach (var item in mapping.Items)
            {
                NormalizeKey(mapping, item.Key!, item.Origin);
                UpdateHint(item, dict.Value);
            }
        }
    }

    private static object NormalizeKey(MappingNode mapping, object key, Origin origin)
    {
        var fits = mapping.KeyHint switch
        {
            IntHint => key is long or System.Numerics.BigInteger or bool,
            FloatHint => key is double,
            BoolHint => key is bool or 0L or 1L,
            StringHint => key is string,
            EnumHint type => EnumKey(key, type) is not null,
            _ => true,
        };
        if (!fits)
            throw new NodeException("key-type-mismatch", $"the key {Conversion.Describe(key)} of '{PathOrRoot(mapping)}' is no {mapping.KeyHint.Name}", mapping.PathOf(key)) { Where = origin };
        return mapping.KeyHint switch
        {
            BoolHint when key is long number => number != 0,
            EnumHint type => EnumKey(key, type)!,
            _ => key,
        };
    }

    private static object? EnumKey(object key, EnumHint type)
    {
        try
        {
            return Conversion.Convert(key, type);
        }
        catch (ConversionException)
        {
            return null;
        }
    }

    private static void CheckOpen(MappingNode mapping, object key, Origin origin)
    {
        if (mapping.Schema is { } schema)
        {
            if (mapping.Closed == false || (mapping.Parent is null && key is "hydra")) return;
            throw new NodeException("key-not-in-schema", $"'{mapping.PathOf(key)}' is no key of {schema.Name}", mapping.PathOf(key))
            {
                Where = origin,
                Help = Regatta.Diagnostics.Suggestion.Help(ConfigNode.KeyText(key), schema.Fields.Select(f => f.Name).ToList()),
            };
        }

        if (!mapping.IsClosed) return;
        throw new NodeException("key-not-in-struct", $"'{mapping.PathOf(key)}' does not exist", mapping.PathOf(key))
        {
            Where = origin,
            Help = Regatta.Diagnostics.Suggestion.Nearest(ConfigNode.KeyText(key), mapping.Keys) is { } nearest ? $"did you mean '{mapping.PathOf(nearest)}'?" : null,
        };
    }

    private static void Remember(ConfigNode value, ConfigNode? current)
    {
        if (current is not null && value.History is null) value.History = new Replaced(current);
    }

    private static NodeException NotOptional(string path, TypeHint hint, Origin origin) =>
        new("value-type-mismatch", $"'{path}' must be {hint.Name}, not null", path) { Where = origin };

    private static NodeException TypeFault(string path, ConfigNode value, TypeHint hint) =>
        new("value-type-mismatch", $"'{path}': {Conversion.Describe(value is ScalarNode scalar ? scalar.Value : value)} is no {hint.Name}", path) { Where = value.Origin };

    private static string Kind(ConfigNode node) => node switch
    {
        MappingNode => "a mapping",
        SequenceNode => "a list",
        _ => "a single value",
    };

    private static string PathOrRoot(ConfigNode node) => node.Path.Length == 0 ? "the root" : node.Path;
}
