using Regatta.Machines;

namespace Regatta.EndToEnd.Experiments;

/// <summary>The commands on clusters, without an experiment, and experiments on machines that exist.</summary>
public sealed class ClusterCommandTests
{
    [Fact]
    public async Task Two_clusters_at_once_each_with_its_own_scheduler_and_one_of_them_as_machines_that_exist()
    {
        await using var lab = ProgramLab.Open();
        await Task.WhenAll(UpAsync("port"), UpAsync("star"));
        await Task.WhenAll(
            lab.ExpectAsync(0, "cluster", "configure", "port", "--profile", "fifo"),
            lab.ExpectAsync(0, "cluster", "configure", "star", "--profile", "backfill"));

        // Each knows its own nodes alone.
        Assert.Contains("SchedulerType           = sched/builtin", await OnHeadAsync("port", "scontrol show config"), StringComparison.Ordinal);
        Assert.Contains("SchedulerType           = sched/backfill", await OnHeadAsync("star", "scontrol show config"), StringComparison.Ordinal);
        Assert.Contains(lab.Store.Require("star").Nodes.Single(n => n.Role == NodeRole.Worker).Address.ToString(), await OnHeadAsync("star", "srun ip -4 -o addr show eth0"), StringComparison.Ordinal);

        // The check finds the cluster as it is, says what another profile would change, and changes nothing.
        var same = await lab.ExpectAsync(0, "cluster", "configure", "port", "--check");
        Assert.Contains("port is as it should be.", same.Output, StringComparison.Ordinal);
        var other = await lab.ExpectAsync(1, "cluster", "configure", "port", "--profile", "throughput", "--check", "--json");
        Assert.Contains(other.Json("change"), c => c.GetProperty("what").EnumerateArray().Any(w => w.GetString() == "/etc/slurm/slurm.conf"));
        Assert.Contains("SchedulerType           = sched/builtin", await OnHeadAsync("port", "scontrol show config"), StringComparison.Ordinal);
        var again = await lab.ExpectAsync(0, "cluster", "configure", "port", "--json");
        Assert.Equal(0, Assert.Single(again.Json("configuration")).GetProperty("changes").GetArrayLength());

        var status = await lab.ExpectAsync(0, "cluster", "status", "star", "--json");
        Assert.Equal(2, status.Json("node").Count(n => n.GetProperty("answers").GetBoolean()));

        await FarTrialsAsync(new ClusterUser(lab.Store.Require("star"), lab.Store.Find("star")!.Claim), Directory.CreateDirectory(Path.Combine(lab.Work, "shared")).FullName);

        // The nodes of one cluster, used as machines that nobody made: an experiment over SSH alone.
        var existing = lab.Store.Require("star");
        var hosts = existing.Nodes.Select(n => $"{{name: {n.Name}, role: {n.Role.ToString().ToLowerInvariant()}, address: {n.Address}, host_key: \"{n.HostKey}\"}}");
        var run = await lab.ExpectAsync(
            0, "run", "quickstart", "--json", "machines=ssh", $"machines.hosts=[{string.Join(", ", hosts)}]", $"machines.identity={existing.Directory}/id_ed25519",
            "cluster.workers=1", "cluster.worker.processors=2", "scheduler.profile=throughput", "workload=bag", "workload.jobs=8", "workload.run_time=1s", "measure.repetitions=1");
        Assert.Single(run.Json("report"));
        var trial = lab.Trial("slurm-throughput/1");
        Assert.Equal("ssh", trial.GetProperty("machines").GetString());
        Assert.True(lab.Audit("slurm-throughput/1").Verdict != "Invalid", lab.Audit("slurm-throughput/1").Why);

        // Machines that exist are left as they are; only what a run knew of them is gone.
        Assert.Equal(["port", "star"], lab.Store.List().Select(c => c.Claim.Name).Order(StringComparer.Ordinal));
        var claims = lab.Store.List().Select(c => c.Claim).ToList();
        await lab.ExpectAsync(0, "cluster", "down", "port");
        Assert.Contains("worker1", await OnHeadAsync("star", "srun hostname"), StringComparison.Ordinal);
        await lab.ExpectAsync(0, "cluster", "down", "star");
        lab.AssertNothingLeft(claims);

        Task<ProgramResult> UpAsync(string name) => lab.ExpectAsync(0, "cluster", "up", name, "--machines", "lxc", "--workers", "1");

        async Task<string> OnHeadAsync(string name, string command) =>
            (await lab.ExpectAsync(0, "cluster", "exec", "--cluster", name, "--on", "head", "--", command)).Output;
    }

    /// <summary>An ordinary user on the head gives simulated trials to the cluster's Slurm; the program of one is killed, as for want of memory.</summary>
    private static async Task FarTrialsAsync(ClusterUser user, string shared)
    {
        const string Many = "regatta run reference name=far workload=lublin workload.jobs=200 scheduler.policy=fcfs,easy measure.vary=true measure.repetitions=3";
        const string Slurm = Many + " launcher=slurm launcher.slurm.memory=300MiB";
        await user.InstallAsync("head", "worker1");
        await user.ShareAsync(shared, "head", "worker1");

        // The user's home on the head is not that of the worker, as the probe finds.
        var alone = user.RunAsync("head", $"{Slurm} --runs {ClusterUser.Home}/runs");
        var undisturbed = await user.RunAsync("head", $"{Many} --runs {ClusterUser.Shared}/here");
        Assert.True(undisturbed.Code == 0, undisturbed.Error);
        var killer = user.RunAsync("worker1", "until pkill -KILL -o -f '[r]egatta trial /scratch'; do sleep 0.01; done");
        var disturbed = await user.RunAsync("head", $"{Slurm} --runs {ClusterUser.Shared}/far");
        await killer;
        Assert.True(disturbed.Code == 1, disturbed.Error);
        Assert.Contains("error[task-killed]", disturbed.Error, StringComparison.Ordinal);

        var resumed = await user.RunAsync("head", $"regatta resume {ClusterUser.Shared}/far/*-far-*");
        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.Contains("5 of 6 trials are there", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(undisturbed.Verdict(), resumed.Verdict());
        var begun = (await user.RunAsync("head", $"cat {ClusterUser.Shared}/far/*-far-*/launch/begun")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((7, 6), (begun.Length, begun.Select(l => l.Split(' ')[^1]).Distinct().Count()));

        var refused = await alone;
        Assert.True(refused.Code == 3, refused.Error);
        Assert.Contains("error[launch-not-shared]", refused.Error, StringComparison.Ordinal);
    }
}
