using Regatta.Agent.Drivers.Kubernetes;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>How the processors of a job become pods.</summary>
public sealed class PodShapeTests
{
    [Theory]
    [InlineData(1, 0, 0, 8, "1x1 at 1")]
    [InlineData(8, 0, 0, 8, "1x8 at 1")]
    [InlineData(9, 0, 0, 8, "3x3 at 3")]
    [InlineData(11, 0, 0, 8, "11x1 at 11")]
    [InlineData(16, 0, 0, 8, "2x8 at 2")]
    [InlineData(8, 2, 0, 8, "2x4 at 2")]
    [InlineData(2, 4, 0, 8, "2x1 at 2")]
    [InlineData(20, 0, 15, 8, "20x1 at 15")]
    public void A_job_is_cut_into_pods_that_hold_its_processors_exactly(int processors, int nodes, int gang, int node, string shape)
    {
        var cut = PodShape.Of(new Job { Id = 1, Submit = TimeSpan.Zero, RunTime = TimeSpan.Zero, Processors = processors, Nodes = nodes, GangMinimum = gang }, node);
        Assert.Equal(shape, $"{cut.Pods}x{cut.Processors} at {cut.Minimum}");
        Assert.Equal(processors, cut.Pods * cut.Processors);
    }
}
