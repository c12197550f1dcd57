using Regatta.Analysis;

namespace Regatta.Tests.Analysis;

/// <summary>How alike two trials started the same jobs.</summary>
public sealed class StartOrderTests
{
    [Fact]
    public void The_same_starts_are_in_the_same_order_and_nothing_apart() =>
        Assert.Equal(new StartOrder(1, 0, 3), StartOrder.Of(Starting(1, 5, 9), Starting(1, 5, 9)));

    [Fact]
    public void The_opposite_order_has_a_tau_of_minus_one() => Assert.Equal(-1, StartOrder.Of(Starting(1, 2, 3, 4), Starting(4, 3, 2, 1)).Tau);

    [Fact]
    public void One_exchange_of_neighbours_of_four_is_one_pair_of_six_against_the_rest()
    {
        var order = StartOrder.Of(Starting(1, 2, 3, 4), Starting(1, 3, 2, 4));

        Assert.Equal((5 - 1) / 6.0, order.Tau, 12);
        Assert.Equal(0.5, order.MeanDifference, 12);
    }

    [Fact]
    public void What_started_at_one_moment_in_one_of_them_counts_for_neither()
    {
        // By the definition of tau-b: 5 pairs in order, one tied in the first: 5 / sqrt(5 * 6).
        Assert.Equal(5 / Math.Sqrt(30), StartOrder.Of(Starting(1, 2, 2, 4), Starting(1, 2, 3, 4)).Tau, 12);
        Assert.Equal(1, StartOrder.Of(Starting(1, 2, 2, 4), Starting(1, 3, 3, 4)).Tau, 12);
    }

    [Fact]
    public void As_many_pairs_as_counted_one_by_one()
    {
        var random = new Random(7);
        var (x, y) = (Enumerable.Range(0, 200).Select(_ => (double)random.Next(100)).ToArray(), Enumerable.Range(0, 200).Select(_ => (double)random.Next(100)).ToArray());
        int both = 0, tiedX = 0, tiedY = 0, all = 0;
        for (var i = 0; i < x.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                all++;
                both += Math.Sign(x[i].CompareTo(x[j])) * Math.Sign(y[i].CompareTo(y[j]));
                if (x[i] == x[j]) tiedX++;
                if (y[i] == y[j]) tiedY++;
            }
        }

        Assert.Equal(both / Math.Sqrt((double)(all - tiedX) * (all - tiedY)), StartOrder.Of(Starting(x), Starting(y)).Tau, 9);
    }

    [Fact]
    public void Without_two_jobs_there_is_no_order()
    {
        Assert.True(double.IsNaN(StartOrder.Of(Starting(1), Starting(2)).Tau));
        Assert.True(double.IsNaN(StartOrder.Of(Starting(1, 1), Starting(1, 2)).Tau));
    }

    private static Trial Starting(params double[] starts) => Trials.Of(starts.Select((s, i) => Trials.Job(i + 1, 1, 0, s, s + 10)));
}
