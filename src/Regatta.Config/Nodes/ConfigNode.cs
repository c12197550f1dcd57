using System.Text;

namespace Regatta.Config;

/// <summary>A node of a composed configuration: a mapping, a sequence or a scalar, with where it was written.</summary>
public abstract class ConfigNode
{
    /// <summary>Where the value was written.</summary>
    public Origin Origin { get; internal set; } = Origin.Engine;

    /// <summary>What it may hold.</summary>
    public TypeHint Hint { get; internal set; } = TypeHint.Any;

    /// <summary>The key under which its parent holds it; null for the root and for items of sequences.</summary>
    public object? Key { get; internal set; }

    /// <summary>The container that holds it; null for the root.</summary>
    public ContainerNode? Parent { get; internal set; }

    /// <summary>What this value replaced, newest first.</summary>
    public Replaced? History { get; internal set; }

    /// <summary>Whether it is the mandatory value <c>???</c> that was never given.</summary>
    public abstract bool IsMissing { get; }

    /// <summary>Whether it is null.</summary>
    public abstract bool IsNull { get; }

    /// <summary>Whether it is text with a reference (<c>${...}</c>) in it.</summary>
    public abstract bool IsInterpolation { get; }

    internal bool IsSpecial => IsNull || IsMissing || IsInterpolation;

    /// <summary>The text of the reference when <see cref="IsInterpolation"/>.</summary>
    internal abstract string? InterpolationText { get; }

    /// <summary>The path from the root, such as <c>a.l[0].b</c>; empty for the root.</summary>
    public string Path => PathOf(null);

    internal ContainerNode? Root
    {
        get
        {
            var node = this;
            while (node.Parent is not null) node = node.Parent;
            return node as ContainerNode;
        }
    }

    internal abstract ConfigNode Clone();

    internal string PathOf(object? childKey)
    {
        var parts = new List<(string Text, bool Index)>();
        if (childKey is not null) parts.Add((KeyText(childKey), this is SequenceNode));
        for (var node = this; node.Parent is not null; node = node.Parent)
        {
            if (node.Parent is SequenceNode sequence)
                parts.Add((sequence.IndexOf(node).ToString(CultureInfo.InvariantCulture), true));
            else if (node.Key is not null)
                parts.Add((KeyText(node.Key), false));
        }

        var text = new StringBuilder();
        for (var i = parts.Count - 1; i >= 0; i--)
        {
            if (parts[i].Index) text.Append('[').Append(parts[i].Text).Append(']');
            else if (text.Length == 0) text.Append(parts[i].Text);
            else text.Append('.').Append(parts[i].Text);
        }

        return text.ToString();
    }

    internal static string KeyText(object key) => key is EnumMember member ? member.Name : PythonText.Str(key);

    /// <summary>The value in a few characters, for messages and stories.</summary>
    public string Summary()
    {
        var text = this switch
        {
            ScalarNode { Value: null } => "null",
            ScalarNode { Value: bool flag } => flag ? "true" : "false",
            ScalarNode { Value: string s } => s,
            ScalarNode scalar => PythonText.Str(scalar.Value),
            MappingNode mapping when mapping.State == ContainerState.Value => mapping.Count == 0 ? "{}" : $"{{{string.Join(", ", mapping.Items.Take(4).Select(i => KeyText(i.Key!)))}{(mapping.Count > 4 ? ", ..." : "")}}}",
            SequenceNode sequence when sequence.State == ContainerState.Value => sequence.Count == 0 ? "[]" : $"[{string.Join(", ", sequence.Items.Take(4).Select(i => i is ContainerNode ? "..." : i.Summary()))}{(sequence.Count > 4 ? ", ..." : "")}]",
            ContainerNode container => container.InterpolationText ?? (container.IsMissing ? "???" : "null"),
            _ => "",
        };
        return text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 57), "...");
    }
}

/// <summary>What a container holds.</summary>
public enum ContainerState
{
    /// <summary>Its items.</summary>
    Value,

    /// <summary>Null.</summary>
    Null,

    /// <summary>Nothing yet: it must be given.</summary>
    Missing,

    /// <summary>A reference to another container.</summary>
    Interpolation,
}

/// <summary>A mapping or a sequence.</summary>
public abstract class ContainerNode : ConfigNode
{
    private string? _reference;

    /// <summary>Whether it holds items or one of the special values.</summary>
    public ContainerState State { get; private set; }

    /// <summary>How many items it holds; 0 when it holds a special value.</summary>
    public abstract int Count { get; }

    /// <inheritdoc/>
    public override bool IsMissing => State == ContainerState.Missing;

    /// <inheritdoc/>
    public override bool IsNull => State == ContainerState.Null;

    /// <inheritdoc/>
    public override bool IsInterpolation => State == ContainerState.Interpolation;

    internal override string? InterpolationText => _reference;

    /// <summary>Whether unknown keys are refused here and below; null takes the parent's answer.</summary>
    internal bool? Closed { get; set; }

    /// <summary>The type of each item.</summary>
    internal TypeHint ItemHint { get; set; } = TypeHint.Any;

    internal bool IsClosed
    {
        get
        {
            for (ContainerNode? node = this; node is not null; node = node.Parent)
            {
                if (node.Closed is { } closed) return closed;
            }

            return false;
        }
    }

    internal void SetSpecial(object? value)
    {
        RemoveAll();
        _reference = null;
        switch (value)
        {
            case null: State = ContainerState.Null; break;
            case "???": State = ContainerState.Missing; break;
            default:
                State = ContainerState.Interpolation;
                _reference = (string)value;
                break;
        }
    }

    internal void SetItems()
    {
        RemoveAll();
        _reference = null;
        State = ContainerState.Value;
    }

    /// <summary>The special value as a scalar would hold it.</summary>
    internal object? SpecialValue => State switch
    {
        ContainerState.Missing => "???",
        ContainerState.Interpolation => _reference,
        _ => null,
    };

    /// <summary>The child under one segment of a path, or null.</summary>
    internal abstract ConfigNode? Child(string segment);

    protected private abstract void RemoveAll();

    /// <summary>Copies of the items of a node, for a copy of it.</summary>
    protected private static List<ConfigNode> Cloned(List<ConfigNode> items, ContainerNode parent)
    {
        var copies = new List<ConfigNode>(items.Count);
        foreach (var item in items)
        {
            var child = item.Clone();
            child.Parent = parent;
            copies.Add(child);
        }

        return copies;
    }

    protected private void CopyTo(ContainerNode copy)
    {
        copy.Origin = Origin;
        copy.Hint = Hint;
        copy.Key = Key;
        copy.History = History;
        copy.Closed = Closed;
        copy.ItemHint = ItemHint;
        copy.State = State;
        copy._reference = _reference;
    }
}
