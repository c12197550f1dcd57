namespace Regatta.Config;

/// <summary>A list.</summary>
public sealed class SequenceNode : ContainerNode, ICompositeValue
{
    private List<ConfigNode> _items = [];

    /// <summary>The items, in order.</summary>
    public IReadOnlyList<ConfigNode> Items => _items;

    /// <inheritdoc/>
    public override int Count => _items.Count;

    string ICompositeValue.PythonTypeName => "ListConfig";

    string ICompositeValue.Description => "a list";

    internal override ConfigNode? Child(string segment) =>
        PythonText.TryInt(segment, out var number) && number is long at && at >= 0 && at < _items.Count ? _items[(int)at] : null;

    internal int IndexOf(ConfigNode node)
    {
        for (var i = 0; i < _items.Count; i++)
        {
            if (ReferenceEquals(_items[i], node)) return i;
        }

        return -1;
    }

    internal void Add(ConfigNode value)
    {
        value.Parent = this;
        value.Key = null;
        _items.Add(value);
    }

    internal void Set(int at, ConfigNode value)
    {
        value.Parent = this;
        value.Key = null;
        _items[at] = value;
    }

    internal void RemoveAt(int at) => _items.RemoveAt(at);

    internal void TakeItems(SequenceNode other)
    {
        SetItems();
        foreach (var item in other._items) Add(item);
    }

    internal override ConfigNode Clone()
    {
        var copy = new SequenceNode();
        CopyTo(copy);
        copy._items = Cloned(_items, copy);

        return copy;
    }

    protected private override void RemoveAll() => _items = [];
}
