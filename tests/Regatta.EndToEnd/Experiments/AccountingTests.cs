using Regatta.Ansible;
using Regatta.EndToEnd.Machines;
using Regatta.Host;
using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Schedulers.Slurm;
using Regatta.Schedulers.Slurm.Policy;

namespace Regatta.EndToEnd.Experiments;

/// <summary>Slurm with MariaDB and slurmdbd on real nodes: jobs run as their users, are charged to their accounts, and a second trial begins with no usage.</summary>
public sealed class AccountingTests
{
    private const string Jobs = """
        {"id":1,"submit":0,"processors":2,"runTime":2,"request":{"user":"alice","account":"astronomy","gres":"gpu:a100:2"}}
        {"id":2,"submit":0.2,"processors":1,"runTime":1,"request":{"user":"bob","account":"biology","qos":"high","partition":"fast"}}
        {"id":3,"submit":0.4,"processors":1,"runTime":1,"request":{"user":"alice","account":"biology","gres":"gpu:1"}}

        """;

    [Fact]
    public async Task Jobs_run_as_their_users_and_are_charged_to_their_accounts()
    {
        await using var lab = ProgramLab.Open();
        await VersionTests.RequireAsync(lab, "slurm-accounting");
        await File.WriteAllTextAsync(Path.Combine(lab.Work, "jobs.jsonl"), Jobs, ProgramLab.Cancellation);

        await lab.ExpectAsync(
            0, "run", "quickstart", "~points", "machines=lxc", "measure.repetitions=2", "cluster.keep=true", "+cluster.gpus={a100: {nodes: 1, count: 2}, h100: {nodes: 2}}", "workload.file=jobs.jsonl", "workload.scale=none", "scheduler.slurm.accounting=true",
            "+scheduler.slurm.accounts={astronomy: {share: 3, users: {alice: 1}}, biology: {users: {bob: 1, alice: 1}}}", "+scheduler.slurm.qos={high: {priority: 10}}",
            "+scheduler.slurm.partitions={batch: {}, fast: {nodes: 2}}", "+scheduler.settings={PriorityType: priority/multifactor, PriorityWeightFairshare: 1000}", "--yes", "--json");

        foreach (var repetition in new[] { "slurm-backfill/1", "slurm-backfill/2" })
        {
            var (verdict, why) = lab.Audit(repetition);
            Assert.False(verdict == "Invalid", why);
            Assert.Equal("2 a100 on nodes 1, 1 h100 on nodes 2", lab.Trial(repetition).GetProperty("settings").GetProperty("gpus").GetString());
            Assert.Equal("accounting_storage/slurmdbd", lab.Trial(repetition).GetProperty("settings").GetProperty("slurm.AccountingStorageType").GetString());
        }

        var cluster = Assert.Single(lab.Store.List()).Claim.Name;
        var rows = (await lab.ExpectAsync(0, "cluster", "exec", "--cluster", cluster, "--on", "head", "--", "sacct -aXnP -o User,Account,QOS,Partition,State,NCPUS,AllocTRES")).Output;
        // Those of the second trial alone.
        Assert.Equal(3, rows.Split('\n').Count(line => line.Contains("COMPLETED", StringComparison.Ordinal) && !line.Contains("root|root", StringComparison.Ordinal)));
        foreach (var row in new[] { "alice|astronomy|normal|batch|COMPLETED|2", "bob|biology|high|fast|COMPLETED|1", "alice|biology|normal|batch|COMPLETED|1" })
            Assert.Contains(row, rows, StringComparison.Ordinal);
        // One job held both of the first node's, and one any.
        Assert.Contains("gres/gpu=2", Assert.Single(rows.Split('\n'), line => line.Contains("alice|astronomy", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(2, rows.Split('\n').Count(line => line.Contains("gres/gpu=", StringComparison.Ordinal)));
        await ConfigureAgainAsync(lab, lab.Store.Require(cluster));
        await lab.ExpectAsync(0, "cluster", "down", cluster);
    }

    /// <summary>A second configuration changes nothing, and a database that does not start is told with its own last words and mended by the next one.</summary>
    private static async Task ConfigureAgainAsync(ProgramLab lab, Cluster cluster)
    {
        var configurator = new ClusterConfigurator(new Installation(RegattaProgram.Root).Playbooks, new PlaybookRunner(TimeProvider.System));
        var options = new SchedulerOptions("backfill") { Policy = new SlurmPolicy { Accounting = true } };
        var request = new ConfigurationRequest(cluster, new SlurmScheduler(), options, Path.Combine(lab.Work, "logs")) { AgentBinary = typeof(AccountingTests).Assembly.Location };
        await configurator.ConfigureAsync(request, SilentMonitor.Instance, ProgramLab.Cancellation);
        Assert.Empty((await configurator.ConfigureAsync(request, SilentMonitor.Instance, ProgramLab.Cancellation)).Changes);

        await cluster.RunAsync("head", "systemctl stop slurmctld slurmdbd regatta-mariadb; chown root:root /var/lib/slurm/mariadb/ibdata1; chmod 400 /var/lib/slurm/mariadb/ibdata1");
        var fault = (await Assert.ThrowsAsync<DiagnosticException>(() => configurator.ConfigureAsync(request, SilentMonitor.Instance, ProgramLab.Cancellation))).Diagnostics[0];
        Assert.EndsWith("Run MariaDB and slurmdbd' failed on head", fault.Summary, StringComparison.Ordinal);
        Assert.Contains("-- mariadb.log on head", fault.Detail, StringComparison.Ordinal);
        Assert.Contains("ibdata1", fault.Detail, StringComparison.Ordinal);

        await cluster.RunAsync("head", "chown --reference=/var/lib/slurm/mariadb /var/lib/slurm/mariadb/ibdata1; chmod 660 /var/lib/slurm/mariadb/ibdata1");
        await configurator.ConfigureAsync(request, SilentMonitor.Instance, ProgramLab.Cancellation);
        Assert.Empty((await configurator.ConfigureAsync(request, SilentMonitor.Instance, ProgramLab.Cancellation)).Changes);
    }
}
