namespace Regatta.Config;

/// <summary>Makes resolved copies of trees; how deep and how large they may grow is bounded.</summary>
internal sealed class ResolvedTree(Evaluator evaluator)
{
    private const int DepthLimit = 120;
    private const int NodeLimit = 1_000_000;
    private int _depth;
    private int _produced;

    /// <summary>A copy of the tree in which every reference is replaced by what it refers to; <c>???</c> stays.</summary>
    public ConfigNode Of(ConfigNode node)
    {
        if (++_produced > NodeLimit)
            throw new NodeException("interpolation-resolution", $"the resolved configuration has more than {NodeLimit} values");
        if (++_depth > DepthLimit) throw new NodeException("interpolation-cycle", "references lead deeper and deeper: there is a cycle", node.Path);
        try
        {
            var origin = node.Origin;
            object? value;
            try
            {
                value = node.IsInterpolation ? evaluator.Dereference(node) : node;
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
            _depth--;
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

                foreach (var item in mapping.Items) map.Set(item.Key!, Of(item));
                return map;
            default:
                var sequence = (SequenceNode)target;
                var list = new SequenceNode { Hint = sequence.Hint, ItemHint = sequence.ItemHint };
                if (sequence.State != ContainerState.Value)
                {
                    list.SetSpecial(sequence.SpecialValue);
                    return list;
                }

                foreach (var item in sequence.Items) list.Add(Of(item));
                return list;
        }
    }

    // What a resolver answered, as nodes; texts in it are no references any more.
    private ConfigNode Wrap(object? value, ConfigNode at)
    {
        switch (value)
        {
            case ConfigNode node:
                return Of(node);
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
}
