using System.Diagnostics;
using Regatta.Host;

namespace Regatta.Tests.Host;

public sealed class ProcessIdentityTests
{
    [Fact]
    public void A_process_is_told_from_a_later_one_of_its_number()
    {
        var own = ProcessIdentity.Of(Environment.ProcessId)!;
        Assert.True(own.IsAlive);
        Assert.False((own with { Started = own.Started - 1 }).IsAlive);
        Assert.False((own with { Boot = "another" }).IsAlive);
        Assert.Null(ProcessIdentity.Of(int.MaxValue));
    }

    [Theory]
    [InlineData("sleep 600")]
    [InlineData("trap '' TERM; echo ready; while :; do sleep 0.05; done")]
    public async Task It_is_ended_the_hard_way_when_asking_does_not_help(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", $"echo ready; {(script.StartsWith("sleep", StringComparison.Ordinal) ? "exec " : "")}{script}"]) { RedirectStandardOutput = true })!;
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        if (!script.StartsWith("sleep", StringComparison.Ordinal)) Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        var identity = ProcessIdentity.Of(process.Id)!;
        await identity.EndAsync(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.False(identity.IsAlive);
    }
}
