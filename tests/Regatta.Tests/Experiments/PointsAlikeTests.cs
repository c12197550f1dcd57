using Regatta.Experiments.Composing;
using Regatta.Experiments.Planning;
using Regatta.Host;

namespace Regatta.Tests.Experiments;

/// <summary>Points that their scheduler cannot tell apart.</summary>
public sealed class PointsAlikeTests
{
    /// <summary>The experiments that the program brings.</summary>
    public static TheoryData<string> Shipped => [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "conf", "experiment"), "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [InlineData("the points fcfs, easy and conservative are the same for slurm: scheduler.policy changes nothing there", "site-replay", "scheduler=slurm")]
    [InlineData("the points fcfs and easy are the same for slurm: scheduler.policy changes nothing there", "reference", "scheduler.policy=fcfs,easy", "scheduler=slurm")]
    [InlineData("the points one and two are the same for slurm: scheduler.settings.SchedulerType changes nothing there", "quickstart", "~points", "+points.one=[]", "+points.two=['+scheduler.settings.SchedulerType=sched/backfill']")]
    [InlineData("the points backfill and easy are the same for reference: scheduler.profile changes nothing there", "reference", "scheduler.profile=backfill,easy")]
    public void Points_that_differ_in_what_is_not_read_are_told(string text, params string[] words)
    {
        var told = Assert.Single(Notes(words), note => note.Code == "points-alike");
        Assert.Equal((Severity.Warning, text), (told.Severity, told.Summary));
    }

    [Theory]
    [InlineData("quickstart", "~points", "cluster.emulated=8", "+points.one=['cluster.time=real']", "+points.two=['cluster.time=virtual']")]
    [InlineData("quickstart", "~points", "+points.one=[]", "+points.two=['+scheduler.settings.SchedulerParameters=bf_continue']")]
    [InlineData("quickstart", "~points", "scheduler.image=slurm@trixie,slurm")]
    [InlineData("reference", "scheduler.policy=fcfs,easy")]
    [InlineData("reference", "scheduler.allocation=processors,nodes")]
    public void Points_that_differ_are_not(params string[] words) => Assert.DoesNotContain(Notes(words), note => note.Code == "points-alike");

    [Theory]
    [MemberData(nameof(Shipped))]
    public void No_shipped_experiment_has_such_points(string experiment) => Assert.DoesNotContain(Notes(experiment), note => note.Code == "points-alike");

    private static ImmutableArray<Diagnostic> Notes(params string[] words)
    {
        var installation = new Installation(Repository.Root);
        var composed = new ExperimentComposer(installation, Repository.Root).Compose(ExperimentComposer.Overrides(words));
        return new Planner(new WorkloadLoader(installation, Repository.Root).Load).Prepare(composed.Experiment, composed.Points).Notes;
    }
}
