namespace Regatta.Config;

/// <summary>Makes nodes of plain values.</summary>
internal static class TreeBuilder
{
    /// <summary>A node from a plain value; every node gets the same origin. Texts with references are checked.</summary>
    /// <exception cref="NodeException">A key cannot be one, or a reference is not well formed.</exception>
    public static ConfigNode FromPlain(object? value, Origin origin)
    {
        switch (value)
        {
            case ConfigNode node:
                return node.Clone();
            case IReadOnlyList<object?> items:
                var list = new SequenceNode { Origin = origin };
                foreach (var item in items) list.Add(FromPlain(item, origin));
                return list;
            case PlainMap map:
                var mapping = new MappingNode { Origin = origin };
                foreach (var (key, item) in map.Items)
                {
                    CheckKey(key, origin);
                    mapping.Set(key!, FromPlain(item, origin));
                }

                return mapping;
            default:
                return Scalar(value, origin);
        }
    }

    /// <summary>A scalar; a text with references is parsed, so that what is not well formed is found now.</summary>
    public static ScalarNode Scalar(object? value, Origin origin)
    {
        var node = new ScalarNode(value) { Origin = origin };
        if (node.IsInterpolation) Check(node);
        return node;
    }

    private static void Check(ScalarNode node)
    {
        try
        {
            node.Expression = InterpolationParser.Validate((string)node.Value!);
        }
        catch (InterpolationSyntaxException e)
        {
            throw new NodeException("interpolation-syntax", $"'{node.Value}' is not well formed: {e.Message}", null, e)
            {
                Where = node.Origin,
                Help = "write \\${ for a literal ${, and quote what holds special characters",
            };
        }
    }

    public static void CheckKey(object? key, Origin origin)
    {
        if (key is string or long or bool or double or byte[] or System.Numerics.BigInteger or EnumMember) return;
        throw new NodeException("key-type-mismatch", $"{(key is null ? "null" : PythonText.TypeName(key))} cannot be a key; quote it to make it text") { Where = origin };
    }
}
