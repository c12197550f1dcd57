using System.Net;
using Regatta.Machines;
using Regatta.Machines.Ssh;

namespace Regatta.Tests.Machines;

public sealed class SshFilesTests
{
    private static readonly Node Head = new("head", NodeRole.Head, IPAddress.Parse("10.213.42.10"), 22, "root", "ssh-ed25519 AAAAhead", 1, 1L << 30);
    private static readonly Node Other = new("worker1", NodeRole.Worker, IPAddress.Parse("192.0.2.4"), 2222, "admin", "ssh-rsa AAAAworker", 1, 1L << 30);

    [Fact]
    public void Every_node_is_known_by_name_and_address() =>
        Assert.Equal(
            "head,10.213.42.10 ssh-ed25519 AAAAhead\nworker1,[192.0.2.4]:2222 ssh-rsa AAAAworker\n",
            SshFiles.KnownHosts([Head, Other]));

    [Fact]
    public void Nothing_is_believed_at_its_first_word_and_connections_are_shared() =>
        Assert.Equal(
            """
            Host head
              HostName 10.213.42.10
              Port 22
              User root
              HostKeyAlias head
              ControlPath "/run/regatta/1/ssh/2/0"
            Host worker1
              HostName 192.0.2.4
              Port 2222
              User admin
              HostKeyAlias worker1
              ControlPath "/run/regatta/1/ssh/2/1"
            Host *
              IdentityFile "/state/my lab/id_ed25519"
              IdentitiesOnly yes
              UserKnownHostsFile "/state/my lab/known_hosts"
              GlobalKnownHostsFile /dev/null
              StrictHostKeyChecking yes
              UpdateHostKeys no
              HostKeyAlgorithms ssh-ed25519,rsa-sha2-512,rsa-sha2-256
              PasswordAuthentication no
              KbdInteractiveAuthentication no
              LogLevel ERROR
              ConnectTimeout 10
              ServerAliveInterval 15
              ServerAliveCountMax 8
              ControlMaster auto
              ControlPersist 60

            """,
            SshFiles.Config([Head, Other], "/state/my lab/known_hosts", "/state/my lab/id_ed25519", "/run/regatta/1/ssh/2"));

    [Fact]
    public void Without_a_key_the_users_own_are_tried() =>
        Assert.DoesNotContain("Identit", SshFiles.Config([Head], "/k", null, "/c"), StringComparison.Ordinal);

    [Fact]
    public void Nodes_know_each_other_by_name() =>
        Assert.Equal(
            "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n10.213.42.10 head\n",
            SshFiles.Hosts([(Head.Name, Head.Address)]));
}
