namespace Regatta.Analysis;

/// <summary>The Hodges–Lehmann shift between two independent groups: Hodges and Lehmann 1963; Hollander and Wolfe 1973, section 4.2.</summary>
public static class HodgesLehmann
{
    private const int ExactUpTo = 50;

    /// <summary>The median of all differences <c>y - x</c>; NaN when a group is empty.</summary>
    public static double Shift(ReadOnlySpan<double> x, ReadOnlySpan<double> y) => OrderStatistics.Median(Differences(x, y));

    /// <summary>The interval of the shift that inverts the Mann–Whitney test; null when a group has fewer than two values.</summary>
    public static Interval? ShiftInterval(ReadOnlySpan<double> x, ReadOnlySpan<double> y, double confidence = 0.95)
    {
        if (x.Length < 2 || y.Length < 2) return null;
        double m = x.Length, n = y.Length;
        var differences = Differences(x, y);
        Array.Sort(differences);
        var (k, reached) = x.Length <= ExactUpTo && y.Length <= ExactUpTo
            ? WilcoxonSignedRank.Critical(RankSumDistribution(x.Length, y.Length), confidence)
            : WilcoxonSignedRank.Critical(m * n / 2, Math.Sqrt(m * n * (m + n + 1) / 12), differences.Length, confidence);
        return new(differences[k - 1], differences[differences.Length - k], reached) { Coverage = SimulatedCoverage.Of(Estimate.Shift, Math.Min(x.Length, y.Length), confidence) };
    }

    private static double[] Differences(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var differences = new double[x.Length * y.Length];
        var n = 0;
        foreach (var a in x)
        {
            foreach (var b in y) differences[n++] = b - a;
        }

        return differences;
    }

    /// <summary>The distribution of the Mann–Whitney statistic without ties, by the recurrence of Mann and Whitney 1947.</summary>
    private static double[] RankSumDistribution(int m, int n)
    {
        // row[j][u]: probability of u for i values against j.
        var rows = new double[n + 1][];
        for (var j = 0; j <= n; j++) rows[j] = [1];
        for (var i = 1; i <= m; i++)
        {
            var next = new double[n + 1][];
            next[0] = [1];
            for (var j = 1; j <= n; j++)
            {
                next[j] = new double[(i * j) + 1];
                for (var u = 0; u <= i * j; u++)
                {
                    var withX = u >= j && u - j < rows[j].Length ? rows[j][u - j] : 0;
                    var withY = u < next[j - 1].Length ? next[j - 1][u] : 0;
                    next[j][u] = ((i * withX) + (j * withY)) / (i + j);
                }
            }

            rows = next;
        }

        return rows[n];
    }
}
