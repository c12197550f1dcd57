using Regatta.Schedulers;
using Regatta.Schedulers.Slurm;
using Regatta.Workloads;

namespace Regatta.Tests.Schedulers;

public sealed class GpuCheckTests
{
    private static readonly ImmutableArray<NodeGpus> Gpus = [new("a100", "1-2", 4), new("h100", "2-9", 2)];

    [Theory]
    [InlineData("80", "all", "slurm", "gpu-model", "'80' cannot name a model of GPUs")]
    [InlineData("a100", "first", "slurm", "gpu-nodes", "cluster.gpus.a100 names its nodes by neither 'all' nor numbers from 1 on")]
    [InlineData("a100", "5-6", "slurm", "gpu-nodes", "cluster.gpus.a100 has no nodes: it begins at number 5, and there are 4")]
    [InlineData("a100", "all", "flux", "gpus-scheduler", "nodes of flux have no GPUs here")]
    public void What_cannot_be_is_said_before_anything_starts(string model, string nodes, string scheduler, string code, string text)
    {
        var fault = Assert.Single(GpuCheck.Cluster([new NodeGpus(model, nodes, 1)], 4, scheduler));

        Assert.Equal((code, text, false), (fault.Code, fault.Summary, string.IsNullOrEmpty(fault.Help)));
    }

    [Theory]
    [InlineData("gpu:a10:1", 0, "1 jobs ask for GPUs of the model 'a10', and no node has them")]
    [InlineData("gpu:a100:9", 0, "1 jobs ask for more GPUs of the model 'a100' than their nodes have: job 1 for 9, of 8 in all, 4 a node")]
    [InlineData("gpu:a100:5", 1, "1 jobs ask for more GPUs of the model 'a100' than their nodes have: job 1 for 5 on 1 nodes, of 8 in all, 4 a node")]
    [InlineData("gpu:15", 0, "1 jobs ask for more GPUs than their nodes have: job 1 for 15, of 14 in all, 6 a node")]
    [InlineData("gpu:a100:5,gpu:h100:1", 2, "1 jobs ask for several models of GPUs that no node has together, which Slurm refuses: job 1 for gpu:a100:5,gpu:h100:1")]
    [InlineData("gpu:a100:4,gpu:h100:2", 0, null)]
    [InlineData("gpu:a100:8", 0, null)]
    [InlineData("gpu:6", 1, null)]
    [InlineData("shard:99", 1, null)]
    public void Jobs_that_would_wait_for_ever_are_found(string gres, int nodes, string? text) =>
        Assert.Equal(text is null ? [] : [("gpus-missing", text)], GpuCheck.Jobs(Gpus, 4, [Job(gres, nodes)]).Select(f => (f.Code, f.Summary)));

    [Fact]
    public void A_job_needs_a_processor_on_each_node_of_its_gpus()
    {
        var fault = Assert.Single(GpuCheck.Jobs(Gpus, 4, [Job("gpu:a100:5", 0) with { Processors = 1 }]));

        Assert.Equal(("gpus-missing", "1 jobs have fewer processors than their GPUs need nodes, and would never start: job 1 of 1 for 5 GPUs"), (fault.Code, fault.Summary));
    }

    [Fact]
    public void Jobs_that_ask_for_gpus_where_there_are_none_are_told()
    {
        var fault = Assert.Single(GpuCheck.Jobs([], 4, [Job("gpu:1", 0), Job("shard:1", 0)]));

        Assert.Equal((Severity.Warning, "gpus-left-out", "1 of 2 jobs ask for GPUs, and the nodes have none: they start when their processors are free"), (fault.Severity, fault.Code, fault.Summary));
    }

    [Fact]
    public void Nodes_come_in_stretches_of_like_gpus_with_devices_of_their_own()
    {
        var variables = SlurmGpus.Variables(new SchedulerOptions("backfill") { Gpus = Gpus }, 4);

        Assert.Equal(
            """[{"first":0,"last":0,"lines":[{"type":"a100","first":0,"last":3}],"gres":"gpu:a100:4"},{"first":1,"last":1,"lines":[{"type":"a100","first":0,"last":3},{"type":"h100","first":4,"last":5}],"gres":"gpu:a100:4,gpu:h100:2"},{"first":2,"last":3,"lines":[{"type":"h100","first":0,"last":1}],"gres":"gpu:h100:2"}]""",
            variables["slurm_gpu_nodes"]!.ToJsonString());
        Assert.Equal(6, (int)variables["slurm_gpu_devices"]!);
        Assert.Empty(SlurmGpus.Variables(new SchedulerOptions("backfill"), 4));
    }

    [Fact]
    public void A_database_counts_gpus_where_there_are_some()
    {
        var slurm = new SlurmScheduler();
        var options = new SchedulerOptions("backfill") { Policy = new() { Accounting = true } };

        Assert.False(slurm.Settings(options).ContainsKey("AccountingStorageTRES"));
        Assert.Equal("gres/gpu,gres/gpu:a100,gres/gpu:h100", slurm.Settings(options with { Gpus = Gpus })["AccountingStorageTRES"]);
        Assert.Equal("4 a100 on nodes 1-2, 2 h100 on nodes 2-9", slurm.Traits(options with { Gpus = Gpus }).Text(Trait.Gpus));
    }

    private static Job Job(string gres, int nodes) => new() { Id = 1, Submit = TimeSpan.Zero, Processors = 4, Nodes = nodes, RunTime = TimeSpan.Zero, Request = new JobRequest { Gres = gres } };
}
