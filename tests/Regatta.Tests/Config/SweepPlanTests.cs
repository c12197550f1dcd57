using Regatta.Config;

namespace Regatta.Tests.Config;

/// <summary>Sweeps beyond the plain product.</summary>
public class SweepPlanTests
{
    [Fact]
    public void The_number_of_points_is_known_before_any_is_made()
    {
        var plan = Plan("seed=range(1000)", "repeats=range(100)", "run.label=a,b,c");

        Assert.Equal(300_000, plan.Size);
        Assert.Equal(["seed=0", "repeats=0", "run.label=b"], plan.Points().Skip(1).First().Overrides);
    }

    [Fact]
    public void Zipped_axes_advance_together()
    {
        var plan = Plan("seed=tag(zip,choice(1,2))", "scheduler=slurm,flux", "repeats=tag(zip,choice(10,20))");

        Assert.Equal(
            ["seed=1 repeats=10 scheduler=slurm", "seed=1 repeats=10 scheduler=flux", "seed=2 repeats=20 scheduler=slurm", "seed=2 repeats=20 scheduler=flux"],
            plan.Points().Select(p => string.Join(' ', p.Overrides)));
        Assert.Equal(4, plan.Size);
    }

    [Fact]
    public void Zipped_axes_of_unequal_length_are_refused() =>
        Assert.Contains("have 2 and 3 values", Refusal("seed=tag(zip,choice(1,2))", "repeats=tag(zip,choice(1,2,3))"), StringComparison.Ordinal);

    [Fact]
    public void Points_can_be_excluded()
    {
        var plan = Plan("scheduler=slurm,flux", "seed=1,2,3", "hydra.sweeper.exclude=[['scheduler=flux','seed=2'],['seed=3']]");

        Assert.Equal(["scheduler=slurm seed=1", "scheduler=slurm seed=2", "scheduler=flux seed=1"], plan.Points().Select(p => string.Join(' ', p.Overrides)));
        Assert.Equal([0, 1, 2], plan.Points().Select(p => p.Number));
        Assert.Equal(3, plan.Size);
    }

    [Fact]
    public void Settings_of_a_sweep_need_no_node_of_the_engine()
    {
        var composer = ConfigTree.Of(new ComposerOptions { Environment = _ => null, WithHydra = false }, ConfigTree.Race());
        var plan = SweepPlan.Create(composer, "config", ["seed=1,2,3", "hydra.sweeper.exclude=[{seed:2}]"]);

        Assert.Equal(["seed=1", "seed=3"], plan.Points().Select(p => string.Join(' ', p.Overrides)));
        Assert.Equal(3L, ((ScalarNode)plan.Compose(plan.Points().Last()).Root["seed"]!).Value);
    }

    [Fact]
    public void Excluding_every_point_is_an_error() =>
        Assert.Contains("every point of the sweep is excluded", Assert.Throws<DiagnosticException>(() => Plan("seed=1,2", "hydra.sweeper.exclude=[['seed=*']]").Points().ToList()).Message, StringComparison.Ordinal);

    [Fact]
    public void Points_can_be_named()
    {
        var composer = ConfigTree.Of(ConfigTree.Race(("conf/config.yaml",
            "defaults:\n  - scheduler: slurm\n  - _self_\nseed: 1\nhydra:\n  sweeper:\n    points:\n      tuned: [scheduler=flux, seed=5]\n      plain: []\n")));
        var plan = SweepPlan.Create(composer, "config", ["+extra=1,2"]);

        Assert.Equal(["tuned: scheduler=flux seed=5 +extra=1", "tuned: scheduler=flux seed=5 +extra=2", "plain: +extra=1", "plain: +extra=2"], plan.Points().Select(p => $"{p.Name}: {string.Join(' ', p.Overrides)}"));
        Assert.Equal(4, plan.Size);
        Assert.Equal("scheduler:\n  name: flux\nseed: 5\nextra: 2\n", plan.Compose(plan.Points().ElementAt(1)).ToYaml());
    }

    [Fact]
    public void A_range_without_an_end_is_refused() =>
        Assert.Contains("never ends", Refusal("seed=range(inf)"), StringComparison.Ordinal);

    [Fact]
    public void A_sweep_that_is_too_large_is_refused_at_once()
    {
        Assert.Contains("more than 1000000", Refusal("seed=range(100000)", "repeats=range(100000)"), StringComparison.Ordinal);
        Assert.Contains("more than 1000000", Refusal("seed=range(0,1,0.0000000001)"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_shuffle_has_the_same_order_each_time()
    {
        var first = Plan("seed=shuffle(range(50))").Points().Select(p => p.Overrides[0]).ToList();

        Assert.Equal(first, Plan("seed=shuffle(range(50))").Points().Select(p => p.Overrides[0]));
        Assert.NotEqual(Enumerable.Range(0, 50).Select(i => $"seed={i}"), first);
    }

    [Fact]
    public void A_point_is_what_composing_its_overrides_gives()
    {
        var composer = ConfigTree.Of(ConfigTree.Race());
        var plan = SweepPlan.Create(composer, "config", ["scheduler=slurm,flux", "seed=1,2", "+extra={a:1},{b:2}", "cluster@hw=small,large"]);
        foreach (var point in plan.Points())
        {
            Assert.Equal(composer.Compose("config", point.Overrides).ToYaml(), plan.Compose(point).ToYaml());
        }
    }

    private static SweepPlan Plan(params string[] overrides) => SweepPlan.Create(ConfigTree.Of(ConfigTree.Race()), "config", overrides);

    private static string Refusal(params string[] overrides) => Assert.Throws<DiagnosticException>(() => Plan(overrides)).Message;
}
