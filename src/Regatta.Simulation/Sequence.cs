using System.Collections;

namespace Regatta.Simulation;

/// <summary>Makes sequences.</summary>
public static class Sequence
{
    /// <summary>One of nothing.</summary>
    public static Sequence<T> Empty<T>() => new([]);
}

/// <summary>Things in order, equal to others that are the same in the same order, so that settings that hold them compare by what they say.</summary>
/// <typeparam name="T">What they are.</typeparam>
public sealed class Sequence<T> : IReadOnlyList<T>, IEquatable<Sequence<T>>
{
    private readonly ImmutableArray<T> _items;

    /// <summary>A sequence of these.</summary>
    public Sequence(IEnumerable<T> items) => _items = [.. items];

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public T this[int index] => _items[index];

    /// <inheritdoc/>
    public bool Equals(Sequence<T>? other) => other is not null && _items.AsSpan().SequenceEqual(other._items.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Sequence<T>);

    /// <inheritdoc/>
    public override int GetHashCode() => _items.Aggregate(0, HashCode.Combine);

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
