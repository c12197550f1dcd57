using CsCheck;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Planning;

namespace Regatta.Tests.Experiments;

public sealed class TrialLayoutTests
{
    [Fact]
    public void Every_block_holds_every_point_once()
    {
        var points = Gen.Int[1, 6].Select(n => Enumerable.Range(1, n).Select(i => $"p{i}").ToArray());
        Gen.Select(points, Gen.Int[1, 8], Gen.Long, Gen.Enum<TrialOrder>()).Sample((names, repetitions, seed, order) =>
        {
            var trials = TrialLayout.Lay(names, repetitions, order, seed, vary: false);
            Assert.Equal(names.Length * repetitions, trials.Length);
            Assert.Equal(Enumerable.Range(1, trials.Length), trials.Select(t => t.Order));
            foreach (var block in trials.GroupBy(t => t.Block))
                Assert.Equal(names.Order(StringComparer.Ordinal), block.Select(t => t.Point).Order(StringComparer.Ordinal));
            foreach (var point in trials.GroupBy(t => t.Point))
                Assert.Equal(Enumerable.Range(1, repetitions), point.Select(t => t.Repetition));
        });
    }

    [Fact]
    public void The_same_seed_gives_the_same_order_and_another_seed_another()
    {
        string[] points = ["a", "b", "c", "d"];
        string Order(long seed) => string.Concat(TrialLayout.Lay(points, 4, TrialOrder.Shuffled, seed, vary: false).Select(t => t.Point));

        Assert.Equal(Order(7), Order(7));
        Assert.NotEqual(Order(7), Order(8));
        Assert.Equal("abcdabcdabcdabcd", string.Concat(TrialLayout.Lay(points, 4, TrialOrder.Blocks, 7, vary: false).Select(t => t.Point)));
    }

    [Fact]
    public void Points_of_a_block_replay_the_same_jobs()
    {
        var same = TrialLayout.Lay(["a", "b"], 3, TrialOrder.Shuffled, 5, vary: false);
        Assert.All(same, t => Assert.Equal(5, t.Seed));

        var shaken = TrialLayout.Lay(["a", "b"], 3, TrialOrder.Shuffled, 5, vary: true);
        Assert.All(shaken, t => Assert.Equal(5 + t.Block - 1, t.Seed));
    }
}
