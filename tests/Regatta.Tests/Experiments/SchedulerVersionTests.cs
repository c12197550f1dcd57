using Regatta.Experiments.Composing;
using Regatta.Experiments.Planning;
using Regatta.Experiments.Running;
using Regatta.Host;
using Regatta.Images;
using Regatta.Images.Payloads;
using Regatta.Schedulers;

namespace Regatta.Tests.Experiments;

/// <summary><c>scheduler.version</c> chooses the image that holds it, by the committed locks.</summary>
public sealed class SchedulerVersionTests
{
    [Fact]
    public void A_sweep_over_versions_takes_the_image_of_each()
    {
        var points = Compose("quickstart", "~points", "scheduler.version=22.05,24.11,26.05").Points;

        Assert.Equal(["22.05", "24.11", "26.05"], points.Select(p => p.Name));
        Assert.Equal(["slurm", "slurm@trixie", "slurm@sid"], points.Select(p => RunSession.ImageOf(p.Experiment)!.Name));
        Assert.Equal(["22.05.8", "24.11.5", "26.05.5"], points.Select(p => p.Experiment.Scheduler.ImageVersion));
        // What is recorded says which image it was.
        Assert.Equal(["slurm", "slurm@trixie", "slurm@sid"], points.Select(p => ExperimentComposer.Read(p.Yaml, "plan.json").Scheduler.Image));
    }

    [Theory]
    [InlineData("24.11", "slurm@trixie")]
    [InlineData("24.11.5", "slurm@trixie")]
    [InlineData("24", "slurm@trixie")]
    [InlineData("22.05", "slurm")]
    public void The_first_numbers_are_enough(string version, string image) =>
        Assert.Equal(image, Assert.Single(Compose("quickstart", "~points", $"scheduler.version={version}").Points).Experiment.Scheduler.Image);

    [Fact]
    public void Unless_told_slurm_is_that_of_debian_stable_everywhere()
    {
        var scheduler = Assert.Single(Compose("quickstart", "~points").Points).Experiment.Scheduler;

        Assert.Equal(("slurm@trixie", "24.11.5"), (scheduler.Image, scheduler.ImageVersion));
        Assert.Equal(scheduler.Image, KnownSchedulers.Find("slurm").Image);
        Assert.Equal(Regatta.Schedulers.Slurm.SlurmManual.ImageVersion, Regatta.Workloads.SlurmDialect.ReleaseOf(scheduler.ImageVersion));
    }

    [Fact]
    public void Without_a_version_the_image_tells_it()
    {
        var scheduler = Assert.Single(Compose("quickstart", "~points", "scheduler.image=slurm-head@sid").Points).Experiment.Scheduler;

        Assert.Equal(("slurm-head@sid", "26.05.5"), (scheduler.Image, scheduler.ImageVersion));
    }

    [Theory]
    [InlineData("24.05", "nearest: 22.05.8 (slurm), 24.11.5 (slurm@trixie)")]
    [InlineData("21.08", "nearest: 22.05.8 (slurm)")]
    [InlineData("26.11", "nearest: 26.05.5 (slurm@sid)")]
    [InlineData("24.1", "nearest: 22.05.8 (slurm), 24.11.5 (slurm@trixie)")]
    public void A_version_that_no_image_holds_gets_the_nearest_and_how_it_is_added(string version, string nearest)
    {
        var fault = Assert.Throws<DiagnosticException>(() => Compose("quickstart", $"scheduler.version='{version}'")).Diagnostics.Single();

        Assert.Equal(
            $"""
            error[scheduler-version-unknown]: no image holds slurm {version}
              there are 22.05.8 (slurm), 24.11.5 (slurm@trixie), 26.05.5 (slurm@sid)
              help: {nearest}
                    to add it: regatta image lock slurm@SUITE, with a suite of Debian that has it, or slurm+{version} --payload slurm=PREFIX; docs/versions.md says what else
            """,
            fault.ToString());
    }

    [Theory]
    [InlineData("scheduler.image='path:mine#node'", "scheduler.version chooses among the images of 'regatta image list', and scheduler.image is 'path:mine#node'", "leave one of the two out")]
    [InlineData("scheduler=reference", "the reference scheduler has no version", "leave scheduler.version out of its points")]
    [InlineData("machines=ssh", "scheduler.version chooses an image, and machines that exist take none", "leave it out: the record names the version that they run")]
    public void Where_there_is_no_image_to_choose_a_version_is_refused(string word, string summary, string help)
    {
        var fault = Assert.Throws<DiagnosticException>(() => Compose("quickstart", "~points", word, "scheduler.version=24.11")).Diagnostics.Single();

        Assert.Equal(("scheduler-version-image", summary, help), (fault.Code, fault.Summary, fault.Help));
    }

    [Fact]
    public void What_the_version_does_not_know_is_refused_in_the_plan()
    {
        var faults = Assert.Throws<DiagnosticException>(() => Prepare("quickstart", "~points", "scheduler.version=22.05,26.05", "+scheduler.settings.GetEnvTimeout='5'")).Diagnostics;

        Assert.Equal(("slurm-version-setting", "point 26.05"), (Assert.Single(faults).Code, faults[0].Detail));
    }

    [Fact]
    public void Versions_do_not_share_a_cluster_and_the_plan_keeps_their_flags_apart()
    {
        var prepared = Prepare("quickstart", "~points", "scheduler.version=24.11,26.05");
        var keys = prepared.Plan.Points.Select(p => LaneKey.Of(prepared.Points[p.Name].Experiment)).ToList();

        Assert.NotEqual(keys[0], keys[1]);
        Assert.All(prepared.Plan.Points, p => Assert.Null(p.Settings));
        Assert.Equal([null, "HetJob"], prepared.Plan.Points.Select(p => KnownSchedulers.Find("slurm").Settings(Regatta.Experiments.Configuration.ExperimentParts.Options(prepared.Points[p.Name].Experiment)).GetValueOrDefault("DebugFlags")));
    }

    [Theory]
    [InlineData("24.11.5", "24.11", true)]
    [InlineData("24.11.5", "24.1", false)]
    [InlineData("24.11.5", "24.11.5", true)]
    [InlineData("24.11.5", "24.11.50", false)]
    public void A_version_is_matched_number_by_number(string version, string wanted, bool matches) => Assert.Equal(matches, SchedulerVersions.Matches(version, wanted));

    [Fact]
    public void Builds_of_ones_own_are_points_by_the_names_of_their_images()
    {
        var points = Compose("quickstart", "~points", "scheduler.image=slurm,slurm+base,slurm@trixie+dev").Points;

        Assert.Equal(["slurm", "slurm+base", "slurm_trixie+dev"], points.Select(p => p.Name));
        Assert.Equal(["slurm", "slurm+base", "slurm@trixie+dev"], points.Select(p => RunSession.ImageOf(p.Experiment)!.Name));
    }

    [Fact]
    public void A_version_takes_a_build_of_ones_own_where_no_other_image_holds_it()
    {
        var payloads = Directory.CreateTempSubdirectory("regatta-payloads-");
        try
        {
            var catalog = new ImageCatalog(Path.Combine(Repository.Root, "images")) { PayloadLocks = payloads.FullName };
            foreach (var (image, name, version) in new[] { ("slurm+dev", "slurm", "26.11.0"), ("slurm+old", "slurm", "24.11.5-old"), ("slurm+same", "slurm", "22.05.8"), ("kubernetes+1.36", "kubernetes", "1.36.2"), ("kubernetes+1.32", "kubernetes", "1.32.4") })
                File.WriteAllText(catalog.PayloadLockPath(image), PayloadLockFile.Format(new PayloadLock(image, [new LockedPayload(name, "/opt/" + name, version, PayloadKind.Directory, "/opt", 7, new string('a', 64))])));
            var versions = new SchedulerVersions(catalog);
            string ImageOf(string scheduler, string version) => versions.ImageOf(Compose("quickstart", "~points", $"scheduler={scheduler}").Points[0].Experiment is var e ? e with { Scheduler = e.Scheduler with { Version = version } } : throw new InvalidOperationException());

            Assert.Equal(
                ["slurm+dev", "slurm@trixie", "slurm", "kubernetes+1.36", "kubernetes+1.32"],
                [ImageOf("slurm", "26.11"), ImageOf("slurm", "24.11"), ImageOf("slurm", "22.05"), ImageOf("kubernetes", "1.36"), ImageOf("kubernetes", "1.32")]);
        }
        finally
        {
            payloads.Delete(recursive: true);
        }
    }

    private static ComposedExperiment Compose(params string[] words) =>
        new ExperimentComposer(new Installation(Repository.Root), Path.GetTempPath()).Compose(ExperimentComposer.Overrides(words));

    private static PreparedExperiment Prepare(params string[] words)
    {
        var composed = Compose(words);
        return new Planner(new WorkloadLoader(new Installation(Repository.Root), Repository.Root).Load).Prepare(composed.Experiment, composed.Points);
    }
}
