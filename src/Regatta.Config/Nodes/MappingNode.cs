using System.Numerics;

namespace Regatta.Config;

/// <summary>A mapping that keeps the order in which its keys first appeared. Keys are text, whole numbers, truth values, floats or bytes.</summary>
public sealed class MappingNode : ContainerNode, ICompositeValue
{
    private const int IndexFrom = 9;
    private List<ConfigNode> items = [];
    private Dictionary<object, int>? index;

    /// <summary>The values, in order; each knows its own key.</summary>
    public IReadOnlyList<ConfigNode> Items => items;

    /// <inheritdoc/>
    public override int Count => items.Count;

    /// <summary>The declaration that its content follows; null for a free mapping.</summary>
    public StructSchema? Schema { get; internal set; }

    string ICompositeValue.PythonTypeName => "DictConfig";

    string ICompositeValue.Description => "a mapping";

    internal TypeHint KeyHint { get; set; } = TypeHint.Any;

    /// <summary>The value under a key, or null.</summary>
    public ConfigNode? this[object key]
    {
        get
        {
            var at = Find(key);
            return at < 0 ? null : items[at];
        }
    }

    /// <summary>The keys that are text, in order.</summary>
    public IEnumerable<string> Keys => items.Select(i => i.Key).OfType<string>();

    internal override ConfigNode? Child(string segment)
    {
        var at = Find(segment);
        return at < 0 ? null : items[at];
    }

    internal void Set(object key, ConfigNode value)
    {
        value.Parent = this;
        var at = Find(key);
        if (at >= 0)
        {
            value.Key = items[at].Key;
            items[at] = value;
            return;
        }

        value.Key = key;
        items.Add(value);
        if (index is not null) index.Add(Normal(key), items.Count - 1);
        else if (items.Count >= IndexFrom) BuildIndex();
    }

    internal bool Remove(object key)
    {
        var at = Find(key);
        if (at < 0) return false;
        items.RemoveAt(at);
        if (index is not null) BuildIndex();
        return true;
    }

    internal override ConfigNode Clone()
    {
        var copy = new MappingNode { Schema = Schema, KeyHint = KeyHint };
        CopyTo(copy);
        copy.items = Cloned(items, copy);

        if (index is not null) copy.index = new Dictionary<object, int>(index, KeyComparer.Instance);
        return copy;
    }

    protected private override void RemoveAll()
    {
        items.Clear();
        index = null;
    }

    // Python compares 1, 1.0 and True as equal when they are keys.
    private static object Normal(object key) => key switch
    {
        bool flag => flag ? 1L : 0L,
        double number when number == Math.Floor(number) && Math.Abs(number) < 9e18 => (long)number,
        _ => key,
    };

    private int Find(object key)
    {
        if (index is not null) return index.TryGetValue(Normal(key), out var at) ? at : -1;
        if (key is string text)
        {
            for (var i = 0; i < items.Count; i++)
            {
                if (items[i].Key is string other && (ReferenceEquals(other, text) || string.Equals(other, text, StringComparison.Ordinal))) return i;
            }

            return -1;
        }

        var normal = Normal(key);
        for (var i = 0; i < items.Count; i++)
        {
            if (KeyComparer.Instance.Equals(Normal(items[i].Key!), normal)) return i;
        }

        return -1;
    }

    private void BuildIndex()
    {
        index = new Dictionary<object, int>(items.Count * 2, KeyComparer.Instance);
        for (var i = 0; i < items.Count; i++) index[Normal(items[i].Key!)] = i;
    }

    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public static KeyComparer Instance { get; } = new();

        public new bool Equals(object? x, object? y) => (x, y) switch
        {
            (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
            (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
            _ => object.Equals(x, y),
        };

        public int GetHashCode(object obj) => obj switch
        {
            string text => string.GetHashCode(text, StringComparison.Ordinal),
            byte[] bytes => bytes.Length,
            BigInteger number => number.GetHashCode(),
            _ => obj.GetHashCode(),
        };
    }
}
