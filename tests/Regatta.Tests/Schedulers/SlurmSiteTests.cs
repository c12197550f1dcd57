using Regatta.Experiments.Configuration;
using Regatta.Experiments.Sites;
using Regatta.Schedulers.Slurm.Policy;
using Regatta.Schedulers.Slurm.Sites;

namespace Regatta.Tests.Schedulers;

/// <summary>Reading the files of a site: slurm.conf with what real ones hold, gres.conf, topology.conf, and what sacctmgr writes.</summary>
public sealed class SlurmSiteTests
{
    private const string Node = "NodeName=n[1-4] CPUs=8 RealMemory=16000\n";

    private static SlurmSite Read(string conf, string? gres = null, string? associations = null, string? qos = null, string? topology = null, Dictionary<string, string>? more = null)
    {
        var files = new Dictionary<string, string?>(StringComparer.Ordinal) { ["/etc/slurm.conf"] = conf, ["gres.conf"] = gres, ["assoc"] = associations, ["qos"] = qos, ["topology.conf"] = topology };
        foreach (var (name, text) in more ?? []) files[name] = text;
        return SlurmSite.Read(
            new SlurmSiteFiles("/etc/slurm.conf", gres is null ? null : "gres.conf", topology is null ? null : "topology.conf", associations is null ? null : "assoc", qos is null ? null : "qos"),
            path => new StringReader(files.GetValueOrDefault(path) ?? throw new FileNotFoundException($"no file {path}")));
    }

    private static Diagnostic Refused(Func<SlurmSite> read) => Assert.Throws<DiagnosticException>(read).Diagnostics[0];

    private static string Told(SlurmSite site, string code) => string.Join('\n', site.Diagnostics.Where(d => d.Code == code).Select(d => d.Summary));

    [Fact]
    public void A_real_file_of_a_hundred_lines_has_no_unknown_key()
    {
        var site = Read(SampleSite.Files["slurm.conf"], SampleSite.Files["gres.conf"], topology: SampleSite.Files["topology.conf"], more: new() { ["/etc/nodes.conf"] = SampleSite.Files["nodes.conf"] });
        Assert.True(SampleSite.Files["slurm.conf"].Split('\n').Length > 100, "it is to be as long as real ones");
        Assert.DoesNotContain("is no setting of Slurm", Told(site, "site-key-left-out"), StringComparison.Ordinal);
        Assert.Equal(("harbour", 256, 9216), (site.Cluster, site.Nodes.Sum(kind => kind.Count), site.Processors));
        Assert.Equal(["batch", "long", "fat", "gpu", "volta", "debug"], site.Partitions.Select(partition => partition.Name));
        Assert.Equal([160, 32, 16, 24, 16, 8], site.Nodes.Select(kind => kind.Count));
        // slurm.conf says gpu:4 of the nodes that gres.conf knows the type of.
        Assert.Equal([null, null, null, "gpu:a100:4", "gpu:v100:4", null], site.Nodes.Select(kind => kind.Gres));
        Assert.Equal("-*,bf_interval=60,bf_window=10080,bf_resolution=300,bf_max_job_test=1000,bf_max_job_user=50,bf_continue,default_queue_depth=500,defer", site.Settings["SchedulerParameters"]);
        Assert.Equal("-*,ACCRUE_ALWAYS", site.Settings["PriorityFlags"]);
        Assert.Contains("without FAIR_TREE", site.Keys.Single(key => key.Name == "PriorityFlags").Reason, StringComparison.Ordinal);
        Assert.Equal("CPU=1.0,Mem=0.25G", site.Partitions[0].Settings["TRESBillingWeights"]);
        Assert.Equal(("01:00:00", "5"), (site.Partitions[0].Settings["DefaultTime"], site.Partitions[^1].Settings["DefaultTime"]));
        Assert.Contains("4 switches with nodes are left out", Told(site, "site-topology"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PriorityWeightAge=1000", KeyFate.Used)]
    [InlineData("prioritytype=priority/multifactor", KeyFate.Used)]
    [InlineData("SlurmctldHost=ctl", KeyFate.Made)]
    [InlineData("PriorityWeightFairshare=7", KeyFate.Kept)]
    [InlineData("PreemptType=preempt/qos", KeyFate.Kept)]
    [InlineData("PreemptType=preempt/partition_prio", KeyFate.Used)]
    [InlineData("Prolog=/etc/prolog", KeyFate.LeftOut)]
    [InlineData("FastSchedule=1", KeyFate.LeftOut)]
    [InlineData("SlurmdTimeout=300", KeyFate.LeftOut)]
    [InlineData("PriorityMaxAge=soon", KeyFate.LeftOut)]
    public void Every_key_has_a_fate_and_a_reason(string line, KeyFate fate)
    {
        var key = Read(line + "\n" + Node).Keys[0];
        Assert.Equal(fate, key.Fate);
        Assert.NotEmpty(key.Reason);
    }

    [Fact]
    public void Where_preemption_needs_a_database_its_mode_is_kept_with_it()
    {
        var site = Read("PreemptType=preempt/qos\nPreemptMode=REQUEUE\n" + Node);
        Assert.Equal((false, "REQUEUE"), (site.Settings.ContainsKey("PreemptMode"), site.Kept["PreemptMode"]));
        Assert.Equal("-*,SUSPEND,GANG", Read("PreemptType=preempt/partition_prio\nPreemptMode=SUSPEND,GANG\n" + Node).Settings["PreemptMode"]);
    }

    [Fact]
    public void Weights_of_resources_that_only_a_database_counts_are_kept_and_the_others_used()
    {
        var site = Read("PriorityWeightTRES=CPU=1000,Mem=500,GRES/gpu=3000\n" + Node);
        Assert.Equal(("CPU=1000,Mem=500", "GRES/gpu=3000"), (site.Settings["PriorityWeightTRES"], site.Kept["PriorityWeightTRES"]));
        Assert.Contains("kept with the site, and not used, is PriorityWeightTRES: it needs an accounting database, which scheduler.slurm.accounting=true makes, as far as it weighs GRES/gpu", Told(site, "site-key-left-out"), StringComparison.Ordinal);
        Assert.Empty(Read("PriorityWeightTRES=cpu=1\n" + Node).Kept);
        Assert.False(Read("PriorityWeightTRES=license/matlab=1\n" + Node).Settings.ContainsKey("PriorityWeightTRES"));
    }

    [Fact]
    public void A_key_that_no_release_knows_is_told_with_the_nearest()
    {
        Assert.Contains("left out is PriorityWeightAgee: it is no setting of Slurm 22.05 to 26.05 (did the site mean PriorityWeightAge?)", Told(Read("PriorityWeightAgee=1\n" + Node), "site-key-left-out"), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_go_on_comments_end_and_quotes_hold_blanks()
    {
        var site = Read("SchedulerParameters=bf_interval=9,\\\nbf_continue # why\nLicenses=\"a:1,b:2\"\n" + Node + "PartitionName=p Nodes=n[1-2] \\\n MaxTime=10\n");
        Assert.Equal(("a:1,b:2", "10"), (site.Settings["Licenses"], site.Partitions[0].Settings["MaxTime"]));
        Assert.Equal("-*,bf_interval=9,bf_continue", site.Settings["SchedulerParameters"]);
    }

    [Fact]
    public void Nodes_that_differ_in_anything_are_kinds_of_their_own_and_partitions_may_share_them()
    {
        var site = Read("NodeName=DEFAULT CPUs=4\nNodeName=a[1-2]x[1-3] Feature=f\nNodeName=b1 CPUs=16\nNodeSet=big Feature=f\nPartitionName=DEFAULT MaxTime=5\nPartitionName=all Nodes=ALL\nPartitionName=some Nodes=big,b1 MaxTime=9\nPartitionName=one Nodes=a1x1\n");
        Assert.Equal([("a", 1, 4), ("b", 5, 4), ("c", 1, 16)], site.Nodes.Select(kind => (kind.Name, kind.Count, kind.Processors)));
        Assert.Equal(["a b c", "a b c", "a"], site.Partitions.Select(partition => string.Join(' ', partition.Nodes)));
        Assert.Equal(["5", "9", "5"], site.Partitions.Select(partition => partition.Settings["MaxTime"]));
    }

    [Theory]
    [InlineData("NodeName=n1 CPUs=4 Boards=1 SocketsPerBoard=2 CoresPerSocket=8", 4)]
    [InlineData("NodeName=n1 Boards=2 SocketsPerBoard=2 CoresPerSocket=8 ThreadsPerCore=2", 64)]
    [InlineData("NodeName=n1 Sockets=2 CoresPerSocket=8", 16)]
    [InlineData("NodeName=n1", 1)]
    public void Processors_follow_from_the_shape(string line, int processors) => Assert.Equal(processors, Read(line + "\n").Processors);

    [Fact]
    public void A_partition_without_nodes_or_with_strangers_is_told()
    {
        var site = Read(Node + "PartitionName=none\nPartitionName=some Nodes=n1,gone[1-2]\n");
        Assert.Equal(["some"], site.Partitions.Select(partition => partition.Name));
        Assert.Contains("the partition none has no nodes and is left out", Told(site, "site-partition-empty"), StringComparison.Ordinal);
        Assert.Contains("the partition some names nodes that slurm.conf does not have: gone1, gone2", Told(site, "site-partition-nodes"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_read_is_told_with_its_place()
    {
        void Is(Diagnostic fault, string code, int line, string told)
        {
            Assert.Equal((code, line), (fault.Code, fault.Where?.Line ?? 0));
            Assert.Contains(told, fault.Summary, StringComparison.Ordinal);
        }

        Is(Refused(() => Read("ClusterName=c\nInclude more.conf\n" + Node)), "site-include", 2, "more.conf, which is included here, cannot be read");
        Is(Refused(() => Read("Include a.conf\n", more: new() { ["/etc/a.conf"] = "Include slurm.conf\n" })), "site-include", 1, "slurm.conf includes itself");
        Is(Refused(() => Read("\njust words\n")), "site-line", 2, "'just words' is no setting");
        Is(Refused(() => Read("NodeName=n[1-x]\n")), "site-nodes", 1, "'n[1-x]' is no list of nodes");
        Is(Refused(() => Read("ClusterName=c\n")), "site-nodes", 0, "has no NodeName line");
        Is(Refused(() => Read(Node, associations: "Cluster - 'c'\nParent - 'root'\nsomething\n")), "site-association-line", 3, "'something' is no line of a dump");
        Is(Refused(() => Read(Node, associations: "JobIDRaw|Account|User\n1|ml|ann\n")), "site-association-line", 1, "it holds jobs, as sacct prints them, and no associations");
        Is(Refused(() => Read(Node, qos: "Priority|Flags\n1|\n")), "site-association-line", 1, "it has no column Name");
        Is(Refused(() => Read(Node, associations: "Cluster - 'c'\nParent - 'root'\nParent - 'a'\nAccount - 'b'\nParent - 'b'\nAccount - 'a'\n")), "site-account-circle", 4, "accounts are above each other: ");
        Is(Refused(() => SlurmSite.Read(new SlurmSiteFiles("/none/slurm.conf"), path => new StreamReader(path))), "site-file", 0, "/none/slurm.conf cannot be opened");
    }

    [Fact]
    public void A_dump_says_accounts_users_and_qualities_of_service()
    {
        var site = Read(Node, associations: "# dump\nQOS - 'high':Preempt='normal':Priority=10\nCluster - 'c':Fairshare=1:QOS='normal'\nParent - 'root'\nAccount - 'ml':Description='a: b':Fairshare=10:GrpTRES=gres/gpu:a100=6:MaxWallDurationPerJob=1-00:00:00\nParent - 'ml'\nUser - 'ann':DefaultAccount='ml':Fairshare=3\n");
        var (root, account, user) = (site.Associations[0], site.Associations[1], site.Associations[2]);
        Assert.Equal(("root", null, null), (root.Account, root.Parent, root.User));
        Assert.Equal(("ml", "root", "10", "gres/gpu:a100=6", "1-00:00:00"), (account.Account, account.Parent, account.Settings["Fairshare"], account.Settings["GrpTRES"], account.Settings["MaxWallDurationPerJob"]));
        Assert.Equal(("ml", "ann", "3"), (user.Account, user.User, user.Settings["Fairshare"]));
        Assert.Equal(("high", "normal"), (site.Qos[0].Name, site.Qos[0].Settings["Preempt"]));
    }

    [Fact]
    public void The_number_that_dumps_have_for_the_share_of_the_parent_is_that_word()
    {
        var site = Read(Node, associations: "Cluster - 'c':Fairshare=1\nParent - 'root'\nAccount - 'ml':Fairshare=3\nAccount - 'bio':Fairshare=1\nParent - 'ml'\nAccount - 'hall':Fairshare=1\nAccount - 'lab':Fairshare=2147483647\n");
        Assert.Equal(["1", "3", "1", "1", "parent"], site.Associations.Select(association => association.Settings["Fairshare"]));
        var promised = new SlurmPolicy { Associations = site.Associations }.PromisedShares();
        Assert.Equal([("bio", 0.25), ("hall", 0.75), ("lab", 0.75), ("ml", 0.75)], promised.Select(share => (share.Key, share.Value)));
        Assert.EndsWith("Account - 'lab':Fairshare='parent'", SacctmgrLines.Associations("c", site.Associations).Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_of_sacctmgr_are_read_too()
    {
        var site = Read(Node, associations: "Cluster|Account|User|ParentName|Share|MaxJobs|QOS\nc|root|||1||normal\nc|ml||root|10||\nc|ml|ann||3|4|high,normal\n",
            qos: "Name|Priority|GraceTime|Preempt|PreemptMode|UsageFactor|MaxJobsPU\nhigh|1000|00:00:00|normal|cluster|1.000000|2\n");
        Assert.Equal(("root", "10"), (site.Associations[1].Parent, site.Associations[1].Settings["Fairshare"]));
        Assert.Equal(("ann", "ml", "4"), (site.Associations[2].User, site.Associations[2].Account, site.Associations[2].Settings["MaxJobs"]));
        Assert.Equal(["MaxJobsPerUser=2", "Preempt=normal", "Priority=1000"], site.Qos[0].Settings.Select(pair => $"{pair.Key}={pair.Value}"));
    }
}
