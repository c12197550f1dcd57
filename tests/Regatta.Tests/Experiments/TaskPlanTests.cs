using Regatta.Experiments.Configuration;
using Regatta.Experiments.Launching;

namespace Regatta.Tests.Experiments;

/// <summary>How trials are divided into tasks, and tasks into submissions.</summary>
public sealed class TaskPlanTests : TwoPointRunTests
{
    [Theory]
    [InlineData(1, LauncherKeep.Nothing, "4 of 1")]
    [InlineData(3, LauncherKeep.Nothing, "1 of 3, 1 of 1")]
    [InlineData(1, LauncherKeep.Block, "2 of 2")]
    [InlineData(1, LauncherKeep.Point, "2 of 2")]
    public void Trials_are_divided_into_tasks(int trials, LauncherKeep keep, string sizes)
    {
        using var run = Create(out var plan);

        var tasks = TaskPlan.Tasks(plan.Trials, new LauncherSection { Trials = trials, Keep = keep });

        Assert.Equal(sizes, string.Join(", ", tasks.GroupBy(t => t.Count).Select(g => $"{g.Count()} of {g.Key}")));
        Assert.Equal(plan.Trials.Select(t => t.Id), tasks.SelectMany(t => t).OrderBy(t => t.Order).Select(t => t.Id));
    }

    [Theory]
    [InlineData(TrialOrder.Sequential, 1, LauncherKeep.Nothing, "")]
    [InlineData(TrialOrder.Sequential, 2, LauncherKeep.Nothing, "")]
    [InlineData(TrialOrder.Sequential, 3, LauncherKeep.Nothing, "a, b")]
    [InlineData(TrialOrder.Sequential, 4, LauncherKeep.Nothing, "")]
    [InlineData(TrialOrder.Sequential, 6, LauncherKeep.Nothing, "")]
    [InlineData(TrialOrder.Sequential, 3, LauncherKeep.Block, "")]
    [InlineData(TrialOrder.Blocks, 3, LauncherKeep.Nothing, "")]
    [InlineData(TrialOrder.Blocks, 1, LauncherKeep.Point, "a, b")]
    public void A_point_that_has_a_task_for_itself_is_found(TrialOrder order, int trials, LauncherKeep keep, string points)
    {
        using var run = Create(out var plan, 3, order);

        Assert.Equal(points, string.Join(", ", TaskPlan.Confounded(TaskPlan.Tasks(plan.Trials, new LauncherSection { Trials = trials, Keep = keep }))));
    }

    [Fact]
    public void Ten_thousand_points_are_eleven_submissions_with_the_probe() => Assert.Equal(10, TaskPlan.Submissions(10_000, 1001));
}
