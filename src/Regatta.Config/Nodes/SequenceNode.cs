namespace Regatta.Config;

/// <summary>A list.</summary>
public sealed class SequenceNode : ContainerNode, ICompositeValue
{
    private List<ConfigNode> items = [];

    /// <summary>The items, in order.</summary>
    public IReadOnlyList<ConfigNode> Items => items;

    /// <inheritdoc/>
    public override int Count => items.Count;

    string ICompositeValue.PythonTypeName => "ListConfig";

    string ICompositeValue.Description => "a list";

    internal override ConfigNode? Child(string segment) =>
        PythonText.TryInt(segment, out var number) && number is long at && at >= 0 && at < items.Count ? items[(int)at] : null;

    internal int IndexOf(ConfigNode node)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (ReferenceEquals(items[i], node)) return i;
        }

        return -1;
    }

    internal void Add(ConfigNode value)
    {
        value.Parent = this;
        value.Key = null;
        items.Add(value);
    }

    internal void Set(int at, ConfigNode value)
    {
        value.Parent = this;
        value.Key = null;
        items[at] = value;
    }

    internal void RemoveAt(int at) => items.RemoveAt(at);

    internal void TakeItems(SequenceNode other)
    {
        SetItems();
        foreach (var item in other.items) Add(item);
    }

    internal override ConfigNode Clone()
    {
        var copy = new SequenceNode();
        CopyTo(copy);
        copy.items = Cloned(items, copy);

        return copy;
    }

    protected private override void RemoveAll() => items = [];
}
