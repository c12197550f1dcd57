using Regatta.Schedulers;
using Regatta.Schedulers.Slurm;
using Regatta.Schedulers.Slurm.Policy;
using Regatta.Schedulers.Slurm.Sites;
using Regatta.Workloads;

namespace Regatta.Tests.Schedulers;

/// <summary>What slurmctld would refuse or ignore in the lines of partitions.</summary>
public sealed class SlurmPartitionTests
{
    private static readonly ImmutableSortedDictionary<string, string> Nothing = ImmutableSortedDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);

    [Theory]
    [InlineData("MaxTym", "1:00:00", "error[slurm-setting-unknown]: a partition of slurm.conf has no setting 'MaxTym', which 'a' sets\n  help: did you mean 'MaxTime'?")]
    [InlineData("maxnodes", "-1", "error[slurm-setting-value]: MaxNodes of the partition 'a' cannot be '-1'\n  help: it is a whole number, not negative, or UNLIMITED")]
    [InlineData("MaxNodes", "4294967296", "error[slurm-setting-value]: MaxNodes of the partition 'a' cannot be '4294967296'\n  help: it is a whole number, not negative, or UNLIMITED")]
    [InlineData("PriorityTier", "-3", "error[slurm-setting-value]: PriorityTier of the partition 'a' cannot be '-3'\n  help: it is a whole number from 0 to 65535, or UNLIMITED")]
    [InlineData("PriorityTier", "65536", "error[slurm-setting-value]: PriorityTier of the partition 'a' cannot be '65536'\n  help: it is a whole number from 0 to 65535, or UNLIMITED")]
    [InlineData("Default", "maybe", "error[slurm-setting-value]: Default of the partition 'a' cannot be 'maybe'\n  help: it is YES or NO")]
    [InlineData("MaxTime", "banana", "error[slurm-setting-value]: MaxTime of the partition 'a' cannot be 'banana'\n  help: a time is minutes, hours:minutes:seconds, or days-hours, such as 7-0, or UNLIMITED")]
    [InlineData("OverSubscribe", "FORCE:x", "error[slurm-setting-value]: OverSubscribe of the partition 'a' cannot be 'FORCE:x'\n  help: it is one of NO, EXCLUSIVE, YES, YES:NUMBER, FORCE, FORCE:NUMBER")]
    [InlineData("Alternate", "b Default=YES", "error[slurm-setting-value]: Alternate of the partition 'a' cannot be 'b Default=YES'\n  help: a value is one word without '#' and quotes")]
    [InlineData("Nodes", "worker1", "error[slurm-setting-refused]: Nodes of the partition 'a' is set by Regatta\n  help: the key of the partition is its name, and nodes: 1-2,4 beside settings its nodes")]
    [InlineData("PartitionName", "b", "error[slurm-setting-refused]: PartitionName of the partition 'a' is set by Regatta\n  help: the key of the partition is its name, and nodes: 1-2,4 beside settings its nodes")]
    [InlineData("Topology", "t", "error[slurm-version-setting]: a partition's Topology is known to Slurm 26.05, not to 24.11\n  help: leave it out, or name a version that knows it: scheduler.version=26.05")]
    [InlineData("AllowQos", "high", "error[slurm-partition-accounting]: AllowQos of the partition 'a' needs an accounting database, and there is none\n  help: scheduler.slurm.accounting=true makes one, or leave it out")]
    [InlineData("TRESBillingWeights", "CPU=abc", "error[slurm-setting-value]: TRESBillingWeights of the partition 'a' cannot have 'CPU=abc'\n  help: write a resource, '=' and a number, divided by commas, such as CPU=1.0,Mem=0.25G")]
    public void A_setting_that_slurmctld_refuses_or_ignores_is_told(string key, string value, string text) =>
        Assert.Equal(text, Assert.Single(Check(new SlurmPolicy { Partitions = [new("a", NodeNumbers.All, Nothing.Add(key, value))] })).ToString());

    [Theory]
    [InlineData("two words", "write letters, digits, '-', '_' and '.', and no '-' in front")]
    [InlineData("-p", "write letters, digits, '-', '_' and '.', and no '-' in front")]
    [InlineData("default", "in slurm.conf, DEFAULT is no partition but what all others begin with: take another name")]
    [InlineData("regatta-ready", "Regatta makes one of this name itself while it looks whether all nodes work: take another name")]
    public void A_name_that_slurm_cannot_take_or_the_program_takes_is_told(string name, string help) =>
        Assert.Equal($"error[slurm-partition-name]: '{name}' cannot name a partition\n  help: {help}", Assert.Single(Check(new SlurmPolicy { Partitions = [new(name, NodeNumbers.All, Nothing)] })).ToString());

    [Fact]
    public void Two_defaults_are_told_and_one_is_written_once_however_it_says_yes()
    {
        var policy = new SlurmPolicy { Partitions = [new("a", NodeNumbers.All, Nothing), new("b", NodeNumbers.All, Nothing.Add("default", "true")), new("c", NodeNumbers.All, Nothing.Add("Default", "YES"))] };

        Assert.Equal("error[slurm-partition-default]: 'b' and 'c' are both the default partition\n  help: write Default: 'YES' in the settings of one; without it the first is", Assert.Single(Check(policy)).ToString());
        Assert.Equal("b", (policy with { Partitions = policy.Partitions.RemoveAt(2) }).AgentOptions(["worker1"])["partition"]);
    }

    [Fact]
    public void Accounts_that_are_not_there_are_told_of_the_users_own_partitions()
    {
        var policy = new SlurmPolicy
        {
            Accounting = true,
            Associations = [new SiteAssociation("physics", "root", null, Nothing), new SiteAssociation("physics", null, "alice", Nothing)],
            Partitions = [new("a", NodeNumbers.All, Nothing.Add("AllowAccounts", "Physics,physiks"))],
        };

        Assert.Equal("error[slurm-account-unknown]: the partition 'a' names the account 'physiks', which is not there\n  help: did you mean 'physics'?", Assert.Single(Check(policy)).ToString());
        Assert.Empty(Check(policy with { OfSite = true }));
        Assert.Empty(Check(policy with { Partitions = [new("a", NodeNumbers.All, Nothing.Add("AllowAccounts", "ALL"))] }));
    }

    [Fact]
    public void What_sites_write_passes()
    {
        string[] lines =
        [
            "AllowQos=ALL DefaultTime=30 MaxTime=7-0 State=UP", "MaxTime=UNLIMITED MaxNodes=UNLIMITED OverSubscribe=EXCLUSIVE", "Shared=FORCE:1 PreemptMode=off DefMemPerCPU=4000 MaxMemPerNode=128k",
            "TRESBillingWeights=CPU=1.0,Mem=.25G PriorityJobFactor=65535 GraceTime=300 Hidden=no LLN=YES", "SelectTypeParameters=CR_Core_Memory OverTimeLimit=INFINITE MinNodes=2 MaxCPUsPerNode=16",
        ];
        foreach (var line in lines)
        {
            var settings = line.Split(' ').Select(word => word.Split('=', 2)).Aggregate(Nothing, (all, pair) => all.Add(pair[0], pair[1]));
            Assert.Empty(Check(new SlurmPolicy { Partitions = [new("gpu-a100.x_1", NodeNumbers.All, settings)] }));
        }
    }

    [Theory]
    [InlineData("CPU=abc", "CPU=abc")]
    [InlineData("cpu", "cpu")]
    [InlineData("5", "5")]
    [InlineData("cpu=-1", "cpu=-1")]
    [InlineData("mem=1 cpu=2", "mem=1 cpu=2")]
    public void A_weight_that_is_none_is_told(string weights, string told)
    {
        var options = new SchedulerOptions("backfill") { Settings = Nothing.Add("PriorityType", "priority/multifactor").Add("PriorityWeightTRES", weights) };

        Assert.Equal($"error[slurm-setting-value]: PriorityWeightTRES cannot have '{told}'\n  help: write a resource, '=' and a number, divided by commas, such as CPU=1.0,Mem=0.25G", Assert.Single(new SlurmScheduler().Check(options)).ToString());
    }

    private static IEnumerable<Diagnostic> Check(SlurmPolicy policy) => new SlurmScheduler().Check(new SchedulerOptions("backfill") { Version = "24.11.5", Policy = policy });
}
