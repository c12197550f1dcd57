using Regatta.Experiments.Configuration;
using Regatta.Experiments.Launching;
using Regatta.Runs;

namespace Regatta.Tests.Experiments;

/// <summary>Which host takes which task.</summary>
public sealed class TaskDealerTests
{
    private static readonly HashSet<string> Machines = ["a", "b"];

    [Fact]
    public void Each_point_comes_to_each_host_where_the_plan_alternates_and_hosts_take_turns()
    {
        // One after the other would give one host all of a, and the other all of b.
        var dealer = Dealer("a/1", "b/1", "a/2", "b/2");

        var taken = Enumerable.Range(0, 4).Select(i => (Host: i % 2 == 0 ? "n1" : "n2", Task: dealer.Take(i % 2 == 0 ? "n1" : "n2", alone: true)!)).ToList();

        Assert.All(taken.GroupBy(t => t.Host), host => Assert.Equal(["a", "b"], host.Select(h => h.Task[0].Point).Order()));
        Assert.Null(dealer.Take("n1", alone: true));
    }

    [Fact]
    public void Simulated_trials_are_dealt_in_the_order_of_the_plan_and_apart_from_those_on_machines()
    {
        var dealer = Dealer("s/1", "a/1", "s/2");

        Assert.Equal("s/1", Ids(dealer.Take("n1", alone: false)));
        Assert.Equal("s/2", Ids(dealer.Take("n2", alone: false)));
        Assert.Null(dealer.Take("n1", alone: false));
        Assert.True(dealer.Waits("n1", alone: true));
        Assert.Equal("a/1", Ids(dealer.Take("n2", alone: true)));
        Assert.False(dealer.Waits("n1", alone: true));
    }

    [Fact]
    public void What_a_host_began_is_kept_for_it_until_it_is_given_up()
    {
        var dealer = Dealer("a/1", "b/1");
        dealer.Claim("n1", new HashSet<string> { "b/1" });

        Assert.Equal("a/1", Ids(dealer.Take("n2", alone: true)));
        Assert.Null(dealer.Take("n2", alone: true));
        var task = dealer.Take("n1", alone: true)!;
        Assert.Equal("b/1", Ids(task));
        dealer.GiveBack("n1", task);
        Assert.Null(dealer.Take("n2", alone: true));
        Assert.True(dealer.Waits("n1", alone: true));
        dealer.GiveUp("n1");
        Assert.Equal("b/1", Ids(dealer.Take("n2", alone: true)));
    }

    [Fact]
    public void A_block_that_is_kept_whole_is_one_task_and_runs_alone_where_one_of_it_takes_machines()
    {
        PlannedTrial[] trials = [.. Enumerable.Range(1, 2).SelectMany(r => new[] { "s", "a" }.Select(p => Trial($"{p}/{r}") with { Block = r }))];

        var dealer = new TaskDealer(TaskPlan.Tasks(trials, new LauncherSection { Keep = LauncherKeep.Block }, Machines), Machines);

        Assert.False(dealer.Has(alone: false));
        Assert.Equal("s/1 a/1", Ids(dealer.Take("n1", alone: true)));
        Assert.Equal("s/2 a/2", Ids(dealer.Take("n2", alone: true)));
    }

    [Fact]
    public void A_simulated_trial_is_in_no_task_with_one_on_machines()
    {
        PlannedTrial[] trials = [.. new[] { "s/1", "a/1", "s/2", "a/2" }.Select(Trial)];

        var tasks = TaskPlan.Tasks(trials, new LauncherSection { Trials = 2 }, Machines);

        Assert.Equal(["s/1 s/2", "a/1 a/2"], tasks.Select(Ids));
    }

    private static TaskDealer Dealer(params string[] ids) => new(ids.Select(id => new[] { Trial(id) }), Machines);

    private static string? Ids(IReadOnlyList<PlannedTrial>? task) => task is null ? null : string.Join(' ', task.Select(t => t.Id));

    private static PlannedTrial Trial(string id) => new(1, id.Split('/')[0], int.Parse(id.Split('/')[1], CultureInfo.InvariantCulture), 1, 1);
}
