using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

public sealed class ReplayJsonTests
{
    [Fact]
    public void A_summary_comes_back_with_faults_of_nodes_and_of_the_scheduler()
    {
        var summary = new ReplaySummary { Trial = "t", Outcome = ReplayOutcome.Drained, Started = 1, Ended = 2, Faults = [new(5, "w1", "it is gone"), new(6, null, "Slurm does not take jobs")] };

        var read = ReplayJson.ReadSummary(ReplayJson.Line(summary), "summary.json");

        Assert.Equal(summary.Faults, read.Faults);
        Assert.Equal(ReplayJson.Line(summary), ReplayJson.Line(read));
    }

    [Fact]
    public void A_summary_that_was_cut_off_is_told_with_its_place()
    {
        var fault = Assert.Throws<DiagnosticException>(() => ReplayJson.ReadSummary("""{"trial":"t","outcome":"Drained","""u8, "summary.json"));

        Assert.Equal("line 1 of summary.json is not a replay summary", fault.Diagnostics[0].Summary);
    }
}
