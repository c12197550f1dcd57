using Regatta.Analysis;

namespace Regatta.Tests.Analysis;

/// <summary>Intervals of many series at once are those of each by itself, to the last bit.</summary>
public sealed class ResampledMeansTests
{
    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 5)]
    [InlineData(17, 9)]
    [InlineData(60, 50)]
    public void Many_series_have_the_intervals_of_each_alone(int length, int count)
    {
        var random = new Random(7);
        // Of unlike sizes and signs, so that the order in which sums are made shows.
        var series = Enumerable.Range(0, count).Select(s => Enumerable.Range(0, length).Select(_ => (random.NextDouble() - 0.3) * Math.Pow(10, random.Next(-9, 9))).ToArray()).ToList();

        var together = Bootstrap.Means(series, 0.95, 500, 3);

        Assert.Equal(series.Select(values => Bootstrap.Mean(values, 0.95, 500, 3)), together);
    }

    [Fact]
    public void Of_many_values_the_acceleration_is_that_of_the_jackknife()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 700).Select(_ => Math.Exp(random.NextDouble() * 5)).ToArray();

        var (one, other) = (Bootstrap.Mean(values, 0.95, 500, 3)!.Value, Bootstrap.Means([values], 0.95, 500, 3)[0]!.Value);

        Assert.Equal(one.Low, other.Low, 1e-9 * one.Low);
        Assert.Equal(one.High, other.High, 1e-9 * one.High);
    }

    [Theory]
    [InlineData(5, 2_000)]
    [InlineData(400, 90_000_000)]
    [InlineData(3000, 20_000_000)]
    public void Rates_are_those_of_samples_that_are_laid_out_second_by_second(int events, int span)
    {
        var random = new Random(events);
        var stamps = Enumerable.Range(0, events).Select(_ => 1_000_000_000L + random.NextInt64(span) * 3).ToArray();
        stamps[events / 2] = JobTable.Missing;
        var known = stamps.Where(s => s != JobTable.Missing).ToList();
        var seconds = (known.Max() - known.Min()) / 1_000_000;
        var samples = Enumerable.Range(0, (int)seconds).Select(second => (double)known.Count(s => (s - known.Min()) / 1_000_000 == second)).Order().ToList();

        var rate = Rate.Of(stamps);

        double Quantile(double p) => samples.Count == 0 ? double.NaN : p * (samples.Count - 1) is var at && (int)at is var k && at > k ? samples[k] + ((at - k) * (samples[k + 1] - samples[k])) : samples[(int)(p * (samples.Count - 1))];
        Assert.Equal((Quantile(0.5), Quantile(0.9), Quantile(0.99)), (rate.P50, rate.P90, rate.P99));
        Assert.Equal((known.Count - 1) * 1e6 / (known.Max() - known.Min()), rate.Mean);
    }
}
