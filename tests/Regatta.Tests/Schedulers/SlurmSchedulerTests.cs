using System.Collections.Immutable;
using Regatta.Diagnostics;
using Regatta.Schedulers;
using Regatta.Schedulers.Slurm;
using Xunit;

namespace Regatta.Tests.Schedulers;

public sealed class SlurmSchedulerTests
{
    private const long GiB = 1L << 30;

    private readonly SlurmScheduler slurm = new();

    [Theory]
    [InlineData("fifo", "sched/builtin", "none")]
    [InlineData("backfill", "sched/backfill", "easy")]
    [InlineData("throughput", "sched/backfill", "conservative")]
    public void Profiles_map_to_one_scheduler_type_and_say_what_they_are(string profile, string type, string backfill)
    {
        var options = new SchedulerOptions(profile);
        Assert.Equal(type, slurm.Settings(options)["SchedulerType"]);
        Assert.Equal(backfill, slurm.Traits(options)["backfill"]);
    }

    [Fact]
    public void Fifo_and_backfill_differ_in_the_scheduler_alone()
    {
        var fifo = slurm.Settings(new SchedulerOptions("fifo"));
        var backfill = slurm.Settings(new SchedulerOptions("backfill"));
        Assert.Equal(["SchedulerParameters", "SchedulerType"], fifo.Keys.Where(key => fifo[key] != backfill[key]));
    }

    [Fact]
    public void Every_setting_of_a_profile_is_one_that_slurm_knows() =>
        Assert.All(
            slurm.Profiles.SelectMany(p => p.Settings).Concat(slurm.CommonSettings),
            setting => Assert.Empty(slurm.Check(new SchedulerOptions("fifo") { Settings = One(setting.Key, setting.Value) })));

    [Fact]
    public void The_users_settings_replace_the_profiles_however_the_key_is_spelt()
    {
        var settings = slurm.Settings(new SchedulerOptions("fifo") { Settings = One("minjobage", "5") });
        Assert.Equal("5", settings["MinJobAge"]);
        Assert.DoesNotContain("minjobage", settings.Keys);
    }

    [Fact]
    public void Traits_follow_the_users_settings()
    {
        var options = new SchedulerOptions("fifo") { Settings = One("SchedulerType", "sched/backfill") };
        Assert.Equal("conservative", slurm.Traits(options)["backfill"]);
    }

    [Theory]
    [InlineData("fifi", "error[scheduler-profile]: slurm has no profile 'fifi'\n  help: did you mean 'fifo'?")]
    [InlineData("fairshare", "error[scheduler-profile]: slurm has no profile 'fairshare'\n  help: choose one of: fifo, backfill, throughput, gang")]
    public void An_unknown_profile_is_told_with_the_nearest(string profile, string text) =>
        Assert.Equal(text, Assert.Throws<DiagnosticException>(() => slurm.Settings(new SchedulerOptions(profile))).Message);

    [Theory]
    [InlineData("MinJobAgo", "1", "error[slurm-setting-unknown]: slurm.conf has no setting 'MinJobAgo'\n  help: did you mean 'MinJobAge'?")]
    [InlineData("ClusterName", "x", "error[slurm-setting-made]: slurm.conf's ClusterName is made from the cluster and cannot be set")]
    [InlineData("MinJobAge", "1\nNodeName=x", "error[slurm-setting-value]: slurm.conf's MinJobAge cannot be '1\\nNodeName=x'\n  help: a value is one line without '#'")]
    [InlineData("Prolog", "", "error[slurm-setting-value]: slurm.conf's Prolog cannot be ''\n  help: a value is one line without '#'")]
    public void A_setting_that_cannot_be_is_told(string key, string value, string text) =>
        Assert.Equal(text, Assert.Single(slurm.Check(new SchedulerOptions("fifo") { Settings = One(key, value) })).ToString());

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var options = new SchedulerOptions("fast") { ProcessorsPerNode = 0, Settings = One("Nothing", "1") };
        Assert.Equal(
            ["scheduler-profile", "scheduler-processors", "slurm-setting-unknown"],
            Assert.Throws<DiagnosticException>(() => slurm.Settings(options)).Diagnostics.Select(d => d.Code));
    }

    [Fact]
    public void Capacity_counts_what_the_workers_have_and_leaves_a_tenth_of_the_memory_to_the_system() =>
        Assert.Equal(
            new Capacity(2, 2, 6, 460 * 1024 * 1024),
            slurm.Capacity([(2, GiB), (4, 4 * GiB)], new SchedulerOptions("fifo")));

    [Fact]
    public void Capacity_follows_the_processors_that_are_asked_for() =>
        Assert.Equal(16, slurm.Capacity([(2, GiB), (2, GiB)], new SchedulerOptions("fifo") { ProcessorsPerNode = 8 }).Processors);

    [Fact]
    public void A_scheduler_is_found_by_its_name()
    {
        Assert.Equal("slurm", KnownSchedulers.Find("slurm").Name);
        Assert.Contains("did you mean 'slurm'?", Assert.Throws<DiagnosticException>(() => KnownSchedulers.Find("slrum")).Message, StringComparison.Ordinal);
    }

    private static ImmutableSortedDictionary<string, string> One(string key, string value) =>
        ImmutableSortedDictionary<string, string>.Empty.Add(key, value);
}
