namespace Regatta.Config;

/// <summary>Makes typed nodes of declarations.</summary>
internal static class SchemaNodes
{
    /// <summary>A mapping of a declaration with its defaults.</summary>
    public static MappingNode New(StructHint hint, Origin origin)
    {
        var node = new MappingNode { Hint = hint, Origin = origin };
        Fill(node, hint.Schema, origin);
        return node;
    }

    /// <summary>Gives a mapping the fields of a declaration with their defaults.</summary>
    public static void Fill(MappingNode node, StructSchema schema, Origin origin)
    {
        node.SetItems();
        var defaults = origin.Source.Kind == OriginKind.Schema ? origin : new Origin(new OriginSource(OriginKind.Schema, schema.Name));
        foreach (var field in schema.Fields) node.Set(field.Name, Wrap(field.Hint, field.Default, defaults, field.Name));
        node.Schema = schema;
    }

    /// <summary>A typed node that holds a plain value.</summary>
    /// <exception cref="NodeException">The value does not fit.</exception>
    public static ConfigNode Wrap(TypeHint hint, object? value, Origin origin, string path)
    {
        switch (hint)
        {
            case StructHint type when ReferenceEquals(value, FieldSchema.NewInstance):
                return New(type, origin);
            case StructHint type when value is PlainMap fields:
                var made = New(type, origin);
                foreach (var (key, item) in fields.Items)
                {
                    var field = type.Schema.Fields.First(f => f.Name.Equals(key));
                    made.Set(field.Name, Wrap(field.Hint, item, made.Items.Count > 0 ? made.Items[0].Origin : origin, $"{path}.{key}"));
                }

                return made;
            case StructHint type:
                return Special(new MappingNode { Hint = type, Origin = origin }, value, path) ?? throw Mismatch(path, value, hint, origin);
            case DictHint dict:
                var mapping = new MappingNode { Hint = dict, ItemHint = dict.Value, KeyHint = dict.Key, Origin = origin };
                if (Special(mapping, value, path) is { } special) return special;
                if (value is not PlainMap map) throw Mismatch(path, value, hint, origin);
                foreach (var (key, item) in map.Items) mapping.Set(KeyOf(key, dict.Key), Wrap(dict.Value, item, origin, $"{path}.{key}"));
                return mapping;
            case ListHint list:
                var sequence = new SequenceNode { Hint = list, ItemHint = list.Item, Origin = origin };
                if (Special(sequence, value, path) is { } reference) return reference;
                if (value is not IReadOnlyList<object?> items) throw Mismatch(path, value, hint, origin);
                foreach (var item in items) sequence.Add(Wrap(list.Item, item, origin, $"{path}[{sequence.Count}]"));
                return sequence;
            case AnyHint:
                return TreeBuilder.FromPlain(value, origin);
            default:
                try
                {
                    var node = TreeBuilder.Scalar(Conversion.Convert(value, hint), origin);
                    node.Hint = hint;
                    return node;
                }
                catch (ConversionException e)
                {
                    throw new NodeException("value-type-mismatch", $"'{path}': {e.Message}", path, e) { Where = origin, Help = e.Help };
                }
        }
    }

    private static object KeyOf(object? key, TypeHint hint) => hint is EnumHint type ? Conversion.Convert(key, type)! : key!;

    private static ContainerNode? Special(ContainerNode node, object? value, string path)
    {
        if (value is null && !node.Hint.Optional) throw Mismatch(path, value, node.Hint, node.Origin);
        if (value is not null && value is not "???" && !(value is string text && text.Contains("${", StringComparison.Ordinal))) return null;
        node.SetSpecial(value);
        return node;
    }

    private static NodeException Mismatch(string path, object? value, TypeHint hint, Origin origin) =>
        new("value-type-mismatch", $"'{path}': {Conversion.Describe(value)} is no {hint.Name}", path) { Where = origin };
}
