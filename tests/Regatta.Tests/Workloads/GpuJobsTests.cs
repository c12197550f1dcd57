using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

public sealed class GpuJobsTests
{
    private static readonly GpuJobs Mix = new()
    {
        Batches = new Batches { Jobs = 20_000, Seed = 3 }, Sizes = new Dictionary<int, double> { [1] = 3, [8] = 1, [16] = 0 }, Models = new Dictionary<string, double> { ["h100"] = 1, ["a100"] = 4 },
    };

    [Fact]
    public void Numbers_and_models_come_by_their_weights_and_processors_and_nodes_with_them()
    {
        var jobs = Mix.Generate().Jobs;

        var large = jobs.Where(j => j.Request!.Gpus == 8).ToList();
        // Of 20,000 draws a share is within 1.5 % of its weight, five standard deviations.
        Assert.InRange(large.Count / 20_000.0, 0.235, 0.265);
        Assert.InRange(jobs.Count(j => j.Request!.GpuType == "a100") / 20_000.0, 0.785, 0.815);
        Assert.All(large, j => Assert.Equal((64, 1), (j.Processors, j.Nodes)));
        Assert.DoesNotContain(jobs, j => j.Request!.Gpus == 16);
    }

    [Fact]
    public void The_same_seed_gives_the_same_jobs_and_large_ones_take_several_nodes()
    {
        Assert.Equal(Mix.Generate().Jobs, Mix.Generate().Jobs);
        var job = (Mix with { Sizes = new Dictionary<int, double> { [20] = 1 }, Models = new Dictionary<string, double>(), ProcessorsPerGpu = 2 }).Generate().Jobs[0];
        Assert.Equal(("gpu:20", 40, 3), (job.Request!.Gres, job.Processors, job.Nodes));
    }
}
