using Regatta.Experiments.Composing;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Planning;
using Regatta.Experiments.Running;
using Regatta.Host;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments;

/// <summary>Virtual time, from the words of a user to the plan.</summary>
public sealed class VirtualTimePlanTests
{
    private static readonly string[] Virtual = ["quickstart", "~points", "machines=lxc", "cluster=virtual"];

    [Fact]
    public void A_plan_in_virtual_time_says_how_much_real_time_it_takes()
    {
        var plan = Prepare([.. Virtual, "workload=lublin", "workload.jobs=1000"]).Plan;
        var point = plan.Points.Single();

        // A week and more of jobs, in minutes.
        Assert.True(point.Expected > TimeSpan.FromDays(1), point.Expected.ToString());
        Assert.NotNull(point.Real);
        Assert.True(point.Real < point.Expected / 20, point.Real.ToString());
        Assert.True(plan.Expected < point.Expected, plan.Expected.ToString());
    }

    [Fact]
    public void A_limit_of_its_speed_makes_it_longer()
    {
        var (free, limited) = (Real("cluster.time_speed=0"), Real("cluster.time_speed=10"));

        Assert.True(limited > free, $"{limited} {free}");

        static TimeSpan Real(string word) => Prepare([.. Virtual, "workload=lublin", word]).Plan.Points.Single().Real!.Value;
    }

    [Fact]
    public void Real_time_is_what_there_is_unless_virtual_time_is_asked_for()
    {
        var point = Prepare("quickstart", "~points", "cluster.emulated=16");

        Assert.Null(point.Plan.Points.Single().Real);
        Assert.Null(point.Points[point.Plan.Points.Single().Name].Experiment.Options().Virtual);
    }

    [Fact]
    public void The_experiment_of_its_fidelity_compares_it_with_real_time_on_clusters_of_their_own()
    {
        var prepared = Prepare("warp-fidelity");
        var (real, other) = (prepared.Points["real"].Experiment, prepared.Points["virtual"].Experiment);

        Assert.Equal((null, new VirtualTime(0, 1)), (real.Options().Virtual, other.Options().Virtual));
        Assert.NotEqual(LaneKey.Of(real), LaneKey.Of(other));
        Assert.Equal([("real", 0.9), ("virtual", 0.9), ("real-half", 0.45), ("virtual-half", 0.45)], prepared.Plan.Points.Select(p => (p.Name, prepared.Points[p.Name].Experiment.Workload.Load!.Value)));
        Assert.Equal(real.Options().Settings.Remove("SlurmdTimeout"), other.Options().Settings.Remove("SlurmdTimeout"));
    }

    [Theory]
    [InlineData("22.05")]
    [InlineData("24.11")]
    [InlineData("26.05")]
    public void Versions_that_were_run_in_virtual_time_need_no_leave(string version)
    {
        var prepared = Prepare([.. Virtual, "scheduler.version=" + version]);

        Assert.StartsWith(version + ".", prepared.Points.Values.Single().Experiment.Options().Version, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("virtual-time-speed", "cluster.time_speed=1", "a virtual time that goes no faster than real time is real time")]
    [InlineData("virtual-time-quantum", "cluster.time_quantum=2s", "virtual time cannot go on in steps of 2 s: Slurm's own timers go off each second")]
    [InlineData("virtual-time-emulated", "cluster.emulated=null", "virtual time needs emulated nodes")]
    [InlineData("virtual-time-machines", "machines=qemu", "virtual time is for containers: the clock needs a kernel that sees all that runs")]
    [InlineData("virtual-time-scheduler", "scheduler=kubernetes", "kubernetes does not run in virtual time: Slurm and Flux do")]
    [InlineData("virtual-time-clients", "clients.queue=1", "clients call at rates of real time, and the trial goes by virtual time")]
    public void What_cannot_run_in_virtual_time_is_refused_before_anything_starts(string code, string word, string summary)
    {
        var fault = Assert.Throws<DiagnosticException>(() => Prepare([.. Virtual, word])).Diagnostics.Single(d => d.Code.StartsWith("virtual-time", StringComparison.Ordinal));

        Assert.Equal((code, summary), (fault.Code, fault.Summary));
        Assert.NotNull(fault.Help);
    }

    [Fact]
    public void A_job_that_ends_after_the_end_of_virtual_time_is_refused_by_its_number() =>
        Assert.Matches(
            "^job [0-9]+ ends after [0-9]+ days, and virtual time ends after 3650$",
            Assert.Throws<DiagnosticException>(() => Prepare([.. Virtual, "workload=lublin", "workload.time_scale=20000"])).Diagnostics.First(d => d.Code == "virtual-time-end").Summary);

    [Fact]
    public void Faults_at_moments_of_real_time_are_refused() =>
        Assert.Contains(Assert.Throws<DiagnosticException>(() => Prepare([.. Virtual, "faults=controller-killed"])).Diagnostics, d => d.Code == "fault-emulated");

    [Fact]
    public void An_upgrade_is_refused() =>
        Assert.Contains(
            Assert.Throws<DiagnosticException>(() => Prepare([.. Virtual, "scheduler.slurm.upgrade=26.05"])).Diagnostics,
            d => d is { Code: "virtual-time-upgrade", Summary: "an upgrade goes by real time, and the trial by virtual time" });

    [Fact]
    public void A_version_that_was_not_tried_runs_only_when_that_is_asked_for()
    {
        var experiment = Prepare(Virtual).Points.Values.Single().Experiment;
        var other = experiment with { Scheduler = experiment.Scheduler with { ImageVersion = "25.05.3" } };

        var fault = Assert.Single(VirtualTimeCheck.Faults(other));

        Assert.Equal(("virtual-time-version", "Slurm 25.05.3 was not tried in virtual time"), (fault.Code, fault.Summary));
        Assert.StartsWith("22.05, 24.11, 26.05 were; cluster.time_untested=true", fault.Help, StringComparison.Ordinal);
        Assert.Empty(VirtualTimeCheck.Faults(other with { Cluster = other.Cluster with { TimeUntested = true } }));
    }

    [Theory]
    [InlineData("cluster.time_speed=10")]
    [InlineData("cluster.time_charge=0.5")]
    public void Its_settings_without_it_are_told(string word) =>
        Assert.Contains(Prepare("quickstart", "~points", word).Notes, n => n is { Code: "virtual-time-off", Severity: Severity.Warning });

    private static PreparedExperiment Prepare(params string[] words)
    {
        var composed = new ExperimentComposer(new Installation(Repository.Root), Path.GetTempPath()).Compose(ExperimentComposer.Overrides(words));
        return new Planner(new WorkloadLoader(new Installation(Repository.Root), Repository.Root).Load).Prepare(composed.Experiment, composed.Points);
    }
}
