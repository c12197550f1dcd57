namespace Regatta.Config;

internal static class BuiltInResolvers
{
    public static IEnumerable<Resolver> All() =>
    [
        new("oc.env", 1, 2, Env),
        new("oc.decode", 1, 1, Decode),
        new("oc.create", 1, 1, Create),
        new("oc.select", 1, 2, Select),
        new("oc.deprecated", 1, 2, Deprecated),
        new("oc.dict.keys", 1, 1, Keys),
        new("oc.dict.values", 1, 1, Values),
        new("now", 1, 1, Now, IsCached: true),
        new("hydra", 1, 2, Hydra),
    ];

    private static string? Env(ResolverCall call)
    {
        var name = PythonText.Str(call.Arguments[0]);
        if (call.Evaluator.Environment(name) is { } value) return value;
        if (call.Arguments.Count == 1) throw new ResolverException($"environment variable '{name}' is not set") { Help = $"set {name}, or give a default: ${{oc.env:{name},DEFAULT}}" };
        return call.Arguments[1] is { } otherwise ? ValueText.Of(otherwise) : null;
    }

    private static object? Decode(ResolverCall call)
    {
        if (call.Arguments[0] is null) return null;
        if (call.Arguments[0] is not string text)
            throw new ResolverException($"oc.decode reads text, not {Describe(call.Arguments[0])}");
        try
        {
            return call.Evaluator.ElementValue(InterpolationParser.ParseElement(text), call.Parent, call.Node);
        }
        catch (InterpolationSyntaxException e)
        {
            throw new NodeException("interpolation-syntax", $"'{text}' cannot be decoded: {e.Message}");
        }
    }

    private static ConfigNode Create(ResolverCall call)
    {
        var node = call.Arguments[0] switch
        {
            ContainerNode container => container.Clone(),
            List<object?> or PlainMap => TreeBuilder.FromPlain(call.Arguments[0], call.Node.Origin),
            string text => CreateFromText(text, call),
            null => throw new ResolverException("oc.create makes no container from null"),
            _ => throw new ResolverException($"oc.create makes a container from a list, a mapping or text, not from {Describe(call.Arguments[0])}"),
        };
        node.Parent = call.Parent;
        node.Key = null;
        return node;
    }

    private static ContainerNode CreateFromText(string text, ResolverCall call)
    {
        var source = new OriginSource(OriginKind.Engine, call.Node.Origin.Source.Name) { Text = text };
        return YamlLoader.Load(text, source);
    }

    private static object? Select(ResolverCall call)
    {
        if (call.Arguments[0] is not string key) throw new ResolverException($"oc.select takes a key as text, not {Describe(call.Arguments[0])}");
        var otherwise = call.Argument(1);
        var found = call.Evaluator.Paths.SelectLeniently(call.Parent, key, throwOnMissing: false, absent: otherwise);
        return found is ConfigNode { IsMissing: true } or "???" ? otherwise : found;
    }

    private static ConfigNode Deprecated(ResolverCall call)
    {
        if (call.Arguments[0] is not string key) throw new ResolverException($"oc.deprecated takes a key as text, not {Describe(call.Arguments[0])}");
        return call.Evaluator.Paths.SelectNode(call.Parent, key)
            ?? throw new ResolverException($"'{key}', which replaces a deprecated key, does not exist");
    }

    private static SequenceNode Keys(ResolverCall call)
    {
        var mapping = Mapping(call);
        var keys = new SequenceNode { Origin = call.Node.Origin };
        foreach (var item in mapping.Items) keys.Add(new ScalarNode(item.Key) { Origin = item.Origin });
        keys.Parent = call.Parent;
        return keys;
    }

    private static SequenceNode Values(ResolverCall call)
    {
        var mapping = Mapping(call);
        var key = (string)call.Arguments[0]!;
        // One more level to climb, since the values stand inside a list.
        if (key.StartsWith('.')) key = "." + key;
        var values = new SequenceNode { Origin = call.Node.Origin };
        foreach (var item in mapping.Items) values.Add(new ScalarNode($"${{{key}.{PythonText.Str(item.Key)}}}") { Origin = item.Origin });
        values.Parent = call.Parent;
        return values;
    }

    private static MappingNode Mapping(ResolverCall call)
    {
        if (call.Arguments[0] is not string key) throw new ResolverException($"{call.Name} takes a key as text, not {Describe(call.Arguments[0])}");
        var found = call.Evaluator.Paths.SelectLeniently(call.Parent, key, throwOnMissing: true) ?? throw new ResolverException($"key '{key}' not found");
        return found as MappingNode ?? throw new ResolverException($"{call.Name} reads a mapping; '{key}' is {Describe(found)}");
    }

    // strftime, as far as file names need it.
    private static string Now(ResolverCall call)
    {
        var pattern = PythonText.Str(call.Arguments[0]);
        var now = call.Evaluator.LocalNow;
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '%' || i + 1 == pattern.Length)
            {
                text.Append(pattern[i]);
                continue;
            }

            var format = pattern[++i] switch
            {
                'Y' => "yyyy",
                'y' => "yy",
                'm' => "MM",
                'd' => "dd",
                'H' => "HH",
                'I' => "hh",
                'M' => "mm",
                'S' => "ss",
                'f' => "ffffff",
                'b' => "MMM",
                'B' => "MMMM",
                'a' => "ddd",
                'A' => "dddd",
                'p' => "tt",
                _ => null,
            };
            switch (pattern[i])
            {
                case '%': text.Append('%'); break;
                case 'j': text.Append(now.DayOfYear.ToString("000", CultureInfo.InvariantCulture)); break;
                case 's': text.Append(now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)); break;
                case 'F': text.Append(now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)); break;
                case 'T': text.Append(now.ToString("HH:mm:ss", CultureInfo.InvariantCulture)); break;
                default: text.Append(format is null ? $"%{pattern[i]}" : now.ToString(format.Length == 1 ? "%" + format : format, CultureInfo.InvariantCulture)); break;
            }
        }

        return text.ToString();
    }

    private static object? Hydra(ResolverCall call)
    {
        if (call.Arguments[0] is not string key) throw new ResolverException($"hydra takes a key as text, not {Describe(call.Arguments[0])}");
        var runtime = call.Evaluator.HydraRoot?.Invoke() ?? throw new ResolverException("there is no hydra node in this composition");
        var found = call.Evaluator.Paths.SelectLeniently(runtime, "hydra." + key, throwOnMissing: false, fromRoot: true);
        if (found is null or "???" or ConfigNode { IsMissing: true })
            return call.Arguments.Count > 1 ? call.Arguments[1] : throw new ResolverException($"key 'hydra.{key}' not found");
        return found;
    }

    private static string Describe(object? value) => value switch
    {
        null => "null",
        SequenceNode or List<object?> => "a list",
        MappingNode or PlainMap => "a mapping",
        _ => $"'{PythonText.Str(value)}' ({PythonText.TypeName(value)})",
    };
}
