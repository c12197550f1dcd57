using System.Numerics;

namespace Regatta.Config;

/// <summary>A mapping that keeps the order in which its keys first appeared. Keys are text, whole numbers, truth values, floats or bytes.</summary>
public sealed class MappingNode : ContainerNode, ICompositeValue
{
    private const int IndexFrom = 9;
    private List<ConfigNode> _items = [];
    private Dictionary<object, int>? _index;

    /// <summary>The values, in order; each knows its own key.</summary>
    public IReadOnlyList<ConfigNode> Items => _items;

    /// <inheritdoc/>
    public override int Count => _items.Count;

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
            return at < 0 ? null : _items[at];
        }
    }

    /// <summary>The keys that are text, in order.</summary>
    public IEnumerable<string> Keys => _items.Select(i => i.Key).OfType<string>();

    internal override ConfigNode? Child(string segment)
    {
        var at = Find(segment);
        return at < 0 ? null : _items[at];
    }

    internal void Set(object key, ConfigNode value)
    {
        value.Parent = this;
        var at = Find(key);
        if (at >= 0)
        {
            value.Key = _items[at].Key;
            _items[at] = value;
            return;
        }

        value.Key = key;
        _items.Add(value);
        if (_index is not null) _index.Add(Normal(key), _items.Count - 1);
        else if (_items.Count >= IndexFrom) BuildIndex();
    }

    internal bool Remove(object key)
    {
        var at = Find(key);
        if (at < 0) return false;
        _items.RemoveAt(at);
        if (_index is not null) BuildIndex();
        return true;
    }

    internal override ConfigNode Clone()
    {
        var copy = new MappingNode { Schema = Schema, KeyHint = KeyHint };
        CopyTo(copy);
        copy._items = Cloned(_items, copy);

        if (_index is not null) copy._index = new Dictionary<object, int>(_index, KeyComparer.Instance);
        return copy;
    }

    protected private override void RemoveAll()
    {
        _items.Clear();
        _index = null;
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
        if (_index is not null) return _index.TryGetValue(Normal(key), out var at) ? at : -1;
        if (key is string text)
        {
            for (var i = 0; i < _items.Count; i++)
            {
                if (_items[i].Key is string other && (ReferenceEquals(other, text) || string.Equals(other, text, StringComparison.Ordinal))) return i;
            }

            return -1;
        }

        var normal = Normal(key);
        for (var i = 0; i < _items.Count; i++)
        {
            if (KeyComparer.Instance.Equals(Normal(_items[i].Key!), normal)) return i;
        }

        return -1;
    }

    private void BuildIndex()
    {
        _index = new Dictionary<object, int>(_items.Count * 2, KeyComparer.Instance);
        for (var i = 0; i < _items.Count; i++) _index[Normal(_items[i].Key!)] = i;
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
