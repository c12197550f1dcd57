using MathNet.Numerics.Distributions;

namespace Regatta.Tests.Workloads;

/// <summary>Goodness of fit. Seeds are fixed, so that a test passes always or never; the level is far out, since each is looked at once.</summary>
internal static class Fit
{
    public static double Gamma(double x, double shape, double scale) => x <= 0 ? 0 : new Gamma(shape, 1 / scale).CumulativeDistribution(x);

    /// <summary>Kolmogorov–Smirnov at the level 0.001 (1.95 / sqrt(n)).</summary>
    public static void KolmogorovSmirnov(IEnumerable<double> sample, Func<double, double> cumulative)
    {
        var sorted = sample.Order().ToArray();
        var distance = 0.0;
        for (var i = 0; i < sorted.Length; i++)
        {
            var p = cumulative(sorted[i]);
            distance = Math.Max(distance, Math.Max(p - ((double)i / sorted.Length), ((i + 1.0) / sorted.Length) - p));
        }

        Assert.True(distance < 1.95 / Math.Sqrt(sorted.Length), $"distance {distance} of {sorted.Length} values");
    }

    /// <summary>Chi-square at the level 0.001; classes of less than five expected are joined.</summary>
    public static void ChiSquare(IReadOnlyList<int> counts, IReadOnlyList<double> shares)
    {
        var total = counts.Sum();
        double statistic = 0, expected = 0, seen = 0;
        var classes = 0;
        for (var i = 0; i < counts.Count; i++)
        {
            expected += shares[i] * total;
            seen += counts[i];
            if (expected < 5 && i < counts.Count - 1) continue;
            if (expected > 0) statistic += (seen - expected) * (seen - expected) / expected;
            else Assert.Equal(0, seen);
            classes++;
            (expected, seen) = (0, 0);
        }

        var limit = ChiSquared.InvCDF(classes - 1, 0.999);
        Assert.True(statistic < limit, $"chi-square {statistic} above {limit} with {classes} classes");
    }
}
