using System.Text;
using Regatta.Analysis;

namespace Regatta.Tests.Analysis;

/// <summary>What samples of a scheduler come to.</summary>
public sealed class TrialInsideTests
{
    [Fact]
    public void Why_backfill_stopped_is_told_as_a_share_of_its_cycles()
    {
        var inside = Of(
            (0, """ "slurm_bf_exit{reason=\"end_job_queue\"}":10,"slurm_bf_exit{reason=\"bf_max_job_test\"}":5,"slurm_bf_exit{reason=\"state_changed\"}":0 """),
            (1, """ "slurm_bf_exit{reason=\"end_job_queue\"}":14,"slurm_bf_exit{reason=\"bf_max_job_test\"}":51,"slurm_bf_exit{reason=\"state_changed\"}":0 """));

        Assert.Equal(["Backfill stopped at bf_max_job_test in 92 % of its cycles (46 of 50)."], inside.Words);
    }

    [Fact]
    public void A_counter_that_began_anew_counts_from_there()
    {
        var inside = Of((0, """ "slurm_schedule_exit{reason=\"default_queue_depth\"}":90 """), (1, """ "slurm_schedule_exit{reason=\"default_queue_depth\"}":3 """));

        Assert.Equal(["The main scheduler stopped at default_queue_depth in 100 % of its passes (3 of 3)."], inside.Words);
    }

    [Fact]
    public void Processor_time_is_drawn_as_cores_and_a_daemon_that_uses_a_whole_one_is_told_of()
    {
        var inside = Of([.. Enumerable.Range(0, 11).Select(i => (i, string.Create(CultureInfo.InvariantCulture, $" \"process_cpu_seconds{{process=\\\"slurmctld\\\"}}\":{(i <= 5 ? i * 0.1 : 0.5 + (i - 5))} ")))]);

        var series = Assert.Single(inside.Series);
        Assert.Equal(("processor time of slurmctld", "cores", 1.0, 0.1, 1.0), (series.Title, series.Unit, series.Times[0], series.Values[0], series.Values[^1]));
        Assert.Equal("slurmctld used a core or more in 50 % of the time: while it did, it may have been the limit, and not the nodes.", Assert.Single(inside.Words));
    }

    [Fact]
    public void The_request_that_took_most_time_is_named()
    {
        var inside = Of(
            (0, """ "slurm_rpc_count{type=\"A\"}":0,"slurm_rpc_seconds{type=\"A\"}":0,"slurm_rpc_count{type=\"B\"}":0,"slurm_rpc_seconds{type=\"B\"}":0 """),
            (1, """ "slurm_rpc_count{type=\"A\"}":100,"slurm_rpc_seconds{type=\"A\"}":0.3,"slurm_rpc_count{type=\"B\"}":10,"slurm_rpc_seconds{type=\"B\"}":0.1 """));

        Assert.Equal(["Of the time that slurmctld spent on requests, 75 % went into A (100 of them, 3.00 ms each)."], inside.Words);
        Assert.Equal([110.0], inside.Series.Single(s => s.Title == "requests answered by slurmctld").Values);
    }

    [Fact]
    public void Times_without_an_answer_are_told() =>
        Assert.Equal(["slurmctld did not answer when it was asked for its counters 2 times: its series have gaps there."], Of((0, """ "sample_unanswered{source=\"slurmctld\"}":1 """), (1, """ "sample_unanswered{source=\"slurmctld\"}":1 """)).Words);

    [Fact]
    public void Long_series_are_drawn_as_means_of_spans()
    {
        var series = Of([.. Enumerable.Range(0, 1000).Select(i => (i, $" \"slurm_bf_last_depth\":{i} "))]).Series.Single();

        Assert.Equal((250, 1.5), (series.Values.Length, series.Values[0]));
    }

    private static TrialInside Of(params (int Second, string Values)[] lines) =>
        TrialInside.Of(SampleTable.Parse(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => $"{{\"time\":{Trials.At(l.Second)},\"values\":{{{l.Values}}}}}\n"))), "test"), Trials.Record());
}
