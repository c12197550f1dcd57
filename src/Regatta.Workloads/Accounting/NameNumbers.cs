using System.Text;

namespace Regatta.Workloads;

/// <summary>Numbers names from 1 in the order in which they come.</summary>
internal sealed class NameNumbers
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<string> _names = [];
    private char[] _text = new char[256];

    public NameNumbers() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The names, that of number 1 first.</summary>
    public ImmutableArray<string> Names => [.. _names];

    /// <summary>The name behind a number; null for a number below 1.</summary>
    public string? this[int number] => number < 1 ? null : _names[number - 1];

    /// <summary>Number of a name; -1 for an empty one.</summary>
    public int Of(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return -1;
        if (_text.Length < name.Length) _text = new char[name.Length];
        return Of(_text.AsSpan(0, Encoding.UTF8.GetChars(name, _text)));
    }

    /// <summary>Number of a name; -1 for an empty one.</summary>
    public int Of(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty) return -1;
        if (_lookup.TryGetValue(name, out var number)) return number;
        _names.Add(name.ToString());
        return _numbers[_names[^1]] = _names.Count;
    }
}
