using System.Diagnostics;
using Regatta.Host;

namespace Regatta.Tests.Host;

public sealed class NodeProcessesTests
{
    [Fact]
    public async Task Processes_of_a_cluster_are_ended_and_those_of_others_are_not()
    {
        var nodes = $"/state-{Guid.NewGuid():N}/clusters/lab/ssh_config";
        using var own = Sleep(nodes);
        using var other = Sleep(nodes + "-of-another");
        using var none = Sleep(null);
        try
        {
            var ended = await NodeProcesses.EndAsync(n => n == nodes, TimeProvider.System);

            Assert.Equal([$"{own.Id} sleep 1000"], ended);
            await own.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.False(other.HasExited);
            Assert.False(none.HasExited);
            Assert.Empty(await NodeProcesses.EndAsync(n => n == nodes, TimeProvider.System));
        }
        finally
        {
            other.Kill();
            none.Kill();
        }
    }

    private static Process Sleep(string? nodes)
    {
        var start = new ProcessStartInfo("sleep", "1000");
        if (nodes is not null) start.Environment[NodeProcesses.Variable] = nodes;
        return Process.Start(start)!;
    }
}
