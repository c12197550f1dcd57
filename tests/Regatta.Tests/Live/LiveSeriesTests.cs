using CsCheck;
using Regatta.Live.Following;

namespace Regatta.Tests.Live;

public sealed class LiveSeriesTests
{
    [Fact]
    public void A_span_has_the_mean_of_what_ran_and_what_waited_at_its_end()
    {
        var series = new LiveSeries();
        series.Waiting(0, 1);
        series.Busy(0.125, 4);
        series.Waiting(0.125, -1);
        series.Busy(0.5, -4);
        series.Until(0.6);

        var (from, busy, waiting) = series.TakeChanged();

        Assert.Equal(0, from);
        Assert.Equal([2, 4, 0], busy);
        Assert.Equal([0, 0, 0], waiting);
        Assert.Equal((3, 0), (series.TakeChanged().From, series.TakeChanged().Busy.Length));
    }

    [Fact]
    public void What_comes_late_changes_all_from_there_on()
    {
        var series = new LiveSeries();
        series.Until(2.1);
        series.TakeChanged();
        series.Busy(1, 3);

        var (from, busy, _) = series.TakeChanged();

        Assert.Equal(4, from);
        Assert.Equal([3, 3, 3, 3, 3], busy);
    }

    [Fact]
    public void Spans_become_longer_and_keep_the_area()
    {
        Gen.Select(Gen.Double[0, 3000], Gen.Double[0, 3000], Gen.Int[1, 64]).List[1, 40].Sample(jobs =>
        {
            var series = new LiveSeries();
            var area = 0.0;
            foreach (var (a, b, size) in jobs)
            {
                series.Busy(Math.Min(a, b), size);
                series.Busy(Math.Max(a, b), -size);
                area += Math.Abs(a - b) * size;
            }

            series.Until(3100);
            var (from, busy, _) = series.TakeChanged();
            Assert.Equal(0, from);
            Assert.InRange(busy.Length, 1, LiveSeries.Most);
            // Values are rounded to thousandths.
            Assert.Equal(area, busy.Sum() * series.Width, (area * 1e-9) + (busy.Length * series.Width * 0.0006));
        });
    }
}
