using Regatta.Experiments.Composing;
using Regatta.Host;

namespace Regatta.Tests.Config;

/// <summary>Sweeps of the project's own experiments: what <c>regatta plan</c> and <c>run</c> make points of.</summary>
public sealed class SweptExperimentTests : ScratchTests
{
    [Fact]
    public void Axes_make_points_and_an_exclusion_leaves_one_out() =>
        Assert.Equal(["fcfs-1", "fcfs-2", "easy-1"], Points("experiment=reference", "scheduler.policy=fcfs,easy", "seed=1,2", "hydra.sweeper.exclude=[{scheduler.policy:easy,seed:2}]"));

    [Fact]
    public void Zipped_axes_advance_together() =>
        Assert.Equal(["fcfs-1", "easy-2"], Points("experiment=reference", "scheduler.policy=tag(zip,choice(fcfs,easy))", "seed=tag(zip,choice(1,2))"));

    [Fact]
    public void Named_points_of_a_sweep_name_what_they_make()
    {
        var composed = Composed("experiment=reference", "scheduler.policy=fcfs,easy", "hydra.sweeper.points={late:['seed=3'],plain:[]}");

        Assert.Equal(["late-fcfs", "late-easy", "plain-fcfs", "plain-easy"], composed.Points.Select(p => p.Name));
        Assert.Equal(["seed=3", "scheduler.policy=fcfs"], composed.Points[0].Overrides);
        Assert.Equal(3, composed.Points[0].Experiment.Seed);
    }

    [Fact]
    public void Every_point_finds_what_the_search_path_adds()
    {
        Directory.CreateDirectory(Path.Combine(Scratch, "more", "scheduler"));
        File.WriteAllText(Path.Combine(Scratch, "more", "scheduler", "mine.yaml"), "name: reference\npolicy: fcfs\n");

        Assert.Equal(["mine", "reference"], Points("experiment=reference", $"hydra.searchpath=['{Scratch}/more']", "scheduler=mine,reference"));
    }

    private List<string> Points(params string[] overrides) => [.. Composed(overrides).Points.Select(p => p.Name)];

    private ComposedExperiment Composed(params string[] overrides) => new ExperimentComposer(new Installation(Repository.Root), Scratch).Compose(overrides);
}
