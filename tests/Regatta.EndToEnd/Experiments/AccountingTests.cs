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
        await lab.ExpectAsync(0, "cluster", "down", cluster);
    }
}
