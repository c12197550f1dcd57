using Regatta.Host;
using Regatta.Machines;
using Regatta.Machines.Provisioning;

namespace Regatta.Tests.Machines;

public sealed class ExistingMachinesTests : ScratchTests
{
    private ExistingMachines Provider() =>
        new(new StateDirectory(Scratch) { Runtime = Path.Combine(Scratch, "run", "x") }, TimeProvider.System) { KnownHosts = Path.Combine(Scratch, "known_hosts") };

    private static ClusterSpec Spec(string? key = null) => new(
        "real", "run-7", MachineDriver.Ssh,
        [
            new NodeSpec("head", NodeRole.Head, 1, 0) { Host = "127.0.0.1", Port = 1, HostKey = key },
            new NodeSpec("worker1", NodeRole.Worker, 1, 0) { Host = "127.0.0.1", Port = 1, HostKey = key },
        ]) { BootTimeout = TimeSpan.FromMilliseconds(50) };

    private async Task<string> FaultAsync(ClusterSpec spec)
    {
        using var provider = Provider();
        var thrown = await Assert.ThrowsAsync<DiagnosticException>(() => provider.UpAsync(spec, null, SilentMonitor.Instance, TestContext.Current.CancellationToken));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Scratch, "clusters")));
        return thrown.Diagnostics[0].ToString();
    }

    [Fact]
    public async Task A_machine_whose_key_nobody_gave_is_not_believed() =>
        Assert.Equal(
            $"""
            error[host-key-unknown]: the host key of node 'head' (127.0.0.1) is not known
              help: give it with the node (host_key), or connect once by 'ssh 127.0.0.1' and check the fingerprint, so that it stands in {Path.Combine(Scratch, "known_hosts")}
            """,
            await FaultAsync(Spec()));

    [Fact]
    public async Task A_key_that_is_none_is_refused() =>
        Assert.Equal(
            """
            error[host-key]: the host key of node 'head' is not a public key: 'SHA256:abc'
              help: give it as /etc/ssh/ssh_host_ed25519_key.pub on that machine has it: ssh-ed25519 AAAA…
            """,
            await FaultAsync(Spec("SHA256:abc")));

    [Fact]
    public async Task A_machine_that_does_not_answer_is_given_up_after_the_limit() =>
        Assert.Equal(
            """
            error[node-unreachable]: node 'head' (127.0.0.1) did not answer SSH within 0.05 s
              help: try: ssh -p 1 root@127.0.0.1
            """,
            await FaultAsync(Spec("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZha2VmYWtlZmFrZWZha2VmYWtlZmFrZWZha2VmYWtl")));

    [Fact]
    public async Task The_users_known_hosts_are_asked()
    {
        await File.WriteAllTextAsync(Path.Combine(Scratch, "known_hosts"), "[127.0.0.1]:1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZha2VmYWtlZmFrZWZha2VmYWtlZmFrZWZha2VmYWtl\n", TestContext.Current.CancellationToken);
        Assert.StartsWith("error[node-unreachable]: node 'head' (127.0.0.1) did not answer", await FaultAsync(Spec()), StringComparison.Ordinal);
    }
}
