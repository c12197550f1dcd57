using System.Numerics;
using System.Runtime.InteropServices;
using MathNet.Numerics.Random;

namespace Regatta.Analysis;

/// <summary>Means of resamples, of several series by the same draws.</summary>
internal static class ResampledMeans
{
    /// <summary>The means of each series' resamples, in the order in which they are drawn.</summary>
    /// <param name="series">Series of equally many values.</param>
    /// <param name="resamples">How many resamples.</param>
    /// <param name="seed">Seed of the draws.</param>
    public static double[][] Of(IReadOnlyList<double[]> series, int resamples, int seed)
    {
        var (length, lanes) = (series[0].Length, Vector<double>.Count);
        var width = (series.Count + lanes - 1) / lanes;
        // The values of all series stand beside each other, so that one draw reads one place.
        var values = new double[length * width * lanes];
        for (var s = 0; s < series.Count; s++)
        {
            for (var i = 0; i < length; i++) values[(i * width * lanes) + s] = series[s][i];
        }

        var rows = MemoryMarshal.Cast<double, Vector<double>>(values);
        var means = series.Select(_ => new double[resamples]).ToArray();
        var random = new Xoshiro256StarStar(seed, threadSafe: false);
        var sums = new Vector<double>[width];
        var lost = new Vector<double>[width];
        for (var b = 0; b < resamples; b++)
        {
            Array.Clear(sums);
            Array.Clear(lost);
            for (var i = 0; i < length; i++) Add(rows.Slice(random.Next(length) * width, width), sums, lost);
            for (var s = 0; s < series.Count; s++) means[s][b] = (sums[s / lanes][s % lanes] + lost[s / lanes][s % lanes]) / length;
        }

        return means;
    }

    // Neumaier's sum, as Distribution.Sum has it.
    private static void Add(ReadOnlySpan<Vector<double>> row, Span<Vector<double>> sums, Span<Vector<double>> lost)
    {
        for (var w = 0; w < row.Length; w++)
        {
            var (sum, value) = (sums[w], row[w]);
            var next = sum + value;
            lost[w] += Vector.ConditionalSelect(Vector.GreaterThanOrEqual(Vector.Abs(sum), Vector.Abs(value)), sum - next + value, value - next + sum);
            sums[w] = next;
        }
    }
}
