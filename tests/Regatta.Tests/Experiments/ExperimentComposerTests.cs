using Regatta.Experiments.Composing;
using Regatta.Experiments.Configuration;
using Regatta.Host;

namespace Regatta.Tests.Experiments;

/// <summary>Which points an experiment has: its own, those of a sweep, and what the command line makes of both.</summary>
public sealed class ExperimentComposerTests
{
    [Theory]
    [InlineData("quickstart", "fifo:fifo backfill:backfill")]
    // What is typed outweighs what the file's points say of the same key.
    [InlineData("quickstart scheduler.profile=fifo,throughput", "fifo:fifo throughput:throughput")]
    [InlineData("quickstart scheduler.profile=throughput", "slurm-throughput:throughput")]
    [InlineData("quickstart ~points", "slurm-backfill:backfill")]
    // A sweep over something else multiplies them.
    [InlineData("quickstart cluster.workers=2,3", "fifo-2:fifo backfill-2:backfill fifo-3:fifo backfill-3:backfill")]
    public void Points_are_what_was_asked_for(string words, string expected) =>
        Assert.Equal(expected, string.Join(' ', Compose(words).Points.Select(p => $"{p.Name}:{p.Experiment.Scheduler.Profile}")));

    [Fact]
    public void A_part_of_what_points_differ_in_cannot_be_meant_for_all_of_them()
    {
        var thrown = Assert.Throws<DiagnosticException>(() => Compose(
            "quickstart +points.wide=['cluster.workers=4'] scheduler.profile=throughput"));
        Assert.Equal(
            """
            error[point-override]: 'scheduler.profile' is set by the points of the experiment as well: fifo, backfill
              help: set all that the points differ in (scheduler.profile, cluster.workers), leave them out with ~points, or change one of them: points.fifo=['scheduler.profile=fifo']
            """,
            thrown.Diagnostics[0].ToString());
    }

    private static ComposedExperiment Compose(string words) =>
        new ExperimentComposer(new Installation(Repository.Root), Path.GetTempPath()).Compose(ExperimentComposer.Overrides(words.Split(' ')));

    [Theory]
    [InlineData("quickstart", true)]
    [InlineData("quickstart scheduler.slurm.restart=false", false)]
    public void Daemons_of_Slurm_restart_unless_they_are_to_stay_down(string words, bool restart) =>
        Assert.Equal(restart, Compose(words).Experiment.Options().Restart);

    [Theory]
    [InlineData("scheduler.multi_user=true")]
    [InlineData("+scheduler.multi_user=true")]
    public void A_key_that_moved_into_a_section_is_refused_with_its_new_name(string typed)
    {
        var composer = new ExperimentComposer(Installation.OfProcess(), Repository.Root);

        var fault = Assert.Throws<DiagnosticException>(() => composer.Compose(["experiment=quickstart", "scheduler=flux", typed]));

        Assert.Contains("did you mean 'scheduler.flux.multi_user'?", fault.Message, StringComparison.Ordinal);
        Assert.True(composer.Compose(["experiment=quickstart", "scheduler=flux", "scheduler.flux.multi_user=true"]).Experiment.Options().MultiUser);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public void Runs_of_earlier_programs_are_read(string multiUser)
    {
        var yaml = new ExperimentComposer(Installation.OfProcess(), Repository.Root).Compose(["experiment=quickstart"]).Points[0].Yaml;
        var former = yaml.Replace("  flux:\n    multi_user: false\n", $"  multi_user: {multiUser}\n", StringComparison.Ordinal);
        Assert.NotEqual(yaml, former);

        Assert.Equal(multiUser == "true", ExperimentComposer.Read(former, "plan.json").Options().MultiUser);
    }

    [Fact]
    public void Workloads_of_earlier_programs_have_the_keys_of_every_kind()
    {
        var yaml = new ExperimentComposer(Installation.OfProcess(), Repository.Root).Compose(["experiment=reference", "workload=gangs"]).Points[0].Yaml;
        var former = yaml.Replace("  kind: gang\n", "  kind: gang\n  file: null\n  strict: false\n  light: false\n  users_in_loop: null\n", StringComparison.Ordinal)
            .Replace("  spread: constant\n", "  spread: null\n", StringComparison.Ordinal).Replace("  flurry_window: 10m\n", "  flurry_window: null\n", StringComparison.Ordinal).Replace("  memory: keep\n", "  memory: null\n", StringComparison.Ordinal);
        Assert.Equal(3 + 4, former.Split('\n').Except(yaml.Split('\n')).Count());

        Assert.Equal(ExperimentComposer.Read(yaml, "plan.json").Workload, ExperimentComposer.Read(former, "plan.json").Workload);
    }
}
