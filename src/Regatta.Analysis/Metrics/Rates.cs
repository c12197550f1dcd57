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
        var events = new int[n];
        n = 0;
        for (var i = 0; i < stamps.Length; i++)
        {
            if (stamps[i] == JobTable.Missing || (counts is not null && !counts(i))) continue;
            var second = (stamps[i] - first) / 1_000_000;
            if (second < seconds) events[n++] = (int)second;
        }

        var histogram = Histogram(events.AsSpan(0, (int)n), (int)seconds);
        return new(mean, Quantile(histogram, (int)seconds, 0.5), Quantile(histogram, (int)seconds, 0.9), Quantile(histogram, (int)seconds, 0.99));
    }

    /// <summary>How many seconds saw no event, how many one, and so on. Most traces have far more seconds than events: what is laid out are the events.</summary>
    private static int[] Histogram(Span<int> events, int seconds)
    {
        events.Sort();
        var most = 0;
        for (int i = 0, run = 0; i < events.Length; i++)
        {
            run = i > 0 && events[i] == events[i - 1] ? run + 1 : 1;
            most = Math.Max(most, run);
        }

        var histogram = new int[most + 1];
        histogram[0] = seconds;
        for (var i = 0; i < events.Length;)
        {
            var next = i + 1;
            while (next < events.Length && events[next] == events[i]) next++;
            histogram[next - i]++;
            histogram[0]--;
            i = next;
        }

        return histogram;
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
