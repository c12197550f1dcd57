using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Regatta.Simulation;

/// <summary>Free processors over time, from now to the end of time, as steps.</summary>
internal sealed class CapacityProfile(int capacity)
{
    // Steps are looked at in words of 64; the arrays end that far behind the last step.
    private const int Word = 64;

    // Step i goes from _times[i] to _times[i + 1]; the last one has no end.
    private long[] _times = [0, .. new long[255]];
    private int[] _free = [capacity, .. new int[255]];
    private int _first;
    private int _count = 1;

    /// <summary>Begins anew: all is free, for ever.</summary>
    public void Reset()
    {
        (_first, _count) = (0, 1);
        (_times[0], _free[0]) = (0, capacity);
    }

    /// <summary>Forgets the steps that are over.</summary>
    public void Forget(long now)
    {
        while (_count > 1 && _times[_first + 1] <= now)
        {
            _first++;
            _count--;
        }
    }

    /// <summary>
    /// The earliest time in [<paramref name="from"/>, <paramref name="until"/>) from which so many processors are free for so long, or up to
    /// <paramref name="until"/> if that comes first; -1 when there is none. <paramref name="from"/> is not before the last <see cref="Forget"/>.
    /// </summary>
    public long Find(long from, long until, int size, long duration)
    {
        var end = _first + _count;
        var times = _times;
        var at = StepAt(from);
        var fits = Fits(at, size);
        while (true)
        {
            while (fits == 0)
            {
                if ((at += Word) >= end) throw new InvalidOperationException("a job is larger than the machine");
                if (times[at] >= until) return -1;
                fits = Fits(at, size);
            }

            var first = BitOperations.TrailingZeroCount(fits);
            var start = Math.Max(from, times[at + first]);
            if (start >= until) return -1;
            var finish = Math.Min(until, start + duration);
            var full = ~fits & (ulong.MaxValue << first);
            while (full == 0)
            {
                if ((at += Word) >= end || times[at] >= finish) return start;
                fits = Fits(at, size);
                full = ~fits;
            }

            first = BitOperations.TrailingZeroCount(full);
            if (at + first >= end || times[at + first] >= finish) return start;
            fits &= ulong.MaxValue << first;
        }
    }

    /// <summary>Adds to the free processors of [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public void Add(long from, long to, int processors)
    {
        if (from >= to) return;
        // For both splits, so that neither moves what the other found.
        if (_first + _count + Word + 2 > _times.Length) MakeRoom();
        var begin = Split(from, StepAt(from));
        // Steps rise: the end is not before the begin.
        var end = Split(to, StepAt(to, begin));
        var change = Vector256.Create(processors);
        ref var free = ref MemoryMarshal.GetArrayDataReference(_free);
        var i = begin;
        for (; i + Vector256<int>.Count <= end; i += Vector256<int>.Count) (Vector256.LoadUnsafe(ref free, (nuint)i) + change).StoreUnsafe(ref free, (nuint)i);
        for (; i < end; i++) _free[i] += processors;
        // The later border first: joining steps moves what lies behind.
        Join(end);
        Join(begin);
    }

    /// <summary>The most processors that are free at any time in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public int Most(long from, long to)
    {
        var most = 0;
        var end = _first + _count;
        for (var i = StepAt(from); i < end && (_times[i] < to); i++) most = Math.Max(most, _free[i]);
        return most;
    }

    /// <summary>Which of the 64 steps from <paramref name="at"/> on have so many processors free, one bit each.</summary>
    private ulong Fits(int at, int size)
    {
        var wanted = Vector256.Create(size);
        ref var free = ref MemoryMarshal.GetArrayDataReference(_free);
        var bits = 0UL;
        for (var i = 0; i < Word; i += Vector256<int>.Count)
            bits |= (ulong)Vector256.GreaterThanOrEqual(Vector256.LoadUnsafe(ref free, (nuint)(at + i)), wanted).ExtractMostSignificantBits() << i;
        var left = _first + _count - at;
        return left < Word ? bits & ((1UL << left) - 1) : bits;
    }

    /// <summary>The step that a time lies in.</summary>
    private int StepAt(long time) => _count == 1 || time < _times[_first + 1] ? _first : StepAt(time, _first);

    /// <summary>The step that a time lies in, which is not before <paramref name="low"/>.</summary>
    private int StepAt(long time, int low)
    {
        ref var times = ref MemoryMarshal.GetArrayDataReference(_times);
        // Without branches: which half it is cannot be foreseen, and a wrong guess takes longer than the comparison.
        for (var steps = _first + _count - low; steps > 1;)
        {
            var half = steps / 2;
            var later = Unsafe.Add(ref times, low + half) <= time;
            low += half & -Unsafe.BitCast<bool, byte>(later);
            steps -= half;
        }

        return low;
    }

    private int Split(long time, int at)
    {
        if (_times[at] == time) return at;
        var tail = _first + _count - at - 1;
        Array.Copy(_times, at + 1, _times, at + 2, tail);
        Array.Copy(_free, at + 1, _free, at + 2, tail);
        _count++;
        _times[at + 1] = time;
        _free[at + 1] = _free[at];
        return at + 1;
    }

    private void Join(int at)
    {
        if (at <= _first || _free[at] != _free[at - 1]) return;
        var tail = _first + _count - at - 1;
        Array.Copy(_times, at + 1, _times, at, tail);
        Array.Copy(_free, at + 1, _free, at, tail);
        _count--;
    }

    private void MakeRoom()
    {
        var length = _count + Word + 2 > _times.Length / 2 ? _times.Length * 2 : _times.Length;
        var (times, free) = (new long[length], new int[length]);
        Array.Copy(_times, _first, times, 0, _count);
        Array.Copy(_free, _first, free, 0, _count);
        (_times, _free, _first) = (times, free, 0);
    }
}
