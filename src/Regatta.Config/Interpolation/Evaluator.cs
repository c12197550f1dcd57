using System.Text;

namespace Regatta.Config;

/// <summary>Follows the references of one composition. Not safe for use from several threads at once.</summary>
internal sealed class Evaluator(ContainerNode root, ResolverSet resolvers, Func<string, string?> environment, TimeProvider time)
{
    private const int DepthLimit = 120;
    private const int NodeLimit = 1_000_000;
    private const int TextLimit = 4_000_000;
    private readonly Dictionary<string, object?> _cache = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _started = time.GetLocalNow();
    private ResolvedTree? _resolved;
    private ReferencePaths? _paths;
    private int _depth;
    private int _followed;

    public Func<MappingNode?>? HydraRoot { get; init; }

    public DateTimeOffset LocalNow => _started;

    public Dictionary<string, object?> Cache { get => _cache; init => _cache = value; }

    /// <summary>Finds what paths lead to.</summary>
    public ReferencePaths Paths => _paths ??= new ReferencePaths(this);

    public string? Environment(string name) => environment(name);

    /// <summary>A copy of the tree in which every reference is replaced by what it refers to; <c>???</c> stays.</summary>
    public ConfigNode Resolve(ConfigNode node) => (_resolved ??= new ResolvedTree(this)).Of(node);

    /// <summary>What a node with a reference refers to: a node of the tree, or a plain value.</summary>
    public object? Dereference(ConfigNode node)
    {
        var parent = node.Parent ?? root;
        var result = TextValue(ExpressionOf(node), parent, node);
        if (node is ScalarNode scalar && scalar.Hint is not (AnyHint or UnionHint))
        {
            var value = result is ScalarNode target ? target.Value : result;
            if (result is ContainerNode container && !container.IsSpecial) value = container;
            try
            {
                var converted = Conversion.Convert(value, scalar.Hint);
                if (converted?.GetType() != value?.GetType()) return converted;
            }
            catch (ConversionException e)
            {
                throw new NodeException("interpolation-type-mismatch", $"'{scalar.Value}' resolves to a value of the wrong type: {e.Message}", node.Path) { Where = node.Origin };
            }
        }

        return result;
    }

    private static TextExpression ExpressionOf(ConfigNode node)
    {
        try
        {
            return node is ScalarNode scalar
                ? scalar.Expression ??= InterpolationParser.Parse((string)scalar.Value!)
                : InterpolationParser.Parse(node.InterpolationText!);
        }
        catch (InterpolationSyntaxException e)
        {
            throw new NodeException("interpolation-syntax", $"'{node.InterpolationText}' is not well formed: {e.Message}", node.Path, e) { Where = node.Origin };
        }
    }

    private object? TextValue(TextExpression text, ContainerNode parent, ConfigNode node)
    {
        if (text.Single is { } single) return ReferenceValue(single, parent, node);
        var result = new StringBuilder();
        foreach (var part in text.Parts)
        {
            result.Append(part is Literal literal ? literal.Text : ValueText.Of(ReferenceValue((Reference)part, parent, node)));
            if (result.Length > TextLimit) throw new NodeException("interpolation-resolution", $"references make a text of more than {TextLimit} characters");
        }

        return result.ToString();
    }

    private object? ReferenceValue(Reference reference, ContainerNode parent, ConfigNode node)
    {
        if (++_followed > NodeLimit) throw new NodeException("interpolation-resolution", $"more than {NodeLimit} references are followed");
        if (++_depth > DepthLimit) throw new NodeException("interpolation-cycle", $"'{reference.Source}' leads back to itself: {Paths.Chain()}") { Help = ReferencePaths.CycleCure };
        try
        {
            return reference is NodeReference target
                ? Paths.Follow(PathText(target.Path, parent, node), parent, reference)
                : CallResolver((ResolverReference)reference, parent, node);
        }
        finally
        {
            _depth--;
        }
    }

    private string PathText(IReadOnlyList<TextPart> path, ContainerNode parent, ConfigNode node)
    {
        if (path.Count == 1 && path[0] is Literal only) return only.Text;
        var text = new StringBuilder();
        foreach (var part in path)
        {
            if (part is Literal literal)
            {
                text.Append(literal.Text);
                continue;
            }

            var value = Plain(ReferenceValue((Reference)part, parent, node));
            text.Append(value as string ?? throw new NodeException("interpolation-resolution",
                $"'{((Reference)part).Source}' stands for a key and must give text, not {ValueText.Of(value)} ({PythonText.TypeName(value)})"));
        }

        return text.ToString();
    }

    private object? CallResolver(ResolverReference call, ContainerNode parent, ConfigNode node)
    {
        var name = ResolverName(call, parent, node);
        var resolver = resolvers.Find(name);
        var arguments = call.Arguments.Select(a => Plain(ElementValue(a, parent, node))).ToList();
        if (resolver is null)
        {
            throw new NodeException("unknown-resolver", $"'{call.Source}' calls the resolver '{name}', which does not exist")
            {
                Help = Suggestion.Help(name, resolvers.Names.ToList()),
            };
        }

        if (arguments.Count < resolver.MinimumArguments || arguments.Count > resolver.MaximumArguments)
        {
            var range = resolver.MinimumArguments == resolver.MaximumArguments ? $"{resolver.MinimumArguments}"
                : resolver.MaximumArguments == int.MaxValue ? $"at least {resolver.MinimumArguments}" : $"{resolver.MinimumArguments} to {resolver.MaximumArguments}";
            throw new NodeException("interpolation-resolution", $"'{name}' takes {range} arguments, not {arguments.Count}");
        }

        var key = resolver.IsCached ? $"{name}({string.Join(',', arguments.Select(a => $"{PythonText.TypeName(a)}:{ValueText.Of(a)}"))})" : "";
        if (resolver.IsCached && _cache.TryGetValue(key, out var known)) return known;
        object? answer;
        try
        {
            answer = resolver.Answer(new ResolverCall(name, arguments, parent, node) { Evaluator = this });
        }
        catch (ResolverException e)
        {
            throw new NodeException("interpolation-resolution", $"'{call.Source}' cannot be resolved: {e.Message}", null, e) { Help = e.Help };
        }

        if (resolver.IsCached) _cache[key] = answer;
        return answer;
    }

    private string ResolverName(ResolverReference call, ContainerNode parent, ConfigNode node)
    {
        if (call.Name.Count == 1 && call.Name[0] is Literal only) return only.Text;
        var text = new StringBuilder();
        foreach (var part in call.Name)
        {
            if (part is Literal literal)
            {
                text.Append(literal.Text);
                continue;
            }

            var value = Plain(ReferenceValue((Reference)part, parent, node));
            text.Append(value as string ?? throw new NodeException("interpolation-resolution",
                $"'{((Reference)part).Source}' stands for the name of a resolver and must give text, not {ValueText.Of(value)}"));
        }

        return text.ToString();
    }

    public object? ElementValue(Element element, ContainerNode parent, ConfigNode node)
    {
        switch (element)
        {
            case ConstantElement constant:
                return constant.Value;
            case TextElement text:
                var value = TextValue(text.Text, parent, node);
                return text.Quoted ? ValueText.Of(value) : Plain(value);
            case ListElement list:
                return list.Items.Select(i => ElementValue(i, parent, node)).ToList();
            default:
                var map = new PlainMap();
                foreach (var (key, item) in ((MapElement)element).Items) map.Set(key, ElementValue(item, parent, node));
                return map;
        }
    }

    private static object? Plain(object? value) => value switch
    {
        ScalarNode scalar => scalar.Value,
        ContainerNode { IsSpecial: true } special => special.SpecialValue,
        _ => value,
    };
}
