using System.Numerics;
using MathNet.Numerics.Random;

namespace Regatta.Analysis;

/// <summary>The permutation test for paired runs: within a block the two labels may be exchanged, which flips the sign of the difference. Fisher 1935.</summary>
public static class SignFlip
{
    /// <summary>Most blocks for which all exchanges are tried.</summary>
    public const int ExactUpTo = 20;

    /// <summary>Tests whether the mean difference is zero.</summary>
    /// <param name="differences">One difference a block; none NaN.</param>
    /// <param name="resamples">How many exchanges are drawn when there are more than <see cref="ExactUpTo"/> blocks.</param>
    /// <param name="seed">Seed of those draws.</param>
    /// <returns>The result; its statistic is the mean difference.</returns>
    public static TestResult Test(ReadOnlySpan<double> differences, int resamples = 10_000, int seed = 1)
    {
        const string Name = "permutation by block";
        var n = differences.Length;
        if (n == 0) return new(Name, 0, 1, 1, true);
        var observed = Distribution.Sum(differences);
        double scale = 0;
        foreach (var difference in differences) scale += Math.Abs(difference);
        var reach = Math.Abs(observed) - (1e-12 * scale);
        long extreme = 0, count;
        if (n <= ExactUpTo)
        {
            // Gray code: each exchange differs from the one before in a single block.
            count = 1L << n;
            var signs = new bool[n];
            var sum = observed;
            extreme = 1;
            for (long i = 1; i < count; i++)
            {
                var block = BitOperations.TrailingZeroCount(i);
                sum += signs[block] ? 2 * differences[block] : -2 * differences[block];
                signs[block] = !signs[block];
                if (Math.Abs(sum) >= reach) extreme++;
            }

            return new(Name, observed / n, (double)extreme / count, WilcoxonSignedRank.SmallestP(n), true);
        }

        var random = new Xoshiro256StarStar(seed, threadSafe: false);
        for (count = 1, extreme = 1; count <= resamples; count++)
        {
            double sum = 0;
            foreach (var difference in differences) sum += random.NextBoolean() ? difference : -difference;
            if (Math.Abs(sum) >= reach) extreme++;
        }

        return new(Name, observed / n, (double)extreme / count, 1.0 / count, false);
    }
}
