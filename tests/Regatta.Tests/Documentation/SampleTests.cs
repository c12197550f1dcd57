using System.Text.RegularExpressions;
using Regatta.Experiments.Composing;
using Regatta.Experiments.Planning;
using Regatta.Host;
using Regatta.Reports.Model;
using Regatta.Runs;

namespace Regatta.Tests.Documentation;

/// <summary>The runs that are shipped are runs of the experiments as they are now.</summary>
public sealed class SampleTests
{
    [Theory]
    [InlineData("quickstart")]
    [InlineData("policies")]
    public void A_sample_has_the_points_trials_and_judged_metrics_of_its_experiment(string name)
    {
        var installation = new Installation(Repository.Root);
        var composed = new ExperimentComposer(installation, Path.GetTempPath()).Compose(ExperimentComposer.Overrides([name]));
        var now = new Planner(new WorkloadLoader(installation, Path.GetTempPath()).Load).Prepare(composed.Experiment, composed.Points).Plan;

        var sample = RunDirectory.ReadPlan(Path.Combine(Repository.Root, "samples", name));

        Assert.Equal(Plan.CurrentVersion, sample.Version);
        Assert.Equal(now.Points.Select(Facts), sample.Points.Select(Facts));
        Assert.Equal(now.Trials, sample.Trials);
        Assert.Equal(now.Measure!.Judged, sample.Measure!.Judged);
        return;

        static object Facts(PlanPoint p) => (p.Name, p.Scheduler, p.Profile, p.Processors, p.Workers, p.Workload, p.Jobs, p.Expected);
    }

    [Fact]
    public async Task The_sample_of_Slurm_ends_with_a_verdict_and_names_no_place_of_its_host()
    {
        var sample = Path.Combine(Repository.Root, "samples", "quickstart");

        var model = ReportBuilder.Build([await RecordedRun.ReadAsync(sample, TestContext.Current.CancellationToken)]);

        Assert.Equal(["fifo", "backfill"], model.Points);
        Assert.Matches(new Regex("^backfill was better than fifo: a mean wait time [0-9]+ % lower"), model.Verdict.Headline);
        Assert.All(model.Trials, t => Assert.Equal(TrialStanding.Valid, t.Standing));
        // Two workers of four processors: no lane too many.
        Assert.All(model.Gantt, g => Assert.Equal([4, 4], g.Nodes.Select(n => n.Lanes)));
        foreach (var file in Directory.EnumerateFiles(sample, "*.json*", SearchOption.AllDirectories))
            Assert.DoesNotMatch("/(root|home|work|tmp)/", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }
}
