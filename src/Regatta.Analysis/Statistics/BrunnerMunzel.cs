using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Regatta.Analysis;

/// <summary>The Brunner–Munzel test for two independent groups that may differ in spread: Brunner and Munzel, Biometrical Journal 2000.</summary>
public static class BrunnerMunzel
{
    /// <summary>Most ways to divide the values for which all are tried.</summary>
    public const double MostDivisions = 200_000;

    /// <summary>The test by Student's distribution with Satterthwaite's degrees of freedom; asks for about ten values in each group.</summary>
    /// <returns>The result; a positive statistic says that <paramref name="y"/> tends to be larger. A p-value of 1 when a group has fewer than two values.</returns>
    public static TestResult Test(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        const string Name = "Brunner–Munzel";
        if (x.Length < 2 || y.Length < 2) return new(Name, 0, 1, 1, false);
        var (statistic, freedom) = Statistic(x, y);
        var p = double.IsInfinity(statistic) ? 0 : double.IsNaN(freedom) ? 1 : 2 * StudentT.CDF(0, 1, freedom, -Math.Abs(statistic));
        return new(Name, statistic, p, 0, false);
    }

    /// <summary>The studentised permutation test for few values: Neubert and Brunner, Computational Statistics and Data Analysis 2007. All divisions are tried.</summary>
    /// <exception cref="ArgumentException">There are more than <paramref name="most"/> ways to divide the values.</exception>
    public static TestResult Permutation(ReadOnlySpan<double> x, ReadOnlySpan<double> y, double most = MostDivisions)
    {
        const string Name = "Brunner–Munzel by permutation";
        if (x.Length < 2 || y.Length < 2) return new(Name, 0, 1, 1, true);
        var divisions = Divisions(x.Length, y.Length);
        if (divisions > most) throw new ArgumentException($"there are {divisions:0} ways to divide {x.Length} + {y.Length} values", nameof(most));
        double[] all = [.. x, .. y];
        var observed = Math.Abs(Statistic(x, y).Statistic);
        var chosen = new int[x.Length];
        for (var i = 0; i < chosen.Length; i++) chosen[i] = i;
        var first = new double[x.Length];
        var second = new double[y.Length];
        long extreme = 0, count = 0;
        do
        {
            for (int i = 0, a = 0, b = 0; i < all.Length; i++)
            {
                if (a < chosen.Length && chosen[a] == i) first[a++] = all[i];
                else second[b++] = all[i];
            }

            // A hair of tolerance: the same division computed in another order must count as equal.
            if (Math.Abs(Statistic(first, second).Statistic) >= observed * (1 - 1e-12)) extreme++;
            count++;
        }
        while (Next(chosen, all.Length));
        return new(Name, Statistic(x, y).Statistic, (double)extreme / count, SmallestP(x.Length, y.Length), true);
    }

    /// <summary>The smallest two-sided p-value that a permutation of <paramref name="m"/> against <paramref name="n"/> values can give.</summary>
    public static double SmallestP(int m, int n) => Math.Min(1, 2 / Divisions(m, n));

    /// <summary>In how many ways <c>m + n</c> values can be divided.</summary>
    public static double Divisions(int m, int n) => SpecialFunctions.Binomial(m + n, m);

    private static (double Statistic, double Freedom) Statistic(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double m = x.Length, n = y.Length;
        var all = Ranks.Doubled([.. x, .. y]);
        var meanX = Mean(all.AsSpan(0, x.Length));
        var meanY = Mean(all.AsSpan(x.Length));
        var varianceX = Variance(all.AsSpan(0, x.Length), Ranks.Doubled(x), meanX);
        var varianceY = Variance(all.AsSpan(x.Length), Ranks.Doubled(y), meanY);
        var difference = meanY - meanX;
        var spread = (m * varianceX) + (n * varianceY);
        if (spread == 0) return (difference == 0 ? 0 : double.PositiveInfinity * Math.Sign(difference), double.NaN);
        var freedom = spread * spread / ((Math.Pow(m * varianceX, 2) / (m - 1)) + (Math.Pow(n * varianceY, 2) / (n - 1)));
        return (m * n * difference / ((m + n) * Math.Sqrt(spread)), freedom);
    }

    private static double Mean(ReadOnlySpan<int> doubledRanks)
    {
        double sum = 0;
        foreach (var rank in doubledRanks) sum += rank;
        return sum / 2 / doubledRanks.Length;
    }

    private static double Variance(ReadOnlySpan<int> overall, int[] within, double mean)
    {
        var count = overall.Length;
        double sum = 0;
        for (var i = 0; i < count; i++)
        {
            var deviation = ((overall[i] - within[i]) / 2.0) - mean + ((count + 1) / 2.0);
            sum += deviation * deviation;
        }

        return sum / (count - 1);
    }

    private static bool Next(int[] chosen, int of)
    {
        var i = chosen.Length - 1;
        while (i >= 0 && chosen[i] == of - chosen.Length + i) i--;
        if (i < 0) return false;
        chosen[i]++;
        for (var j = i + 1; j < chosen.Length; j++) chosen[j] = chosen[j - 1] + 1;
        return true;
    }
}
