namespace Regatta.Config;

/// <summary>A mapping that a resolver made or was given, outside of any tree.</summary>
public sealed class PlainMap
{
    private readonly List<KeyValuePair<object?, object?>> items = [];

    /// <summary>Keys and values in order.</summary>
    public IReadOnlyList<KeyValuePair<object?, object?>> Items => items;

    /// <summary>Sets a key; a later value replaces an earlier one in its place.</summary>
    public void Set(object? key, object? value)
    {
        var at = items.FindIndex(i => Equals(i.Key, key));
        if (at < 0) items.Add(new(key, value));
        else items[at] = new(items[at].Key, value);
    }
}
