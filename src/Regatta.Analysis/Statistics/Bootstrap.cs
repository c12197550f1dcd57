using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace Regatta.Analysis;

/// <summary>The bias-corrected and accelerated bootstrap (BCa): Efron, JASA 1987; Efron and Tibshirani 1993, chapter 14.</summary>
public static class Bootstrap
{
    /// <summary>Fewest values for which an interval is given: two have only three distinct resamples.</summary>
    public const int Fewest = 3;

    /// <summary>The BCa interval of <paramref name="statistic"/> over independent <paramref name="values"/>.</summary>
    /// <param name="values">Independent values, such as one number a run; none NaN.</param>
    /// <param name="statistic">Computes the estimate from a resample, which it may put into another order.</param>
    /// <param name="confidence">Between 0 and 1.</param>
    /// <param name="resamples">How many resamples, at least 1.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <returns>The interval, or null for fewer than <see cref="Fewest"/> values.</returns>
    public static Interval? Bca(ReadOnlySpan<double> values, Func<double[], double> statistic, double confidence = 0.95, int resamples = 10_000, int seed = 1)
    {
        if (values.Length < Fewest) return null;
        var estimate = statistic(values.ToArray());
        var random = new Xoshiro256StarStar(seed, threadSafe: false);
        var replicates = new double[resamples];
        var resample = new double[values.Length];
        for (var b = 0; b < resamples; b++)
        {
            for (var i = 0; i < resample.Length; i++) resample[i] = values[random.Next(values.Length)];
            replicates[b] = statistic(resample);
        }

        return Corrected(estimate, replicates, Acceleration(values, statistic), confidence);
    }

    /// <summary>The BCa interval out of the replicates, which are put into order.</summary>
    private static Interval Corrected(double estimate, double[] replicates, double acceleration, double confidence)
    {
        var resamples = replicates.Length;
        Array.Sort(replicates);
        if (replicates[0] == replicates[^1]) return new(estimate, estimate, confidence);

        // Replicates that equal the estimate count by half, since with few runs many do; rounding must not decide which those are.
        var rounding = 1e-9 * (replicates[^1] - replicates[0]);
        double below = 0;
        foreach (var replicate in replicates) below += Math.Abs(replicate - estimate) <= rounding ? 0.5 : replicate < estimate ? 1 : 0;
        var bias = Normal.InvCDF(0, 1, Math.Clamp(below / resamples, 0.5 / resamples, 1 - (0.5 / resamples)));
        double End(double probability)
        {
            var z = bias + Normal.InvCDF(0, 1, probability);
            var adjusted = Normal.CDF(0, 1, bias + (z / (1 - (acceleration * z))));
            var place = adjusted * (resamples - 1);
            var k = (int)Math.Floor(place);
            return k + 1 < resamples ? replicates[k] + ((place - k) * (replicates[k + 1] - replicates[k])) : replicates[^1];
        }

        return new(End((1 - confidence) / 2), End((1 + confidence) / 2), confidence);
    }

    /// <summary>The BCa interval of the mean.</summary>
    /// <inheritdoc cref="Bca"/>
    public static Interval? Mean(ReadOnlySpan<double> values, double confidence = 0.95, int resamples = 10_000, int seed = 1) =>
        Bca(values, static sample => Distribution.Sum(sample) / sample.Length, confidence, resamples, seed);

    /// <summary>
    /// The BCa intervals of the means of several series that have equally many values. Each is the one that <see cref="Mean"/> gives: all series are drawn by the same numbers, which are
    /// therefore made once, and the sums of four series are made at a time.
    /// </summary>
    /// <param name="series">Independent values of each series; none NaN.</param>
    /// <param name="confidence">Between 0 and 1.</param>
    /// <param name="resamples">How many resamples, at least 1.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <returns>The intervals, null each for fewer than <see cref="Fewest"/> values.</returns>
    public static Interval?[] Means(IReadOnlyList<double[]> series, double confidence = 0.95, int resamples = 10_000, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(series);
        var intervals = new Interval?[series.Count];
        if (series.Count == 0 || series[0].Length < Fewest) return intervals;
        var replicates = ResampledMeans.Of(series, resamples, seed);
        for (var i = 0; i < series.Count; i++)
        {
            var values = series[i];
            intervals[i] = Corrected(Distribution.Sum(values) / values.Length, replicates[i], MeanAcceleration(values), confidence);
        }

        return intervals;
    }

    // Of many values the leave-one-out means come from the sum; of few they are summed anew, as for any other statistic.
    private static double MeanAcceleration(double[] values)
    {
        const int many = 500;
        if (values.Length < many) return Acceleration(values, static sample => Distribution.Sum(sample) / sample.Length);
        var sum = Distribution.Sum(values);
        return Acceleration(Array.ConvertAll(values, value => (sum - value) / (values.Length - 1)));
    }

    /// <summary>The acceleration, from the jackknife: a sixth of the skewness of the leave-one-out estimates.</summary>
    public static double Acceleration(ReadOnlySpan<double> values, Func<double[], double> statistic)
    {
        var jackknife = new double[values.Length];
        for (var i = 0; i < values.Length; i++) jackknife[i] = statistic([.. values[..i], .. values[(i + 1)..]]);
        return Acceleration(jackknife);
    }

    private static double Acceleration(double[] jackknife)
    {
        var mean = Distribution.Sum(jackknife) / jackknife.Length;
        double squares = 0, cubes = 0;
        foreach (var value in jackknife)
        {
            squares += Math.Pow(mean - value, 2);
            cubes += Math.Pow(mean - value, 3);
        }

        return squares == 0 ? 0 : cubes / (6 * Math.Pow(squares, 1.5));
    }
}
