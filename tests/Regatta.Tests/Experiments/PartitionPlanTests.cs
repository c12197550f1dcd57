using Regatta.Tests.Cli;

namespace Regatta.Tests.Experiments;

/// <summary>What a plan says of jobs and nodes that partitions do not take.</summary>
public sealed class PartitionPlanTests
{
    private const string Short = "+scheduler.slurm.partitions={short: {nodes: 1-2, settings: {MaxNodes: '1', Default: 'YES'}}, wide: {nodes: 1-2, settings: {}}}";

    [Theory]
    [InlineData("slurm")]
    [InlineData("reference")]
    public async Task Jobs_beyond_the_limits_of_their_partition_are_counted(string scheduler)
    {
        var run = await ProgramRun.Of("plan", "reference", $"scheduler={scheduler}", "cluster.workers=2", "workload=esp", Short);

        run.Says(0, " of 230 jobs of esp-light ask for more than MaxTime or MaxNodes of their partition, and are not run", "hint[partition-default]: 230 of 230 jobs of esp-light name no partition, and go to short, the default", "warning[partition-limits]: ");
        Assert.DoesNotContain("slurm-nodes-idle", run.Human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_of_no_partition_are_counted()
    {
        var run = await ProgramRun.Of("plan", "reference", "scheduler=slurm", "cluster.workers=5", "workload=bag", "workload.jobs=7", Short);

        run.Says(0, "warning[slurm-nodes-idle]: 3 of 5 nodes are in no partition and run no job, from number 3 on");
        Assert.DoesNotContain("partition-limits", run.Human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_not_there_is_told()
    {
        var run = await ProgramRun.Of("plan", "quickstart", "~points", "machines=ssh", "machines.identity=/no/such/key", "cluster.workers=1",
            "machines.hosts=[{name: head, role: head, address: 10.0.0.1}, {name: worker1, role: worker, address: 10.0.0.2}]");

        run.Says(0, "warning[machines-identity]: machines.identity names the key '/no/such/key', which is not on this machine");
    }
}
