using MathNet.Numerics.Distributions;

namespace Regatta.Analysis;

/// <summary>Two one-sided tests that two means differ by less than a margin (TOST): Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 1987, with Welch's variance.</summary>
public static class EquivalenceTest
{
    /// <summary>Tests that the mean behind <paramref name="y"/> is within <paramref name="margin"/> of that behind <paramref name="x"/>.</summary>
    /// <param name="x">Values of one group.</param>
    /// <param name="y">Values of the other.</param>
    /// <param name="margin">The margin, in the unit of the values; above zero.</param>
    /// <returns>The larger of the two p-values: small when the means are equivalent. 1 when a group has fewer than two values, or the margin is zero.</returns>
    public static double P(ReadOnlySpan<double> x, ReadOnlySpan<double> y, double margin)
    {
        if (x.Length < 2 || y.Length < 2 || !(margin > 0)) return 1;
        var (first, second) = (Moments(x), Moments(y));
        var (a, b) = (first.Variance / x.Length, second.Variance / y.Length);
        var difference = second.Mean - first.Mean;
        var error = Math.Sqrt(a + b);
        // Values without spread say all there is to say.
        if (error == 0) return Math.Abs(difference) < margin ? 0 : 1;
        var freedom = (a + b) * (a + b) / ((a * a / (x.Length - 1)) + (b * b / (y.Length - 1)));
        var below = StudentT.CDF(0, 1, freedom, -(difference + margin) / error);
        var above = StudentT.CDF(0, 1, freedom, (difference - margin) / error);
        return Math.Max(below, above);
    }

    private static (double Mean, double Variance) Moments(ReadOnlySpan<double> values)
    {
        double sum = 0, squares = 0;
        foreach (var value in values) sum += value;
        var mean = sum / values.Length;
        foreach (var value in values) squares += (value - mean) * (value - mean);
        return (mean, squares / (values.Length - 1));
    }
}
