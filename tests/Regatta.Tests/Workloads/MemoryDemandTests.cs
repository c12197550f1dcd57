using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

public sealed class MemoryDemandTests
{
    private const long MiB = 1 << 20;
    private static readonly MachineSize Machine = MachineSize.Of(2, 4) with { NodeMemory = 1000 * MiB };

    private static Workload Of(params Job[] jobs) => new() { Name = "w", Jobs = [.. jobs] };

    private static Job Job(long id, int processors, long? memory, int nodes = 0) => new()
    {
        Id = id, Submit = TimeSpan.Zero, Processors = processors, RunTime = TimeSpan.FromSeconds(1), MemoryPerProcessor = memory is null ? null : memory * MiB, Nodes = nodes,
    };

    [Theory]
    [InlineData(8, null, 0, true)]
    [InlineData(8, 250L, 0, true)]
    [InlineData(8, 251L, 0, false)]
    [InlineData(6, 251L, 0, true)]
    [InlineData(2, 1000L, 0, true)]
    [InlineData(3, 1000L, 0, false)]
    [InlineData(1, 1001L, 0, false)]
    [InlineData(4, 500L, 2, true)]
    [InlineData(4, 500L, 1, false)]
    public void A_job_fits_when_its_processors_find_nodes_with_their_memory(int processors, long? memory, int nodes, bool fits) =>
        Assert.Equal(fits, MemoryDemand.Check(Of(Job(1, processors, memory, nodes)), Machine) is null);

    [Fact]
    public void Nothing_is_said_of_nodes_whose_memory_is_not_known() =>
        Assert.Null(MemoryDemand.Check(Of(Job(1, 1, 1 << 20)), MachineSize.Of(2, 4)));

    [Fact]
    public void What_is_fitted_fits_and_keeps_its_proportions()
    {
        var fitted = MemoryDemand.Apply(Of(Job(1, 8, 8192), Job(2, 1, 4096), Job(3, 1, null), Job(4, 1, 1)), MemoryScale.Fit, Machine);
        Assert.Equal([250 * MiB, 125 * MiB, null, MiB], fitted.Jobs.Select(job => job.MemoryPerProcessor));
        Assert.Null(MemoryDemand.Check(fitted, Machine));
        var small = Of(Job(1, 8, 200));
        Assert.Same(small, MemoryDemand.Apply(small, MemoryScale.Fit, Machine));
    }
}
