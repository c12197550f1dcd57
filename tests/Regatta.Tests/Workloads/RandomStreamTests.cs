using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

public sealed class RandomStreamTests
{
    // SplitMix64 of seed 1234567 and xoshiro256** started from it, computed by the authors' C programs' recurrences (prng.di.unimi.it).
    [Fact]
    public void The_stream_of_a_seed_is_fixed_for_ever()
    {
        var random = new RandomStream(0);
        Assert.Equal([0x99ec5f36cb75f2b4UL, 0xbf6e1f784956452aUL, 0x1a5f849d4933e6e0UL], [random.Next(), random.Next(), random.Next()]);
    }

    [Fact]
    public void Purposes_do_not_disturb_each_other()
    {
        Assert.Equal(RandomStream.For(3, "sizes").Next(), RandomStream.For(3, "sizes").Next());
        Assert.NotEqual(RandomStream.For(3, "sizes").Next(), RandomStream.For(3, "times").Next());
        Assert.NotEqual(RandomStream.For(3, "sizes").Next(), RandomStream.For(4, "sizes").Next());
    }

    [Theory]
    [InlineData(0.4, 2.0)]
    [InlineData(4.2, 0.94)]
    [InlineData(312, 0.03)]
    public void Gamma_variates_follow_the_gamma_distribution(double shape, double scale)
    {
        var random = new RandomStream(11);
        Fit.KolmogorovSmirnov(Enumerable.Range(0, 20_000).Select(_ => random.Gamma(shape, scale)), x => Fit.Gamma(x, shape, scale));
    }

    [Fact]
    public void Exponential_normal_and_uniform_variates_follow_their_distributions()
    {
        var random = new RandomStream(12);
        Fit.KolmogorovSmirnov(Enumerable.Range(0, 20_000).Select(_ => random.Exponential(3)), x => 1 - Math.Exp(-x / 3));
        Fit.KolmogorovSmirnov(Enumerable.Range(0, 20_000).Select(_ => random.Normal()), MathNet.Numerics.Distributions.Normal.CDF(0, 1, 0) == 0.5 ? x => MathNet.Numerics.Distributions.Normal.CDF(0, 1, x) : throw new InvalidOperationException());
        Fit.KolmogorovSmirnov(Enumerable.Range(0, 20_000).Select(_ => random.Uniform()), x => x);
    }

    [Fact]
    public void Whole_numbers_are_drawn_evenly()
    {
        var random = new RandomStream(13);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++) counts[random.Below(7)]++;
        Fit.ChiSquare(counts, [.. Enumerable.Repeat(1.0 / 7, 7)]);
    }

    [Theory]
    [InlineData(0.5, 0.3)]
    [InlineData(8.1737, 30)]
    [InlineData(6.1271, 0.5)]
    [InlineData(312, 320)]
    public void The_cumulative_gamma_agrees_with_MathNet(double shape, double x) =>
        Assert.Equal(MathNet.Numerics.SpecialFunctions.GammaLowerRegularized(shape, x), GammaDistribution.Cumulative(x, shape, 1), 1e-11);
}
