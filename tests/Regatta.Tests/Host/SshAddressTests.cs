using Regatta.Experiments.Configuration;
using Regatta.Experiments.Launching;
using Regatta.Host;
using Regatta.Tests.Cli;

namespace Regatta.Tests.Host;

public sealed class SshAddressTests
{
    private static readonly string[] Cluster = ["quickstart", "~points", "machines=ssh", "cluster.workers=1"];

    [Fact]
    public void Nothing_behind_the_options_is_read_as_one()
    {
        Assert.Equal("-F file -o BatchMode=yes -- n1 true", new SshTarget("file", "n1").Run("true").Arguments);
        Assert.Equal("-F file -O exit -- n1", new SshTarget("file", "n1").Disconnect().Arguments);
        Assert.EndsWith(" -p 2222 -- ada@n1 true", new SshShell(new LauncherHostSection { Address = "n1", User = "ada", Port = 2222 }, new SshLauncherSection()).Command("true").Arguments, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n1", null)]
    [InlineData("ada@n1", null)]
    [InlineData("2001:db8::1", "ada-b")]
    public void What_ssh_takes_is_kept(string address, string? user) => Assert.Empty(SshAddress.Faults("the host", address, user));

    [Theory]
    [InlineData("address: '-n1'", "error[ssh-address]: the address of node 'w' cannot be '-n1'\n  help: write the address as ssh takes it: not empty, no white space, and no '-' in front")]
    [InlineData("address: n1, user: 'a b'", "error[ssh-address]: the user of node 'w' cannot be 'a b'\n  help: write the user as ssh takes it: not empty, no white space, and no '-' in front")]
    public async Task Machines_that_ssh_would_misread_are_refused_in_the_plan(string host, string text) =>
        (await ProgramRun.Of(["plan", .. Cluster, $"machines.hosts=[{{name: h, role: head, address: 192.0.2.1}}, {{name: w, role: worker, {host}}}]"])).Says(2, text);
}
