using MathNet.Numerics.Distributions;

namespace Regatta.Analysis;

/// <summary>
/// The interval of a mean over runs. Which one it is was chosen by simulated coverage (<c>benchmarks/</c>, <c>docs/decisions/120-intervals-of-few-runs.md</c>):
/// Student's for fewer than <see cref="FewestForBootstrap"/> runs, from there on the BCa bootstrap with Student's quantiles in place of the normal ones
/// (Hesterberg, The American Statistician 2015, section 4.2), for percentiles of resamples of few runs lie too close together.
/// </summary>
public static class MeanInterval
{
    /// <summary>Fewest values for which an interval is given.</summary>
    public const int Fewest = 2;

    /// <summary>Fewest values of which the bootstrap covers better than Student's interval.</summary>
    public const int FewestForBootstrap = 6;

    /// <summary>The interval of the mean of independent <paramref name="values"/>.</summary>
    /// <param name="values">Independent values, such as one number a run; none NaN.</param>
    /// <param name="confidence">Between 0 and 1.</param>
    /// <param name="resamples">Resamples of the bootstrap, at least 1.</param>
    /// <param name="seed">Seed of the bootstrap.</param>
    /// <returns>The interval, of no width when all values are equal; null for fewer than <see cref="Fewest"/> values.</returns>
    public static Interval? Of(ReadOnlySpan<double> values, double confidence = 0.95, int resamples = 10_000, int seed = 1)
    {
        if (values.Length < Fewest) return null;
        var n = (double)values.Length;
        var t = StudentT.InvCDF(0, 1, n - 1, (1 + confidence) / 2);
        var coverage = SimulatedCoverage.Of(Estimate.Mean, values.Length, confidence);
        if (values.Length >= FewestForBootstrap)
        {
            // The variance of resamples is too small by (n - 1) / n, too.
            var tail = Normal.CDF(0, 1, -t * Math.Sqrt(n / (n - 1)));
            return Bootstrap.Mean(values, 1 - (2 * tail), resamples, seed) is { } i ? i with { Confidence = confidence, Coverage = coverage } : null;
        }

        var mean = Distribution.Sum(values) / n;
        double squares = 0;
        foreach (var value in values) squares += (value - mean) * (value - mean);
        var reach = t * Math.Sqrt(squares / (n - 1) / n);
        return new(mean - reach, mean + reach, confidence) { Coverage = coverage };
    }
}
