using System.Numerics;

namespace Regatta.Workloads;

/// <summary>
/// The project's random numbers: xoshiro256** 1.0 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021),
/// its state filled from the seed by SplitMix64, as its authors advise. Own code, because the numbers of <see cref="System.Random"/> may differ
/// between versions of .NET and a seed has to mean the same workload for ever. Not for several threads.
/// </summary>
public sealed class RandomStream
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;
    private double _spareNormal = double.NaN;

    /// <summary>The stream of a seed.</summary>
    public RandomStream(long seed)
    {
        var state = (ulong)seed;
        _a = SplitMix(ref state);
        _b = SplitMix(ref state);
        _c = SplitMix(ref state);
        _d = SplitMix(ref state);
    }

    /// <summary>
    /// A stream for one purpose, such as <c>sizes</c>: it depends on the seed and the name alone, so that drawing more numbers for one purpose does
    /// not change another. The name is hashed by FNV-1a.
    /// </summary>
    public static RandomStream For(long seed, string purpose)
    {
        ArgumentNullException.ThrowIfNull(purpose);
        var hash = 14695981039346656037UL;
        foreach (var c in purpose) hash = (hash ^ c) * 1099511628211UL;
        return new RandomStream(seed ^ (long)hash);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double Uniform(double low, double high) => low + ((high - low) * Uniform());

    /// <summary>A whole number from 0 to below <paramref name="count"/>, without bias (Lemire 2019).</summary>
    public int Below(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        while (true)
        {
            var high = Math.BigMul(Next(), (ulong)count, out var low);
            if (low >= (ulong)count || low >= (0UL - (ulong)count) % (ulong)count) return (int)high;
        }
    }

    /// <summary>Exponential with this mean.</summary>
    public double Exponential(double mean) => -mean * Math.Log(1 - Uniform());

    /// <summary>Standard normal, by the polar method of Marsaglia.</summary>
    public double Normal()
    {
        if (!double.IsNaN(_spareNormal))
        {
            var spare = _spareNormal;
            _spareNormal = double.NaN;
            return spare;
        }

        while (true)
        {
            var x = Uniform(-1, 1);
            var y = Uniform(-1, 1);
            var s = (x * x) + (y * y);
            if (s is 0 or >= 1) continue;
            var factor = Math.Sqrt(-2 * Math.Log(s) / s);
            _spareNormal = y * factor;
            return x * factor;
        }
    }

    /// <summary>Gamma with this shape and scale (mean shape · scale), by Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26(3), 2000.</summary>
    public double Gamma(double shape, double scale)
    {
        if (shape < 1) return Gamma(shape + 1, scale) * Math.Pow(1 - Uniform(), 1 / shape);
        var d = shape - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = Normal();
            var v = 1 + (c * x);
            if (v <= 0) continue;
            v = v * v * v;
            var u = 1 - Uniform();
            if (Math.Log(u) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v))) return d * v * scale;
        }
    }

    /// <summary>Puts items into a random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
