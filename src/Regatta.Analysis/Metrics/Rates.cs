namespace Regatta.Analysis;

/// <summary>How often something happened.</summary>
/// <param name="Mean">Events per second, <c>(n - 1) / (last - first)</c>; NaN for fewer than two instants.</param>
/// <param name="P50">Median of the 1-second samples; NaN when the events span less than a second.</param>
/// <param name="P90">90th percentile of the 1-second samples.</param>
/// <param name="P99">99th percentile of the 1-second samples.</param>
public readonly record struct Rate(double Mean, double P50, double P90, double P99)
{
    /// <summary>Longest span, in seconds, for which samples are taken.</summary>
    private const int LongestSpan = 200_000_000;

    /// <summary>The rate of the events at <paramref name="stamps"/>, UTC microseconds; those that are missing, or that <paramref name="counts"/> leaves out, do not count.</summary>
    public static Rate Of(ReadOnlySpan<long> stamps, Func<int, bool>? counts = null)
    {
        long first = long.MaxValue, last = long.MinValue;
        long n = 0;
        for (var i = 0; i < stamps.Length; i++)
        {
            if (stamps[i] == JobTable.Missing || (counts is not null && !counts(i))) continue;
            first = Math.Min(first, stamps[i]);
            last = Math.Max(last, stamps[i]);
            n++;
        }

        if (n < 2 || last == first) return new(double.NaN, double.NaN, double.NaN, double.NaN);
        var mean = (n - 1) * 1e6 / (last - first);
        var seconds = (last - first) / 1_000_000;
        if (seconds is 0 or > LongestSpan) return new(mean, double.NaN, double.NaN, double.NaN);
        var samples = new int[seconds];
        for (var i = 0; i < stamps.Length; i++)
        {
            if (stamps[i] == JobTable.Missing || (counts is not null && !counts(i))) continue;
            var second = (stamps[i] - first) / 1_000_000;
            if (second < seconds) samples[second]++;
        }

        // Samples are small whole numbers, so counting them beats ordering them.
        var most = 0;
        foreach (var sample in samples) most = Math.Max(most, sample);
        var histogram = new int[most + 1];
        foreach (var sample in samples) histogram[sample]++;
        return new(mean, Quantile(histogram, samples.Length, 0.5), Quantile(histogram, samples.Length, 0.9), Quantile(histogram, samples.Length, 0.99));
    }

    private static double Quantile(int[] histogram, int count, double probability)
    {
        var place = probability * (count - 1);
        var k = (int)Math.Floor(place);
        var low = At(histogram, k);
        return place > k ? low + ((place - k) * (At(histogram, k + 1) - low)) : low;
    }

    private static int At(int[] histogram, int k)
    {
        var value = 0;
        for (var seen = histogram[0]; seen <= k; seen += histogram[value]) value++;
        return value;
    }
}
