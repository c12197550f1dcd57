using Regatta.Analysis;
using Xunit;

namespace Regatta.Tests.Analysis;

/// <summary>Metrics of trials that are small enough to work out by hand, on a machine of four processors.</summary>
public sealed class TrialMetricsTests
{
    // 0    10   20   30   40
    // 1111111111          job 1: 2 processors, 0 to 20
    //      3333           job 3: 2 processors, sent at 5, 10 to 20
    //           222222222 job 2: 4 processors, sent at 0, 20 to 40
    private static readonly Trial s_three = Trials.Of(
        Trials.Job(1, 2, 0, 0, 20, user: 1),
        Trials.Job(2, 4, 0, 20, 40, user: 2),
        Trials.Job(3, 2, 5, 10, 20, user: 2));

    [Theory]
    [InlineData("jobs", 3)]
    [InlineData("wait-mean", 25 / 3.0)]
    [InlineData("wait-p50", 5)]
    [InlineData("wait-p90", 5 + (0.8 * 15))]
    [InlineData("wait-max", 20)]
    [InlineData("turnaround-mean", (20 + 40 + 15) / 3.0)]
    [InlineData("slowdown-mean", (1 + 2 + 1.5) / 3)]
    [InlineData("slowdown-weighted-mean", ((40 * 1) + (80 * 2) + (20 * 1.5)) / 140)]
    [InlineData("bounded-slowdown-mean", (1 + 2 + 1.5) / 3)]
    [InlineData("per-processor-bounded-slowdown-max", 1)]
    [InlineData("utilisation", (40 + 80 + 20) / (4 * 40.0))]
    // 0-5: 2 idle, 4 wanted; 5-10: 2 idle, 6 wanted; 10-20: 0 idle; 20-40: 0 idle.
    [InlineData("loss-of-capacity", 20 / 160.0)]
    // 0-5: job 2 does not fit; 5-10: job 3 fits into the 2 idle.
    [InlineData("loss-of-capacity-fitting", 10 / 160.0)]
    [InlineData("queue-length", (20 + 5) / 40.0)]
    [InlineData("makespan", 40)]
    [InlineData("makespan-lower-bound", 35)]
    [InlineData("makespan-ratio", 40 / 35.0)]
    [InlineData("fairness-jain", (2.75 * 2.75) / (2 * (1 + (1.75 * 1.75))))]
    public void Are_as_worked_out_by_hand(string metric, double value) =>
        Assert.Equal(value, TrialMetrics.Compute(s_three)[metric]!.Value, 1e-12);
}
