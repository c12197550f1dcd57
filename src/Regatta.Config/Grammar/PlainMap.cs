namespace Regatta.Config;

/// <summary>A mapping that a resolver made or was given, outside of any tree.</summary>
public sealed class PlainMap
{
    private readonly List<KeyValuePair<object?, object?>> _items = [];

    /// <summary>Keys and values in order.</summary>
    public IReadOnlyList<KeyValuePair<object?, object?>> Items => _items;

    /// <summary>Sets a key; a later value replaces an earlier one in its place.</summary>
    public void Set(object? key, object? value)
    {
        var at = _items.FindIndex(i => Equals(i.Key, key));
        if (at < 0) _items.Add(new(key, value));
        else _items[at] = new(_items[at].Key, value);
    }
}
