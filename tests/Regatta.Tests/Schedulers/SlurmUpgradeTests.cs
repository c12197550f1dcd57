using Regatta.Schedulers;
using Regatta.Schedulers.Slurm;
using Regatta.Workloads;

namespace Regatta.Tests.Schedulers;

/// <summary>Which version of Slurm a cluster can be upgraded to while jobs run.</summary>
public sealed class SlurmUpgradeTests
{
    [Theory]
    [InlineData("22.05.8", "23.02.0", "23.02"), InlineData("22.05.8", "23.11.4", "23.11"), InlineData("22.05.8", "24.05.0", "23.02, 24.05")]
    [InlineData("22.05.8", "24.11.5", "23.02, 24.11"), InlineData("22.05.8", "26.05.5", "23.02, 24.11, 26.05")]
    [InlineData("23.02.7", "24.11.5", "24.11"), InlineData("24.11.5", "26.05.5", "26.05"), InlineData("24.05.1", "26.05.5", "24.11, 26.05")]
    [InlineData("24.11.1", "24.11.5", "24.11"), InlineData("25.05.0", "26.11.0", "26.11"), InlineData("24.11.5", "26.11.0", "25.05, 26.11")]
    [InlineData("24.11.5", "22.05.8", null), InlineData("24.11.5", "of a friend", null)]
    public void An_upgrade_goes_by_the_releases_that_slurm_reads(string from, string to, string? way) =>
        Assert.Equal(way, SlurmDialect.Way(from, to) is { } steps ? string.Join(", ", steps) : null);

    [Theory]
    [InlineData("24.11.5", "26.05.5")]
    [InlineData("24.11.1", "24.11.5")]
    public void A_step_that_slurm_allows_is_taken(string from, string to) => Assert.Empty(Check(from, to));

    [Theory]
    [InlineData("22.05.8", "24.11.5", """
        error[slurm-upgrade-step]: Slurm 22.05.8 cannot be upgraded to 24.11.5 in one step
          24.11 reads the state and speaks with the daemons of 3 releases before it (23.02, 23.11, 24.05); of older ones every job would be lost
          help: in 2 steps it is allowed: 22.05 to 23.02 to 24.11; each step is an experiment with an image of that version
        """)]
    [InlineData("22.05.8", "26.05.5", """
        error[slurm-upgrade-step]: Slurm 22.05.8 cannot be upgraded to 26.05.5 in one step
          26.05 reads the state and speaks with the daemons of 3 releases before it (24.11, 25.05, 25.11); of older ones every job would be lost
          help: in 3 steps it is allowed: 22.05 to 23.02 to 24.11 to 26.05; each step is an experiment with an image of that version
        """)]
    [InlineData("26.05.5", "24.11.5", """
        error[slurm-upgrade-step]: Slurm 26.05.5 cannot go back to 24.11.5
          an older slurmctld does not read the state of a newer one
          help: name a newer version
        """)]
    [InlineData("24.11.5", "24.11.5", """
        error[slurm-upgrade-step]: Slurm 24.11.5 cannot be upgraded to itself
          help: name a newer version, or leave scheduler.slurm.upgrade out
        """)]
    public void A_step_that_slurm_forbids_is_refused_with_the_way(string from, string to, string text) =>
        Assert.Equal(text, Assert.Single(Check(from, to)).ToString());

    [Fact]
    public void What_the_newer_version_does_not_know_is_refused_as_well()
    {
        var options = new SchedulerOptions("backfill") { Version = "24.11.5", Upgrade = "26.05.5", Settings = ImmutableSortedDictionary<string, string>.Empty.Add("GetEnvTimeout", "5") };

        Assert.Equal("slurm.conf's GetEnvTimeout is known to Slurm 22.05 to 24.11, not to 26.05", Assert.Single(new SlurmScheduler().Check(options)).Summary);
    }

    [Fact]
    public void The_flag_that_starts_are_logged_under_is_there_from_the_beginning() =>
        Assert.Equal("HetJob", new SlurmScheduler().Settings(new SchedulerOptions("backfill") { Version = "24.11.5", Upgrade = "26.05.5" })["DebugFlags"]);

    private static IEnumerable<Diagnostic> Check(string from, string to) => new SlurmScheduler().Check(new SchedulerOptions("backfill") { Version = from, Upgrade = to });
}
