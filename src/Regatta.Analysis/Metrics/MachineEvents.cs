using System.Numerics;

namespace Regatta.Analysis;

/// <summary>The distinct sizes of a trial's jobs, by which events are kept in one number with their time.</summary>
internal sealed class JobSizes
{
    private readonly int[] _indices;

    public JobSizes(ReadOnlySpan<int> processors)
    {
        var largest = 0;
        foreach (var size in processors) largest = Math.Max(largest, size);
        _indices = new int[largest + 1];
        foreach (var size in processors) _indices[size] = 1;
        var sizes = new List<int>();
        for (var size = 0; size <= largest; size++)
        {
            if (_indices[size] == 0) continue;
            _indices[size] = sizes.Count;
            sizes.Add(size);
        }

        Sizes = [.. sizes];
        Bits = BitOperations.Log2((uint)Math.Max(1, Sizes.Length - 1)) + 1;
    }

    /// <summary>The sizes in processors, rising.</summary>
    public int[] Sizes { get; }

    /// <summary>Bits that the number of a size takes.</summary>
    public int Bits { get; }

    /// <summary>The number of a size.</summary>
    public int this[int processors] => _indices[processors];

    /// <summary>Bits that a time within a window of <paramref name="span"/> microseconds takes.</summary>
    /// <exception cref="DiagnosticException">Time and size do not fit into 64 bits together.</exception>
    public int TimeBits(long span)
    {
        var bits = BitOperations.Log2((ulong)span) + 1;
        if (Bits + bits <= 64) return bits;
        throw new DiagnosticException(Diagnostic.Error("trial-too-long", $"the stamps of the trial are {(ulong)span / 31_557_600e6:0} years apart, which with {Sizes.Length} sizes of jobs is more than can be measured") with
        {
            Help = "its records are damaged: look at the stamps in its jobs.parquet, such as with 'regatta query'",
        });
    }
}

/// <summary>Events in a column of numbers: the time in the higher bits, the size of the job in the lower.</summary>
internal ref struct MachineEvents(Span<ulong> items)
{
    private readonly Span<ulong> _items = items;

    public int Count { get; private set; }

    public readonly ReadOnlySpan<ulong> Items => _items[..Count];

    public void Add(ulong item) => _items[Count++] = item;

    /// <summary>Sorts by time with a radix sort from the lowest digit; logs that are sorted already cost one pass.</summary>
    /// <param name="firstBit">The lowest bit of the time.</param>
    /// <param name="bits">How many bits the time has.</param>
    /// <param name="scratch">At least as long as there are events.</param>
    public readonly void Sort(int firstBit, int bits, Span<ulong> scratch)
    {
        const int Digit = 11;
        var sorted = true;
        for (var i = 1; i < Count && sorted; i++) sorted = _items[i - 1] >> firstBit <= _items[i] >> firstBit;
        if (sorted) return;
        var source = _items[..Count];
        var target = scratch[..Count];
        var places = new int[1 << Digit];
        var passes = 0;
        for (var shift = firstBit; shift < firstBit + bits; shift += Digit, passes++)
        {
            Array.Clear(places);
            foreach (var item in source) places[(int)(item >> shift) & ((1 << Digit) - 1)]++;
            var place = 0;
            for (var d = 0; d < places.Length; d++) (places[d], place) = (place, place + places[d]);
            foreach (var item in source) target[places[(int)(item >> shift) & ((1 << Digit) - 1)]++] = item;
            var swap = source;
            source = target;
            target = swap;
        }

        if (passes % 2 == 1) source.CopyTo(_items);
    }
}
