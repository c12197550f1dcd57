using Regatta.Images;
using Regatta.Schedulers;
using Regatta.Schedulers.Slurm;
using Regatta.Workloads;

namespace Regatta.Tests.Schedulers;

public sealed class SlurmSchedulerTests
{
    private const long GiB = 1L << 30;

    private readonly SlurmScheduler _slurm = new();

    [Theory]
    [InlineData("fifo", "sched/builtin", "none")]
    [InlineData("backfill", "sched/backfill", "easy")]
    [InlineData("throughput", "sched/backfill", "conservative")]
    public void Profiles_map_to_one_scheduler_type_and_say_what_they_are(string profile, string type, string backfill)
    {
        var options = new SchedulerOptions(profile);
        Assert.Equal(type, _slurm.Settings(options)["SchedulerType"]);
        Assert.Equal(backfill, _slurm.Traits(options).Text(Trait.Backfill));
    }

    [Fact]
    public void Fifo_and_backfill_differ_in_the_scheduler_alone()
    {
        var fifo = _slurm.Settings(new SchedulerOptions("fifo"));
        var backfill = _slurm.Settings(new SchedulerOptions("backfill"));
        Assert.Equal(["SchedulerParameters", "SchedulerType"], fifo.Keys.Where(key => fifo[key] != backfill[key]));
    }

    [Fact]
    public void Every_setting_of_a_profile_is_one_that_slurm_knows() =>
        Assert.All(
            _slurm.Profiles.SelectMany(p => p.Settings).Concat(_slurm.CommonSettings),
            setting => Assert.Empty(_slurm.Check(new SchedulerOptions("fifo") { Settings = One(setting.Key, setting.Value) })));

    [Fact]
    public void The_users_settings_replace_the_profiles_however_the_key_is_spelt()
    {
        var settings = _slurm.Settings(new SchedulerOptions("fifo") { Settings = One("minjobage", "5") });
        Assert.Equal("5", settings["MinJobAge"]);
        Assert.DoesNotContain("minjobage", settings.Keys);
    }

    [Theory]
    [InlineData("fifo", "defer", "batch_sched_delay=0,sched_min_interval=10000,default_queue_depth=10000,defer")]
    [InlineData("fifo", "BATCH_SCHED_DELAY=3,defer", "BATCH_SCHED_DELAY=3,sched_min_interval=10000,default_queue_depth=10000,defer")]
    [InlineData("throughput", "bf_interval=1, -bf_resolution", "batch_sched_delay=0,sched_min_interval=10000,default_queue_depth=10000,bf_interval=1,bf_max_job_test=100")]
    [InlineData("throughput", "-*,bf_interval=1", "bf_interval=1")]
    [InlineData("throughput", "-*", null)]
    [InlineData("fifo", "-bf_interval", "batch_sched_delay=0,sched_min_interval=10000,default_queue_depth=10000")]
    public void Options_of_a_comma_list_change_one_by_one(string profile, string changes, string? list) =>
        Assert.Equal(list, _slurm.Settings(new SchedulerOptions(profile) { Settings = One("SchedulerParameters", changes) }).GetValueOrDefault("SchedulerParameters"));

    [Fact]
    public void A_setting_of_the_profile_can_be_left_to_slurm()
    {
        var options = new SchedulerOptions("backfill") { Without = ["epilog", "SchedulerType"] };

        var settings = _slurm.Settings(options);

        Assert.DoesNotContain("Epilog", settings.Keys);
        Assert.Equal("easy", _slurm.Traits(options).Text(Trait.Backfill));
        Assert.Equal([("Epilog", ""), ("SchedulerType", "")], _slurm.Changes(options).Select(c => (c.Key, c.Value)));
    }

    [Theory]
    [InlineData("RoutePlugin", "warning[slurm-setting-absent]: the profile fifo does not set slurm.conf's RoutePlugin, so null changes nothing")]
    [InlineData("Epilogue", "error[slurm-setting-unknown]: slurm.conf has no setting 'Epilogue'\n  help: did you mean 'Epilog'?")]
    public void What_the_profile_does_not_set_cannot_be_taken_out(string key, string text) =>
        Assert.Equal(text, Assert.Single(_slurm.Check(new SchedulerOptions("fifo") { Without = [key] })).ToString());

    [Fact]
    public void Priorities_can_be_weighted_and_are_written_as_slurm_prints_them()
    {
        var options = new SchedulerOptions("backfill")
        {
            Settings = ImmutableSortedDictionary<string, string>.Empty
                .Add("PriorityType", "priority/multifactor").Add("PriorityWeightAge", "1000").Add("PriorityMaxAge", "1-0").Add("priorityfavorsmall", "yes")
                .Add("PriorityFlags", "ACCRUE_ALWAYS,SMALL_RELATIVE_TO_TIME"),
        };

        Assert.Empty(_slurm.Check(options));
        var settings = _slurm.Settings(options);
        Assert.Equal(("1-00:00:00", "Yes", "1000"), (settings["PriorityMaxAge"], settings["PriorityFavorSmall"], settings["PriorityWeightAge"]));
        Assert.Equal("priority/multifactor", _slurm.Traits(options).Text(Trait.QueueOrder));
    }

    [Fact]
    public void A_weight_that_needs_accounting_is_warned_of()
    {
        var options = new SchedulerOptions("fifo") { Settings = One("PriorityType", "priority/multifactor").Add("PriorityWeightFairshare", "10") };

        Assert.Equal("warning[slurm-priority-unaccounted]: without an accounting database, every job's factor is 0 for PriorityWeightFairshare\n  help: scheduler.slurm.accounting=true makes a database, and scheduler.slurm.accounts the accounts and users", Assert.Single(_slurm.Check(options)).ToString());
        Assert.Equal("10", _slurm.Settings(options)["PriorityWeightFairshare"]);
    }

    [Theory]
    [InlineData("90", "01:30:00")]
    [InlineData("1:30", "00:01:30")]
    [InlineData("26:00:00", "1-02:00:00")]
    [InlineData("7-0", "7-00:00:00")]
    [InlineData("1-2:3", "1-02:03:00")]
    [InlineData("1-2:3:4", "1-02:03:04")]
    [InlineData("1:2:3:4", null)]
    [InlineData("a", null)]
    public void Times_are_written_as_slurm_prints_them(string text, string? printed) => Assert.Equal(printed, SlurmTime.Printed(text));

    [Fact]
    public void Every_setting_that_can_be_set_is_one_of_the_manual() =>
        Assert.All(SlurmKeys.Free.Concat(SlurmKeys.Multifactor).Concat(SlurmKeys.Accounted), key => Assert.Contains(key, SlurmManual.Settings.Keys, StringComparer.OrdinalIgnoreCase));

    [Theory]
    [InlineData("22.05.8", null, null)]
    [InlineData("24.11.5", null, null)]
    [InlineData("26.05.5", null, "HetJob")]
    [InlineData("26.11.0", null, "HetJob")]
    // Where only the nodes know their version the flag does no harm.
    [InlineData(null, null, "HetJob")]
    [InlineData("22.05.8", "Backfill", "Backfill")]
    [InlineData("26.05.5", "Backfill,Agent", "HetJob,Backfill,Agent")]
    [InlineData("26.05.5", "Backfill,hetjob", "Backfill,hetjob")]
    [InlineData("26.05.5", "-*", "HetJob")]
    public void The_flag_that_starts_are_logged_under_is_kept_whatever_flags_the_user_sets(string? version, string? flags, string? result)
    {
        var options = new SchedulerOptions("backfill") { Version = version, Settings = flags is null ? ImmutableSortedDictionary<string, string>.Empty : One("DebugFlags", flags) };

        Assert.Equal(result, _slurm.Settings(options).GetValueOrDefault("DebugFlags"));
        Assert.Equal(flags is null or "-*" ? null : result, _slurm.Changes(options).GetValueOrDefault("DebugFlags"));
    }

    [Theory]
    [InlineData("24.11.5", "PreemptParameters", "youngest_first", null)]
    [InlineData("26.11.0", "PreemptParameters", "youngest_first", "slurm-untested")]
    [InlineData("22.05.8", "PreemptParameters", "youngest_first", "error[slurm-version-setting]: slurm.conf's PreemptParameters is known to Slurm 24.11 to 26.05, not to 22.05\n  help: leave it out, or name a version that knows it: scheduler.version=24.11")]
    [InlineData("26.05.5", "GetEnvTimeout", "5", "error[slurm-version-setting]: slurm.conf's GetEnvTimeout is known to Slurm 22.05 to 24.11, not to 26.05\n  help: leave it out, or name a version that knows it: scheduler.version=22.05")]
    [InlineData("24.11.5", "RoutePlugin", "route/default", "error[slurm-version-setting]: slurm.conf's RoutePlugin is known to Slurm 22.05, not to 24.11\n  help: leave it out, or name a version that knows it: scheduler.version=22.05")]
    [InlineData("22.05.8", "SchedulerParameters", "extra_constraints", "error[slurm-version-setting]: SchedulerParameters's option 'extra_constraints' is known to Slurm 24.11 to 26.05, not to 22.05\n  help: leave it out, or name a version that knows it: scheduler.version=24.11")]
    public void What_a_known_version_does_not_know_is_refused(string version, string key, string value, string? fault)
    {
        var told = _slurm.Check(new SchedulerOptions("backfill") { Version = version, Settings = One(key, value) }).Select(d => d.Code == "slurm-untested" ? d.Code : d.ToString());

        Assert.Equal(fault is null ? [] : [fault], told);
    }

    [Fact]
    public void The_version_of_an_image_is_that_of_its_controller()
    {
        ImageContents Of(string name, string version) => new("mine", "", 0, [new ImagePackage(name, version, "amd64", "")]) { Payloads = [new ImagePayload("flux", "/opt/flux", "0.88.0", "directory", "")] };

        Assert.Equal("24.11.5", _slurm.VersionIn(Of("slurmctld", "24.11.5-4+deb13u1")));
        Assert.Equal("26.05.0~rc1", _slurm.VersionIn(Of("slurmctld", "1:26.05.0~rc1-2")));
        Assert.Null(_slurm.VersionIn(Of("slurmd", "24.11.5-4")));
        Assert.Equal("0.88.0", KnownSchedulers.Find("flux").VersionIn(Of("slurmctld", "1")));
    }

    [Theory]
    [InlineData("22.05.8", "22.05.8-4+deb12u3", null)]
    [InlineData("24.11.5-dev", "22.05.8-4+deb12u3", null)]
    [InlineData("26.11.0-0rc1", "24.11.5-4+deb13u1", null)]
    [InlineData("22.05.11", "24.11.5-4+deb13u1", "error[slurm-build-older]: the build is Slurm 22.05.11, and image 'slurm+mine' starts its daemons as 24.11 wants it\n  help: take an image whose Slurm is as old or older: 'regatta image list' shows them, and a newer build runs in an older image")]
    [InlineData(null, "24.11.5-4+deb13u1", null)]
    public void A_build_of_ones_own_counts_and_must_not_be_older_than_its_image(string? own, string debian, string? fault)
    {
        var image = new ImageContents("slurm+mine", "", 0, [new ImagePackage("slurmctld", debian, "amd64", "")]) { Payloads = own is null ? [] : [new ImagePayload("slurm", "/opt/slurm", own, "directory", "")] };

        Assert.Equal(own ?? "24.11.5", _slurm.VersionIn(image));
        Assert.Equal(fault, _slurm.Unfit(image)?.ToString());
    }

    [Fact]
    public void Traits_follow_the_users_settings()
    {
        var options = new SchedulerOptions("fifo") { Settings = One("SchedulerType", "sched/backfill") };
        Assert.Equal("conservative", _slurm.Traits(options).Text(Trait.Backfill));
    }

    [Theory]
    [InlineData("fifi", "error[scheduler-profile]: slurm has no profile 'fifi'\n  help: did you mean 'fifo'?")]
    [InlineData("fairshare", "error[scheduler-profile]: slurm has no profile 'fairshare'\n  help: choose one of: fifo, backfill, throughput, gang")]
    public void An_unknown_profile_is_told_with_the_nearest(string profile, string text) =>
        Assert.Equal(text, Assert.Throws<DiagnosticException>(() => _slurm.Settings(new SchedulerOptions(profile))).Message);

    [Theory]
    [InlineData("MinJobAgo", "1", "error[slurm-setting-unknown]: slurm.conf has no setting 'MinJobAgo'\n  help: did you mean 'MinJobAge'?")]
    [InlineData("clustername", "x", "error[slurm-setting-refused]: slurm.conf's ClusterName is set by Regatta from the cluster\n  help: docs/profiles.md says which settings can be set")]
    [InlineData("AccountingStorageHost", "x", "error[slurm-setting-refused]: slurm.conf's AccountingStorageHost is set by Regatta where scheduler.slurm.accounting makes a database\n  help: docs/profiles.md says which settings can be set")]
    [InlineData("PluginDir", "/x", "error[slurm-setting-refused]: slurm.conf's PluginDir is not among the settings that can be compared\n  help: docs/profiles.md says which settings can be set")]
    [InlineData("TrackWCKey", "maybe", "error[slurm-setting-value]: slurm.conf's TrackWCKey cannot be 'maybe'\n  help: it is yes or no")]
    [InlineData("PreemptExemptTime", "soon", "error[slurm-setting-value]: slurm.conf's PreemptExemptTime cannot be 'soon'\n  help: a time is minutes, hours:minutes:seconds, or days-hours, such as 7-0")]
    [InlineData("PriorityWeightAge", "1000", "error[slurm-priority-basic]: PriorityType=priority/basic ignores PriorityWeightAge\n  help: set PriorityType to priority/multifactor as well")]
    [InlineData("RoutePlugin", "route/default", "warning[slurm-version]: slurm.conf's RoutePlugin is known to Slurm 22.05, not to 24.11\n  help: scheduler.image names an image with a version that knows it")]
    [InlineData("SchedulerParameters", "bf_intervall=1", "error[slurm-option-unknown]: slurm.conf's SchedulerParameters has no option 'bf_intervall', and Slurm would ignore it\n  help: did you mean 'bf_interval'?")]
    [InlineData("SchedulerParameters", "-bf_intervall", "error[slurm-option-unknown]: slurm.conf's SchedulerParameters has no option 'bf_intervall', and Slurm would ignore it\n  help: did you mean 'bf_interval'?")]
    [InlineData("SchedulerParameters", "default_queue_depth=", "error[slurm-option-value]: SchedulerParameters's option 'default_queue_depth' has no value\n  help: write default_queue_depth=VALUE, or -default_queue_depth to take the profile's out")]
    [InlineData("SchedulerParameters", "bf_continue=", "error[slurm-option-value]: SchedulerParameters's option 'bf_continue' has no value\n  help: write bf_continue alone")]
    [InlineData("SchedulerParameters", "bf_continue,,defer", "error[slurm-option-empty]: SchedulerParameters has an empty option in 'bf_continue,,defer'\n  help: write options divided by commas, such as bf_interval=5,bf_continue")]
    [InlineData("SchedulerParameters", "-bf_window", "warning[slurm-option-absent]: the profile's SchedulerParameters has no option 'bf_window' to take out")]
    [InlineData("SchedulerParameters", "requeue_on_resume_failure", "warning[slurm-version]: SchedulerParameters's option 'requeue_on_resume_failure' is known to Slurm 26.05, not to 24.11\n  help: scheduler.image names an image with a version that knows it")]
    [InlineData("DebugFlags", "backfil", "error[slurm-option-unknown]: slurm.conf's DebugFlags has no option 'backfil', and Slurm would ignore it\n  help: did you mean 'Backfill'?")]
    [InlineData("MinJobAge", "1\nNodeName=x", "error[slurm-setting-value]: slurm.conf's MinJobAge cannot be '1\\nNodeName=x'\n  help: a value is one line without '#'")]
    [InlineData("Prolog", "", "error[slurm-setting-value]: slurm.conf's Prolog cannot be ''\n  help: write null instead of a value to leave it to Slurm's own default")]
    public void A_setting_that_cannot_be_is_told(string key, string value, string text) =>
        Assert.Equal(text, Assert.Single(_slurm.Check(new SchedulerOptions("fifo") { Settings = One(key, value) })).ToString());

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var options = new SchedulerOptions("fast") { ProcessorsPerNode = 0, Settings = One("Nothing", "1") };
        Assert.Equal(
            ["scheduler-profile", "scheduler-processors", "slurm-setting-unknown"],
            Assert.Throws<DiagnosticException>(() => _slurm.Settings(options)).Diagnostics.Select(d => d.Code));
    }

    [Fact]
    public void Capacity_counts_what_the_workers_have_and_leaves_a_tenth_of_the_memory_to_the_system() =>
        Assert.Equal(
            new Capacity(2, 2, 6, 460 * 1024 * 1024),
            _slurm.Capacity([(2, GiB), (4, 4 * GiB)], new SchedulerOptions("fifo")));

    [Fact]
    public void Capacity_follows_the_processors_that_are_asked_for() =>
        Assert.Equal(16, _slurm.Capacity([(2, GiB), (2, GiB)], new SchedulerOptions("fifo") { ProcessorsPerNode = 8 }).Processors);

    [Fact]
    public void A_scheduler_is_found_by_its_name()
    {
        Assert.Equal("slurm", KnownSchedulers.Find("slurm").Name);
        Assert.Contains("did you mean 'slurm'?", Assert.Throws<DiagnosticException>(() => KnownSchedulers.Find("slrum")).Message, StringComparison.Ordinal);
    }

    private static ImmutableSortedDictionary<string, string> One(string key, string value) =>
        ImmutableSortedDictionary<string, string>.Empty.Add(key, value);
}
