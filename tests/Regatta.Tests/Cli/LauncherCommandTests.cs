using Regatta.Experiments.Configuration;
using Regatta.Experiments.Launching;
using Regatta.Runs;

namespace Regatta.Tests.Cli;

/// <summary>What launchers refuse, and what is told of runs that go on elsewhere.</summary>
public sealed class LauncherCommandTests : ScratchTests
{
    [Theory]
    [InlineData("error[launcher-machines]: launcher=slurm runs simulated trials only, and the points fifo, backfill take machines", "quickstart", "launcher=slurm")]
    [InlineData("error[launcher-machines]: machines=auto may be virtual machines on one host and containers on another, and the points fifo, backfill would be measured on both", "quickstart", "machines=auto", "launcher=ssh", "launcher.ssh.hosts=[{address: n1}, {address: n2}]")]
    [InlineData("error[launcher-machines]: launcher=ssh has each host make its own machines, and the points fifo, backfill take machines that exist", "quickstart", "machines=ssh", "cluster.workers=1", "machines.hosts=[{name: h, role: head, address: 192.0.2.1}, {name: w, role: worker, address: 192.0.2.2}]", "launcher=ssh", "launcher.ssh.hosts=[{address: n1}]")]
    [InlineData("error[launcher-confounded]: all trials of fifo, backfill would run on one node each", "quickstart", "machines=lxc", "launcher=ssh", "launcher.ssh.hosts=[{address: n1}, {address: n2}]", "measure.order=sequential", "measure.repetitions=3", "launcher.trials=3")]
    [InlineData("error[launcher-early-end]", "reference", "launcher=slurm", "measure=adaptive")]
    [InlineData("error[launcher-hosts]: launcher=ssh has no hosts", "reference", "launcher=ssh", "launcher.ssh.hosts=[]")]
    [InlineData("error[launcher-hosts]: two hosts are called 'n1'", "reference", "launcher=ssh", "launcher.ssh.hosts=[{address: n1}, {address: n1}]")]
    [InlineData("error[ssh-address]: the address of the host 'n1' of launcher.ssh cannot be '-n1'", "reference", "launcher=ssh", "launcher.ssh.hosts=[{address: '-n1', name: n1}]")]
    [InlineData("error[ssh-address]: the user of the host 'n1' of launcher.ssh cannot be '-v'", "reference", "launcher=ssh", "launcher.ssh.hosts=[{address: n1, user: '-v'}]")]
    [InlineData("error[ssh-address]: the address of the host 'n1' of launcher.ssh cannot be 'n 1'", "reference", "launcher=ssh", "launcher.ssh.hosts=[{address: 'n 1', name: n1}]")]
    [InlineData("error[launcher-kubernetes]: launcher=kubernetes has no image", "reference", "launcher=kubernetes", "launcher.kubernetes.volume.path=/scratch")]
    [InlineData("error[launcher-kubernetes]: launcher=kubernetes has no volume", "reference", "launcher=kubernetes", "launcher.kubernetes.image=i", "launcher.kubernetes.volume.path=scratch")]
    [InlineData("error[launcher-confounded]: all trials of fcfs, easy would run on one node each, without another point", "reference", "scheduler.policy=fcfs,easy", "launcher=slurm", "measure.order=sequential", "measure.repetitions=3", "launcher.trials=3")]
    [InlineData("error[launcher-point]: the point there has a launcher of its own", "reference", "+points.here=[]", "+points.there=['launcher.name=slurm']")]
    public async Task What_a_launcher_cannot_do_is_refused_in_the_plan(string text, params string[] words) => (await ProgramRun.Of(["plan", .. words])).Says(2, text);

    [Fact]
    public async Task Points_that_have_a_node_for_themselves_are_let_in_where_that_is_wanted() =>
        (await ProgramRun.Of("plan", "reference", "scheduler.policy=fcfs,easy", "launcher=slurm", "measure.repetitions=3", "launcher.keep=point")).Says(0, "2 tasks");

    [Fact]
    public async Task The_plan_counts_what_hosts_run_one_at_a_time() =>
        (await ProgramRun.Of("plan", "quickstart", "machines=lxc", "launcher=ssh", "launcher.ssh.hosts=[{address: n1, parallel: 8}, {address: n2}]", "measure.repetitions=3", "launcher.keep=block"))
            .Says(0, "6 trials on machines: 3 tasks on 2 hosts, one at a time on each");

    [Fact]
    public async Task The_plan_counts_what_is_submitted_to_Kubernetes() =>
        (await ProgramRun.Of("plan", "reference", "launcher=kubernetes", "launcher.kubernetes.image=i", "launcher.kubernetes.volume.path=/scratch", "measure.repetitions=30", "launcher.trials=4", "launcher.kubernetes.parallelism=5"))
            .Says(0, "30 simulated trials: 8 pods of Kubernetes in 1 Job and a probe, 5 at once");

    [Fact]
    public async Task An_unknown_launcher_is_refused_with_those_that_there_are() => (await ProgramRun.Of("plan", "reference", "launcher=pbs")).Says(2, "pbs", "flux", "slurm", "kubernetes");

    [Fact]
    public async Task The_plan_counts_what_is_submitted_to_Flux() =>
        (await ProgramRun.Of("plan", "reference", "launcher=flux", "measure.repetitions=30", "launcher.trials=4")).Says(0, "30 simulated trials: 8 tasks of Flux by 1 submission and a probe");

    [Theory]
    [InlineData("launcher=slurm")]
    [InlineData("launcher=flux")]
    [InlineData("launcher=kubernetes", "launcher.kubernetes.image=i", "launcher.kubernetes.volume.path=/scratch")]
    [InlineData("launcher=ssh", "launcher.ssh.hosts=[{address: none.invalid}]")]
    public async Task A_run_that_another_version_of_the_program_gave_away_is_left_to_it(params string[] launcher)
    {
        var (code, human, _) = await ProgramRun.Of(["run", "reference", .. launcher, "--runs", Scratch, "--prepare"]);
        Assert.True(code == 0, human);
        var run = Directory.GetDirectories(Scratch).Single();
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(run, "launch")).FullName, "version");
        await File.WriteAllTextAsync(file, "0.1.0+abcd\n", TestContext.Current.CancellationToken);

        (await ProgramRun.Of("resume", run)).Says(2, "error[launch-version]: trials of the run were given away by regatta 0.1.0+abcd, and this is ", "go on with regatta 0.1.0+abcd");
    }

    [Fact]
    public async Task A_run_that_nobody_works_on_is_told_so()
    {
        var (code, human, _) = await ProgramRun.Of("run", "reference", "--runs", Scratch, "--prepare");
        Assert.True(code == 0, human);
        var run = Directory.GetDirectories(Scratch).Single();

        (await ProgramRun.Of("status", run)).Says(0, "0 of 1 trials have ended, 0 are under way, 0 failed; no program works on it", "regatta resume");
        (await ProgramRun.Of("attach", run)).Says(1, "error[run-unattended]");
        using var claimed = RunDirectory.Open(run);
        Assert.True(RunDirectory.IsInUse(run));
        (await ProgramRun.Of("resume", run)).Says(1, "error[run-in-use]");
    }

    [Fact]
    public async Task A_run_that_is_complete_is_told_so()
    {
        var (code, human, _) = await ProgramRun.Of("run", "reference", "--runs", Scratch);
        Assert.True(code == 0, human);
        var run = Directory.GetDirectories(Scratch).Single();

        (await ProgramRun.Of("status", run)).Says(0, "1 of 1 trials have ended, 0 are under way, 0 failed; the run is complete");
        (await ProgramRun.Of("attach", run)).Says(0, "Report: ");
    }

    private const string Failed = "sbatch: error: Batch job submission failed: ";

    [Theory]
    [InlineData("sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job submission failed: Invalid partition name specified", "Slurm has no such partition")]
    [InlineData(Failed + "Invalid account or account/partition combination specified", "Slurm does not take the account")]
    [InlineData(Failed + "Invalid qos specification", "quality of service")]
    [InlineData(Failed + "Requested time limit is invalid (missing or exceeds some limit)", "time limit")]
    [InlineData(Failed + "Invalid job array specification", "so large an array")]
    [InlineData(Failed + "Unable to contact slurm controller (connect failure)", "controller does not answer")]
    [InlineData("sbatch: error: CPU count per node can not be satisfied\nsbatch: error: Batch job submission failed: Requested node configuration is not available", "no node is as large")]
    [InlineData("sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying", "takes no more tasks for now")]
    [InlineData("sbatch: error: something new", "Slurm refuses the tasks")]
    public void Why_Slurm_refuses_is_said_in_words(string said, string summary)
    {
        var told = SlurmQueue.Refusal("sbatch", said);

        Assert.Equal("slurm-refused", told.Code);
        Assert.Contains(summary, told.Summary, StringComparison.Ordinal);
        Assert.Contains(said, told.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_queue_is_read_task_by_task()
    {
        var tasks = SlurmQueue.Parse("regatta-ab-1|12_0|RUNNING|None\nregatta-ab-1|12_7|PENDING|JobArrayTaskLimit\nother|13|RUNNING|None\nregatta-ab-probe|11|COMPLETED|None\n", "regatta-ab");

        Assert.Equal(["regatta-ab-1 0 True", "regatta-ab-1 7 True", "regatta-ab-probe 11 False"], tasks.Select(t => $"{t.Name} {t.Index} {t.IsActive}"));
    }

    [Fact]
    public void A_queue_that_is_drained_is_told_while_its_tasks_wait()
    {
        var tasks = SlurmQueue.Parse("regatta-ab-1|12_0|RUNNING|None\nregatta-ab-1|12_1|PENDING|Nodes required for job are DOWN, DRAINED or reserved\nregatta-ab-1|12_2|PENDING|Nodes required for job are DOWN, DRAINED or reserved\nregatta-ab-2|13_0|PENDING|Priority\n", "regatta-ab");

        Assert.Equal("1 tasks run, 3 wait (Nodes required for job are DOWN, DRAINED or reserved); 4 trials are not back", SlurmEngine.Words(tasks, 4));
    }

    [Fact]
    public async Task Without_Slurm_the_launcher_names_what_is_missing()
    {
        var missing = await Assert.ThrowsAsync<DiagnosticException>(() => new SlurmQueue(new SlurmLauncherSection()) { Commands = "/nowhere" }.LargestArrayAsync(TestContext.Current.CancellationToken));

        Assert.Equal("slurm-missing", missing.Diagnostics[0].Code);
        Assert.Contains("'scontrol', which is not on the PATH", missing.Diagnostics[0].Summary, StringComparison.Ordinal);
    }
}
