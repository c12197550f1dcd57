namespace Regatta.Config;

/// <summary>Checks nodes against the types that are declared for them: values, keys, and whether a mapping is closed.</summary>
internal static class NodeTypes
{
    public static void Validate(MappingNode mapping, object key, ConfigNode? current, ConfigNode value)
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

    public static void ValidateMerge(MappingNode target, ConfigNode source)
    {
        if (source.IsNull && !target.Hint.Optional) throw NotOptional(target.Path, target.Hint, source.Origin);
        if (source.IsMissing || source.IsNull || target.Schema is not { } wanted || !target.IsSpecial && target.Schema is null) return;
        if (source is MappingNode mapping && (mapping.IsSpecial || mapping.Schema is null || mapping.Schema.Extends(wanted))) return;
        throw TypeFault(target.Path, source, new StructHint(wanted));
    }

    /// <summary>Gives a node that had no type the type that is declared for it.</summary>
    public static void UpdateHint(ConfigNode node, TypeHint hint)
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

    public static object NormalizeKey(MappingNode mapping, object key, Origin origin)
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

    public static void CheckOpen(MappingNode mapping, object key, Origin origin)
    {
        if (mapping.Schema is { } schema)
        {
            if (mapping.Closed == false || (mapping.Parent is null && key is "hydra")) return;
            // Which keys there are is known when the kind is: when everything is merged.
            if (schema.Kinds.Count > 0) return;
            throw new NodeException("key-not-in-schema", $"'{mapping.PathOf(key)}' is no key of {schema.Name}", mapping.PathOf(key))
            {
                Where = origin,
                Help = Below(schema, ConfigNode.KeyText(key)) is { } below
                    ? $"did you mean '{mapping.PathOf(below)}'?"
                    : Regatta.Diagnostics.Suggestion.Help(ConfigNode.KeyText(key), schema.Fields.Select(f => f.Name).ToList()),
            };
        }

        if (!mapping.IsClosed) return;
        throw new NodeException("key-not-in-struct", $"'{mapping.PathOf(key)}' does not exist", mapping.PathOf(key))
        {
            Where = origin,
            Help = Regatta.Diagnostics.Suggestion.Nearest(ConfigNode.KeyText(key), mapping.Keys) is { } nearest ? $"did you mean '{mapping.PathOf(nearest)}'?" : null,
        };
    }

    // The key of this very name in a section of the declaration: keys move into sections of their own.
    private static string? Below(StructSchema schema, string key) =>
        schema.Fields.Where(f => f.Hint is StructHint section && section.Schema.Fields.Any(inner => inner.Name == key)).Select(f => $"{f.Name}.{key}").FirstOrDefault();

    public static object? ConvertAt(object? value, TypeHint hint, ConfigNode node, Origin origin)
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

    public static NodeException NotOptional(string path, TypeHint hint, Origin origin) =>
        new("value-type-mismatch", $"'{path}' must be {hint.Name}, not null", path) { Where = origin };

    public static NodeException TypeFault(string path, ConfigNode value, TypeHint hint) =>
        new("value-type-mismatch", $"'{path}': {Conversion.Describe(value is ScalarNode scalar ? scalar.Value : value)} is no {hint.Name}", path) { Where = value.Origin };

    public static string PathOrRoot(ConfigNode node) => node.Path.Length == 0 ? "the root" : node.Path;
}
