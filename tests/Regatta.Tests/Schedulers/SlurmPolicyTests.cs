using Regatta.Schedulers;
using Regatta.Schedulers.Slurm;
using Regatta.Schedulers.Slurm.Policy;
using Regatta.Schedulers.Slurm.Sites;
using Regatta.Workloads;

namespace Regatta.Tests.Schedulers;

public sealed class SlurmPolicyTests
{
    private static readonly ImmutableSortedDictionary<string, string> Nothing = ImmutableSortedDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);
    private readonly SlurmScheduler _slurm = new();

    private static SlurmPolicy Site => new()
    {
        Accounting = true,
        Associations =
        [
            new SiteAssociation("physics", "root", null, Nothing.Add("Fairshare", "60")),
            new SiteAssociation("physics", null, "alice", Nothing.Add("Fairshare", "10")),
            new SiteAssociation("bio", "root", null, Nothing.Add("Fairshare", "30").Add("GrpTRES", "cpu=4")),
            new SiteAssociation("bio", null, "carol", Nothing.Add("QOS", "high,normal")),
            new SiteAssociation("bio", null, "alice", Nothing),
        ],
        Qos = [new SiteQos("high", Nothing.Add("Priority", "100").Add("Preempt", "low")), new SiteQos("low", Nothing.Add("PreemptMode", "requeue"))],
        Partitions = [new SlurmPartition("batch", NodeNumbers.All, Nothing), new SlurmPartition("fast", NodeNumbers.Parse("2"), Nothing.Add("PriorityTier", "10"))],
    };

    [Fact]
    public void Qualities_of_service_come_behind_those_that_they_name_and_associations_are_what_sacctmgr_loads()
    {
        var variables = Site.Variables(["worker1", "worker2"], emulated: false);

        Assert.Equal(["low", "high"], variables["slurmdbd_qos"]!.AsArray().Select(q => (string)q!["name"]!));
        Assert.Equal(
            """
            Cluster - 'regatta':Fairshare=1
            Parent - 'root'
            Account - 'bio':DefaultQOS='normal':Fairshare=30:GrpTRES='cpu=4':QOS='high,low,normal'
            Account - 'physics':DefaultQOS='normal':Fairshare=60:QOS='high,low,normal'
            Parent - 'bio'
            User - 'alice':DefaultAccount='physics':DefaultQOS='normal':QOS='high,low,normal'
            User - 'carol':DefaultAccount='bio':QOS='high,normal'
            Parent - 'physics'
            User - 'alice':DefaultAccount='physics':DefaultQOS='normal':Fairshare=10:QOS='high,low,normal'

            """,
            (string)variables["slurmdbd_associations"]!);
        Assert.Equal("""[{"name":"alice","id":20000},{"name":"carol","id":20001}]""", variables["slurmdbd_users"]!.ToJsonString());
    }

    [Fact]
    public void Partitions_name_their_nodes_and_the_first_is_the_default()
    {
        Assert.Equal(
            """[{"name":"batch","nodes":"worker1,worker2","settings":{"Default":"YES","State":"UP"}},{"name":"fast","nodes":"worker2","settings":{"PriorityTier":"10","State":"UP"}}]""",
            Site.Variables(["worker1", "worker2"], emulated: false)["slurm_partitions"]!.ToJsonString());
        Assert.Equal(["emulated[0-99]", "emulated[1-1]"], Site.Variables(SchedulerExtensions.EmulatedNames(100), emulated: true)["slurm_partitions"]!.AsArray().Select(p => (string)p!["nodes"]!));
    }

    [Fact]
    public void Without_accounts_all_jobs_are_those_of_one_user_with_an_account()
    {
        var policy = new SlurmPolicy { Accounting = true };

        Assert.Equal("Cluster - 'regatta':Fairshare=1\nParent - 'root'\nAccount - 'regatta':DefaultQOS='normal':QOS='normal'\nParent - 'regatta'\nUser - 'regatta':DefaultAccount='regatta':DefaultQOS='normal':QOS='normal'\n", (string)policy.Variables(["worker1"], emulated: false)["slurmdbd_associations"]!);
        Assert.Empty(policy.AgentOptions(["worker1"]));
    }

    [Fact]
    public void Weights_of_resources_that_slurm_does_not_count_are_refused_and_those_of_a_site_left_out()
    {
        var options = new SchedulerOptions("backfill") { Settings = Nothing.Add("PriorityType", "priority/multifactor").Add("PriorityWeightTRES", "CPU=1000,GRES/gpu=3000") };
        Assert.Equal(
            "error[slurm-tres-unknown]: PriorityWeightTRES weighs GRES/gpu, which Slurm does not count, and slurmctld would end at its start\n  help: nodes with GPUs (cluster.gpus) and scheduler.settings.AccountingStorageTRES=gres/gpu make it count them, or leave the weight out",
            Assert.Single(_slurm.Check(options)).ToString());
        Assert.Empty(_slurm.Check(options with { Settings = options.Settings.Add("AccountingStorageTRES", "gres/gpu") }));
        Assert.Empty(_slurm.Check(options with { Settings = options.Settings.SetItem("PriorityWeightTRES", "cpu=1,Mem=2,fs/disk=3") }));

        var site = options with
        {
            Settings = options.Settings.SetItem("PriorityWeightTRES", "CPU=1000"),
            Policy = new SlurmPolicy { Accounting = true, Settings = Nothing.Add("PriorityWeightTRES", "GRES/gpu=3000,license/matlab=5") },
        };
        Assert.Equal("CPU=1000", _slurm.Settings(site)["PriorityWeightTRES"]);
        Assert.Equal("GRES/gpu=3000,CPU=1000", _slurm.Settings(site with { Gpus = [new NodeGpus("a100", "all", 4)] })["PriorityWeightTRES"]);
        Assert.Equal(
            "warning[slurm-tres-left-out]: the site's PriorityWeightTRES is used without license/matlab: the cluster does not count it, and slurmctld would end at its start\n  help: scheduler.settings.AccountingStorageTRES=license/matlab makes it count it where there are any, or leave the weight out",
            Assert.Single(_slurm.Check(site with { Gpus = [new NodeGpus("a100", "all", 4)] })).ToString());
    }

    [Fact]
    public void Partitions_of_a_site_are_used_without_what_the_cluster_cannot_carry()
    {
        var settings = Nothing.Add("AllowQos", "high").Add("AllowAccounts", "bio").Add("AllowGroups", "staff").Add("MaxTime", "30").Add("TRESBillingWeights", "CPU=0.5,GRES/gpu=12");
        var options = new SchedulerOptions("backfill") { Policy = new SlurmPolicy { OfSite = true, Partitions = [new SlurmPartition("gpu", NodeNumbers.All, settings)] } };

        Assert.Equal("MaxTime=30 TRESBillingWeights=CPU=0.5", Carried(options));
        Assert.Equal(
            "warning[slurm-partition-settings]: the site's partitions are used without AllowAccounts of gpu, AllowGroups of gpu, AllowQos of gpu, TRESBillingWeights of gpu\n  help: accounts and qualities of service need scheduler.slurm.accounting=true; the nodes have no groups of the site's, and resources that Slurm does not count cannot be billed",
            Assert.Single(_slurm.Check(options)).ToString());
        Assert.Equal("AllowAccounts=bio AllowQos=high MaxTime=30 TRESBillingWeights=CPU=0.5,GRES/gpu=12", Carried(options with { Policy = options.Policy with { Accounting = true }, Gpus = [new NodeGpus("a100", "all", 4)] }));
        Assert.Equal(
            "error[slurm-tres-unknown]: TRESBillingWeights of the partition 'gpu' weighs GRES/gpu, which Slurm does not count, and slurmctld would end at its start\n  help: nodes with GPUs (cluster.gpus) and scheduler.settings.AccountingStorageTRES=gres/gpu make it count them, or leave the weight out",
            Assert.Single(_slurm.Check(options with { Policy = options.Policy with { OfSite = false } }), d => d.Code != "slurm-partition-accounting").ToString());

        string Carried(SchedulerOptions with) => string.Join(' ', SlurmPartitions.Fitted(with.Policy, with.Policy.Accounting ? Nothing.Add("AccountingStorageTRES", "gres/gpu") : Nothing).Single().Settings.Select(s => $"{s.Key}={s.Value}"));
    }

    [Fact]
    public void The_agent_is_told_of_users_partitions_and_reservations()
    {
        var policy = Site with { Reservations = [new SlurmReservation("window", TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(61), NodeNumbers.Parse("1"), [], [], ["MAINT"])] };

        Assert.Equal(
            "partition=batch partitions=true reservations=ReservationName=window StartTime=now+90seconds Duration=2 Nodes=worker1 Users=root Flags=MAINT users=true",
            string.Join(' ', policy.AgentOptions(["worker1", "worker2"]).Select(o => $"{o.Key}={o.Value}")));
    }

    [Fact]
    public void Accounting_sets_what_slurm_needs_for_it_and_the_plan_shows_it()
    {
        var options = new SchedulerOptions("backfill") { Policy = Site with { Settings = Nothing.Add("PriorityWeightFairshare", "1000") }, Settings = Nothing.Add("PriorityType", "priority/multifactor").Add("AccountingStorageEnforce", "-qos") };

        var settings = _slurm.Settings(options);

        Assert.Equal("accounting_storage/slurmdbd", settings["AccountingStorageType"]);
        Assert.Equal("associations,limits", settings["AccountingStorageEnforce"]);
        Assert.Equal("1000", settings["PriorityWeightFairshare"]);
        Assert.Equal(["AccountingStorageEnforce", "AccountingStorageType", "PriorityType", "PriorityWeightFairshare"], _slurm.Changes(options).Keys);
        Assert.Equal("accounting_storage/slurmdbd", _slurm.Traits(options).AccountingPlugin);
        Assert.DoesNotContain(_slurm.Check(options), d => d.Code == "slurm-priority-unaccounted");
    }

    [Fact]
    public void Sound_policies_have_no_faults()
    {
        Assert.Empty(SlurmPolicyCheck.Policy(Site));
        Assert.Empty(SlurmPolicyCheck.Nodes(Site, 2));
        Assert.Empty(SlurmPolicyCheck.Jobs(Site, [Of("alice", "bio", "high", "fast"), Of("carol", null, null, "batch,fast")]));
    }

    [Fact]
    public void Reservations_last_whole_minutes()
    {
        SlurmPolicy Lasting(double seconds) => Site with { Reservations = [new SlurmReservation("window", TimeSpan.Zero, TimeSpan.FromSeconds(seconds), NodeNumbers.Parse("all"), [], [], [])] };

        Assert.Empty(SlurmPolicyCheck.Policy(Lasting(120)));
        Assert.Equal(
            "warning[slurm-reservation-minutes]: the reservation 'window' lasts 2 min, and not 90 s: Slurm counts whole minutes\n  help: write duration: 2m",
            Assert.Single(SlurmPolicyCheck.Policy(Lasting(90))).ToString());
        Assert.Contains("Duration=2", Lasting(90).AgentOptions(["worker1"])["reservations"], StringComparison.Ordinal);
    }

    [Fact]
    public void What_contradicts_itself_is_told()
    {
        Assert.Equal(
            ["error[slurm-partition-empty]: the partition 'fast' has no nodes: it begins at number 2, and there are 1\n  help: name numbers up to that of cluster.workers or cluster.emulated, or all"],
            SlurmPolicyCheck.Nodes(Site, 1).Select(d => d.ToString()));
        Assert.Equal(
            [
                "error[slurm-policy-name]: 'Physics' cannot name an account\n  help: a name has small letters, digits, '-', '_' and '.', begins with a letter, and has at most 32 of them: sacctmgr changes others",
                "error[slurm-account-unknown]: the account 'Physics' is below 'phys', which is not there\n  help: add it to scheduler.slurm.accounts",
                "error[slurm-qos-unknown]: the user 'carol' may use the quality of service 'high', which is not there\n  help: add it to scheduler.slurm.qos",
            ],
            SlurmPolicyCheck.Policy(Site with { Qos = [], Associations = [new SiteAssociation("Physics", "phys", null, Nothing), new SiteAssociation("bio", "root", null, Nothing), new SiteAssociation("bio", null, "carol", Nothing.Add("QOS", "high"))] }).Select(d => d.ToString()));
        Assert.Equal(
            ["error[slurm-account-circle]: accounts are above each other: a in c in b in a\n  help: each account must lead to root: change the parent of one"],
            SlurmPolicyCheck.Policy(Site with { Qos = [], Associations = [new SiteAssociation("a", "c", null, Nothing), new SiteAssociation("b", "a", null, Nothing), new SiteAssociation("c", "b", null, Nothing), new SiteAssociation("d", "a", null, Nothing)] }).Select(d => d.ToString()));
        Assert.Equal(
            ["error[slurm-node-numbers]: the partition 'batch' names its nodes by neither 'all' nor numbers from 1 on\n  help: write nodes: 1-2,4"],
            SlurmPolicyCheck.Policy(Site with { Partitions = [new SlurmPartition("batch", NodeNumbers.Parse("0-2"), Nothing)] }).Select(d => d.ToString()));
        Assert.Equal("slurm-policy-unaccounted", Assert.Single(SlurmPolicyCheck.Policy(Site with { Accounting = false })).Code);
        Assert.Equal("slurm-policy-name", Assert.Single(SlurmPolicyCheck.Policy(Site with { Qos = [new SiteQos("high", Nothing.Add("Description", "a'b")), new SiteQos("low", Nothing)] })).Code);
    }

    [Fact]
    public void Jobs_that_would_wait_for_ever_or_be_refused_are_told()
    {
        Assert.Equal(
            [
                "error[slurm-partition-unknown]: jobs ask for a partition 'fats' that is not there\n  help: did you mean 'fast'?",
                "error[slurm-job-user]: 1 of 4 jobs name no user, and every job of an accounted Slurm is a user's\n  help: take a workload whose jobs have users (request.user in JSON lines, sacct), or leave scheduler.slurm.accounts out",
                "error[slurm-user-unknown]: jobs are of a user 'dave' who has no association\n  help: add it to scheduler.slurm.accounts.NAME.users",
                "error[slurm-user-account]: jobs of user 'carol' are charged to 'physics', where the user has no association\n  help: add the user to scheduler.slurm.accounts.physics.users",
                "error[slurm-qos-unknown]: jobs ask for a quality of service 'hihg' that is not there\n  help: did you mean 'high'?",
            ],
            SlurmPolicyCheck.Jobs(Site, [Of("dave", null, null, "fats"), Of("carol", "physics", null, null), Of("alice", "bio", "hihg", null), Of(null, null, null, null)]).Select(d => d.ToString()));
    }

    [Theory]
    [InlineData("preempt/none", "REQUEUE", "1", "PreemptMode=REQUEUE needs a PreemptType, and there is none")]
    [InlineData("preempt/qos", "OFF", "1", "PreemptType=preempt/qos needs a PreemptMode, and it is OFF")]
    [InlineData("preempt/qos", "SUSPEND", "1", "PreemptMode=SUSPEND needs GANG, which resumes what was suspended")]
    [InlineData("preempt/partition_prio", "REQUEUE", "0", "PreemptMode=REQUEUE under JobRequeue=0 cancels the jobs that it preempts")]
    public void Preemption_that_contradicts_itself_is_told(string type, string mode, string requeue, string told)
    {
        var policy = new SlurmPolicy { Accounting = true };
        var settings = Nothing.Add("PreemptType", type).Add("PreemptMode", mode).Add("JobRequeue", requeue);

        Assert.Equal($"error[slurm-preemption]: {told}", Assert.Single(SlurmPolicyCheck.Preemption(policy, settings), d => d.Severity == Severity.Error).ToString().Split('\n')[0]);
        Assert.Empty(SlurmPolicyCheck.Preemption(policy, Nothing.Add("PreemptType", "preempt/qos").Add("PreemptMode", "CANCEL").Add("JobRequeue", "0")));
    }

    [Theory]
    [InlineData("preempt/partition_prio", "SUSPEND,GANG", "jobs that Slurm suspends hold their processors in the records, and their run times go on meanwhile")]
    [InlineData("preempt/partition_prio", "CANCEL", "OverSubscribe=FORCE of 'low' and 'high' gives the processors of running jobs to those of other partitions, which then preempt nobody")]
    [InlineData("preempt/none", "OFF", "OverSubscribe=FORCE of 'low' and 'high' gives the processors of running jobs to those of other partitions, which then preempt nobody")]
    public void Processors_that_running_jobs_share_are_told(string type, string mode, string told)
    {
        var forced = Nothing.Add("OverSubscribe", "FORCE:1");
        var policy = new SlurmPolicy { Partitions = [new("low", NodeNumbers.All, forced), new("high", NodeNumbers.All, forced)] };
        var settings = Nothing.Add("PreemptType", type).Add("PreemptMode", mode);

        Assert.Equal($"warning[slurm-shared-processors]: {told}", Assert.Single(SlurmPolicyCheck.Preemption(policy, settings)).ToString().Split('\n')[0]);
        Assert.DoesNotContain(SlurmPolicyCheck.Preemption(policy with { Partitions = [.. policy.Partitions.Select(p => p with { Settings = Nothing })] }, Nothing.Add("PreemptType", type).Add("PreemptMode", "CANCEL")), d => d.Code == "slurm-shared-processors");
    }

    [Fact]
    public void A_database_is_asked_for_in_one_way()
    {
        Assert.Equal(
            "error[slurm-accounting-off]: AccountingStorageType=accounting_storage/slurmdbd needs a database, and there is none\n  help: set scheduler.slurm.accounting=true instead, which makes one and sets this",
            Assert.Single(_slurm.Check(new SchedulerOptions("fifo") { Settings = Nothing.Add("AccountingStorageType", "accounting_storage/slurmdbd") })).ToString());
        Assert.Contains(_slurm.Check(new SchedulerOptions("fifo") { Settings = Nothing.Add("PreemptType", "preempt/qos").Add("PreemptMode", "CANCEL") }), d => d.Summary.StartsWith("PreemptType=preempt/qos needs qualities", StringComparison.Ordinal));
    }

    private static Job Of(string? user, string? account, string? qos, string? partition) => new()
    {
        Id = 1, Submit = TimeSpan.Zero, Processors = 1, RunTime = TimeSpan.FromSeconds(1),
        Request = user is null && account is null && qos is null && partition is null ? null : new JobRequest { User = user, Account = account, Qos = qos, Partition = partition },
    };
}
