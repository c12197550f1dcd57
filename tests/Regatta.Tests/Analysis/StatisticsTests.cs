using CsCheck;
using Regatta.Analysis;

namespace Regatta.Tests.Analysis;

/// <summary>Each statistic against a worked example that was published with its numbers.</summary>
public sealed class StatisticsTests
{
    // Hollander and Wolfe 1973, p. 29: Hamilton depression scale factor of nine patients before and after a tranquilizer; the first example of R's ?wilcox.test.
    private static readonly double[] Before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30];
    private static readonly double[] After = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    private static readonly double[] Relief = [.. Before.Zip(After, (x, y) => x - y)];

    // Hollander and Wolfe 1973, p. 69: permeability constants of the human chorioamnion; the second example of R's ?wilcox.test.
    private static readonly double[] Term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    private static readonly double[] Early = [1.15, 0.88, 0.90, 0.74, 1.21];

    // Brunner and Munzel 2000: pain scores of two groups of patients, as in R's ?brunnermunzel.test and scipy.stats.brunnermunzel.
    private static readonly double[] PainY = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1];
    private static readonly double[] PainN = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4];

    // Efron and Tibshirani 1993, table 14.1: the spatial test of 26 neurologically impaired children, variable A.
    private static readonly double[] Spatial = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41];

    // Fisher 1935, The Design of Experiments, section 17: Darwin's differences in height of crossed and self-fertilised maize, in eighths of an inch.
    private static readonly double[] Darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

    [Fact]
    public void Quantiles_of_many_numbers_are_those_of_the_sorted_numbers()
    {
        var random = new Random(7);
        double[][] columns =
        [
            [.. Enumerable.Range(0, 200_000).Select(_ => random.NextDouble() * 1e6)],
            [.. Enumerable.Range(0, 200_001).Select(_ => random.NextDouble() - 0.5)],
            [.. Enumerable.Range(0, 150_000).Select(i => i % 3 == 0 ? Math.Pow(10, random.Next(-9, 9)) : 0.0)],
            [.. Enumerable.Repeat(42.0, 100_000)],
        ];
        double[] probabilities = [0, 0.1, 0.5, 0.9, 0.99, 0.99999, 1];
        Assert.All(columns, values =>
        {
            var sorted = values.Order().ToArray();
            var quantiles = OrderStatistics.Quantiles(values, probabilities);
            for (var i = 0; i < probabilities.Length; i++)
            {
                var place = probabilities[i] * (sorted.Length - 1);
                var k = (int)Math.Floor(place);
                Assert.Equal(place > k ? sorted[k] + ((place - k) * (sorted[k + 1] - sorted[k])) : sorted[k], quantiles[i]);
            }
        });
    }

    [Fact]
    public void Wilcoxon_signed_rank_agrees_with_Hollander_and_Wolfe()
    {
        var result = WilcoxonSignedRank.Test(Relief);

        Assert.Equal(40, result.Statistic);
        // R: V = 40, p-value = 0.01953 with alternative = "greater"; two-sided it is twice that, 20/512.
        Assert.Equal(20 / 512.0, result.P, 1e-12);
        Assert.True(result.Exact);
    }

    [Fact]
    public void Walsh_averages_agree_with_Hollander_and_Wolfe()
    {
        // Estimate 0.46; the 96.1 % interval is 0.010 to 0.786: Hollander and Wolfe 1973, pp. 33 and 35.
        Assert.Equal(0.46, WilcoxonSignedRank.Shift(Relief), 1e-9);
        var interval = WilcoxonSignedRank.ShiftInterval(Relief)!.Value;
        Assert.Equal(0.010, interval.Low, 1e-9);
        Assert.Equal(0.786, interval.High, 1e-9);
        Assert.Equal(0.961, interval.Confidence, 0.0005);
    }

    [Fact]
    public void Walsh_averages_agree_with_Stephenson()
    {
        // W. R. Stephenson, Iowa State University, Stat 403, membrane permeability: estimate 1.385, the 9th to the 47th average are a 95.2 % interval, 1.13 to 1.67.
        double[] membrane = [0.90, 1.13, 1.89, 1.14, 1.45, 1.38, 1.91, 1.64, 0.83, 1.46];
        var interval = WilcoxonSignedRank.ShiftInterval(membrane)!.Value;

        Assert.Equal(1.385, WilcoxonSignedRank.Shift(membrane), 1e-9);
        Assert.Equal(1.13, interval.Low, 0.0051);
        Assert.Equal(1.67, interval.High, 0.0051);
        Assert.Equal(0.952, interval.Confidence, 0.001);
    }

    [Fact]
    public void Ties_and_zeros_are_exact_too()
    {
        // Differences 1, 1, -1 (and a zero, left out): each rank is 2; of the 8 sign patterns, V = 4 or more in 4 and 4 or less in 7.
        Assert.Equal(1, WilcoxonSignedRank.Test([1, 0, 1, -1]).P);
        // All of one sign: 2 of 8.
        Assert.Equal(0.25, WilcoxonSignedRank.Test([1, 1, 1]).P);
    }

    [Fact]
    public void The_normal_approximation_takes_over_smoothly()
    {
        var differences = Enumerable.Range(1, 50).Select(i => (i % 3 == 0 ? -1.0 : 1) * i).ToArray();
        var exact = WilcoxonSignedRank.Test(differences);
        var approximate = WilcoxonSignedRank.Test([.. differences, 50.5]);

        Assert.True(exact.Exact);
        Assert.False(approximate.Exact);
        Assert.InRange(approximate.P / exact.P, 0.5, 1);
    }

    [Fact]
    public void Hodges_Lehmann_agrees_with_Hollander_and_Wolfe()
    {
        // Estimate 0.305, the interval is -0.15 to 0.76: Hollander and Wolfe 1973, pp. 76 and 79; R: wilcox.test(x, y, conf.int = TRUE).
        Assert.Equal(0.305, HodgesLehmann.Shift(Early, Term), 1e-9);
        var interval = HodgesLehmann.ShiftInterval(Early, Term)!.Value;
        Assert.Equal(-0.15, interval.Low, 1e-9);
        Assert.Equal(0.76, interval.High, 1e-9);
        Assert.InRange(interval.Confidence, 0.95, 0.97);
    }

    [Fact]
    public void Brunner_Munzel_agrees_with_its_authors()
    {
        var result = BrunnerMunzel.Test(PainY, PainN);

        // R and scipy: statistic 3.1374674823029505, df 17.683, p-value 0.0057862086661515.
        Assert.Equal(3.1374674823029505, result.Statistic, 1e-12);
        Assert.Equal(0.0057862086661515, result.P, 1e-9);
    }

    [Fact]
    public void Brunner_Munzel_by_permutation_agrees_with_Neubert_and_Brunner()
    {
        // R's ?brunnermunzel.permutation.test on the same data: p-value = 0.008038. There are choose(25, 11) = 4457400 divisions.
        Assert.Equal(0.008038, BrunnerMunzel.Permutation(PainY, PainN, 5e6).P, 5e-7);
    }

    [Fact]
    public void Three_against_three_reach_a_tenth_at_best()
    {
        var result = BrunnerMunzel.Permutation([1, 2, 3], [4, 5, 6]);

        Assert.Equal(0.1, result.P, 1e-12);
        Assert.Equal(0.1, result.SmallestP, 1e-12);
        Assert.Equal(0.5, WilcoxonSignedRank.SmallestP(2));
        Assert.Equal(0.03125, WilcoxonSignedRank.SmallestP(6));
    }

    [Fact]
    public void Permutation_by_block_agrees_with_Fisher()
    {
        var result = SignFlip.Test(Darwin);

        // Fisher counts 863 of 32768 exchanges whose sum is 314 or more; two-sided that is twice as many.
        Assert.Equal(2 * 863 / 32768.0, result.P, 1e-15);
        Assert.Equal(314 / 15.0, result.Statistic, 1e-12);
    }

    [Fact]
    public void Drawn_exchanges_come_near_to_all_of_them()
    {
        // All exchanges of 25 equal differences but the observed one and its mirror image give a smaller sum, and 1,000 draws of 2^25 miss those two.
        var result = SignFlip.Test(Enumerable.Repeat(1.0, 25).ToArray(), resamples: 1_000, seed: 3);

        Assert.False(result.Exact);
        Assert.Equal(1 / 1001.0, result.P, 1e-12);
        // Small differences that cancel out hardly change Fisher's 0.0527.
        Assert.InRange(SignFlip.Test([.. Darwin, 1, -1, 1, -1, 1, -1, 1, -1], 20_000, 5).P, 0.045, 0.061);
    }

    [Fact]
    public void Bca_agrees_with_Efron_and_Tibshirani()
    {
        static double Variance(double[] a)
        {
            var mean = a.Average();
            return a.Sum(v => (v - mean) * (v - mean)) / a.Length;
        }

        // Efron and Tibshirani 1993, chapter 14: estimate 171.5, acceleration 0.061, and the 90 % BCa interval is 115.8 to 259.6 with 2000 resamples;
        // their ABC intervals, which need no resampling, are 116.7 to 260.9.
        Assert.Equal(171.5, Variance(Spatial), 0.05);
        Assert.Equal(0.061, Bootstrap.Acceleration(Spatial, Variance), 0.0005);
        var interval = Bootstrap.Bca(Spatial, Variance, 0.9, 200_000, 7)!.Value;
        Assert.Equal(116.7, interval.Low, 1.5);
        Assert.Equal(260.9, interval.High, 3.5);
    }

    [Fact]
    public void Bca_repeats_itself_and_knows_its_limits()
    {
        Assert.Equal(Bootstrap.Mean(Spatial, seed: 3), Bootstrap.Mean(Spatial, seed: 3));
        Assert.NotEqual(Bootstrap.Mean(Spatial, seed: 3), Bootstrap.Mean(Spatial, seed: 4));
        Assert.Null(Bootstrap.Mean([1, 2]));
        Assert.Equal(new Interval(5, 5, 0.95), Bootstrap.Mean([5, 5, 5]));
    }

    [Fact]
    public void Bca_moves_and_stretches_with_the_numbers() =>
        Gen.Double[0, 100].Array[3, 12].Select(Gen.Double[-50, 50], Gen.Double[0.5, 4]).Sample(
            (values, shift, scale) =>
            {
                var interval = Bootstrap.Mean(values, resamples: 500)!.Value;
                var moved = Bootstrap.Mean(values.Select(v => (v * scale) + shift).ToArray(), resamples: 500)!.Value;
                Assert.True(interval.Low >= values.Min() - 1e-9 && interval.High <= values.Max() + 1e-9 && interval.Low <= interval.High);
                Assert.Equal((interval.Low * scale) + shift, moved.Low, 1e-6);
                Assert.Equal((interval.High * scale) + shift, moved.High, 1e-6);
            },
            iter: 200);

    [Fact]
    public void Cliffs_delta_agrees_with_Hogarty_and_Kromrey()
    {
        // Hogarty and Kromrey 1999, the example of R's effsize::cliff.delta: delta estimate -0.25 (small).
        var delta = EffectSize.CliffsDelta([10, 10, 20, 20, 20, 30, 30, 30, 40, 50], [10, 20, 30, 40, 40, 50]);

        Assert.Equal(-0.25, delta, 1e-12);
        Assert.Equal("small", EffectSize.Words(delta));
    }

    [Fact]
    public void Holm_agrees_with_his_procedure()
    {
        // R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm") is 0.05 0.08 0.09 0.09 0.09.
        var adjusted = EffectSize.Holm([0.03, 0.01, 0.05, 0.02, 0.04]);

        Assert.Equal([0.09, 0.05, 0.09, 0.08, 0.09], adjusted.Select(p => Math.Round(p, 12)));
        Assert.Equal([1, 1], EffectSize.Holm([0.6, 0.7]));
        Assert.Empty(EffectSize.Holm([]));
    }

    [Fact]
    public void Launch_latency_law_is_found_again()
    {
        // Reuther et al. 2018 give 2.2 s and 1.3 for one of their schedulers; exact points must give exact parameters.
        var exact = LaunchLatencyFit.Of([.. new double[] { 4, 8, 48, 240 }.Select(n => new LaunchPoint(n, 2.2 * Math.Pow(n, 1.3)))])!;
        Assert.Equal(2.2, exact.Latency, 1e-9);
        Assert.Equal(1.3, exact.Exponent, 1e-9);
        Assert.Equal(1, exact.RSquared, 1e-9);

        // Worked by hand on logarithms to base e: x = 0, 1, 2 and y = 0, 2, 1 give slope 0.5, intercept 0.5, residuals of 1.5 in all; t(1, 0.975) = 12.7062.
        var noisy = LaunchLatencyFit.Of([new(1, 1), new(Math.E, Math.Exp(2)), new(Math.Exp(2), Math.E), new(3, -1)])!;
        Assert.Equal(0.5, noisy.Exponent, 1e-12);
        Assert.Equal(Math.Exp(0.5), noisy.Latency, 1e-12);
        Assert.Equal(12.7062 * Math.Sqrt(1.5 / 2), noisy.ExponentInterval.HalfWidth, 1e-3);
        Assert.Equal(1, noisy.LeftOut);

        Assert.Null(LaunchLatencyFit.Of([new(1, 1), new(2, 2)]));
        Assert.Null(LaunchLatencyFit.Of([new(2, 1), new(2, 2), new(2, 3)]));
    }

    [Theory]
    [InlineData(new double[] { 10, 10.1 }, 1, true, "go on: the interval's half-width is 6.32 % of the mean after 2 runs")]
    [InlineData(new double[] { 10 }, 1, true, "go on: 1 run gives no interval yet")]
    [InlineData(new double[] { 10, 10, 10, 10 }, 1, true, "go on: the interval's half-width is 0 % of the mean after 4 runs")]
    [InlineData(new double[] { 10, 10, 10, 10, 10 }, 1, false, "narrow enough: the interval's half-width is 0 % of the mean after 5 runs, and 5 % was asked for")]
    [InlineData(new double[] { 10, 20, 30, 40, 50 }, 1, true, "go on: the interval's half-width is 65.44 % of the mean after 5 runs")]
    [InlineData(new double[] { 10, 20, 30, 40, 50 }, 60, false, "the time budget is spent: the interval's half-width is 65.44 % of the mean after 5 runs")]
    [InlineData(new double[] { 10, 20, 30, 40, 50, 10, 20, 30 }, 1, false, "the most runs, 8, are done: ")]
    public void Repetitions_end_when_the_interval_is_narrow_or_the_budget_is_spent(double[] runs, double minutes, bool goOn, string reason)
    {
        var decision = new AdaptiveRepetitions { Most = 8, Budget = TimeSpan.FromHours(1) }.Decide(runs, TimeSpan.FromMinutes(minutes));

        Assert.Equal(goOn, decision.Continue);
        Assert.StartsWith(reason, decision.Reason);
    }

    [Fact]
    public void Quantiles_are_those_of_the_sorted_numbers() =>
        Gen.Double[-1e6, 1e6].Array[1, 60].Select(Gen.Double[0, 1].Array[1, 5]).Sample((values, probabilities) =>
        {
            Array.Sort(probabilities);
            var sorted = values.Order().ToArray();
            var expected = probabilities.Select(p =>
            {
                var place = p * (sorted.Length - 1);
                var low = (int)place;
                var high = Math.Min(low + 1, sorted.Length - 1);
                return sorted[low] + ((place - low) * (sorted[high] - sorted[low]));
            });
            Assert.Equal(expected, OrderStatistics.Quantiles(values.ToArray(), probabilities));
        });

    [Theory]
    [InlineData(new double[] { 4, 4, 4 }, 1)]
    [InlineData(new double[] { 5, 0, 0, 0 }, 0.25)]
    [InlineData(new double[] { 1, 2, 3 }, 36 / 42.0)]
    public void Jains_index_is_one_when_all_are_equal_and_a_share_when_one_has_all(double[] values, double index) =>
        Assert.Equal(index, Fairness.Jain(values), 1e-12);
}
