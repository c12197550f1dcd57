using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Regatta.Workloads;

/// <summary>Numbers names from 1 in the order in which they come.</summary>
internal sealed class NameNumbers
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<string> _names = [];

    // What a file has said so far, byte for byte, by open addressing: a row has ten names, and millions of rows say the same few thousand.
    private (byte[]? Bytes, int Hash, int Number)[] _said = new (byte[]?, int, int)[64];
    private int _count;

    public NameNumbers() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The names, that of number 1 first.</summary>
    public ImmutableArray<string> Names => [.. _names];

    /// <summary>The name behind a number; null for a number below 1.</summary>
    public string? this[int number] => number < 1 ? null : _names[number - 1];

    /// <summary>Number of a name that was said before in the same bytes; 0 for others.</summary>
    public int Find(ReadOnlySpan<byte> name) => _said[Place(name, Hash(name))].Number;

    /// <summary>Number of a name; -1 for an empty one.</summary>
    public int Of(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return -1;
        var hash = Hash(name);
        var at = Place(name, hash);
        if (_said[at].Number is > 0 and var known) return known;
        // Bytes that are no UTF-8 may be the same name as others.
        var number = Of(Encoding.UTF8.GetString(name).AsSpan());
        _said[at] = (name.ToArray(), hash, number);
        if (++_count > _said.Length / 2) Grow();
        return number;
    }

    /// <summary>Number of a name; -1 for an empty one.</summary>
    public int Of(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty) return -1;
        if (_lookup.TryGetValue(name, out var number)) return number;
        _names.Add(name.ToString());
        return _numbers[_names[^1]] = _names.Count;
    }

    /// <summary>Where a name stands, or would.</summary>
    private int Place(ReadOnlySpan<byte> name, int hash)
    {
        var at = hash & (_said.Length - 1);
        while (_said[at] is { Bytes: { } bytes } said && !(said.Hash == hash && name.SequenceEqual(bytes))) at = (at + 1) & (_said.Length - 1);
        return at;
    }

    private static int Hash(ReadOnlySpan<byte> name)
    {
        var hash = (ulong)name.Length;
        for (; name.Length >= sizeof(ulong); name = name[sizeof(ulong)..]) hash = Mixed(hash, BinaryPrimitives.ReadUInt64LittleEndian(name));
        ulong rest = 0;
        foreach (var letter in name) rest = (rest << 8) | letter;
        hash = Mixed(hash, rest);
        return (int)(hash >> 33);
    }

    private static ulong Mixed(ulong hash, ulong bytes) => (BitOperations.RotateLeft(hash, 29) ^ bytes) * 0x9E3779B97F4A7C15;

    private void Grow()
    {
        var larger = new (byte[]? Bytes, int Hash, int Number)[_said.Length * 2];
        foreach (var said in _said)
        {
            if (said.Bytes is null) continue;
            var at = said.Hash & (larger.Length - 1);
            while (larger[at].Bytes is not null) at = (at + 1) & (larger.Length - 1);
            larger[at] = said;
        }

        _said = larger;
    }
}
