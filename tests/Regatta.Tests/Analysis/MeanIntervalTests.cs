using Regatta.Analysis;
using Regatta.Benchmarks;

namespace Regatta.Tests.Analysis;

public sealed class MeanIntervalTests
{
    // A fraction of the groups of the table: the same seeds, so that these are its first ones.
    private static readonly IntervalSimulation Simulation = new(groups: 400, resamples: 1_000);

    [Fact]
    public void Few_runs_have_Students_interval()
    {
        // R: t.test(c(10, 20, 30, 40, 50)) gives 10.36757 to 49.63243; t.test(c(1, 2)) gives -4.853102 to 7.853102.
        var five = MeanInterval.Of([10, 20, 30, 40, 50])!.Value;
        Assert.Equal((10.36757, 49.63243), (Math.Round(five.Low, 5), Math.Round(five.High, 5)));
        var two = MeanInterval.Of([1, 2])!.Value;
        Assert.Equal((-4.853102, 7.853102), (Math.Round(two.Low, 6), Math.Round(two.High, 6)));
        Assert.Equal((0, 1), (two.Within(0, 1).Low, two.Within(0, 1).High));
    }

    [Fact]
    public void One_run_has_none_and_equal_runs_have_one_without_width()
    {
        Assert.Null(MeanInterval.Of([]));
        Assert.Null(MeanInterval.Of([5]));
        foreach (var n in new[] { 2, 5, 6, 12 })
        {
            var interval = MeanInterval.Of([.. Enumerable.Repeat(5.0, n)])!.Value;
            Assert.Equal((5, 5, 0.95), (interval.Low, interval.High, interval.Confidence));
            Assert.Null(interval.Coverage);
        }
    }

    [Fact]
    public void More_runs_have_the_bootstraps_interval_of_wider_quantiles()
    {
        double[] runs = [12, 14, 11, 19, 13, 12.5];
        var narrow = Bootstrap.Mean(runs)!.Value;
        var interval = MeanInterval.Of(runs)!.Value;

        Assert.True(interval.Low < narrow.Low && narrow.High < interval.High);
        Assert.Equal(0.95, interval.Confidence);
        Assert.Equal(interval, MeanInterval.Of(runs));
    }

    [Fact]
    public void Intervals_of_fewer_than_ten_runs_say_how_often_they_cover()
    {
        Assert.Equal(5, MeanInterval.Of([1, 2, 3, 4, 5])!.Value.Coverage!.Runs);
        Assert.NotNull(MeanInterval.Of([1, 2, 3, 4, 5, 6, 7, 8, 9])!.Value.Coverage);
        Assert.Null(MeanInterval.Of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])!.Value.Coverage);
        // Only 95 % was simulated.
        Assert.Null(MeanInterval.Of([1, 2, 3, 4, 5], 0.9)!.Value.Coverage);
        Assert.Equal(4, WilcoxonSignedRank.ShiftInterval([1, 2, 3, 4])!.Value.Coverage!.Runs);
        Assert.Equal(3, HodgesLehmann.ShiftInterval([1, 2, 3, 4], [3, 4, 5])!.Value.Coverage!.Runs);
        Assert.Equal(3, LaunchLatencyFit.Of([new(1, 1), new(2, 2.5), new(4, 4)])!.ExponentInterval.Coverage!.Runs);
        foreach (var estimate in Enum.GetValues<Estimate>())
        {
            Assert.All(Enumerable.Range(estimate == Estimate.LaunchLaw ? 3 : 2, 10 - (estimate == Estimate.LaunchLaw ? 3 : 2)), n =>
            {
                var covers = SimulatedCoverage.Of(estimate, n, 0.95)!;
                Assert.True(covers.Lowest <= covers.Exponential && covers.Exponential <= covers.Highest);
            });
        }
    }

    [Theory]
    [InlineData(Estimate.Mean, 2)]
    [InlineData(Estimate.Mean, 5)]
    [InlineData(Estimate.Mean, 6)]
    [InlineData(Estimate.Mean, 9)]
    [InlineData(Estimate.PairedShift, 5)]
    [InlineData(Estimate.Shift, 6)]
    [InlineData(Estimate.LaunchLaw, 4)]
    public void The_coverage_that_is_shown_is_the_simulated_one(Estimate estimate, int n)
    {
        var table = SimulatedCoverage.Of(estimate, n, 0.95)!;
        double[] shown = [table.Normal, table.LogNormal, table.Exponential, table.LogNormalWide, table.TwoStates];

        foreach (var (runs, share) in RunDistribution.All.Zip(shown))
        {
            var error = Simulation.Error(share);
            Assert.InRange(Simulation.Shown(estimate, runs, n).Coverage, share - (4 * error) - 0.005, share + (4 * error) + 0.005);
        }
    }

    [Fact]
    public void Plain_BCa_intervals_of_five_runs_cover_far_less_than_those_that_are_shown()
    {
        foreach (var (name, share) in new[] { ("normal", 0.84), ("exponential", 0.79), ("log-normal 1", 0.73) })
        {
            var runs = RunDistribution.All.Single(d => d.Name == name);
            var covered = Simulation.Means(runs, 5);
            Assert.Equal(["BCa", "percentile", "t"], IntervalSimulation.MeanIntervals.Take(3));
            Assert.InRange(covered[0].Coverage, share - (4 * Simulation.Error(share)), share + (4 * Simulation.Error(share)));
            Assert.True(covered[2].Coverage > covered[0].Coverage + 0.05);
        }
    }
}
