using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

/// <summary>What accounts used against what they were promised.</summary>
public sealed class ShareErrorTests
{
    [Fact]
    public void Half_of_what_is_used_by_the_one_that_a_quarter_belongs_to_is_a_quarter_wrong() =>
        Assert.Equal(0.25, Error([(1, 0, 100, "physics"), (1, 0, 100, "biology")])!.Value, 9);

    [Fact]
    public void What_is_used_as_promised_is_no_error() => Assert.Equal(0, Error([(3, 0, 100, "physics"), (1, 0, 100, "biology")])!.Value, 9);

    [Fact]
    public void Usage_counts_from_the_instant_on_at_which_it_is()
    {
        // Physics alone for half of the time: |1 - 3/4|; then biology alone: |50/t - 3/4| for t from 50 to 100, which crosses zero at 200/3.
        var crossing = 200 / 3.0;
        var before = (50 * Math.Log(crossing / 50)) - (0.75 * (crossing - 50));
        var after = (0.75 * (100 - crossing)) - (50 * Math.Log(100 / crossing));
        Assert.Equal((0.25 * 0.5) + ((before + after) / 100), Error([(1, 0, 50, "physics"), (1, 50, 100, "biology")])!.Value, 3);
    }

    [Fact]
    public void Accounts_without_jobs_and_jobs_without_accounts_do_not_count()
    {
        Assert.Equal(0.25, Error([(1, 0, 100, "physics"), (1, 0, 100, "biology"), (8, 0, 100, null), (8, 0, 100, "guests")])!.Value, 9);
        Assert.Null(Error([(1, 0, 100, "physics")]));
    }

    private static double? Error((int Processors, double Start, double Finish, string? Account)[] jobs)
    {
        var record = Trials.Record() with { Shares = ImmutableSortedDictionary<string, double>.Empty.Add("physics", 0.6).Add("biology", 0.2).Add("chemistry", 0.2) };
        var rows = jobs.Select((j, i) => Trials.Job(i + 1, j.Processors, 0, j.Start, j.Finish) with { Request = j.Account is null ? null : new JobRequest { Account = j.Account } });
        return TrialMetrics.Compute(new Trial(record, JobTable.From(rows)))["share-error"];
    }
}
