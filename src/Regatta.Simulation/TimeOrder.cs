using System.Buffers;

namespace Regatta.Simulation;

/// <summary>Orders rows by a time.</summary>
public static class TimeOrder
{
    private const int Digit = 11;
    private const int Few = 4096;

    /// <summary>Sorts times, and the rows that they are of with them, with a radix sort from the lowest digit; rows of one time stay in their order.</summary>
    /// <param name="times">Times of any unit.</param>
    /// <param name="rows">As many rows.</param>
    public static void Sort(Span<long> times, Span<int> rows)
    {
        if (times.Length == 0) return;
        long first = long.MaxValue, last = long.MinValue;
        var sorted = true;
        for (var i = 0; i < times.Length; i++)
        {
            sorted &= i == 0 || times[i - 1] <= times[i];
            first = Math.Min(first, times[i]);
            last = Math.Max(last, times[i]);
        }

        if (sorted) return;
        var (otherTimes, otherRows) = (ArrayPool<long>.Shared.Rent(times.Length), ArrayPool<int>.Shared.Rent(times.Length));
        Span<long> source = times, target = otherTimes.AsSpan(0, times.Length);
        Span<int> sourceRows = rows, targetRows = otherRows.AsSpan(0, times.Length);
        var span = (ulong)(last - first);
        // A digit of few rows would cost more to count than to sort.
        var digit = times.Length < Few ? 8 : Digit;
        var places = new int[1 << digit];
        var mask = (ulong)places.Length - 1;
        var passes = 0;
        for (var shift = 0; shift < 64 && (span >> shift) > 0; shift += digit, passes++)
        {
            Array.Clear(places);
            foreach (var time in source) places[((ulong)(time - first) >> shift) & mask]++;
            var place = 0;
            for (var d = 0; d < places.Length; d++) (places[d], place) = (place, place + places[d]);
            for (var i = 0; i < source.Length; i++)
            {
                ref var at = ref places[((ulong)(source[i] - first) >> shift) & mask];
                target[at] = source[i];
                targetRows[at++] = sourceRows[i];
            }

            var swap = source;
            source = target;
            target = swap;
            var swapRows = sourceRows;
            sourceRows = targetRows;
            targetRows = swapRows;
        }

        if (passes % 2 != 0)
        {
            source.CopyTo(times);
            sourceRows.CopyTo(rows);
        }

        ArrayPool<long>.Shared.Return(otherTimes);
        ArrayPool<int>.Shared.Return(otherRows);
    }
}
