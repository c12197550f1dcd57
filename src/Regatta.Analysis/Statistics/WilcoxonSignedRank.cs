using MathNet.Numerics.Distributions;

namespace Regatta.Analysis;

/// <summary>What a test of two-sided hypotheses found.</summary>
/// <param name="Name">The test, in words.</param>
/// <param name="Statistic">Its statistic.</param>
/// <param name="P">Two-sided p-value.</param>
/// <param name="SmallestP">The smallest p-value that this test can give for this many runs.</param>
/// <param name="Exact">The p-value comes from the exact distribution.</param>
public sealed record TestResult(string Name, double Statistic, double P, double SmallestP, bool Exact);

/// <summary>The Wilcoxon signed-rank test for paired runs: Wilcoxon 1945; Hollander and Wolfe 1973, section 3.1.</summary>
public static class WilcoxonSignedRank
{
    /// <summary>Most pairs for which the distribution is computed exactly, ties included.</summary>
    public const int ExactUpTo = 50;

    /// <summary>Tests whether the differences are symmetric about zero. Zero differences are left out, as Wilcoxon did.</summary>
    /// <param name="differences">One difference a pair; none NaN.</param>
    /// <returns>The result; its statistic is <c>V</c>, the sum of the ranks of the positive differences.</returns>
    public static TestResult Test(ReadOnlySpan<double> differences)
    {
        var nonzero = differences.ToArray().Where(d => d != 0).ToArray();
        var n = nonzero.Length;
        var smallest = SmallestP(differences.Length);
        const string Name = "Wilcoxon signed-rank";
        if (n == 0) return new(Name, 0, 1, smallest, true);
        var ranks = Ranks.Doubled(nonzero.Select(Math.Abs).ToArray());
        var v = 0;
        for (var i = 0; i < n; i++)
        {
            if (nonzero[i] > 0) v += ranks[i];
        }

        if (n <= ExactUpTo)
        {
            var probability = SignDistribution(ranks);
            double lower = 0, upper = 0;
            for (var sum = 0; sum < probability.Length; sum++)
            {
                if (sum <= v) lower += probability[sum];
                if (sum >= v) upper += probability[sum];
            }

            return new(Name, v / 2.0, Math.Min(1, 2 * Math.Min(lower, upper)), smallest, true);
        }

        var mean = n * (n + 1) / 4.0;
        var deviation = Math.Sqrt((n * (n + 1.0) * ((2 * n) + 1) / 24) - (Ranks.TieTerm(ranks) / 48));
        var z = (v / 2.0) - mean;
        z = (z - (0.5 * Math.Sign(z))) / deviation;
        return new(Name, v / 2.0, Math.Min(1, 2 * Normal.CDF(0, 1, -Math.Abs(z))), smallest, false);
    }

    /// <summary>The smallest two-sided p-value that <paramref name="pairs"/> pairs can give: <c>2 / 2^n</c>.</summary>
    public static double SmallestP(int pairs) => Math.Min(1, Math.Pow(2, 1 - pairs));

    /// <summary>The Hodges–Lehmann estimate of the shift: the median of the Walsh averages <c>(d_i + d_j) / 2</c>, <c>i &lt;= j</c>; NaN for none.</summary>
    public static double Shift(ReadOnlySpan<double> differences) => OrderStatistics.Median(WalshAverages(differences));

    /// <summary>The interval of the shift that inverts the test: Hollander and Wolfe 1973, section 3.3; null for fewer than two pairs.</summary>
    public static Interval? ShiftInterval(ReadOnlySpan<double> differences, double confidence = 0.95)
    {
        var n = differences.Length;
        if (n < 2) return null;
        var averages = WalshAverages(differences);
        Array.Sort(averages);
        var (k, reached) = n <= ExactUpTo
            ? Critical(SignDistribution([.. Enumerable.Range(1, n)]), confidence)
            : Critical(n * (n + 1) / 4.0, Math.Sqrt(n * (n + 1.0) * ((2 * n) + 1) / 24), averages.Length, confidence);
        return new(averages[k - 1], averages[averages.Length - k], reached) { Coverage = SimulatedCoverage.Of(Estimate.PairedShift, n, confidence) };
    }

    /// <summary>
    /// The place <c>k</c> (from 1) of the interval's ends among the ordered estimates, and the confidence that they reach:
    /// the smallest <c>k</c> with <c>P(T &lt;= k) &gt;= (1 - confidence) / 2</c>, but at least 1.
    /// </summary>
    internal static (int K, double Reached) Critical(double[] probability, double confidence)
    {
        double below = 0;
        var k = 0;
        while (below + probability[k] < (1 - confidence) / 2) below += probability[k++];
        return k == 0 ? (1, 1 - (2 * probability[0])) : (k, 1 - (2 * below));
    }

    internal static (int K, double Reached) Critical(double mean, double deviation, int estimates, double confidence) =>
        (Math.Clamp((int)Math.Floor(mean + (deviation * Normal.InvCDF(0, 1, (1 - confidence) / 2))), 1, Math.Max(1, estimates / 2)), confidence);

    private static double[] WalshAverages(ReadOnlySpan<double> differences)
    {
        var averages = new double[differences.Length * (differences.Length + 1) / 2];
        var n = 0;
        for (var i = 0; i < differences.Length; i++)
        {
            for (var j = i; j < differences.Length; j++) averages[n++] = (differences[i] + differences[j]) / 2;
        }

        return averages;
    }

    /// <summary>The distribution of the sum of the ranks that a fair coin chose for each.</summary>
    private static double[] SignDistribution(int[] ranks)
    {
        var probability = new double[ranks.Sum() + 1];
        probability[0] = 1;
        var most = 0;
        foreach (var rank in ranks)
        {
            most += rank;
            for (var sum = most; sum >= 0; sum--)
                probability[sum] = (probability[sum] + (sum >= rank ? probability[sum - rank] : 0)) / 2;
        }

        return probability;
    }
}
