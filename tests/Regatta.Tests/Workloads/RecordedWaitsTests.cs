using Regatta.Analysis;
using Regatta.Tests.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

/// <summary>What a trace recorded of waits, beside those of a trial.</summary>
public sealed class RecordedWaitsTests
{
    [Fact]
    public void Waits_of_the_jobs_that_are_kept_count()
    {
        Job[] recorded = [Job(1, 10), Job(2, 30), Job(3, 80), Job(4, null)];
        Assert.Equal(new RecordedWaits(3, 40_000_000, 30_000_000, 80_000_000), RecordedWaits.Of(recorded, recorded));
        Assert.Equal(new RecordedWaits(2, 20_000_000, 10_000_000, 30_000_000), RecordedWaits.Of(recorded, [.. recorded.Take(2).Select(j => j with { Recorded = null })]));
        // One that runs into its limit is no job that completes, whose waits those of a trial are.
        Assert.Equal(2, RecordedWaits.Of(recorded, [.. recorded.Select(j => j.Id == 3 ? j with { RequestedTime = TimeSpan.FromSeconds(4) } : j with { RequestedTime = TimeSpan.FromSeconds(5) })])!.Jobs);
        Assert.Null(RecordedWaits.Of(recorded, [recorded[3]]));
        Assert.Null(RecordedWaits.Of([Job(1, null)], [Job(1, null)]));
    }

    [Fact]
    public void They_are_metrics_beside_the_wait_of_the_trial()
    {
        var record = Trials.Record() with { RecordedWaits = new RecordedWaits(1, 8_000_000, 8_000_000, 8_000_000) };
        var metrics = TrialMetrics.Compute(new Trial(record, JobTable.From([Trials.Job(1, 1, 0, 10, 20)])));
        Assert.Equal((8, 8, 8, 1.25), (metrics["recorded-wait-mean"], metrics["recorded-wait-p50"], metrics["recorded-wait-p90"], metrics["wait-over-recorded"]));
    }

    private static Job Job(long id, double? wait) => new()
    {
        Id = id, Submit = TimeSpan.FromSeconds(id), Processors = 1, RunTime = TimeSpan.FromSeconds(5), Recorded = new RecordedJob { Wait = wait is { } seconds ? TimeSpan.FromSeconds(seconds) : null },
    };
}
