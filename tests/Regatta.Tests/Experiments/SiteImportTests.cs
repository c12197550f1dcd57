using System.Text;
using Regatta.Experiments.Sites;
using Regatta.Schedulers.Slurm.Sites;
using Regatta.Tests.Cli;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments;

/// <summary>A site and its jobs become a configuration that composes with all others.</summary>
public sealed class SiteImportTests : ScratchTests
{
    private const string Columns = "JobIDRaw|User|Account|QOS|Partition|State|Submit|Start|ElapsedRaw|AllocCPUS|ReqTRES|Reservation\n";
    private const string Dump = "QOS - 'normal':Priority=1\nCluster - 'c':Fairshare=1\nParent - 'root'\nAccount - 'ml':Fairshare=10:Description='of ann'\nParent - 'ml'\nUser - 'ann':DefaultAccount='ml':Fairshare=3:QOS='normal'\n";

    private static SiteImport Import(string rows, string? dump = Dump, int? nodes = null, byte[]? key = null, string conf = "NodeName=n[1-6] CPUs=8\nNodeName=g[1-2] CPUs=16 Gres=gpu:a100:4\nPartitionName=batch Nodes=n[1-6] AllowAccounts=ml AllowQos=normal\nPartitionName=gpu Nodes=g[1-2]\n")
    {
        var jobs = WorkloadFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(Columns + rows)), "jobs.txt", new TraceReading(Zone: TimeZoneInfo.Utc), TestContext.Current.CancellationToken);
        var site = SlurmSite.Read(new SlurmSiteFiles("slurm.conf", Associations: dump is null ? null : "dump"), path => new StringReader(path == "dump" ? dump! : conf));
        return SiteImport.Of("twin", site, jobs, new Pseudonyms(key ?? new byte[16]), nodes);
    }

    private static string Told(SiteImport import, string code) => string.Join('\n', import.Diagnostics.Where(d => d.Code == code).Select(d => d.Summary));

    [Fact]
    public void People_get_pseudonyms_that_hold_together()
    {
        var import = Import("1|ann|ml|normal|batch|COMPLETED|100|100|60|8||course\n2|ann|ml|normal|batch|COMPLETED|101|101|60|8||\n");
        var request = import.Jobs.Jobs[0].Request!;
        Assert.Matches("^u[a-z2-7]{10}$", request.User);
        Assert.Matches("^a[a-z2-7]{10}$", request.Account);
        Assert.Matches("^r[a-z2-7]{10}$", request.Reservation);
        Assert.Equal(("normal", "batch"), (request.Qos, request.Partition));
        Assert.Equal(request.User, import.Jobs.Jobs[1].Request!.User);
        // The same person in jobs and associations, the same account in partitions.
        Assert.Contains(import.Site.Associations, a => a.User == request.User && a.Account == request.Account);
        Assert.Equal(request.Account, import.Site.Partitions[0].Settings["AllowAccounts"]);
        var lines = string.Join('\n', SiteFiles.AssociationLines(import));
        foreach (var name in new[] { "ann", "'ml'", "of " }) Assert.DoesNotContain(name, lines, StringComparison.Ordinal);
        Assert.NotEqual(request.User, Import("1|ann|ml|normal|batch|COMPLETED|100|100|60|8||\n", key: [.. Enumerable.Range(0, 16).Select(i => (byte)i)]).Jobs.Jobs[0].Request!.User);
        // Nodes of twice the processors stand for more nodes of the mean.
        Assert.Equal("site-scaled", Assert.Single(import.Diagnostics).Code);
        Assert.Equal([5, 3], import.Counts);
    }

    [Fact]
    public void Kinds_of_nodes_keep_their_share()
    {
        var import = Import("1|ann|ml|normal|batch|COMPLETED|100|100|60|8||\n", nodes: 3);
        Assert.Equal([2, 1], import.Counts);
        Assert.Contains("8 nodes become 3 that are all alike: each kind keeps its share of the processors, rounded, and has at least one; a 6 to 2, b 2 to 1", Told(import, "site-scaled"), StringComparison.Ordinal);
    }

    [Fact]
    public void Users_without_an_association_are_made_and_told()
    {
        var import = Import("1|ann|ml|normal|batch|COMPLETED|100|100|60|8||\n2|bob|bio|normal|batch|COMPLETED|101|101|60|8||\n");
        Assert.Contains("1 users in accounts and 1 accounts have jobs and no association", Told(import, "site-association-missing"), StringComparison.Ordinal);
        Assert.Equal(2, import.Site.Associations.Count(a => a.User is not null));
        var without = Import("1|ann|ml|normal|batch|COMPLETED|100|100|60|8||\n", dump: null);
        Assert.Contains("1 accounts and 1 users in them are made from the jobs, with one share each", Told(without, "site-made"), StringComparison.Ordinal);
        Assert.Equal(["Cluster - 'twin':Fairshare=1", "Parent - 'root'"], SiteFiles.AssociationLines(without).Where(line => line.StartsWith('C') || line.EndsWith("'root'", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_quality_of_service_that_is_not_there_is_made_and_told()
    {
        var import = Import("1|ann|ml|rush|batch|COMPLETED|100|100|60|8||\n");
        Assert.Contains("qualities of service are named and not there: rush", Told(import, "site-qos-missing"), StringComparison.Ordinal);
        Assert.Equal(["normal", "rush"], import.Site.Qos.Select(qos => qos.Name));
    }

    [Fact]
    public void GPUs_on_nodes_without_are_told()
    {
        var import = Import("1|ann|ml|normal|batch|COMPLETED|100|100|60|8|cpu=8,gres/gpu=2,mem=1G,node=1|\n2|ann|ml|normal|gpu|COMPLETED|100|100|60|8|cpu=8,gres/gpu=2,mem=1G,node=1|\n");
        Assert.Contains("1 jobs asked for GPUs in partitions whose nodes have none (batch), job 1 first", Told(import, "site-gpus-missing"), StringComparison.Ordinal);
        Assert.Equal("gpu:2", import.Jobs.Jobs[0].Request!.Gres);
    }

    [Fact]
    public void Qualities_of_service_come_behind_those_that_they_preempt()
    {
        var lines = SiteFiles.AssociationLines(Import("1|ann|ml|normal|batch|COMPLETED|100|100|60|8||\n", "QOS - 'high':Preempt='normal,low'\nQOS - 'normal':Preempt='low'\nQOS - 'low':Priority=0\n" + Dump.Split('\n', 2)[1]));
        Assert.Equal(["low", "normal", "high"], lines.Where(line => line.StartsWith("QOS", StringComparison.Ordinal)).Select(line => line.Split('\'')[1]));
    }

    [Fact]
    public async Task The_sample_site_imports_and_its_configuration_plans()
    {
        string At(string name) => Path.Combine(Scratch, name);
        (await ProgramRun.Of("site", "sample", "--output", At("harbour"), "--jobs", "2000", "--users", "20", "--seed", "3")).Says(0, "20 users and 2000 jobs");
        var again = new StringWriter();
        new SampleSite { Jobs = 2000, Users = 20, Seed = 3 }.WriteJobs(again, TestContext.Current.CancellationToken);
        Assert.Equal(again.ToString(), await File.ReadAllTextAsync(At("harbour/jobs.sacct"), TestContext.Current.CancellationToken));

        Task<ProgramRun> ImportAsync(string output) => ProgramRun.Of("site", "import", "--sacct", At("harbour/jobs.sacct"), "--slurm-conf", At("harbour/slurm.conf"), "--gres-conf", At("harbour/gres.conf"), "--topology", At("harbour/topology.conf"),
            "--associations", At("harbour/associations.cfg"), "--nodes", "64", "--key-file", At("key"), "--output", At(output));
        var run = await ImportAsync("conf/site/harbour");
        run.Says(0, "The secret of the pseudonyms was made in", "6 kinds of nodes, 6 partitions, 3 qualities of service", "256 nodes become 64");
        Assert.DoesNotContain("is no setting of Slurm", run.Human, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("key")));
        (await ImportAsync("conf/site/twice")).Says(0);
        Assert.Equal(await File.ReadAllBytesAsync(At("conf/site/harbour/associations.cfg"), TestContext.Current.CancellationToken), (await File.ReadAllTextAsync(At("conf/site/twice/associations.cfg"), TestContext.Current.CancellationToken)).Replace("'twice'", "'harbour'", StringComparison.Ordinal).Select(letter => (byte)letter));
        var files = string.Concat(Directory.EnumerateFiles(At("conf"), "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".gz", StringComparison.Ordinal)).Select(File.ReadAllText));
        Assert.DoesNotContain("user0", files, StringComparison.Ordinal);
        Assert.DoesNotContain("physics", files, StringComparison.Ordinal);

        var plan = await ProgramRun.Of("plan", "reference", $"hydra.searchpath=[{At("conf")}]", "site=harbour", "workload.first=500");
        plan.Says(0, "64 × 36 processors", "harbour", "hint[reference-policy-left-out]: the reference scheduler simulates partitions with MaxTime, DefaultTime and MaxNodes, without priorities, accounts, qualities of service, preemption, licences and GPUs and AllowAccounts, AllowGroups, AllowQos, OverSubscribe");
        var virtually = await ProgramRun.Of("plan", "site-replay", "~points", $"hydra.searchpath=[{At("conf")}]", "site=harbour", "scheduler=slurm", "cluster=virtual", "workload.first=500");
        virtually.Says(0, "PriorityWeightTRES=CPU=1000,Mem=500", "warning[slurm-partition-settings]: the site's partitions are used without AllowQos of batch, AllowAccounts of fat, TRESBillingWeights of gpu, TRESBillingWeights of volta, AllowGroups of debug");
        // Experiments that bring jobs of their own.
        foreach (var tried in new[] { "what-if", "backfill-tuning" })
            (await ProgramRun.Of("plan", tried, $"hydra.searchpath=[{At("conf")}]", "site=harbour", "workload.first=100")).Says(0, "64 × 36 processors", "of virtual time");
        // Jobs of another workload on the site's machine, and the site's jobs under a scheduler that knows nothing of its policy.
        (await ProgramRun.Of("plan", "reference", $"hydra.searchpath=[{At("conf")}]", "site=harbour", "workload=bag")).Says(0, "64 × 36 processors", "hint[partition-default]: 100 of 100 jobs of bag name no partition, and go to batch, the default");
        var foreign = await ProgramRun.Of("plan", "slurm-vs-flux", "~points", $"hydra.searchpath=[{At("conf")}]", "site=harbour", "scheduler=flux", "cluster=emulated", "cluster.emulated=64", "workload.first=100");
        foreign.Says(0, "hint[site-policy-left-out]: flux takes the jobs and the machine of the site, and nothing of its policy: ", "PriorityWeightAge", "SchedulerType are Slurm's");
        (await ProgramRun.Of("plan", "reference", $"hydra.searchpath=[{At("conf")}]", "site=harbour", "cluster.emulated=80", "workload.first=100")).Says(0, "warning[slurm-nodes-idle]: 16 of 80 nodes are in no partition and run no job, from number 65 on");
        var accounted = await ProgramRun.Of("plan", "quickstart", "~points", $"hydra.searchpath=[{At("conf")}]", "site=harbour", "scheduler.slurm.accounting=true", "workload.first=500");
        accounted.Says(0, "AccountingStorageTRES=gres/gpu");
        Assert.DoesNotContain("gpus-left-out", accounted.Human, StringComparison.Ordinal);
        var shown = await ProgramRun.Of("config", "show", "quickstart", $"hydra.searchpath=[{At("conf")}]", "site=harbour");
        Assert.Equal(0, shown.Code);
        foreach (var text in new[] { "PriorityWeightAge", "a100", "scale_source: 9216" }) Assert.Contains(text, shown.Human + shown.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("site-key-file", "--key-file", "short")]
    [InlineData("site-node-count", "--nodes", "0")]
    [InlineData("site-file", "--sacct", "nowhere.txt")]
    [InlineData("site-output", "--output", "short/site")]
    public async Task What_the_command_cannot_do_is_told(string code, string option, string value)
    {
        await File.WriteAllTextAsync(Path.Combine(Scratch, "short"), "secret", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Scratch, "slurm.conf"), "NodeName=n1 CPUs=8\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Scratch, "jobs.txt"), Columns + "1|ann|ml|normal|batch|COMPLETED|100|100|60|8||\n", TestContext.Current.CancellationToken);
        var words = new Dictionary<string, string> { ["--sacct"] = "jobs.txt", ["--slurm-conf"] = "slurm.conf", ["--key-file"] = "key", ["--output"] = "out", [option] = value };
        var run = await ProgramRun.Of(["site", "import", .. words.SelectMany(word => new[] { word.Key, word.Key == "--nodes" ? word.Value : Path.Combine(Scratch, word.Value) })]);
        run.Says(2, $"error[{code}]");
    }

    [Fact]
    public async Task A_sample_of_nothing_is_refused() => (await ProgramRun.Of("site", "sample", "--output", Path.Combine(Scratch, "s"), "--jobs", "1")).Says(2, "error[site-sample]: --jobs cannot be 1");
}
