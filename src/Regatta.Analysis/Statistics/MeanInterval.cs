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
    public static Interval? Of(ReadOnlySpan<double> values, double confidence = 0.95, int resamples = 10_000, int seed = 1) => OfEach([values.ToArray()], confidence, resamples, seed)[0];

    /// <summary>The intervals of the means of several series of equally many values, each the one that it would have by itself.</summary>
    /// <inheritdoc cref="Of(ReadOnlySpan{double}, double, int, int)"/>
    public static Interval?[] OfEach(IReadOnlyList<double[]> series, double confidence = 0.95, int resamples = 10_000, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(series);
        if (series.Count == 0 || series[0].Length < Fewest) return new Interval?[series.Count];
        var n = (double)series[0].Length;
        var t = StudentT.InvCDF(0, 1, n - 1, (1 + confidence) / 2);
        var coverage = SimulatedCoverage.Of(Estimate.Mean, series[0].Length, confidence);
        if (n < FewestForBootstrap) return [.. series.Select(values => (Interval?)Student(values, t, confidence, coverage))];
        // The variance of resamples is too small by (n - 1) / n, too.
        var tail = Normal.CDF(0, 1, -t * Math.Sqrt(n / (n - 1)));
        return [.. Bootstrap.Means(series, 1 - (2 * tail), resamples, seed).Select(i => i is { } known ? known with { Confidence = confidence, Coverage = coverage } : (Interval?)null)];
    }

    private static Interval Student(double[] values, double t, double confidence, SimulatedCoverage? coverage)
    {
        var n = (double)values.Length;
        var mean = Distribution.Sum(values) / n;
        double squares = 0;
        foreach (var value in values) squares += (value - mean) * (value - mean);
        var reach = t * Math.Sqrt(squares / (n - 1) / n);
        return new(mean - reach, mean + reach, confidence) { Coverage = coverage };
    }
}
