using Regatta.Agent.Drivers.Kubernetes.Emulation;

namespace Regatta.Tests.Agent;

/// <summary>What emulated nodes make of payloads.</summary>
public sealed class KubernetesEmulationTests
{
    [Theory]
    [InlineData("sleep 1.5", 1.5, 0)]
    [InlineData("cpu 2", 2.0, 0)]
    [InlineData("exec sleep 3", 3.0, 0)]
    [InlineData("exec false", 0.0, 1)]
    [InlineData("exec make all", 0.0, 0)]
    public void A_payload_runs_and_ends_as_it_would(string work, double seconds, int exitCode)
    {
        var payload = EmulatedPayload.Parse(["/opt/agent", "payload", "--job", "7", "--stamps", "/s", .. work.Split(' ')])!;
        Assert.Equal((7L, TimeSpan.FromSeconds(seconds), exitCode), (payload.Job, payload.RunTime, payload.ExitCode));
        Assert.Null(payload.Rendezvous);
    }

    [Fact]
    public void Members_meet_as_elsewhere()
    {
        var payload = EmulatedPayload.Parse(["/opt/agent", "payload", "--job", "7", "--stamps", "/s", "--rendezvous", "10.0.0.1:4000", "--members", "3", "sleep", "1"])!;
        Assert.Equal(("10.0.0.1", 4000, 3), (payload.Rendezvous!.Host, payload.Rendezvous.Port, payload.Rendezvous.Members));
    }

    [Fact]
    public void What_is_no_payload_is_none() => Assert.Null(EmulatedPayload.Parse(["/pause"]));
}
