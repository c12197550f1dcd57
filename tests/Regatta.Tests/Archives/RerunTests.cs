using Regatta.Analysis;
using Regatta.Tests.Cli;

namespace Regatta.Tests.Archives;

public sealed class RerunTests : ArchiveTests
{
    [Fact]
    public async Task A_simulated_experiment_is_repeated_from_its_archive_and_holds()
    {
        var trace = Path.Combine(Scratch, "trace.swf");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Reports", "Reports.data", "multinode.swf"), trace);
        var file = await ArchiveAsync(await RunAsync("reference", "workload=swf", $"workload.file={trace}", "scheduler.policy=fcfs,easy", "measure.repetitions=3", "measure.shake=5s"));
        // The jobs are in the archive: the trace is not needed any more.
        File.Delete(trace);

        (await ProgramRun.Of("rerun", file, "--runs", Path.Combine(Scratch, "again"))).Says(
            0, "Original against repetition: ", "holds", "TOST", "both found the same", "by less than 10 %");
        var again = Directory.GetDirectories(Path.Combine(Scratch, "again")).Single();
        (await ProgramRun.Of("verify", again)).Says(0, "holds:");
    }

    [Fact]
    public async Task What_differs_is_told_and_fails()
    {
        var file = await ArchiveAsync(await RunAsync("reference", "workload=bag", "workload.jobs=60", "scheduler.policy=easy", "measure.repetitions=6", "measure.shake=10s"));

        (await ProgramRun.Of("rerun", file, "cluster.workers=1", "--runs", Path.Combine(Scratch, "again"), "--margin", "5%")).Says(1, "DIFFERS", "by less than 5 %");
    }

    [Theory]
    [InlineData("0%")]
    [InlineData("150%")]
    [InlineData("much")]
    public async Task A_margin_that_is_none_is_refused(string margin) =>
        (await ProgramRun.Of("rerun", CopySample(), "--margin", margin)).Says(2, "error[rerun-margin]", "such as --margin 10%");

    [Fact]
    public async Task Trials_on_machines_of_an_archive_are_repeated_on_this_machine_only() =>
        (await ProgramRun.Of("rerun", CopySample(), "launcher.name=ssh", "launcher.ssh.hosts=[{address: n1}]", "--runs", Path.Combine(Scratch, "again"))).Says(2, "error[rerun-launcher]", "launcher.name=local");

    [Fact]
    public async Task A_run_of_an_archive_of_several_must_be_named()
    {
        var first = await RunAsync("policies", "workload=bag", "workload.jobs=12", "measure.repetitions=1");
        var second = CopySample();
        var file = Path.Combine(Scratch, "both.zip");
        (await ProgramRun.Of("archive", first, second, "--output", file)).Says(0);

        (await ProgramRun.Of("verify", file)).Says(0, "holds:");
        (await ProgramRun.Of("rerun", file)).Says(2, "error[rerun-which]: the archive holds 2 runs", Id);
        (await ProgramRun.Of("rerun", file, "--run", "none")).Says(2, "error[rerun-which]: the archive holds no run 'none'");
    }

    [Fact]
    public async Task A_run_without_a_trial_cannot_be_compared_with()
    {
        var run = CopySample();
        Directory.Delete(Path.Combine(run, "trials"), recursive: true);

        (await ProgramRun.Of("rerun", run)).Says(1, "error[rerun-no-trial]");
    }

    [Fact]
    public void Equivalence_is_shown_by_two_one_sided_tests()
    {
        double[] x = [10.0, 10.2, 9.9, 10.1, 9.8], y = [10.1, 10.0, 10.2, 9.9, 10.05];

        // Means 10 and 10.05; variances 0.025 and 0.0125: error 0.08660254, Welch's degrees of freedom 7.2; t = (1 - 0.05) / error = 10.96966.
        Assert.InRange(EquivalenceTest.P(x, y, 1), 1e-6, 1e-5);
        Assert.Equal(EquivalenceTest.P(x, y, 1), EquivalenceTest.P(y, x, 1), 12);
        Assert.True(EquivalenceTest.P(x, y, 0.05) > 0.4);
        Assert.Equal(1, EquivalenceTest.P(x, [10], 1));
        Assert.Equal(1, EquivalenceTest.P(x, y, 0));
        Assert.Equal(0, EquivalenceTest.P([5, 5], [5, 5], 0.1));
        Assert.Equal(1, EquivalenceTest.P([5, 5], [6, 6], 0.1));
    }

    private async Task<string> RunAsync(params string[] words)
    {
        var runs = Path.Combine(Scratch, "runs-" + Guid.NewGuid().ToString("N"));
        (await ProgramRun.Of(["run", .. words, "--runs", runs])).Says(0);
        return Directory.GetDirectories(runs).Single();
    }
}
