namespace Regatta.Analysis;

/// <summary>What is said of one column of numbers.</summary>
/// <param name="Count">How many numbers there are.</param>
/// <param name="Mean">Their mean; NaN when there are none.</param>
/// <param name="P50">Median.</param>
/// <param name="P90">90th percentile.</param>
/// <param name="P99">99th percentile.</param>
/// <param name="Maximum">The largest.</param>
public readonly record struct Distribution(int Count, double Mean, double P50, double P90, double P99, double Maximum)
{
    /// <summary>Mean weighted by <c>q * p</c>; NaN when it was not asked for or the weights sum to zero.</summary>
    public double WeightedMean { get; init; } = double.NaN;

    /// <summary>The distribution of <paramref name="values"/>, which are put into another order.</summary>
    public static Distribution Of(Span<double> values)
    {
        if (values.IsEmpty) return new(0, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);
        var mean = Sum(values) / values.Length;
        var quantiles = OrderStatistics.Quantiles(values, 0.5, 0.9, 0.99, 1);
        return new(values.Length, mean, quantiles[0], quantiles[1], quantiles[2], quantiles[3]);
    }

    /// <summary>The sum, with Neumaier's compensation.</summary>
    public static double Sum(ReadOnlySpan<double> values)
    {
        double sum = 0, lost = 0;
        foreach (var value in values)
        {
            var next = sum + value;
            lost += Math.Abs(sum) >= Math.Abs(value) ? sum - next + value : value - next + sum;
            sum = next;
        }

        return sum + lost;
    }
}
