using System.Text;
using Regatta.Diagnostics;

namespace Regatta.Config;

/// <summary>Follows the references of one composition. Not safe for use from several threads at once.</summary>
internal sealed class Evaluator(ContainerNode root, ResolverSet resolvers, Func<string, string?> environment, TimeProvider time)
{
    private const int DepthLimit = 120;
    private const int NodeLimit = 1_000_000;
    private const int TextLimit = 4_000_000;
    private readonly Dictionary<string, object?> cache = new(StringComparer.Ordinal);
    private readonly List<ConfigNode> active = [];
    private readonly DateTimeOffset started = time.GetLocalNow();
    private int depth;
    private int produced;
    private int followed;

    public Func<MappingNode?>? HydraRoot { get; init; }

    public DateTimeOffset LocalNow => started;

    public Dictionary<string, object?> Cache { get => cache; init => cache = value; }

    public string? Environment(string name) => environment(name);

    /// <summary>A copy of the tree in which every reference is replaced by what it refers to; <c>???</c> stays.</summary>
    public ConfigNode Resolve(ConfigNode node)
    {
        if (++produced > NodeLimit)
            throw new NodeException("interpolation-resolution", $"the resolved configuration has more than {NodeLimit} values");
        if (++depth > DepthLimit) throw new NodeException("interpolation-cycle", "references lead deeper and deeper: there is a cycle", node.Path);
        try
        {
            var origin = node.Origin;
            object? value;
            try
            {
                value = node.IsInterpolation ? Dereference(node) : node;
            }
            catch (NodeException e) when (e.Path is null)
            {
                throw new NodeException(e.Code, e.Message, node.Path, e) { Where = e.Where ?? node.Origin, Help = e.Help };
            }

            var copy = value is ConfigNode target ? ResolvedCopy(target) : Wrap(value, node);
            copy.Key = node.Key;
            if (copy is ScalarNode) copy.Hint = node.Hint;
            copy.Origin = origin;
            copy.History = node.History;
            return copy;
        }
        finally
        {
            depth--;
        }
    }

    private ConfigNode ResolvedCopy(ConfigNode target)
    {
        switch (target)
        {
            case ScalarNode scalar:
                return new ScalarNode(scalar.Value) { Hint = scalar.Hint };
            case MappingNode mapping:
                var map = new MappingNode { Schema = mapping.Schema, KeyHint = mapping.KeyHint, Hint = mapping.Hint, ItemHint = mapping.ItemHint };
                if (mapping.State != ContainerState.Value)
                {
                    map.SetSpecial(mapping.SpecialValue);
                    return map;
                }

                foreach (var item in mapping.Items) map.Set(item.Key!, Resolve(item));
                return map;
            default:
                var sequence = (SequenceNode)target;
                var list = new SequenceNode { Hint = sequence.Hint, ItemHint = sequence.ItemHint };
                if (sequence.State != ContainerState.Value)
                {
                    list.SetSpecial(sequence.SpecialValue);
                    return list;
                }

                foreach (var item in sequence.Items) list.Add(Resolve(item));
                return list;
        }
    }

    // What a resolver answered, as nodes; texts in it are no references any more.
    private ConfigNode Wrap(object? value, ConfigNode at)
    {
        switch (value)
        {
            case ConfigNode node:
                return Resolve(node);
            case List<object?> items:
                var list = new SequenceNode { Origin = at.Origin };
                foreach (var item in items) list.Add(Wrap(item, at));
                return list;
            case PlainMap items:
                var map = new MappingNode { Origin = at.Origin };
                foreach (var (key, item) in items.Items) map.Set(key ?? "None", Wrap(item, at));
                return map;
            default:
                return new ScalarNode(value) { Origin = at.Origin };
        }
    }

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
            result.Append(part is Literal literal ? literal.Text : TextOf(ReferenceValue((Reference)part, parent, node)));
            if (result.Length > TextLimit) throw new NodeException("interpolation-resolution", $"references make a text of more than {TextLimit} characters");
        }

        return result.ToString();
    }

    /// <summary>A value as text inside a text: as Python's <c>str</c> writes it.</summary>
    public static string TextOf(object? value) => value switch
    {
        ScalarNode scalar => PythonText.Str(scalar.Value),
        ContainerNode { IsNull: true } => "None",
        ContainerNode { IsSpecial: true } special => $"'{special.SpecialValue}'",
        ContainerNode or List<object?> or PlainMap => ReprOf(value, 0),
        _ => PythonText.Str(value),
    };

    private static string ReprOf(object? value, int level)
    {
        if (level > DepthLimit) return "...";
        return value switch
        {
            ScalarNode scalar => PythonText.ReprOf(scalar.Value),
            ContainerNode { IsNull: true } => "None",
            ContainerNode { IsSpecial: true } special => $"'{special.SpecialValue}'",
            MappingNode map => $"{{{string.Join(", ", map.Items.Select(i => $"{PythonText.ReprOf(i.Key)}: {ReprOf(i, level + 1)}"))}}}",
            SequenceNode list => $"[{string.Join(", ", list.Items.Select(i => ReprOf(i, level + 1)))}]",
            PlainMap map => $"{{{string.Join(", ", map.Items.Select(i => $"{PythonText.ReprOf(i.Key)}: {ReprOf(i.Value, level + 1)}"))}}}",
            List<object?> list => $"[{string.Join(", ", list.Select(i => ReprOf(i, level + 1)))}]",
            _ => PythonText.ReprOf(value),
        };
    }

    private object? ReferenceValue(Reference reference, ContainerNode parent, ConfigNode node)
    {
        if (++followed > NodeLimit) throw new NodeException("interpolation-resolution", $"more than {NodeLimit} references are followed");
        if (++depth > DepthLimit) throw new NodeException("interpolation-cycle", $"'{reference.Source}' leads back to itself: {Chain()}");
        try
        {
            return reference is NodeReference target
                ? FollowPath(PathText(target.Path, parent, node), parent, reference)
                : CallResolver((ResolverReference)reference, parent, node);
        }
        finally
        {
            depth--;
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
                $"'{((Reference)part).Source}' stands for a key and must give text, not {TextOf(value)} ({PythonText.TypeName(value)})"));
        }

        return text.ToString();
    }

    private object FollowPath(string path, ContainerNode parent, Reference reference)
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
            if (ReferenceEquals(up, found)) throw new NodeException("interpolation-cycle", $"'{reference.Source}' refers to a mapping or list that it stands in itself");
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
        foreach (var node in active)
        {
            if (ReferenceEquals(node, child)) throw new NodeException("interpolation-cycle", $"references go round in a circle: {Chain(child)}");
        }

        active.Add(child);
        try
        {
            return Dereference(child);
        }
        finally
        {
            active.RemoveAt(active.Count - 1);
        }
    }

    private string Chain(ConfigNode? back = null)
    {
        var paths = active.Select(n => n.Path).ToList();
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

    /// <summary>A value by path for a resolver: null when it is not there or not reachable.</summary>
    public object? SelectLeniently(ContainerNode from, string key, bool throwOnMissing, bool fromRoot = false)
    {
        var (start, path) = fromRoot ? (from, key) : Start(from, key);
        var notContainer = false;
        try
        {
            var found = Select(start, path, throwOnMissing, out notContainer);
            return found == NullValue ? null : found is ScalarNode scalar ? scalar.Value : found;
        }
        catch (NodeException) when (notContainer)
        {
            return null;
        }
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

        var key = resolver.IsCached ? $"{name}({string.Join(',', arguments.Select(a => $"{PythonText.TypeName(a)}:{TextOf(a)}"))})" : "";
        if (resolver.IsCached && cache.TryGetValue(key, out var known)) return known;
        object? answer;
        try
        {
            answer = resolver.Answer(new ResolverCall(name, arguments, parent, node) { Evaluator = this });
        }
        catch (ResolverException e)
        {
            throw new NodeException("interpolation-resolution", $"'{call.Source}' cannot be resolved: {e.Message}", null, e) { Help = e.Help };
        }

        if (resolver.IsCached) cache[key] = answer;
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
                $"'{((Reference)part).Source}' stands for the name of a resolver and must give text, not {TextOf(value)}"));
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
                return text.Quoted ? TextOf(value) : Plain(value);
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
